// What changed, line by line: the longest common subsequence, folded to its surroundings.

import { h } from './dom.js';
import { plural } from './format.js';

const CONTEXT = 3;

/** @typedef {['same' | 'gone' | 'new', string] | ['fold', number]} Row */

/** @param {string} text */
const linesOf = text => text.replace(/\n$/, '').split('\n');

/**
 * Sources here are short, so the table may be square.
 *
 * @param {string} before
 * @param {string} after
 */
function compare(before, after) {
    const a = linesOf(before);
    const b = linesOf(after);
    const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            longest[i][j] = a[i] === b[j]
                ? longest[i + 1][j + 1] + 1
                : Math.max(longest[i + 1][j], longest[i][j + 1]);
        }
    }
    /** @type {Row[]} */
    const rows = [];
    let i = 0;
    let j = 0;
    while (i < a.length || j < b.length) {
        if (i < a.length && j < b.length && a[i] === b[j]) {
            rows.push(['same', a[i++]]);
            j++;
        } else if (j >= b.length || (i < a.length && longest[i + 1][j] >= longest[i][j + 1])) {
            rows.push(['gone', a[i++]]);
        } else {
            rows.push(['new', b[j++]]);
        }
    }
    return rows;
}

/** @param {Row[]} rows */
function fold(rows) {
    const near = rows.map((_, i) =>
        rows.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(([kind]) => kind !== 'same'));
    /** @type {Row[]} */
    const folded = [];
    rows.forEach((row, i) => {
        const last = folded.at(-1);
        if (near[i]) folded.push(row);
        else if (last?.[0] === 'fold') last[1]++;
        else folded.push(['fold', 1]);
    });
    return folded;
}

/** @param {Row} row */
function line([kind, content]) {
    switch (kind) {
    case 'fold':
        return h('span', { class: 'diff-fold' }, `⋯ ${plural(content, 'unchanged line')}`);
    case 'gone':
        return h('del', { class: 'diff-line', 'data-sign': '−' }, content);
    case 'new':
        return h('ins', { class: 'diff-line', 'data-sign': '+' }, content);
    default:
        return h('span', { class: 'diff-line', 'data-sign': ' ' }, content);
    }
}

/**
 * @param {string} title
 * @param {{ path: string, before: string | null, after: string | null }[]} files null where a side has no such file
 * @param {string} [what] tells diffs of one page apart
 */
export function drawDiff(title, files, what = 'Changes') {
    const changed = files.filter(({ before, after }) => before !== after);
    const head = h('p', { class: 'diff-title' }, changed.length ? title : `${title}: the files are the same.`);
    return h('div', { class: 'diff', 'data-role': 'diff' }, head, ...changed.map(({ path, before, after }) => {
        const fate = before === null ? ' (new)' : after === null ? ' (gone)' : '';
        /** @type {Row[]} */
        const rows = before === null ? linesOf(after ?? '').map(text => ['new', text])
            : after === null ? linesOf(before).map(text => ['gone', text])
                : fold(compare(before, after));
        return h('figure', { class: 'diff-file' },
            h('figcaption', {}, path + fate),
            h('pre', { tabindex: 0, role: 'region', 'aria-label': `${what} in ${path}` }, h('code', {}, ...rows.map(line))));
    }));
}
