// What came of a run: the verdict with its evidence.

import { h, icon } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { sanitize } from '../lib/sanitize.js';

/** @import { CheckResult, Ending, Finished, Moment, Outcome, Reporter, Role } from '../server/wire.js' */

/** @type {Record<Outcome, string>} */
const OUTCOMES = {
    'serves': 'It starts and answers.',
    'exits': 'It ran and ended.',
    'cannot-start': 'The program never started.',
    'build-fails': 'It did not build.',
};
/** @type {Record<Reporter, string>} */
const REPORTERS = { builder: 'the builder', engine: 'the engine', program: 'the program', nobody: 'nobody' };
/** @type {Record<Moment, string>} */
const MOMENTS = {
    build: 'when the image was built',
    create: 'when the container was created',
    start: 'when the container was started',
    wait: 'after the container had started, in its log',
    answer: 'in what it answered',
    exec: 'when a command was to run in the container',
    health: 'in the health check',
    stop: 'when the container was to stop',
};

/**
 * Whether a run came to its own end: nobody stopped it, and nothing of ours failed.
 *
 * @param {Ending} [ending]
 */
export const isOwnEnd = ending => ending === 'as-declared' || ending === 'not-as-declared';

/** @param {Outcome | null} outcome */
export const outcomeText = outcome => outcome && OUTCOMES[outcome] || null;
/** @param {Reporter | null} reporter */
export const reporterText = reporter => reporter && REPORTERS[reporter] || null;
/** @param {Moment | null} moment */
export const momentText = moment => moment && MOMENTS[moment] || null;

/**
 * @param {Reporter} reporter
 * @param {Finished} finished
 * @param {Role} role
 */
function attribution(reporter, { exit_code: code, moment }, role) {
    const when = momentText(moment);
    // Where nothing is wrong, nothing is to be reported.
    if (reporter === 'nobody') return role === 'broken' ? 'Reported by nobody.' : 'Nobody reported anything.';
    if (reporter === 'program' && code === 0) return 'The program itself says so:';
    return `Reported by ${REPORTERS[reporter]}${when ? `, ${when}` : ''}:`;
}

/**
 * What the headline says, and in which tone.
 *
 * @param {Finished} finished
 * @param {{ role: Role, edited: boolean }} about
 * @returns {['good' | 'bad' | 'note' | 'calm', string]}
 */
function headline({ ending, outcome }, { role, edited }) {
    if (ending === 'error') return ['bad', 'The playground could not carry this out'];
    if (ending === 'stopped') return ['calm', 'Stopped'];
    if (role === 'submission') return ending === 'as-declared' ? ['good', 'Passed'] : ['note', 'Not yet'];
    if (ending === 'as-declared') {
        if (role === 'broken') return ['good', 'Broken, exactly as the book says'];
        // Declared for where there is no network: nothing is wrong with it.
        if (role === 'fixed' && outcome === 'build-fails') return ['calm', 'Not to be seen here'];
        return ['good', role === 'fixed' ? 'Fixed: it does what the book says' : 'It does what the book says'];
    }
    if (edited && role === 'broken' && outcome === 'serves') return ['note', 'Your edit repaired it'];
    if (edited) return ['note', 'Your edit changed what happens'];
    return ['bad', 'Not what the book says'];
}

/** @param {CheckResult} check */
function check({ id, title, expected, seen, passed, unreached = false }) {
    const word = unreached ? 'Not reached: ' : passed ? 'Holds: ' : 'Does not hold: ';
    return h('li', { class: 'check', 'data-role': 'check', 'data-check': id, 'data-passed': unreached ? 'unreached' : String(passed) },
        icon(unreached ? 'dash' : passed ? 'check' : 'cross'),
        h('div', {},
            h('p', { class: 'check-title' }, h('span', { class: 'visually-hidden' }, word), title),
            h('dl', {},
                h('div', {}, h('dt', {}, 'expected'), h('dd', {}, sanitize(expected))),
                h('div', {}, h('dt', {}, 'seen'), h('dd', {}, sanitize(seen))))));
}

/** @param {CheckResult[]} checks */
function tally(checks) {
    const [all, unreached] = [checks.length, checks.filter(one => one.unreached).length];
    const failed = checks.filter(one => !one.passed).length - unreached;
    const rest = unreached ? `, ${unreached} not reached yet` : '';
    if (all === 1) return failed ? 'The check failed' : 'The check holds';
    return failed || unreached ? `${failed} of ${all} checks failed${rest}` : `All ${all} checks hold`;
}

/**
 * @param {Finished} finished the run's last event
 * @param {{ role: Role, edited: boolean }} about
 */
export function drawVerdict(finished, about) {
    const [tone, title] = headline(finished, about);
    const checks = finished.checks.length ? h('details', { class: 'checks', open: true },
        h('summary', {}, tally(finished.checks)),
        h('ul', {}, ...finished.checks.map(check))) : null;
    return {
        title,
        node: h('div', { class: 'verdict', 'data-role': 'verdict', 'data-ending': finished.ending, 'data-tone': tone },
            h('p', { class: 'verdict-title', tabindex: -1 },
                icon(tone === 'bad' ? 'cross' : tone === 'good' ? 'check' : 'dash'), title),
            h('p', { class: 'verdict-saw' },
                [outcomeText(finished.outcome), Number.isInteger(finished.exit_code) ? `${finished.outcome === 'serves' ? 'The command in it ended with exit code' : 'Exit code'} ${finished.exit_code}.` : null]
                    .filter(Boolean).join(' ')),
            finished.reporter && !(about.role === 'submission' && finished.reporter === 'nobody') ? h('p', { class: 'verdict-who', 'data-role': 'reporter', 'data-reporter': finished.reporter }, attribution(finished.reporter, finished, about.role)) : null,
            finished.message ? h('pre', { class: 'verdict-message', 'data-role': 'message', tabindex: 0, role: 'region', 'aria-label': 'The message' }, sanitize(finished.message)) : null,
            finished.note ? h('p', { class: 'verdict-note', 'data-role': 'differs' }, h('strong', {}, 'On this engine: '), sanitize(finished.note)) : null,
            finished.error ? drawError(finished.error) : null,
            checks),
    };
}
