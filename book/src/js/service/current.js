// The repository's own Dockerfile, as it is: beside the adopted image, and against the book.

import { h } from '../lib/dom.js';
import { formatBytes, formatDuration, plural } from '../lib/format.js';
import { sanitize } from '../lib/sanitize.js';
import { found, OUTCOMES } from './outcome.js';
import { seePage } from './view.js';

/** @import { Adopted, BuildRemark, CurrentDockerfile, Difference } from '../server/wire.js' */

// Why a Dockerfile that is not built here may well be sound.
const UNTOLD = {
    network: 'It may be sound: what its build fetches cannot be reached from here.',
    frontend: 'It may be sound: it asks for another builder’s frontend, and this engine’s own is an old one.',
    ignored: 'It may be sound: it copies what git ignores, which stays behind here.',
};

/** @param {BuildRemark} remark */
const remark = ({ rule, what, url, line }) => h('li', { 'data-role': 'build-remark' },
    line ? `line ${line}: ` : null, sanitize(what), ' ',
    url ? h('a', { href: url, rel: 'noreferrer' }, rule) : h('code', {}, rule));

/** @param {BuildRemark[] | null} checks */
function checked(checks) {
    if (!checks) return h('p', { class: 'service-why' }, 'BuildKit’s own checks cannot be told here: they come with the builder of Docker 27 and newer.');
    if (!checks.length) return h('p', {}, 'BuildKit’s own checks find nothing in it.');
    return h('div', {}, h('p', {}, 'BuildKit’s own checks say:'), h('ul', {}, ...checks.map(remark)));
}

/** @param {Difference} left */
function whatLeft({ left, counts, groups }) {
    const gone = groups.filter(group => group.fate === 'left').slice(0, 8);
    const fewer = Object.entries(counts ?? {}).filter(([, { from, to }]) => from > to);
    return h('div', { class: 'service-left', 'data-role': 'service-left' },
        h('p', {}, `What is no longer there: ${plural(left.files, 'file')}, ${formatBytes(left.bytes)}.`),
        h('ul', {}, ...gone.map(group => h('li', {}, h('code', {}, sanitize(group.path)), ` ${plural(group.files, 'file')}, ${formatBytes(group.bytes)}`))),
        fewer.length ? h('p', {}, fewer.map(([what, { from, to }]) => `${what.replaceAll('_', ' ')}: ${from} → ${to}`).join('; ')) : null);
}

/**
 * @param {CurrentDockerfile} current
 * @param {Adopted} report
 */
export function drawCurrent(current, report) {
    /** @param {number | null | undefined} bytes */
    const size = bytes => bytes ? formatBytes(bytes) : '–';
    /** @param {number | null} ms */
    const time = ms => ms === null ? '–' : formatDuration(ms);
    /** @type {[string, string, string][]} */
    const rows = [
        ['Unpacked', size(current.weight?.unpacked), size(report.weight?.unpacked)],
        ['Compressed', size(current.weight?.compressed), size(report.weight?.compressed)],
        ['First answer', time(current.answered_ms), time(report.answered_ms)],
        ['What comes of it', OUTCOMES[current.outcome][0], OUTCOMES[report.outcome][0]],
    ];
    return h('div', { class: 'service-part', 'data-role': 'service-current' }, h('h2', {}, 'Your Dockerfile, as it is'),
        h('div', { class: 'table-wrapper', tabindex: 0, role: 'region', 'aria-label': 'Your Dockerfile beside the adopted one' }, h('table', {},
            h('thead', {}, h('tr', {}, ...['', current.file, 'Adopted'].map(name => name ? h('th', { scope: 'col' }, sanitize(name)) : h('td', {})))),
            h('tbody', {}, ...rows.map(([name, is, would]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, is), h('td', {}, would)))))),
        current.said ? h('p', {}, 'It says: ', h('code', {}, sanitize(current.said)), ' ', seePage(current.why)) : null,
        current.untold ? h('p', {}, UNTOLD[current.untold]) : null,
        current.left ? whatLeft(current.left) : null,
        checked(current.checks),
        current.weight ? found('Preflight says of yours', current.findings) : null);
}
