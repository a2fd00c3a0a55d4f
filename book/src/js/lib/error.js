// An error for people: what happened, the likely cause, the next thing to do.

import { h } from './dom.js';

/** @param {{ what: string, cause?: string, next?: string }} error */
export const drawError = ({ what, cause, next }) => h('div', { class: 'user-error', 'data-role': 'error' },
    h('p', { class: 'user-error-what' }, what),
    cause ? h('p', {}, cause) : null,
    next ? h('p', { class: 'user-error-next' }, h('span', {}, 'Next'), ' ', next) : null);

/** Where the server has no engine and does not say why. */
export const NO_ENGINE = { what: 'No Docker engine answers.' };
