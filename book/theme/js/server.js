// What stands behind the page: nothing, a server, an engine. Asked now and then, shown
// as a chip in the menu bar, and told to every panel.
'use strict';

(room => {
    const { h } = room;
    // checking | static | lost | key | none | preparing | ready
    let state = 'checking';
    let status = null;
    let trouble = null;
    let timer = null;
    let asking = null;
    const listeners = new Set();
    const PACE = { lost: 2000, none: 5000, preparing: 1000, key: 0, static: 0, ready: 60_000, refused: 5000 };
    const WORDS = {
        checking: 'Looking for the playground', static: 'Reading only', lost: 'Playground not answering',
        key: 'Key missing', none: 'No engine', preparing: 'Preparing', ready: 'Engine ready',
    };

    async function ask() {
        try {
            status = await room.api.status();
            trouble = status.engine.error;
            state = status.engine.state !== 'ready' ? 'none' : status.prepare?.active ? 'preparing' : 'ready';
        } catch (error) {
            if (!(error instanceof room.Trouble)) throw error;
            trouble = error;
            state = error.kind === 'refused' ? 'lost' : error.kind;
        }
        document.documentElement.dataset.server = state;
        drawChip();
        listeners.forEach(listener => listener());
        clearTimeout(timer);
        if (PACE[state]) timer = setTimeout(check, PACE[state]);
    }

    // Several panels may ask at once: one request answers them all.
    function check() {
        asking ??= ask().finally(() => { asking = null; });
        return asking;
    }

    room.server = {
        check,
        get state() { return state; },
        get status() { return status; },
        get trouble() { return trouble; },
        get canRun() { return state === 'ready' || state === 'preparing'; },
        subscribe(listener) { listeners.add(listener); },
        // The bases that this Dockerfile starts from and that were rebuilt.
        rebuiltIn(dockerfile) {
            const names = [...dockerfile.matchAll(/^[ \t]*FROM\s+(?:--\S+\s+)*(\S+)/gim)]
                .map(match => match[1].replace(/^(?:docker\.io\/)?(?:library\/)?/, ''));
            return (status?.bases || []).filter(base => base.state === 'rebuilt' && names.includes(base.name));
        },
    };

    let chip = null;
    let word = null;
    let card = null;

    function drawChip() {
        if (!chip) {
            const bar = document.querySelector('#menu-bar .right-buttons');
            if (!bar) return;
            word = h('span', { class: 'chip-word' });
            card = h('div', { class: 'chip-card' });
            chip = h('details', { class: 'chip', 'data-role': 'server' },
                h('summary', {}, h('span', { class: 'chip-dot', 'aria-hidden': 'true' }), word), card);
            bar.prepend(chip);
            document.addEventListener('click', event => { if (!chip.contains(event.target)) chip.open = false; });
            chip.addEventListener('keydown', event => {
                if (event.key !== 'Escape' || !chip.open) return;
                chip.open = false;
                chip.firstChild.focus();
            });
        }
        chip.dataset.state = state;
        word.textContent = WORDS[state];
        card.replaceChildren(...describe());
    }

    function* describe() {
        if (trouble) yield room.trouble(trouble);
        if (!status || !['ready', 'preparing', 'none'].includes(state)) return;
        const { engine, bases, prepare } = status;
        if (engine.state === 'ready') {
            yield h('p', { class: 'chip-engine' }, `${engine.name} ${engine.version}`,
                h('small', {}, `${engine.os}/${engine.arch}${engine.private ? ', a private engine of the playground' : ''}`));
        }
        if (prepare?.active) yield room.preparing(prepare);
        if (bases?.length) {
            yield h('ul', { class: 'chip-bases' }, ...bases.map(base => h('li', { 'data-state': base.state },
                h('code', {}, base.name), h('span', {}, base.state === 'missing' ? 'not here yet' : base.state))));
        }
    }

    room.preparing = ({ text, current, total }) => {
        const bar = h('progress', total ? { max: total, value: current } : {});
        bar.setAttribute('aria-label', 'Preparing the bases');
        return h('div', { class: 'preparing', 'data-role': 'preparing' }, h('p', {}, text), bar);
    };
})(window.emptyRoom);
