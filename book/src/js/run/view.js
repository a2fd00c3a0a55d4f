// One run on the page: turns its entries into steps, output, sizes and a verdict.

import { h, icon } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { formatDuration } from '../lib/format.js';
import { createLog } from '../lib/log.js';
import { sanitize } from '../lib/sanitize.js';
import { drawAct } from './actions.js';
import { drawLook } from './checks.js';
import { drawProbe } from './probes.js';
import { drawSizes, drawXrayLink } from './sizes.js';
import { createSteps } from './steps.js';
import { drawVerdict } from './verdict.js';

/** @import { ActionResult, Entry, Finished, Observation, Phase, Probed, Role, Sizes } from '../server/wire.js' */
/** @import { Claim } from '../lib/format.js' */

/**
 * What a run said so far.
 *
 * @typedef {object} RunRecord
 * @property {boolean} edited whether the reader changed its files
 * @property {Sizes | null} sizes
 * @property {string} output the end of what the container wrote
 * @property {Probed[]} probes
 * @property {ActionResult[]} acts
 * @property {Observation[]} looks
 * @property {Finished | null} finished
 */

/** @type {Record<Phase, string>} */
const DOING = { prepare: 'Preparing', build: 'Building', measure: 'Measuring', run: 'Running', probe: 'Asking it questions', act: 'Trying things in it' };

/**
 * @param {string} role
 * @param {string} title
 * @param {...HTMLElement} children
 */
function box(role, title, ...children) {
    return h('details', { class: `run-box run-${role}`, 'data-role': role, open: true, hidden: true }, h('summary', {}, title), ...children);
}

// What a comparison needs of the container's output.
const KEPT = 8000;

/**
 * @param {{ run: string, name: string, role: Role, claim: Claim | null, say: (text: string) => void }} about say: to screen readers
 * @param {object} hooks
 * @param {() => number} hooks.now milliseconds since the run was accepted
 * @param {(text: string) => void} hooks.onstatus
 * @param {(file: string, line: number, message: string) => void} hooks.onmark
 * @param {(finished: Finished, edited: boolean) => string | undefined} hooks.judge what to say of the reader's prediction
 * @param {(finished: Finished) => void} hooks.onfinish
 */
export function createRunView(about, { now, onstatus, onmark, judge, onfinish }) {
    const verdict = h('div', { class: 'run-verdict' });
    const sizes = h('div', { class: 'run-sizes' });
    const notices = h('ul', { class: 'run-notices', 'data-role': 'notices', hidden: true });
    const log = createLog('What the container wrote');
    const output = box('output', 'What the container wrote', log.node);
    const answers = h('div', {});
    const probes = box('probes', 'What it answers', answers);
    const looked = h('div', { class: 'looks' });
    const looks = box('looks', 'What one can see', looked);
    const acted = h('div', { class: 'acts' });
    const acts = box('acts', 'What was tried in it', acted);
    const steps = createSteps(now);
    const node = h('div', { class: 'run', 'data-role': 'run-view' }, verdict, looks, acts, sizes, notices, probes, output, steps.node);
    /** @type {RunRecord} */
    const record = { edited: false, sizes: null, output: '', probes: [], acts: [], looks: [], finished: null };
    /** @type {Phase | null} */
    let phase = null;

    /** @param {Phase} next */
    function doing(next) {
        onstatus(DOING[next] || 'Running');
        if (next !== phase) about.say(`${about.name}: ${DOING[next] || next}`);
        phase = next;
    }

    /** @param {Finished} finished */
    function finish(finished) {
        const result = drawVerdict(finished, { role: about.role, edited: record.edited });
        record.finished = finished;
        verdict.replaceChildren(result.node);
        steps.end(finished.ms, finished.ending === 'error' || finished.outcome === 'build-fails');
        about.say([`${about.name}: ${result.title}.`, judge(finished, record.edited)].filter(Boolean).join(' '));
        onstatus(finished.ending === 'stopped' ? `Stopped after ${formatDuration(finished.ms)}` : `Done in ${formatDuration(finished.ms)}`);
        onfinish(finished);
    }

    /** @type {{ [Name in Entry['event']]: (entry: Extract<Entry, { event: Name }>) => void }} */
    const handlers = {
        'run-started': entry => { record.edited = entry.edited.length > 0; },
        'step-started': entry => {
            steps.start(entry.step, entry.phase, entry.title, entry.at_ms);
            doing(entry.phase);
        },
        'step-progress': entry => steps.progress(entry.step, entry.what, entry.current, entry.total),
        'step-log': entry => steps.log(entry.step, entry.stream, entry.text),
        'step-finished': entry => {
            steps.finish(entry.step, entry.status, entry.ms, entry.error);
            if (entry.error?.line) onmark(entry.error.file || 'Dockerfile', entry.error.line, sanitize(entry.error.message));
        },
        'notice': entry => {
            notices.hidden = false;
            notices.append(h('li', { 'data-role': 'notice' }, sanitize(entry.text)));
        },
        'sizes': entry => {
            record.sizes = entry;
            sizes.replaceChildren(drawSizes(entry, about.claim), drawXrayLink({ run: about.run }));
        },
        'output': entry => {
            output.hidden = false;
            log.append(entry.stream, entry.text);
            record.output = (record.output + entry.text).slice(-KEPT);
        },
        'probed': entry => {
            probes.hidden = false;
            answers.append(drawProbe(entry));
            record.probes.push(entry);
        },
        // An adoption's, and the builder's own remarks: a lab's page says what there is to say.
        'round': () => {},
        'repaired': () => {},
        'remark': () => {},
        // The ledger's: a panel does not show it.
        'memory': () => {},
        'acted': entry => {
            acts.hidden = false;
            acted.append(drawAct(entry));
            record.acts.push(entry);
        },
        'looked': entry => {
            const seen = drawLook(entry, record.sizes?.layers);
            if (!seen) return;
            looks.hidden = false;
            looked.append(seen);
            record.looks.push(entry);
        },
        'finished': finish,
    };

    return {
        node, record,
        // A later server may know events that this page does not.
        entry: (/** @type {Entry} */ entry) => (/** @type {Record<string, ((entry: any) => void) | undefined>} */ (handlers))[entry.event]?.(entry),
        /**
         * The run is lost: what was seen stays, nothing ticks on.
         *
         * @param {import('../server/api.js').ApiError} error
         */
        abandon(error) {
            steps.end(null, true);
            verdict.replaceChildren(h('div', { class: 'verdict', 'data-role': 'verdict', 'data-ending': 'lost', 'data-tone': 'note' },
                h('p', { class: 'verdict-title' }, icon('dash'), 'The end of this run is not known'),
                h('p', { class: 'verdict-saw' }, 'The playground was started anew and knows nothing of it any more. Run it again.'),
                error.status === 404 ? null : drawError(error)));
            about.say(`${about.name}: the playground was started anew; the run is lost.`);
        },
    };
}
