// One variant's run on half a page: facts, then words. From a run here, or from the book's record.

import { findAll, h } from '../lib/dom.js';
import { formatBytes } from '../lib/format.js';
import { sanitize } from '../lib/sanitize.js';
import { drawAct } from '../run/actions.js';
import { drawLook } from '../run/checks.js';
import { drawProbe } from '../run/probes.js';
import { momentText, outcomeText, reporterText } from '../run/verdict.js';

/** @import { RunRecord } from '../run/view.js' */
/** @import { ActionResult, Finished, Observation, Probed, Sizes } from '../server/wire.js' */

/**
 * What a run left, wherever it ran.
 *
 * @typedef {object} Told
 * @property {string} source
 * @property {Pick<Finished, 'outcome' | 'reporter' | 'moment' | 'exit_code'>} finished
 * @property {[string, string][]} texts title and words
 * @property {Pick<Sizes, 'unpacked_bytes' | 'compressed_bytes'> & Partial<Sizes> | null} sizes
 * @property {Probed[]} probes
 * @property {ActionResult[]} acts
 * @property {Observation[]} looks
 */

/** @type {Record<string, string>} */
const SPOKE = { program: 'what the container wrote', engine: 'the engine’s words', builder: 'the builder’s words', answer: 'what it answered' };
/** @param {string} text */
const upper = text => text && text[0].toUpperCase() + text.slice(1);

/**
 * A recorded run (<details class="lab-recorded">) in the shape of a live one.
 *
 * @param {HTMLElement} details
 * @returns {Told}
 */
export function recordedTranscript(details) {
    const { engine, arch, date, outcome, reporter, moment, exitCode, unpackedBytes, compressedBytes } = details.dataset;
    return {
        source: ['Recorded', [engine, arch].filter(Boolean).join(', '), date].filter(Boolean).join(' · '),
        finished: /** @type {Finished} */ ({
            outcome: outcome || null, reporter: reporter || null, moment: moment || null, exit_code: exitCode ? Number(exitCode) : null,
        }),
        texts: findAll(details, 'pre[data-who]').map(pre => [pre.dataset.title || SPOKE[pre.dataset.who ?? ''] || 'what was said', pre.textContent ?? '']),
        sizes: unpackedBytes ? { unpacked_bytes: Number(unpackedBytes), compressed_bytes: Number(compressedBytes) } : null,
        probes: [], acts: [], looks: [],
    };
}

/**
 * A live record tells its message apart only where the container did not write it.
 *
 * @param {RunRecord & { finished: Finished }} record
 * @returns {Told}
 */
export function liveTranscript(record) {
    const output = sanitize(record.output).trim();
    const message = sanitize(record.finished.message || '').trim();
    /** @type {[string, string][]} */
    const texts = [];
    if (message && !output.includes(message)) texts.push([SPOKE[record.finished.reporter ?? ''] || 'the message', message]);
    if (output) texts.push([SPOKE.program, output]);
    return { ...record, source: record.edited ? 'Run here, with your edits' : 'Run here', texts };
}

/** @param {Told} told */
function facts({ finished, sizes, acts }) {
    // A stopped program's code came with its stop.
    const stopped = acts.find(act => act.kind === 'stop');
    const code = finished.exit_code ?? stopped?.exit_code;
    const who = reporterText(finished.reporter);
    const when = momentText(finished.moment);
    /** @type {[string, string | null][]} */
    const rows = [
        ['What happened', outcomeText(finished.outcome)],
        ['Who spoke', who && (when ? `${upper(who)}, ${when}` : upper(who))],
        ['Exit code', Number.isInteger(code) ? `${code}${finished.outcome !== 'serves' ? '' : stopped ? ', when it was stopped' : ', of the command in it'}` : null],
        ['Size', sizes && `${formatBytes(sizes.unpacked_bytes)}, ${formatBytes(sizes.compressed_bytes)} compressed`],
    ];
    return h('dl', { class: 'side-facts' }, ...rows.map(([name, value]) =>
        h('div', {}, h('dt', {}, name), h('dd', {}, value || h('span', { class: 'side-none' }, h('span', { 'aria-hidden': 'true' }, '–'), h('span', { class: 'visually-hidden' }, 'none'))))));
}

/** @param {Told} told */
export const drawTranscript = told => [
    h('p', { class: 'side-source', 'data-role': 'source' }, told.source),
    facts(told),
    h('div', { class: 'side-words' },
        ...told.texts.map(([title, text]) => h('div', { class: 'side-text' }, h('p', {}, upper(title)),
            h('pre', { tabindex: 0, role: 'region', 'aria-label': upper(title) }, text))),
        ...told.probes.map(drawProbe),
        ...told.acts.map(drawAct),
        ...told.looks.map(look => drawLook(look, told.sizes?.layers)),
        told.texts.length + told.probes.length + told.acts.length + told.looks.length ? null : h('p', { class: 'side-silent' }, 'Not a word.')),
];
