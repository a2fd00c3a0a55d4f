// "Look inside": from the choice of an image to its X-ray, and to the difference to another.
//
// The address says what is shown: #image=…, #lab=…&variant=… or #run=…, with &at=… for the
// place in the map, and &with-image=… and so on for the second image. Which X-rays the server
// made of them is kept with the entry of the browser's history, so that a reload reads nothing anew.
'use strict';

(room => {
    const { h } = room;
    const host = document.querySelector('section.xray[data-xray]');
    if (!host || /\/print(\.html)?$/.test(location.pathname)) return;
    const still = [...host.childNodes];
    const KEYS = ['image', 'lab', 'variant', 'run'];

    const note = h('div', { class: 'lab-note', 'data-role': 'note' });
    const place = h('div', { class: 'xray-result' });
    const progress = h('div', { class: 'xray-wait' });
    const chooser = room.xray.chooser({ title: 'What do you want to look into?', onchoose: chosen, onrefresh: () => known(true), oncancel: cancel });
    let first = null; // { id, what, label, report }
    let second = null;
    let choosing = 'first';
    let following = null;
    let shown = null; // { tabs, map, at }

    // What the address asks for; null where it asks for nothing.
    function asked(prefix = '') {
        const query = new URLSearchParams(location.hash.slice(1));
        const what = Object.fromEntries(KEYS.filter(key => query.get(prefix + key)).map(key => [key, query.get(prefix + key)]));
        return Object.keys(what).length ? whole(what) : null;
    }
    const askedPlace = () => new URLSearchParams(location.hash.slice(1)).get('at') || '/';
    const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

    function remember(push) {
        const query = new URLSearchParams(first?.what || {});
        if (first && shown?.at && shown.at !== '/') query.set('at', shown.at);
        for (const [key, value] of Object.entries(second?.what || {})) query.set(`with-${key}`, value);
        const text = query.toString();
        const state = { xray: first?.id ?? null, other: second?.id ?? null };
        const url = location.pathname + location.search + (text ? `#${text}` : '');
        if (push && `#${text}` !== location.hash) history.pushState(state, '', url);
        else history.replaceState(state, '', url);
    }

    // A link may name a lab alone: then its first variant is meant.
    let catalog = [];
    function whole(what) {
        const variant = what.variant || catalog.find(lab => lab.id === what.lab)?.variants[0].id;
        return what.lab && variant ? { lab: what.lab, variant } : what;
    }

    async function known(again = false) {
        try {
            const [{ images, error: trouble }, labs] = await Promise.all([room.api.images(), room.api.labs()]);
            catalog = labs;
            chooser.fill({ images, labs, trouble });
            if (again) room.announce(`${room.plural(images.length, 'image')} on the engine`);
            return true;
        } catch (error) {
            if (!(error instanceof room.Trouble)) throw error;
            if (again || error.kind === 'refused') note.replaceChildren(room.trouble(error));
            room.server.check();
            return false;
        }
    }

    function chosen({ what, label }) {
        // The second press of a double click: the first is under way.
        if (!following) open(choosing, what, { label });
    }

    function cancel() {
        choosing = 'first';
        draw();
        (place.querySelector('[data-role=xray-choose-other]') || chooser).focus();
    }

    // id: an X-ray that the server may still have.
    function open(which, what, { label = chooser.label(what), id = null, at = '/', push = true } = {}) {
        leave();
        const start = async () => id || (await room.api.look(what)).xray;
        const follow = room.xray.follow(start, label, (state, { report, error: trouble }) => {
            if (following !== follow) return;
            following = null;
            progress.replaceChildren();
            if (state === 'ready') return ready(which, { id: follow.id, what, label, report, at }, push);
            // The server has it no more: read again.
            if (state === 'lost' && id && trouble?.status === 404) return open(which, what, { label, at, push });
            failed(state, trouble, label);
        });
        following = follow;
        progress.replaceChildren(follow.node);
        draw();
        if (host.contains(document.activeElement) || document.activeElement === document.body) follow.stop.focus({ preventScroll: true });
    }

    // What is being read is wanted no more.
    function leave() {
        note.replaceChildren();
        progress.replaceChildren();
        following?.leave();
        following = null;
    }

    // What the server dropped is read anew, what it has is taken: both images of a comparison.
    function again() {
        if (first) open('first', first.what, { label: first.label, id: first.id, at: shown.at, push: false });
    }

    function failed(state, trouble, label) {
        draw();
        if (state === 'stopped') {
            note.replaceChildren(h('p', { class: 'xray-none' }, `Stopped. Nothing was kept of ${label}.`));
            room.announce('Stopped');
        } else {
            const said = trouble || { what: `${label} could not be read.`, next: 'Try it again.' };
            note.replaceChildren(room.trouble(said));
            room.announce(said.what);
        }
        if (chooser.node.hidden) place.querySelector('[data-role=xray-compare]')?.focus();
        else chooser.focus();
    }

    async function ready(which, xray, push) {
        choosing = 'first';
        if (which === 'first') {
            // What the address wants besides, before it is written anew.
            const other = push ? null : asked('with-');
            const had = history.state?.other;
            first = xray;
            second = null;
            show(xray.at);
            remember(push);
            const said = `${xray.label}: ${room.bytes(xray.report.sizes.unpacked_bytes)} in ${room.plural(xray.report.layers.length, 'layer')}`;
            room.announce(said);
            place.querySelector('[data-role=xray-title]').focus({ preventScroll: true });
            if (other) open('second', other, { id: had, push: false });
        } else {
            second = xray;
            remember(push);
            await compare();
        }
    }

    async function compare() {
        const [from, to] = [first, second];
        // An answer that comes late is for images that nobody looks at any more.
        const late = () => first !== from || second !== to;
        try {
            const difference = await room.api.difference(from.id, to.id);
            if (late()) return;
            shown.against.replaceChildren(room.xray.difference(from, to, difference, again));
            shown.tabs.select('difference');
            draw();
            room.announce(`From ${room.bytes(difference.bytes.from)} to ${room.bytes(difference.bytes.to)}: ${room.plural(difference.left.files, 'file')} left`);
            shown.tabs.node.querySelector('[data-path=difference]').focus();
        } catch (error) {
            if (!(error instanceof room.Trouble)) throw error;
            if (late()) return;
            failed('refused', error, to.label);
            if (error.status === 404) note.replaceChildren(room.xray.unanswered(error, null, again));
        }
    }

    function other() {
        choosing = 'second';
        draw();
        chooser.node.scrollIntoView({ block: 'nearest' });
        chooser.focus();
    }

    // Where there is no second image yet.
    const offer = () => h('div', { class: 'xray-part' }, h('p', { class: 'xray-lead' }, 'What left the room? Choose a second image: the two are drawn to one scale.'),
        h('p', {}, h('button', { type: 'button', class: 'button button-run', onclick: other }, 'Compare with …')));

    // The whole X-ray of the first image, with all its parts.
    function show(at) {
        const { id, label, report } = first;
        const map = room.xray.place({ id, label, report, again, onmove(to) { if (shown?.map === map) { shown.at = to; remember(true); } } });
        const findings = h('div', { class: 'xray-part' }, h('p', { class: 'xray-lead' }, 'Looking ahead …'));
        const verdict = h('button', { type: 'button', class: 'xray-preflight', 'data-role': 'xray-preflight', hidden: true, onclick: () => shown.tabs.select('preflight') });
        const against = h('div', {}, offer());
        const toMap = to => { shown.tabs.select('map'); map.go(to, { focus: true }); };
        const item = (key, title, panel) => ({ id: key, label: title, panel: h('div', {}, panel) });
        const tabs = room.tabs({
            label: `X-ray of ${label}`,
            items: [item('map', 'Map', map.node), item('layers', 'Layers', room.xray.layers(report)), item('preflight', 'Preflight', findings),
                item('standout', 'What stands out', room.xray.standout(report)), item('programs', 'Programs', room.xray.programs(report, toMap)), { id: 'difference', label: 'What left', panel: against }],
        });
        const mine = shown = { tabs, map, against, at };
        const panels = h('div', { class: 'xray-panels' }, ...tabs.panels);
        place.replaceChildren(
            h('div', { class: 'xray-title-bar' },
                h('h2', { class: 'xray-title', tabindex: -1, 'data-role': 'xray-title', translate: 'no' }, label),
                h('div', { class: 'xray-actions' },
                    h('button', { type: 'button', class: 'button xray-outlined', 'data-role': 'xray-compare', onclick: other }, 'Compare with …'),
                    h('button', { type: 'button', class: 'button xray-outlined', 'data-role': 'xray-choose-other', onclick: () => anew(true) }, 'Another image'))),
            room.xray.summary(report), verdict, h('div', { class: 'xray-tabs' }, tabs.node), panels);
        draw();
        map.go(at, { quiet: true }).then(() => { if (at !== '/') mine.at = map.at; });
        foresee(first, findings, verdict);
    }

    // What comes late lands in parts that nobody sees any more.
    async function foresee({ id, report }, findings, verdict) {
        try {
            const { findings: all } = await room.api.preflight(id);
            findings.replaceWith(room.xray.findings(all, report));
            verdict.hidden = false;
            verdict.dataset.tone = room.xray.worst(all);
            verdict.replaceChildren(h('span', {}, 'Preflight'), ' ', room.xray.tally(all));
        } catch (error) {
            if (!(error instanceof room.Trouble)) throw error;
            findings.replaceChildren(room.xray.unanswered(error, id, again));
        }
    }

    // push: a reader who goes back is at the right address already.
    function anew(push) {
        leave();
        choosing = 'first';
        first = null;
        second = null;
        shown = null;
        remember(push);
        draw();
        known();
        chooser.focus();
    }

    // Everything that depends on state, in one place.
    function draw() {
        const { state, trouble } = room.server;
        const alone = state === 'static';
        host.dataset.state = alone ? 'static' : following ? 'reading' : first ? 'ready' : 'idle';
        host.classList.toggle('is-live', !alone && state !== 'checking');
        if (alone) return host.replaceChildren(...still);
        if (!place.isConnected) host.replaceChildren(chooser.node, progress, note, place);
        chooser.title = choosing === 'second' ? `Compare ${first.label} with what?` : 'What do you want to look into?';
        chooser.cancellable = choosing === 'second';
        chooser.node.hidden = Boolean(following) || (Boolean(first) && choosing === 'first');
        place.hidden = !first;
        if (!first) place.replaceChildren();
        if (['lost', 'key', 'none'].includes(state) && !first) note.replaceChildren(room.trouble(trouble || { what: 'No Docker engine answers.' }));
        else if (note.dataset.of === 'server') note.replaceChildren();
        note.dataset.of = ['lost', 'key', 'none'].includes(state) ? 'server' : 'page';
    }

    // mdBook turns pages with the arrow keys and searches on S and /; not from in here.
    host.addEventListener('keydown', event => {
        if (event.key.startsWith('Arrow') || event.target.matches('input')) event.stopPropagation();
    });

    function follow() {
        const what = asked();
        if (!what) {
            if (first || following) anew(false);
            return;
        }
        if (first && same(first.what, what)) {
            const at = askedPlace();
            if (shown && shown.at !== at) {
                shown.at = at;
                shown.tabs.select('map');
                shown.map.go(at, { quiet: true, focus: true });
            }
            const wanted = asked('with-');
            if (wanted && !same(second?.what, wanted)) return open('second', wanted, { id: history.state?.other, push: false });
            leave();
            choosing = 'first';
            if (second && !wanted) {
                second = null;
                shown.against.replaceChildren(offer());
            }
            draw();
            return;
        }
        open('first', what, { id: history.state?.xray, at: askedPlace(), push: false });
    }

    // The address asks once there is somebody to ask.
    let arrived = false;
    async function arrive() {
        draw();
        if (arrived || !['ready', 'preparing', 'none'].includes(room.server.state)) return;
        arrived = await known();
        if (arrived) follow();
    }
    window.addEventListener('popstate', () => { if (arrived) follow(); });
    room.server.subscribe(arrive);
})(window.emptyRoom);
