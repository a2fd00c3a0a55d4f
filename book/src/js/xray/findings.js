// What preflight says of the image: how bad, what, how it knows, what to change.

import { h } from '../lib/dom.js';
import { code, fact, madeBy, printable } from './text.js';

/** @import { Finding, Layer, Report } from '../server/wire.js' */

/** @type {Record<string, { words: string, tone: string }>} */
const SEVERITIES = {
    'will-not-start': { words: 'Will not start', tone: 'bad' },
    'will-fail': { words: 'Will fail', tone: 'attention' },
    'advice': { words: 'Advice', tone: 'quiet' },
};
/** @param {Finding} finding */
const severity = finding => SEVERITIES[finding.severity] || { words: printable(finding.severity), tone: 'quiet' };

/**
 * @param {Finding} finding
 * @param {Layer[]} layers
 */
function place({ place: at }, layers) {
    if (!at || (!at.path && !at.layer)) return null;
    const layer = layers.find(one => one.index === at.layer);
    return h('p', { class: 'xray-finding-place' }, ...[
        at.path ? code(at.path) : null,
        at.layer ? `${at.path ? ', ' : ''}layer ${at.layer}` : null,
        layer?.instruction ? ': ' : null, layer?.instruction ? code(madeBy(layer)) : null,
    ]);
}

/**
 * @param {Finding} finding
 * @param {Layer[]} layers
 */
function one(finding, layers) {
    const { words, tone } = severity(finding);
    const when = finding.when ? `Will fail when it ${printable(finding.when)}` : words;
    // Pages are named from the book's root, where this page lies, too. Ours, not the image's.
    const page = typeof finding.page === 'string' && /^[\w/-]+\.html$/.test(finding.page) ? finding.page : null;
    return h('li', { class: 'xray-finding', 'data-role': 'xray-finding', 'data-rule': finding.rule, 'data-severity': finding.severity, 'data-tone': tone },
        h('p', { class: 'xray-severity' }, when),
        h('h3', { class: 'xray-finding-title' }, printable(finding.title || finding.rule)),
        h('p', {}, printable(finding.what)),
        place(finding, layers),
        h('dl', { class: 'xray-facts' },
            fact('Seen', h('ul', { class: 'xray-evidence' }, ...finding.evidence.map(text => h('li', {}, code(text))))),
            fact('Fix', h('span', { class: 'xray-fix' }, code(finding.fix)))),
        page ? h('p', {}, h('a', { href: page }, 'See it happen')) : null);
}

/**
 * @param {Finding[]} all
 * @param {Report} report of the scan, for what the layers are
 */
export const drawFindings = (all, { layers }) => all.length
    ? h('div', { class: 'xray-part', 'data-role': 'xray-findings' },
        h('p', { class: 'xray-lead' }, 'Said from the image’s bytes alone; nothing was started.'),
        h('ol', { class: 'xray-finding-list' }, ...all.map(finding => one(finding, layers))))
    : h('div', { class: 'xray-part', 'data-role': 'xray-findings' },
        h('p', { class: 'xray-lead' }, 'Preflight finds nothing to say. That is not a promise: it knows the failures of this book, and no others.'));

/**
 * In one line: “1 will not start, 2 advice”.
 *
 * @param {Finding[]} all
 */
export function tallyText(all) {
    /** @type {[number, string][]} */
    const counts = Object.entries(SEVERITIES).map(([id, { words }]) => [all.filter(finding => finding.severity === id).length, words.toLowerCase()]);
    const said = counts.filter(([n]) => n).map(([n, words]) => `${n} ${words}`);
    return said.length ? said.join(', ') : 'nothing found';
}
/** @param {Finding[]} all */
export const worstTone = all => Object.entries(SEVERITIES).find(([id]) => all.some(finding => finding.severity === id))?.[1].tone ?? 'good';
