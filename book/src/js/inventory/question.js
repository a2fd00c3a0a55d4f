// Why does it happen? A question of the inventory before the run and after it: the same form, and
// what is said to an answer. Without a playground the page's own HTML stays as it is.

import { announce } from '../lib/announce.js';
import { find, findAll, h, icon, uniqueId } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';

/** @import { Explanation, Question } from '../server/wire.js' */
/** @typedef {'before' | 'after'} When */

/**
 * Text in which backquotes mark code.
 *
 * @param {string} text
 * @returns {(string | Node)[]}
 */
const coded = text => text.split('`').map((part, at) => at % 2 ? h('code', {}, part) : part);

/**
 * @param {Question} question
 * @param {(answer: string) => void} onanswer
 */
function createForm(question, onanswer) {
    const group = uniqueId('question');
    const button = h('button', { type: 'submit', class: 'button button-run', 'data-role': 'question-answer' }, 'Answer');
    const inputs = question.options
        ? question.options.map(({ id, text }) => {
            const input = h('input', { type: 'radio', name: group, value: id, required: true });
            return { input, row: h('label', { class: 'guess-option question-option' }, input, h('span', {}, ...coded(text))) };
        })
        : [h('input', { type: 'text', class: 'question-words', name: group, required: true, maxlength: 400, autocomplete: 'off', 'aria-label': 'Your answer, in a few words' })]
            .map(input => ({ input, row: input }));
    const fields = h('fieldset', { class: 'guess-part question-fields' },
        h('legend', {}, question.options ? 'Your answer' : 'Your answer, in a few words'), ...inputs.map(({ row }) => row));
    const form = h('form', { class: 'question-form', 'data-role': 'question-form' }, fields, h('div', { class: 'lab-bar' }, button));
    // Turning pages with the arrow keys and searching on S are not for answers.
    form.addEventListener('keydown', event => event.stopPropagation());
    form.addEventListener('submit', event => {
        event.preventDefault();
        if (fields.disabled) return;
        const answer = inputs.map(({ input }) => input).find(input => input.type === 'text' || input.checked)?.value.trim();
        if (answer) onanswer(answer);
    });
    // The button keeps the focus: a keyboard goes on from where it was.
    const lock = (/** @type {boolean} */ busy) => { fields.disabled = busy; button.setAttribute('aria-disabled', String(busy)); };
    return { form, lock };
}

/** @param {Explanation} explanation */
function verdict({ right, says, answer, why, run }) {
    return h('div', { class: 'question-verdict', 'data-right': String(right), 'data-role': 'question-verdict' },
        h('p', { class: 'guess-answer', 'data-right': String(right) }, icon(right ? 'check' : 'cross'),
            h('span', {}, h('strong', {}, right ? 'Right. ' : 'Not so. '), ...coded(right ? answer : says ?? 'These words are not known here: compare them with the answer.'))),
        right ? null : h('p', {}, h('strong', {}, 'The answer: '), ...coded(answer)),
        h('p', {}, h('strong', {}, 'Why: '), ...coded(why)),
        h('p', {}, 'See it above, or in a terminal: ', h('code', {}, `playground run ${run}`)));
}

/**
 * @param {HTMLElement} host
 * @param {Question} question
 */
function enliven(host, question) {
    const when = /** @type {When} */ (host.dataset.when);
    const result = h('div', { class: 'question-result', role: 'status', 'data-role': 'question-result' });
    const answered = when === 'before' ? question.before : question.after;
    const again = h('p', { class: 'question-still' }, when === 'before'
        ? 'You have answered this one. The page asks again after the run.'
        : 'You have answered this one before; the first answer is the one that counts.');
    const { form, lock } = createForm(question, async answer => {
        lock(true);
        try {
            const { explanation } = await api.answer(question.id, answer, when);
            again.remove();
            if (explanation) {
                result.replaceChildren(verdict(explanation));
                // What the verdict has said is not said again below it.
                find(host, '.question-answer > summary').textContent = 'What others believe, and why it is not so';
                host.dataset.state = 'judged';
            } else {
                result.replaceChildren(h('p', {}, 'Kept. Now read, run it, and answer again at the end of the page.'));
                host.dataset.state = 'locked';
            }
        } catch (failure) {
            if (!(failure instanceof ApiError)) throw failure;
            result.replaceChildren(drawError(failure));
            announce(failure.what);
            lock(false);
        }
    });
    host.dataset.state = 'open';
    for (const still of findAll(host, '.question-options, .question-still')) still.hidden = true;
    find(host, '.question-stem').after(...findAll(host, '.question-message'), ...(answered ? [again] : []), form, result);
}

export function start() {
    const hosts = findAll(document, '[data-question]');
    let alive = false;
    async function show() {
        if (alive || !server.answers) return;
        alive = true;
        try {
            const questions = await api.inventory();
            for (const host of hosts) {
                const question = questions.find(({ id }) => id === host.dataset.question);
                if (question) enliven(host, question);
            }
        } catch (failure) {
            if (!(failure instanceof ApiError)) throw failure;
            // The questions stay as the book has them.
            alive = false;
        }
    }
    server.subscribe(show);
    show();
}
