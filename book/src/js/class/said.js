// What came of a button, beside it: a sentence, or an error.

import { h } from '../lib/dom.js';
import { announce } from '../lib/announce.js';
import { drawError } from '../lib/error.js';
import { post } from './room.js';

/** @import { UserError } from '../server/wire.js' */
/** @typedef {ReturnType<typeof createSaid>} Said */
/** @typedef {(path: string, body: object, said: Said, words: (answer: any) => string) => Promise<any>} Act */

export function createSaid() {
    const node = h('div', { class: 'class-said', hidden: true });
    /** @param {...(Node | string)} what */
    function show(...what) {
        node.replaceChildren(...what);
        node.hidden = !what.length;
    }
    return {
        node, show,
        /** @param {string} text */
        tell(text) {
            show(text);
            announce(text);
        },
        /** @param {UserError} error */
        fail(error) {
            show(drawError(error));
            announce(error.what);
        },
    };
}

/**
 * Does something, says there what came of it, and looks at the board again.
 *
 * @param {() => Promise<void>} look
 * @returns {Act}
 */
export const actor = look => async (path, body, said, words) => {
    const { answer, error } = await post(path, body);
    if (error) {
        said.fail(error);
        return null;
    }
    const text = words(answer);
    if (text) said.tell(text);
    else said.show();
    await look();
    return answer;
};
