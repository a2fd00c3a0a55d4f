// What an adoption came to: the verdict, the files to take, each decision with its evidence, what
// preflight says, the repository's own Dockerfile beside it, and the journey with its code.

import { h, icon } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { formatBytes, formatDuration, plural } from '../lib/format.js';
import { sanitize } from '../lib/sanitize.js';
import { api, ApiError } from '../server/api.js';
import { drawCurrent } from './current.js';
import { found, OUTCOMES } from './outcome.js';
import { drawStages } from './stages.js';
import { seePage } from './view.js';

/** @import { Adopted, Decision, Outfile, PortHeard } from '../server/wire.js' */

/** @param {PortHeard} port */
function heard(port) {
    const answered = port.answers.filter(answer => answer.status !== null);
    const best = answered.find(({ get, status }) => get !== '/' && status !== null && status >= 200 && status < 400) ?? answered[0];
    return best ? `GET :${port.port}${best.get} → ${best.status}` : `listens on :${port.port}`;
}

/** @param {Adopted} report */
function verdict(report) {
    const [title, tone] = OUTCOMES[report.outcome];
    const facts = [];
    if (report.weight && report.plan) facts.push(`${formatBytes(report.weight.unpacked)} unpacked, ${formatBytes(report.weight.compressed)} compressed`);
    if (report.answered_ms !== null) facts.push(`first answer after ${formatDuration(report.answered_ms)}`);
    facts.push(`${plural(report.rounds.length, 'round')} in ${formatDuration(report.ms)}`);
    const { unmended } = report;
    return h('div', { class: 'verdict', 'data-role': 'service-verdict', 'data-tone': tone },
        h('p', { class: 'verdict-title' }, icon(tone === 'good' ? 'check' : tone === 'bad' ? 'cross' : 'dash'), title),
        h('p', {}, `${facts.join('; ')}.`),
        ...report.ports.filter(port => !port.loopback).map(port => h('p', {}, h('code', {}, sanitize(heard(port))))),
        unmended ? h('p', {}, sanitize(unmended.what)) : null,
        unmended?.said.length ? h('pre', { class: 'verdict-message', tabindex: 0 }, unmended.said.map(sanitize).join('\n')) : null,
        unmended ? h('p', {}, `Next: ${sanitize(unmended.next)} `, seePage(unmended.page)) : null);
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
function save(name, text, type) {
    const href = URL.createObjectURL(new Blob([text], { type }));
    h('a', { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/**
 * @param {string} id
 * @param {Outfile[]} files
 */
function take(id, files) {
    const note = h('div', {});
    const whole = h('button', {
        type: 'button', class: 'button button-choice', 'data-role': 'take-report',
        onclick: async () => {
            try {
                save('adopted.html', (await api.adoptionReport(id)).html, 'text/html');
            } catch (failure) {
                if (!(failure instanceof ApiError)) throw failure;
                note.replaceChildren(drawError(failure));
            }
        },
    }, 'The report, as a page');
    return h('div', { class: 'service-part' },
        h('h2', {}, 'Take the files'),
        h('div', { class: 'service-take' },
            ...files.map(({ name, text }) => h('button', { type: 'button', class: 'button button-choice', 'data-role': 'take', 'data-file': name, onclick: () => save(name, text, 'text/plain') }, name)),
            whole), note,
        ...files.map(({ name, text }, at) => h('details', { class: 'service-file', open: at === 0 }, h('summary', {}, name),
            h('pre', { tabindex: 0, role: 'region', 'aria-label': name }, h('code', {}, text.split('\n').map(sanitize).join('\n'))))));
}

/** @param {Decision} decision */
const one = ({ topic, value, evidence, otherwise, page }) => h('div', { 'data-role': 'decision', 'data-topic': topic },
    h('dt', {}, topic.replaceAll('-', ' ')),
    h('dd', {}, h('details', {}, h('summary', {}, sanitize(value)),
        h('ul', {}, ...evidence.map(seen => h('li', {}, sanitize(seen)))),
        h('p', { class: 'service-why' }, `What would change it: ${sanitize(otherwise)}. `, seePage(page)))));

/** @param {Decision[]} decisions */
const decided = decisions => h('div', { class: 'service-part' }, h('h2', {}, 'Decided, and why'),
    h('dl', { class: 'service-decisions' }, ...decisions.map(one)));

/**
 * @param {string} id
 * @param {Adopted} report
 * @param {Outfile[]} files
 */
export function drawReport(id, report, files) {
    return h('div', { class: 'service-report', 'data-role': 'service-report' },
        verdict(report),
        files.length ? take(id, files) : null,
        report.decisions.length ? decided(report.decisions) : null,
        report.weight ? found('Preflight says of the image', report.findings) : null,
        report.current ? drawCurrent(report.current, report) : null,
        report.journey?.length ? drawStages(report.journey) : null,
        report.proof.length ? h('div', { class: 'service-part' }, h('h2', {}, 'See for yourself'),
            h('pre', { tabindex: 0, role: 'region', 'aria-label': 'Commands that show it' }, h('code', {}, report.proof.map(sanitize).join('\n')))) : null);
}
