// The solution beside one's own files: after passing, or for those who say that they give up.

import { announce } from '../lib/announce.js';
import { drawDiff } from '../lib/diff.js';
import { h } from '../lib/dom.js';
import { api, ApiError } from '../server/api.js';

/**
 * @param {string} exercise
 * @param {object} hooks
 * @param {() => Record<string, string>} hooks.mine the learner's files
 * @param {(error: ApiError) => void} hooks.onerror
 */
export function createSolution(exercise, { mine, onerror }) {
    const shown = h('div', { class: 'solution-diff', hidden: true });
    const toggle = h('button', { type: 'button', class: 'button', 'data-role': 'show-solution', 'aria-expanded': 'false', onclick: press });
    const node = h('div', { class: 'solution', 'data-role': 'solution' }, toggle, shown);
    let passed = false;

    function label() {
        const open = !shown.hidden;
        toggle.setAttribute('aria-expanded', String(open));
        toggle.textContent = open ? 'Hide the solution' : passed ? 'Compare with the solution' : 'I give up: show me the solution';
    }

    async function press() {
        if (!shown.hidden) {
            shown.hidden = true;
            return label();
        }
        try {
            const { files } = await api.solution(exercise, !passed);
            const own = mine();
            const paths = [...new Set([...Object.keys(own), ...Object.keys(files)])];
            shown.replaceChildren(drawDiff('From yours (−) to a solution (+); it is one of several', paths.map(path => ({ path, before: own[path] ?? null, after: files[path] ?? null })), 'The way to the solution'));
            shown.hidden = false;
            announce('The solution is shown below');
            label();
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            onerror(error);
        }
    }

    label();
    return {
        node,
        /** @param {boolean} now */
        setPassed(now) {
            passed = now;
            label();
        },
    };
}
