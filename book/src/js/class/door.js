// How learners get in: the code, the QR code, the fingerprint; and whether the door is open.

import { h, svg } from '../lib/dom.js';
import { createSaid } from './said.js';

/** @import { ClassDoor } from '../server/wire.js' */
/** @import { Act } from './said.js' */

/** Squares of light around the code, which cameras ask for. */
const BORDER = 4;

/** @param {string[]} rows */
function drawQr(rows) {
    const size = rows.length + 2 * BORDER;
    let path = '';
    rows.forEach((row, y) => [...row].forEach((square, x) => {
        if (square === '1') path += `M${x + BORDER} ${y + BORDER}h1v1h-1z`;
    }));
    return svg('svg', { viewBox: `0 0 ${size} ${size}`, class: 'class-qr', role: 'img', 'aria-label': 'QR code of the address to join at', 'shape-rendering': 'crispEdges' },
        svg('path', { d: path, fill: '#000' }));
}

/** In groups, as people compare them. */
const spaced = (/** @type {string} */ fingerprint) => fingerprint.split(':').map((pair, at) => at % 4 === 3 ? `${pair} ` : pair).join('');

/** @param {ClassDoor} door */
export function drawDoor(door) {
    const isOpen = door.open !== false;
    return h('div', { class: 'class-door' },
        isOpen && door.qr.length ? drawQr(door.qr) : null,
        h('div', {},
            isOpen ? h('p', { class: 'class-code' }, door.code) : h('p', {}, 'The door is closed: nobody joins any more.'),
            h('p', {}, h('span', { class: 'class-mono' }, door.page)),
            h('p', { class: 'class-note' }, 'Browsers warn once. Compare the certificate’s SHA-256 fingerprint before you go on:'),
            h('p', { class: 'class-print' }, spaced(door.fingerprint)),
            door.lan === false ? h('p', { class: 'class-note' }, 'A rehearsal: only this machine can join. ', h('code', {}, '--lan'), ' opens the class.') : null));
}

/**
 * What can be done about it.
 *
 * @param {Act} act
 */
export function createDoorTools(act) {
    const said = createSaid();
    let isOpen = true;
    const shut = h('button', {
        type: 'button', class: 'quiet',
        onclick: () => act('door', { open: !isOpen }, said, ({ open }) => open ? 'The door is open.' : 'The door is closed.'),
    });
    const renew = h('button', { type: 'button', class: 'quiet', onclick: () => act('code', {}, said, ({ code }) => `The new code is ${code}; the old one lets nobody in.`) }, 'New code');
    return {
        node: h('div', {}, h('div', { class: 'class-tools' }, shut, renew, h('a', { class: 'class-button', href: '/class/projector', target: '_blank' }, 'For the wall')), said.node),
        /** @param {ClassDoor} door */
        update({ open = true }) {
            isOpen = open;
            shut.textContent = isOpen ? 'Close the door' : 'Open the door';
        },
    };
}
