// A lab's panel: chooses a variant, shows its files, runs it, says what the server can do.

import { announce } from '../lib/announce.js';
import { drawDiff } from '../lib/diff.js';
import { find, findAll, h, icon, uniqueId } from '../lib/dom.js';
import { drawError, NO_ENGINE } from '../lib/error.js';
import { COMMAND } from '../lib/keys.js';
import { xrayLink } from '../lib/links.js';
import { createSegments } from '../lib/tabs.js';
import { createVersus } from '../museum/versus.js';
import { drawPreparing } from '../server/chip.js';
import { server } from '../server/server.js';
import { createVariant, pairFiles } from './variant.js';

/** @import { Claim } from '../lib/format.js' */
/** @import { BaseStatus, ListedRun } from '../server/wire.js' */
/** @import { Variant } from './variant.js' */

/**
 * @param {string} role
 * @param {string} label
 * @param {'play' | 'stop' | null} sign
 * @param {() => void} onclick
 */
const button = (role, label, sign, onclick) => h('button', {
    type: 'button', class: `button button-${role}`, 'data-role': role, onclick,
}, sign ? icon(sign) : null, label);

/**
 * @param {DOMStringMap} data
 * @returns {Claim | null}
 */
function claimOf({ claimedMb, claimedMbMax }) {
    if (!claimedMb) return null;
    return { mb: Number(claimedMb), max: claimedMbMax ? Number(claimedMbMax) : null };
}

