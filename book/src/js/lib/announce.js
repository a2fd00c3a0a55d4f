// Says something to screen readers once, without moving the focus.

import { h } from './dom.js';

/** @type {HTMLElement | null} */
let live = null;

/** @param {string} text */
export function announce(text) {
    if (!live) {
        live = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite', 'data-role': 'announcer' });
        document.body.append(live);
    }
    // A new node is announced even where its text is the old one.
    live.replaceChildren(h('p', {}, text));
}
