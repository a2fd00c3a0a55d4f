// Predict, then run: what a reader expects of a broken variant, held against its real run.

import { announce } from '../lib/announce.js';
import { h, icon, uniqueId } from '../lib/dom.js';
import { storage } from '../lib/storage.js';
import { isOwnEnd, momentText } from '../run/verdict.js';

/** @import { Finished } from '../server/wire.js' */

/**
 * What a reader said, and what a run answered; kept in the browser.
 *
 * @typedef {object} Kept
 * @property {string} [outcome]
 * @property {string} [reporter]
 * @property {{ outcome: string, reporter: string, moment: Finished['moment'] }} [key]
 * @property {string} [run] that answered
 * @property {string | null} [ignored] a run that the reader asked to forget along with the guess
 */
/** @typedef {'outcome' | 'reporter'} Part */
/** @typedef {{ part: Part, right: boolean | null, text: string }} Judged right: null where a part was left open */

/** @type {Record<string, [string, string]>} */
const OUTCOMES = {
    'build-fails': ['It cannot be built', 'it could not be built'],
    'cannot-start': ['It builds, but never starts', 'it was built, but never started'],
    'exits': ['It runs, and stops with an error', 'it ran, and stopped with an error'],
    'serves': ['It runs, as if all were well', 'it ran, as if all were well'],
};
/** @type {Record<string, [string, string]>} */
const REPORTERS = {
    builder: ['The builder', 'it was the builder'],
    engine: ['The engine', 'it was the engine'],
    program: ['The program', 'it was the program'],
    nobody: ['Nobody', 'it was nobody'],
};
const PARTS = { outcome: OUTCOMES, reporter: REPORTERS };
/** @type {[Part, string][]} */
const QUESTIONS = [['outcome', 'What will happen?'], ['reporter', 'Who will say so?']];

/**
 * The answer key: what the real run did. A program that ends well looks well.
 *
 * @param {Finished} finished
 * @returns {NonNullable<Kept['key']>}
 */
const keyOf = ({ outcome, reporter, exit_code: code, moment }) => ({
    outcome: outcome === 'exits' && code === 0 ? 'serves' : outcome || '',
    reporter: reporter || 'nobody',
    moment: moment || null,
});

/**
 * @param {string} key
 * @returns {Kept}
 */
function recall(key) {
    try { return JSON.parse(storage.get(key) ?? '') || {}; } catch { return {}; }
}

/**
 * A part that was left open is told, not judged.
 *
 * @param {Part} part
 * @param {string} said
 * @param {string} was
 * @returns {Judged}
 */
function judge(part, said, was) {
    const words = PARTS[part];
    const truth = words[was]?.[1] || 'the run does not tell';
    if (!words[said]) return { part, right: null, text: `You left open ${part === 'outcome' ? 'what would happen' : 'who would say so'}: ${truth}.` };
    if (!words[was]) return { part, right: null, text: `You said “${words[said][0]}”; ${truth}.` };
    const right = said === was;
    return { part, right, text: `You said “${words[said][0]}”${right ? ', and so it was' : `; ${truth}`}.` };
}

/** @type {Record<string, string>} */
const TALLY = { '2/2': 'Both right', '0/2': 'Neither was right', '1/2': 'One of two right', '1/1': 'Right', '0/1': 'Not right' };

/**
 * @param {string} name where it is kept
 * @param {string} title of the variant
 * @param {{ onchange: () => void, onforget: () => void }} hooks
 */