/** @param {HTMLElement} section */
export function createPanel(section) {
    const title = find(section, '.lab-title');
    const still = find(section, '.lab-still');
    const hint = uniqueId('hint');
    const lab = {
        id: section.dataset.lab ?? '', kind: section.dataset.kind, hint, claim: claimOf(section.dataset),
        name: section.dataset.stage ? `Stage ${section.dataset.stage}` : (title.textContent ?? '').trim(),
    };
    const hooks = { onchange: refresh, onrun: () => start(), onedit: edited, onforget: forgotten };
    const variants = findAll(section, '.lab-variant').map(element => createVariant(element, lab, hooks));
    let current = variants[0];
    let comparing = false;

    const expect = h('p', { class: 'lab-expect', 'data-role': 'expect' });
    // What would spoil a prediction: the book's sentence, and the recorded run.
    const spoiler = h('details', { class: 'lab-spoiler' }, h('summary', {}, 'What the book says'));
    const asked = h('div', { class: 'lab-asked' });
    const judged = h('div', { class: 'lab-judged' });
    const files = h('div', { class: 'lab-files' });
    const reset = button('reset', 'Reset', null, () => { current.reset(); announce(`${lab.name}: edits undone`); findAll(files, '[role=tab][aria-selected=true]')[0]?.focus(); });
    const compare = h('button', { type: 'button', class: 'button button-compare', 'data-role': 'compare', 'aria-pressed': 'false', onclick: toggleCompare }, 'What changed');
    const run = button('run', 'Run', 'play', () => start());
    const stop = button('stop', 'Stop', 'stop', () => current.stop());
    const status = h('p', { class: 'lab-status', 'data-role': 'status' });
    const note = h('div', { class: 'lab-note', 'data-role': 'note' });
    const place = h('div', { class: 'lab-results' });
    const keys = h('span', { class: 'lab-keys', id: hint }, `${COMMAND} Enter runs`);
    const choice = variants.length > 1 ? createSegments({
        label: `Variant of ${lab.name}`,
        items: variants.map(variant => ({ id: variant.id, label: variant.title, tone: variant.role })),
        onselect: choose,
    }) : null;

    const versus = lab.kind === 'failure' && ['broken', 'fixed'].every(role => variants.some(variant => variant.role === role)) ? createVersus({ name: lab.name, variants }) : null;
    const beside = versus ? h('button', { type: 'button', class: 'button button-versus', 'data-role': 'compare-view', 'aria-pressed': 'false', onclick: toggleVersus }, 'Compare') : null;
    if (versus) versus.node.hidden = true;
    const head = choice ? h('div', { class: 'lab-choice' }, choice.node, beside) : null;

    const inside = lab.kind === 'stage' ? h('a', { class: 'button button-inside', 'data-role': 'look-inside', href: xrayLink({ lab: lab.id, variant: variants[0].id }) }, 'Look inside') : null;
    const bar = h('div', { class: 'lab-bar' }, run, stop, inside, status, variants.some(v => v.files.some(f => f.editable)) ? keys : null);
    if (!title.id) title.id = uniqueId('lab');
    section.setAttribute('aria-labelledby', title.id);
    section.classList.add('is-live');
    still.remove();
    section.append(...[head, asked, files, bar, note, versus?.node, judged, place].filter(node => node instanceof HTMLElement));

    // mdBook turns pages with the arrow keys and searches on S and /; not from in here.
    section.addEventListener('keydown', event => {
        if (event.key.startsWith('Arrow') || event.target instanceof HTMLTextAreaElement) event.stopPropagation();
    });

    /** @param {string} id */
    function choose(id) {
        current = variants.find(variant => variant.id === id) ?? current;
        comparing = false;
        showFiles();
        place.replaceChildren(current.place);
        if (inside) inside.href = xrayLink({ lab: lab.id, variant: id });
        refresh();
    }

    function toggleVersus() {
        if (!versus) return;
        versus.node.hidden = !versus.node.hidden;
        if (!versus.node.hidden) versus.show(current);
        if (!versus.node.hidden && comparing) toggleCompare();
        refresh();
        announce(versus.node.hidden ? `${lab.name}: one variant` : `${lab.name}: broken beside fixed`);
    }

    // The sentence would spoil the prediction: first the question, then the answer.
    function drawAsked() {
        const { prediction } = current;
        const alone = server.state === 'static';
        prediction?.draw({ busy: current.busy, edited: current.edited.length > 0 });
        expect.textContent = current.expect;
        if (alone && prediction) spoiler.append(expect);
        const open = prediction?.state === 'open' && !alone;
        fill(asked, open ? prediction.node : alone && prediction ? spoiler : expect, alone && current.recorded);
        // A run of the reader's own files says nothing about the guess.
        fill(judged, prediction?.state === 'judged' && !current.record?.edited && prediction.node);
    }

    /**
     * Nodes that stay are not touched: one may hold the focus.
     *
     * @param {HTMLElement} box
     * @param {...(HTMLElement | false | null | undefined)} wanted
     */
    function fill(box, ...wanted) {
        const nodes = wanted.filter(node => node instanceof HTMLElement);
        if (nodes.length !== box.children.length || nodes.some((node, i) => box.children[i] !== node)) box.replaceChildren(...nodes);
    }

    function forgotten() {
        refresh();
        (findAll(asked, 'input:not(:disabled)')[0] || run).focus();
    }

    // The reader's edits; else the first variant against this one, or the first repair.
    function changes() {
        if (current.edited.length || variants.length < 2) {
            const files = current.files.map(file => ({ path: file.path, before: file.original, after: file.editor.text }));
            return drawDiff('From the book’s files to yours', files);
        }
        const [from] = variants;
        const to = current === from ? variants.find(variant => variant.role === 'fixed') || variants[1] : current;
        return drawDiff(`From “${from.title}” to “${to.title}”`, pairFiles(from, to));
    }

    function toggleCompare() {
        comparing = !comparing;
        showFiles();
        refresh();
    }

    function showFiles() {
        const bodies = comparing ? [changes()] : current.files.map(file => file.editor.node);
        current.tabs.node.toggleAttribute('inert', comparing);
        files.replaceChildren(h('div', { class: 'lab-files-head' }, current.tabs.node, h('div', { class: 'lab-tools' }, reset, compare)), ...bodies);
    }

    function edited() {
        for (const file of current.files) current.tabs.badge(file.path, current.edited.includes(file));
        refresh();
    }

    function start() {
        if (!server.canRun) return void announce(note.textContent || 'The playground cannot run this now.');
        if (current.busy) return void announce(`${lab.name} is already running`);
        if (comparing) toggleCompare();
        current.start();
    }

    // Everything that depends on state, in one place.
    function refresh() {
        if (!place.isConnected) return;
        const { busy } = current;
        const focused = document.activeElement;
        section.dataset.state = current.state;
        section.toggleAttribute('data-link-lost', current.link === 'lost');
        section.dataset.variantShown = current.id;
        if (current.ending) section.dataset.ending = current.ending; else delete section.dataset.ending;
        drawAsked();
        run.hidden = busy;
        stop.hidden = !busy;
        // Not `disabled`: the focus waits here while the run is accepted.
        stop.setAttribute('aria-disabled', String(current.state !== 'running'));
        run.setAttribute('aria-disabled', String(!server.canRun));
        const both = versus !== null && !versus.node.hidden;
        section.dataset.view = both ? 'compare' : 'one';
        bar.hidden = both || server.state === 'static';
        for (const node of [choice?.node, asked, files, judged, place]) if (node) node.hidden = both;
        if (beside) {
            beside.setAttribute('aria-pressed', String(both));
            beside.textContent = both ? 'Back to one variant' : 'Compare';
        }
        if (both) versus?.draw();
        if (busy && focused === run) stop.focus();
        if (!busy && focused === stop) run.focus();
        status.textContent = current.link === 'lost' ? 'Connection lost, trying again' : current.status;
        reset.hidden = !current.edited.length || comparing;
        compare.hidden = (variants.length < 2 || versus !== null) && !current.edited.length && !comparing;
        compare.textContent = comparing ? 'Back to the files' : current.edited.length ? 'Your edits' : 'What changed';
        compare.setAttribute('aria-pressed', String(comparing));
        drawNote();
    }

    function drawNote() {
        const { state, status, error } = server;
        /** @type {HTMLElement[]} */
        const parts = [];
        if (state === 'static') {
            parts.push(still);
        } else if (server.isDown) {
            parts.push(drawError(error || NO_ENGINE));
        } else if (current.refusal) {
            parts.push(drawError(current.refusal));
        } else {
            if (state === 'preparing' && status && !current.busy) parts.push(drawPreparing(status.prepare));
            for (const base of server.rebuiltIn(current.text('Dockerfile') || '')) parts.push(rebuilt(base));
        }
        // Unchanged notes stay, so that an opened one does not close under the reader.
        const next = h('div', {}, ...parts);
        if (next.textContent !== note.textContent || !parts.length) note.replaceChildren(...next.childNodes);
    }

    /** @param {BaseStatus} base */
    function rebuilt({ name, differs }) {
        return h('details', { class: 'rebuilt', 'data-role': 'rebuilt', 'data-base': name },
            h('summary', {}, h('code', {}, name), ' is rebuilt from Debian packages here'),
            h('p', {}, 'No registry could be reached. It differs from the published image in:'),
            h('ul', {}, ...(differs || []).map(text => h('li', {}, text))));
    }

    variants.forEach(variant => variant.edited.forEach(file => variant.tabs.badge(file.path, true)));
    choose(current.id);
    server.subscribe(refresh);

    return {
        /**
         * After a reload: the newest run of each variant, and the variant run last.
         *
         * @param {ListedRun[]} runs newest first
         */
        resume(runs) {
            const mine = runs.filter(one => one.lab === lab.id);
            /** @type {[Variant, ListedRun][]} */
            const latest = variants.flatMap(variant => {
                const one = mine.find(one => one.variant === variant.id);
                return one && !variant.busy && !variant.prediction?.ignores(one.run) ? [[variant, one]] : [];
            });
            for (const [variant, one] of latest) variant.follow(one.run, { age: one.age_ms ?? null, past: one.state === 'finished' });
            const [last] = latest.filter(([, one]) => one.state === 'running').concat(latest.filter(([, one]) => one === mine[0]));
            if (last && choice) choice.select(last[0].id);
        },
    };
}
