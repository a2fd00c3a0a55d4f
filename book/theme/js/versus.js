// Broken beside fixed: what differs in the files, and what both said when they ran.
'use strict';

(room => {
    const { h } = room;

    // Needs a broken and a fixed variant among `variants`.
    room.versus = ({ name, variants }) => {
        const sides = ['broken', 'fixed'].map(role => {
            const all = variants.filter(variant => variant.role === role);
            const select = h('select', { class: 'side-select', 'data-role': `compare-${role}`, 'aria-label': role === 'broken' ? 'Left: a broken variant' : 'Right: a fixed variant' },
                ...all.map(variant => h('option', { value: variant.id }, variant.title)));
            const side = { role, all, select, shown: null, drawn: null, body: h('div', { class: 'side-body' }) };
            select.addEventListener('change', () => { draw(); room.announce(`${name}: ${chosen(side).title}`); });
            side.head = h('h3', { class: 'side-head', tabindex: -1 }, h('span', { class: 'segment-dot', 'aria-hidden': 'true' }),
                all.length > 1 ? select : h('span', {}, all[0]?.title || ''));
            side.node = h('article', { class: 'side', 'data-role': 'side', 'data-side': role, 'data-tone': role }, side.head, side.body);
            return side;
        });
        const chosen = side => side.all.find(variant => variant.id === side.select.value) || side.all[0];
        const changes = h('div', { class: 'versus-diff' });
        const both = h('button', { type: 'button', class: 'button button-run', 'data-role': 'run-both', onclick: run }, room.icon('play'), h('span', {}, 'Run both'));
        const node = h('div', { class: 'versus', 'data-role': 'versus' },
            changes, h('div', { class: 'versus-bar' }, both, h('p', { class: 'lab-status', 'data-role': 'versus-status' })),
            h('div', { class: 'sides' }, ...sides.map(side => side.node)));
        const status = node.querySelector('.lab-status');
        let compared = '';

        const missing = () => sides.map(chosen).filter(variant => !variant.record);

        function run() {
            if (!room.server.canRun) return void room.announce('The playground cannot run this now.');
            // Those that already run come by themselves.
            for (const variant of missing()) if (!variant.busy) variant.start();
        }

        function diff() {
            const [from, to] = sides.map(chosen);
            if (compared === `${from.id}/${to.id}`) return;
            compared = `${from.id}/${to.id}`;
            const original = (variant, path) => variant.files.find(file => file.path === path)?.original ?? null;
            const paths = [...new Set([...from.files, ...to.files].map(file => file.path))];
            changes.replaceChildren(room.diff(`What changed from “${from.title}” to “${to.title}”`,
                paths.map(path => ({ path, before: original(from, path), after: original(to, path) }))));
        }

        function fill(side) {
            const variant = chosen(side);
            const { record, busy, status: doing, recorded, refusal } = variant;
            const state = busy ? 'running' : record ? 'live' : recorded ? 'recorded' : 'missing';
            side.node.dataset.state = state;
            side.node.dataset.shows = variant.id;
            if (busy && side.shown === 'running') {
                side.body.querySelector('.side-doing').textContent = doing;
                return;
            }
            // What is opened or scrolled stays as it is.
            const drawn = record ?? recorded ?? variant;
            if (side.shown === state && side.drawn === drawn && !refusal) return;
            Object.assign(side, { shown: state, drawn });
            side.body.replaceChildren(...content(state, { doing, record, recorded, refusal }));
        }

        function content(state, { doing, record, recorded, refusal }) {
            if (state === 'running') {
                return [h('p', { class: 'side-wait' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', { class: 'side-doing' }, doing))];
            }
            const trouble = refusal ? [room.trouble(refusal)] : [];
            if (state === 'live') return room.transcript(room.lived(record));
            if (state === 'recorded') return [...room.transcript(room.recorded(recorded)), ...trouble];
            return [h('p', { class: 'side-wait' }, 'Not run yet.'), ...trouble];
        }

        function draw() {
            diff();
            const focused = document.activeElement === both;
            sides.forEach(fill);
            const todo = missing();
            const busy = sides.map(chosen).some(variant => variant.busy);
            both.hidden = !todo.length || room.server.state === 'static';
            both.lastChild.textContent = todo.length === 1 ? `Run the ${sides.find(side => chosen(side) === todo[0]).role} one` : 'Run both';
            both.setAttribute('aria-disabled', String(busy || !room.server.canRun));
            status.textContent = busy ? 'Running' : todo.length === 0 ? 'Both from runs on this engine' : '';
            if (focused && both.hidden) sides[0].head.focus();
        }

        // The variant that the reader has been looking at is one of the two.
        function show(variant) {
            const side = sides.find(one => one.role === variant.role);
            if (side) side.select.value = variant.id;
        }

        return { node, draw, show, focus: () => (sides[0].all.length > 1 ? sides[0].select : sides[0].head).focus() };
    };
})(window.emptyRoom);
