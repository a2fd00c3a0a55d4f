// What is said to a check that failed: the likely cause at once, help in steps on request.

import { announce } from '../lib/announce.js';
import { h } from '../lib/dom.js';
import { pageLink } from '../lib/links.js';
import { api, ApiError } from '../server/api.js';
import { isStuck } from './stuck.js';

/** @import { Advice, PageLink, Standing } from '../server/wire.js' */

/**
 * @param {string} exercise
 * @param {(error: ApiError) => void} onerror
 */
export function createAdvice(exercise, onerror) {
    const cause = h('p', { class: 'advice-cause' });
    const page = h('p', { class: 'advice-page' });
    const hints = h('ol', { class: 'advice-hints', 'data-role': 'hints', hidden: true });
    const offer = h('p', { class: 'advice-offer' });
    const more = h('button', { type: 'button', class: 'button button-hint', 'data-role': 'ask-hint', onclick: ask });
    const node = h('div', { class: 'advice', 'data-role': 'advice', hidden: true },
        h('p', { class: 'advice-title' }, 'The likely cause'), cause, page, hints, h('div', { class: 'advice-bar' }, more, offer));
    /** @type {PageLink | null} the museum's page where the message was said that one saw */
    let museum = null;

    /** @param {Advice} advice */
    function draw({ cause: text, page: link, told, levels }) {
        cause.textContent = text;
        const links = [link, museum].filter(one => one !== null).filter((one, i, all) => all.findIndex(({ href }) => href === one.href) === i);
        page.replaceChildren(...links.flatMap(({ href, title }, i) => [i ? ', ' : 'Read on: ', h('a', { href: pageLink(href) }, title)]));
        hints.hidden = !told.length;
        hints.replaceChildren(...told.map(hint => h('li', { 'data-role': 'hint', tabindex: -1 }, hint)));
        const left = levels - told.length;
        more.hidden = !left;
        more.textContent = told.length ? `Another hint (${left} left)` : 'Give me a hint';
    }

    async function ask() {
        try {
            const advice = await api.hint(exercise);
            draw(advice);
            offer.textContent = '';
            announce(`Hint: ${advice.told.at(-1)}`);
            // The button may be gone: whoever pressed it goes on where the hint is.
            const last = hints.lastElementChild;
            if (more.hidden && last instanceof HTMLElement) last.focus();
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            onerror(error);
        }
    }

    return {
        node,
        /**
         * @param {Advice | null} advice
         * @param {Standing | null} standing
         * @param {PageLink | null} known
         */
        show(advice, standing, known) {
            museum = known;
            node.hidden = !advice;
            if (!advice) return;
            draw(advice);
            const stuck = standing && isStuck(standing) && !advice.told.length;
            offer.textContent = stuck ? `This is the ${ordinal(standing.failing_for)} time at the same check. A hint costs nothing.` : '';
        },
    };
}

/** @param {number} n */
function ordinal(n) {
    const tens = n % 100;
    const end = tens > 10 && tens < 14 ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th';
    return `${n}${end}`;
}