export function createPrediction(name, title, { onchange, onforget }) {
    const memory = `guess:${name}`;
    let kept = recall(memory);
    // Run in front of the reader's eyes, without a guess.
    let known = false;
    /** @type {string | null} */
    let lastRun = null;

    /** @param {Kept} next */
    const keep = next => {
        kept = next;
        if (Object.values(kept).some(Boolean)) storage.set(memory, JSON.stringify(kept));
        else storage.remove(memory);
    };
    const picked = () => Boolean(OUTCOMES[kept.outcome ?? ''] || REPORTERS[kept.reporter ?? '']);

    const fields = QUESTIONS.map(([part, question]) => {
        const group = uniqueId('guess');
        return h('fieldset', { class: 'guess-part', 'data-guess': part }, h('legend', {}, question),
            ...Object.entries(PARTS[part]).map(([value, [label]]) => {
                const input = h('input', { type: 'radio', name: group, value, checked: kept[part] === value, [`data-guess-${part}`]: value });
                input.addEventListener('change', () => { keep({ ...kept, [part]: value }); onchange(); });
                return h('label', { class: 'guess-option' }, input, h('span', {}, label));
            }));
    });
    const forget = h('button', { type: 'button', class: 'button button-forget', 'data-role': 'forget', onclick: drop }, 'Forget my guess');
    const head = h('p', { class: 'guess-title' });
    const hint = h('p', { class: 'guess-hint' });
    const form = h('div', { class: 'guess-form' }, ...fields);
    const result = h('div', { class: 'guess-result', 'data-role': 'guess-result' });
    const node = h('div', { class: 'guess', 'data-role': 'guess', role: 'group', 'aria-label': `Your prediction for “${title}”` },
        h('div', { class: 'guess-head' }, head, forget), form, hint, result);

    function drop() {
        keep({ ignored: lastRun ?? kept.run ?? null });
        known = false;
        for (const input of node.querySelectorAll('input')) input.checked = false;
        draw();
        announce('Your guess is forgotten');
        onforget();
    }

    const verdicts = () => QUESTIONS.map(([part]) => judge(part, kept[part] ?? '', kept.key?.[part] ?? ''));

    /** @param {Judged[]} parts */
    function tally(parts) {
        const judged = parts.filter(one => one.right !== null);
        return TALLY[`${judged.filter(one => one.right).length}/${judged.length}`];
    }

    function draw({ busy = false, edited = false } = {}) {
        const { state } = self;
        node.dataset.state = busy && state === 'open' ? 'locked' : state;
        node.hidden = state === 'none';
        for (const field of fields) field.disabled = busy;
        form.hidden = state !== 'open';
        result.hidden = state !== 'judged';
        forget.hidden = busy || !picked();
        hint.hidden = state !== 'open';
        hint.textContent = edited ? 'Only the book’s own files are judged; yours run as well.'
            : busy ? 'The run will tell.' : picked() ? 'Run it: the real run will judge.' : 'Or just run it and see.';
        head.textContent = state === 'judged' ? `Your prediction: ${tally(verdicts()).toLowerCase()}` : 'Predict, then run';
        if (state === 'judged') result.replaceChildren(...answers());
    }

    function* answers() {
        for (const { part, right, text } of verdicts()) {
            yield h('p', { class: 'guess-answer', 'data-guess-part': part, 'data-right': right === null ? 'open' : String(right) },
                icon(right === null ? 'dash' : right ? 'check' : 'cross'),
                h('span', {}, right === null ? null : h('span', { class: 'visually-hidden' }, right ? 'Right: ' : 'Not right: '), text));
        }
        const when = momentText(kept.key?.moment ?? null);
        if (when) yield h('p', { class: 'guess-when', 'data-role': 'guess-when' }, `It appeared ${when}.`);
    }

    const self = {
        node, draw,
        /**
         * open: the reader may guess; judged: a run has answered; none: it ran without a guess.
         *
         * @returns {'open' | 'judged' | 'none'}
         */
        get state() { return kept.key && picked() ? 'judged' : known ? 'none' : 'open'; },
        /**
         * A run that the reader asked to forget along with the guess.
         *
         * @param {string} run
         */
        ignores: run => Boolean(run) && kept.ignored === run,
        /**
         * Returns what a screen reader shall hear.
         *
         * @param {Finished} finished
         * @param {{ run: string, edited: boolean }} about
         */
        judge(finished, { run, edited }) {
            if (edited || !isOwnEnd(finished.ending)) return '';
            lastRun = run;
            known = true;
            if (!picked() || kept.key) return '';
            keep({ ...kept, key: keyOf(finished), run });
            onchange();
            const parts = verdicts();
            return `${tally(parts)}. ${parts.map(one => one.text).join(' ')}`;
        },
    };
    draw();
    return self;
}
