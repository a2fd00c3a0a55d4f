// Two images against each other: what left the room, what came, what stayed.

import { h } from '../lib/dom.js';
import { formatBytes, formatCount, plural } from '../lib/format.js';
import { drawCompared } from './compared.js';
import { code, printable, shareBar, shortList } from './text.js';

/** @import { Difference, FromTo, Group, Pair, Sum } from '../server/wire.js' */

/** @type {Record<string, string>} */
const COUNTS = { shells: 'Shells', package_managers: 'Package managers', packages: 'Packages', setuid: 'Setuid files', executables: 'Executables', files: 'Files' };
const CHANGES = { left: 'What left', came: 'What came', changed: 'What changed', stayed: 'What stayed' };
const FIRST = 8;

/** @param {{ files: number }} sum */
const some = ({ files }) => files ? formatCount(files) : 'nothing';

/**
 * “Nothing left” would say that the room is empty.
 *
 * @param {Sum} left
 * @param {Sum} came
 */
function moves(left, came) {
    /**
     * @param {Sum} one
     * @param {string} files
     * @param {string} how
     */
    const sum = (one, files, how) => `${files} (${formatBytes(one.bytes)}) ${how}`;
    return [
        left.files ? sum(left, plural(left.files, 'file'), 'left') : 'nothing went away',
        came.files ? sum(came, left.files ? formatCount(came.files) : plural(came.files, 'file'), 'came') : 'nothing came',
    ].join(', ');
}

/**
 * @param {string} from
 * @param {string} to
 * @param {Difference} difference
 */
function headline(from, to, { bytes, left, came, changed, stayed }) {
    const times = bytes.to && bytes.from > bytes.to ? bytes.from / bytes.to : null;
    return [
        h('p', { class: 'xray-versus' }, h('strong', {}, formatBytes(bytes.from)), h('span', { 'aria-hidden': 'true' }, ' → '), h('span', { class: 'visually-hidden' }, ' became '), h('strong', {}, formatBytes(bytes.to)),
            times && times >= 1.05 ? h('span', { class: 'xray-times' }, `${times < 9.95 ? times.toFixed(1) : Math.round(times)} × smaller`) : null),
        h('p', { class: 'xray-lead' }, 'From ', h('strong', { translate: 'no' }, from), ' to ', h('strong', { translate: 'no' }, to), `: ${moves(left, came)}, ${some(changed)} changed, ${some(stayed)} stayed.`),
    ];
}

/** @param {Record<string, FromTo>} all */
const counts = all => h('dl', { class: 'xray-counts', 'data-role': 'xray-counts' }, ...Object.entries(all).map(([id, { from, to }]) => h('div', { 'data-count': id, 'data-tone': to < from ? 'less' : to > from ? 'more' : 'same' },
    h('dt', {}, COUNTS[id] || printable(id)), h('dd', {}, formatCount(from), h('span', { 'aria-hidden': 'true' }, ' → '), h('span', { class: 'visually-hidden' }, ' became '), formatCount(to)))));

/** @param {Group[]} all */
function groups(all) {
    return h('div', { class: 'xray-changes' }, ...Object.entries(CHANGES).map(([change, title]) => {
        const mine = all.filter(group => group.fate === change).sort((a, b) => b.bytes - a.bytes);
        const most = mine[0]?.bytes || 1;
        return h('section', { 'data-change': change, 'data-role': 'xray-change' }, h('h3', { class: 'xray-head' }, h('span', { class: 'xray-swatch', 'data-change': change }), title),
            ...mine.length ? shortList(mine.map(group => () => h('li', {},
                code(group.path), h('span', { class: 'xray-group-files' }, plural(group.files, 'file')), h('span', { class: 'is-number' }, formatBytes(group.bytes)),
                shareBar([{ bytes: group.bytes, tone: change }], most))), FIRST, { attributes: { class: 'xray-group-list' } }) : [h('p', { class: 'xray-none' }, 'Nothing.')]);
    }));
}

/** @typedef {FromTo & { name?: string, path?: string }} Grown a section or a package */

const MAX_ROWS = 20;

/**
 * @param {string} title
 * @param {string} label
 * @param {Grown[]} all
 */
function table(title, label, all) {
    /** @param {FromTo} one */
    const by = ({ from, to }) => to - from;
    const rows = all.filter(by).sort((a, b) => Math.abs(by(b)) - Math.abs(by(a)));
    /** @param {Grown} one */
    const signed = one => `${by(one) < 0 ? '−' : '+'}${formatBytes(Math.abs(by(one)))}`;
    return rows.length ? h('div', { class: 'table-wrapper' }, h('table', { class: 'xray-table' },
        h('caption', {}, title), h('thead', {}, h('tr', {}, ...[label, 'Before', 'After', 'By'].map((text, i) => h('th', { scope: 'col', class: i ? 'is-number' : null }, text)))),
        h('tbody', {}, ...rows.slice(0, MAX_ROWS).map(one => h('tr', {}, h('th', { scope: 'row' }, code(one.name ?? one.path)),
            ...[formatBytes(one.from), formatBytes(one.to), signed(one)].map(text => h('td', { class: 'is-number' }, text))))))) : null;
}

/** @param {Pair[]} all */
function programs(all) {
    /** @param {Pair['from']} side */
    const bytes = side => side ? formatBytes(side.bytes) : '–';
    // What both have tells more than what only one has.
    /** @param {Pair} pair */
    const called = ({ path, from, to }) => from && to && from.path !== to.path ? [code(from.path), ' → ', code(to.path)] : [code(path)];
    /** @param {Pair} pair */
    const both = ({ from, to }) => Number(Boolean(from && to));
    const sorted = [...all].sort((a, b) => both(b) - both(a));
    return shortList(sorted.map(program => () => h('li', {}, h('details', { class: 'xray-program', 'data-role': 'xray-program-difference' },
        h('summary', {}, ...called(program), h('span', { class: 'is-number' }, `${bytes(program.from)} → ${bytes(program.to)}`)),
        h('div', { class: 'xray-program-body' },
            table('Sections that changed', 'Section', program.sections) || h('p', { class: 'xray-lead' }, 'Its sections are as large as before.'),
            table('Packages that changed, the most first', 'Package', program.packages))))), 4, { attributes: { class: 'xray-program-list' }, all: n => `All ${n} programs` });
}

/**
 * @param {{ id: string, label: string }} first
 * @param {{ id: string, label: string }} second
 * @param {Difference} difference
 * @param {() => void} again reads what the server dropped
 */
export const drawDifference = (first, second, difference, again) => h('div', { class: 'xray-part', 'data-role': 'xray-difference' },
    ...headline(first.label, second.label, difference), difference.counts ? counts(difference.counts) : null, ...drawCompared(first, second, difference, again), groups(difference.groups),
    difference.programs.length ? h('h3', { class: 'xray-head' }, 'Inside the programs') : null, ...programs(difference.programs));
