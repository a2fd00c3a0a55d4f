// Broken beside fixed: what differs in the files, and what both said when they ran.

import { announce } from '../lib/announce.js';
import { drawDiff } from '../lib/diff.js';
import { find, h, icon } from '../lib/dom.js';
import { pairFiles } from '../lab/variant.js';
import { drawError } from '../lib/error.js';
import { drawTranscript, liveTranscript, recordedTranscript } from './transcript.js';
import { server } from '../server/server.js';

/** @import { Variant } from '../lab/variant.js' */
/** @typedef {'running' | 'live' | 'recorded' | 'missing'} SideState */

/**
 * @typedef {object} Side
 * @property {string} role broken or fixed
 * @property {Variant[]} all
 * @property {HTMLSelectElement} select
 * @property {HTMLElement} head
 * @property {HTMLElement} body
 * @property {HTMLElement} node
 * @property {SideState | null} shown
 * @property {unknown} drawn what `shown` was drawn of
 */

/**
 * Needs a broken and a fixed variant among `variants`.
 *
 * @param {{ name: string, variants: Variant[] }} lab
 */
export function createVersus({ name, variants }) {
    const sides = ['broken', 'fixed'].map(createSide);

    /**
     * @param {string} role
     * @returns {Side}
     */
    function createSide(role) {
        const all = variants.filter(variant => variant.role === role);
        const isBroken = role === 'broken';
        const select = h('select', { class: 'side-select', 'data-role': isBroken ? 'compare-broken' : 'compare-fixed', 'aria-label': isBroken ? 'Left: a broken variant' : 'Right: a fixed variant' },
            ...all.map(variant => h('option', { value: variant.id }, variant.title)));
        const body = h('div', { class: 'side-body' });
        const head = h('h3', { class: 'side-head', tabindex: -1 }, h('span', { class: 'segment-dot', 'aria-hidden': 'true' }),
            all.length > 1 ? select : h('span', {}, all[0]?.title || ''));
        const node = h('article', { class: 'side', 'data-role': 'side', 'data-side': role, 'data-tone': role }, head, body);
        const side = { role, all, select, head, body, node, shown: null, drawn: null };
        select.addEventListener('change', () => { draw(); announce(`${name}: ${chosen(side).title}`); });
        return side;
    }
    /** @param {Side} side */
    const chosen = side => side.all.find(variant => variant.id === side.select.value) || side.all[0];
    const changes = h('div', { class: 'versus-diff' });
    const word = h('span', {}, 'Run both');
    const both = h('button', { type: 'button', class: 'button button-run', 'data-role': 'run-both', onclick: run }, icon('play'), word);
    const status = h('p', { class: 'lab-status', 'data-role': 'versus-status' });
    const node = h('div', { class: 'versus', 'data-role': 'versus' },
        changes, h('div', { class: 'versus-bar' }, both, status),
        h('div', { class: 'sides' }, ...sides.map(side => side.node)));
    let compared = '';

    const missing = () => sides.map(chosen).filter(variant => !variant.record);

    function run() {
        if (!server.canRun) return void announce('The playground cannot run this now.');
        // Those that already run come by themselves.
        for (const variant of missing()) if (!variant.busy) variant.start();
    }

    function diff() {
        const [from, to] = sides.map(chosen);
        if (compared === `${from.id}/${to.id}`) return;
        compared = `${from.id}/${to.id}`;
        changes.replaceChildren(drawDiff(`What changed from “${from.title}” to “${to.title}”`, pairFiles(from, to)));
    }

    /** @param {Side} side */
    function fill(side) {
        const variant = chosen(side);
        const { record, busy, recorded, refusal } = variant;
        const state = busy ? 'running' : record ? 'live' : recorded ? 'recorded' : 'missing';
        side.node.dataset.state = state;
        side.node.dataset.shows = variant.id;
        if (busy && side.shown === 'running') {
            find(side.body, '.side-doing').textContent = variant.status;
            return;
        }
        // What is opened or scrolled stays as it is.
        const drawn = record ?? recorded ?? variant;
        if (side.shown === state && side.drawn === drawn && !refusal) return;
        Object.assign(side, { shown: state, drawn });
        side.body.replaceChildren(...content(variant, state));
    }

    /**
     * @param {Variant} variant
     * @param {SideState} state
     */
    function content({ status: doing, record, recorded, refusal }, state) {
        if (state === 'running') {
            return [h('p', { class: 'side-wait' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', { class: 'side-doing' }, doing))];
        }
        const refused = refusal ? [drawError(refusal)] : [];
        if (record) return drawTranscript(liveTranscript(record));
        if (recorded) return [...drawTranscript(recordedTranscript(recorded)), ...refused];
        return [h('p', { class: 'side-wait' }, 'Not run yet.'), ...refused];
    }

    function draw() {
        diff();
        const focused = document.activeElement === both;
        sides.forEach(fill);
        const todo = missing();
        const busy = sides.map(chosen).some(variant => variant.busy);
        both.hidden = !todo.length || server.state === 'static';
        word.textContent = todo.length === 1 ? `Run the ${todo[0].role} one` : 'Run both';
        both.setAttribute('aria-disabled', String(busy || !server.canRun));
        status.textContent = busy ? 'Running' : todo.length === 0 ? 'Both from runs on this engine' : '';
        if (focused && both.hidden) sides[0].head.focus();
    }

    /**
     * The variant that the reader has been looking at is one of the two.
     *
     * @param {Variant} variant
     */
    function show(variant) {
        const side = sides.find(one => one.role === variant.role);
        if (side) side.select.value = variant.id;
    }

    return { node, draw, show };
}
