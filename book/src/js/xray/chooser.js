// What to look into: a stage, a room of the museum, or any image that the engine has.

import { findAll, h, uniqueId } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { formatBytes } from '../lib/format.js';
import { printable, subjectName } from './text.js';

/** @import { Subject, Lab, ListedImage, UserError } from '../server/wire.js' */

/**
 * @typedef {object} Choice
 * @property {Subject} what
 * @property {string} label
 * @property {string | null} hint
 * @property {string} words to find it by
 * @property {boolean} [mono]
 * @property {string} [tone]
 */
/** @typedef {{ id: string, title: string, hint: string | null, fold?: boolean, items: Choice[] }} Group */
/** @typedef {{ images: ListedImage[], labs: Lab[], error: UserError | null }} Known */

/**
 * What the playground itself put there is of less interest.
 *
 * @param {ListedImage} image
 */
const ours = ({ name }) => Number(String(name).startsWith('empty-room/'));

/**
 * @param {Known} known
 * @returns {Group[]}
 */
function choices({ images, labs }) {
    const stages = labs.flatMap(lab => lab.stage ? [{ lab, stage: lab.stage }] : []).sort((a, b) => a.stage.order - b.stage.order);
    const failures = labs.filter(lab => lab.kind !== 'stage');
    /**
     * @param {Lab} lab
     * @param {Lab['variants'][number]} variant
     * @param {string} label
     * @param {string} hint
     */
    const one = (lab, variant, label, hint) => ({ what: { lab: lab.id, variant: variant.id }, label, hint, words: `${lab.id} ${lab.title} ${variant.title} ${label}` });
    return [
        {
            id: 'stages', title: 'The journey', hint: 'Built as a run would, then read. Stage 1 takes a minute.',
            items: stages.flatMap(({ lab, stage }) => lab.variants.map(variant => one(lab, variant, `Stage ${stage.number}`, lab.title))),
        }, {
            id: 'images', title: 'Images of your engine', hint: null,
            items: [...images].sort((a, b) => ours(a) - ours(b)).map(image => ({
                what: { image: image.name || image.id }, label: subjectName(image), words: `${image.name} ${image.id}`,
                hint: formatBytes(image.size_bytes), mono: true,
            })),
        }, {
            id: 'museum', title: 'Rooms of the museum', hint: 'As a run would build them, broken or repaired.', fold: true,
            items: failures.flatMap(lab => lab.variants.map(variant => ({ ...one(lab, variant, lab.title, variant.title), tone: variant.role }))),
        },
    ];
}

/**
 * @param {{ title: string, onchoose: (choice: { what: Subject, label: string }) => void, onrefresh: () => void, oncancel: () => void }} options
 */
export function createChooser({ title, onchoose, onrefresh, oncancel }) {
    const id = uniqueId('xray-filter');
    const hint = uniqueId('xray-hint');
    const filter = h('input', {
        type: 'search', id, class: 'xray-filter', 'data-role': 'xray-filter', autocomplete: 'off', autocapitalize: 'off',
        spellcheck: 'false', placeholder: 'golang, alpine, stage 5a …', 'aria-describedby': hint, oninput: narrow,
    });
    const legend = h('label', { for: id }, title);
    const none = h('p', { class: 'xray-none', hidden: true, role: 'status' });
    const note = h('div', {});
    const groups = h('div', { class: 'xray-groups' });
    const again = h('button', { type: 'button', class: 'button', 'data-role': 'xray-refresh', onclick: onrefresh }, 'Ask the engine again');
    const cancel = h('button', { type: 'button', class: 'button', 'data-role': 'xray-cancel', hidden: true, onclick: () => oncancel() }, 'Cancel');
    const node = h('form', { class: 'xray-choose', 'data-role': 'xray-choose', onsubmit: submit },
        h('div', { class: 'xray-choose-head' }, legend, cancel), filter,
        h('p', { class: 'xray-hint', id: hint }, 'Type to narrow it down; Enter takes the only one left.'),
        note, none, groups, h('div', { class: 'xray-choose-foot' }, again));
    /** @type {{ item: Choice, li: HTMLElement, button: HTMLElement, words: string }[]} */
    let rows = [];

    /** @param {Choice} item */
    const choose = item => onchoose({ what: item.what, label: item.label });

    /** @param {Choice} item */
    function row(item) {
        const button = h('button', {
            type: 'button', class: 'xray-choice', 'data-role': 'xray-choice', 'data-tone': item.tone,
            ...Object.fromEntries(Object.entries(item.what).map(([key, value]) => [`data-${key}`, value])),
            onclick: () => choose(item),
        }, h('span', { class: item.mono ? 'xray-choice-name is-mono' : 'xray-choice-name', translate: item.mono ? 'no' : null }, item.label),
        item.hint ? h('span', { class: 'xray-choice-hint' }, item.hint) : null);
        const li = h('li', {}, button);
        rows.push({ item, li, button, words: `${item.words} ${item.label}`.toLowerCase() });
        return li;
    }

    /** @param {Known} known */
    function fill(known) {
        rows = [];
        note.replaceChildren(...known.error ? [drawError(known.error)] : []);
        groups.replaceChildren(...choices(known).filter(group => group.items.length).map(group => {
            const body = [...group.hint ? [h('p', { class: 'xray-hint' }, group.hint)] : [], h('ul', { class: 'xray-choices' }, ...group.items.map(row))];
            const head = uniqueId('xray-group');
            return group.fold
                ? h('details', { class: 'xray-group', 'data-group': group.id }, h('summary', {}, `${group.title} (${group.items.length})`), ...body)
                : h('section', { class: 'xray-group', 'data-group': group.id, 'aria-labelledby': head }, h('h2', { id: head, class: 'xray-group-title' }, group.title), ...body);
        }));
        narrow();
    }

    function left() {
        return rows.filter(({ li }) => !li.hidden);
    }

    function narrow() {
        const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
        for (const { li, words: known } of rows) li.hidden = !words.every(word => known.includes(word));
        for (const group of findAll(groups, '.xray-group')) {
            const some = Boolean(group.querySelector('li:not([hidden])'));
            group.hidden = !some;
            if (group instanceof HTMLDetailsElement && words.length) group.open = some;
        }
        none.hidden = !words.length || left().length > 0;
        if (none.hidden) return;
        none.textContent = `Nothing here is called “${filter.value}”. An image must be on the engine: docker pull it, then ask again.`;
    }

    /** @param {Event} event */
    function submit(event) {
        event.preventDefault();
        const [only, ...others] = left();
        if (only && !others.length) choose(only.item);
        else only?.button.focus();
    }

    return {
        node, fill,
        /** @param {string} text */
        set title(text) { legend.textContent = text; },
        /** @param {boolean} yes */
        set cancellable(yes) { cancel.hidden = !yes; },
        focus: () => filter.focus(),
        /**
         * How a link's image is called here.
         *
         * @param {Subject} what
         */
        label(what) {
            const same = rows.find(({ item }) => Object.entries(what).every(([key, value]) => Reflect.get(item.what, key) === value))?.item;
            if (same) return same.tone && same.hint ? `${same.label}: ${same.hint}` : same.label;
            return 'image' in what ? printable(what.image) : 'run' in what ? 'what this run built' : printable(what.lab);
        },
    };
}
