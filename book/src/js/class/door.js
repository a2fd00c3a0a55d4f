// How learners get in: the code, the QR code, the fingerprint; and whether the door is open.

import { h, svg } from '../lib/dom.js';

/** @import { ClassDoor } from '../server/wire.js' */
/** @import { Act } from './figures.js' */

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

/**
 * @param {ClassDoor} door
 * @param {Act | null} act none where nothing can be done
 */
export function drawDoor(door, act) {
    const isOpen = door.open !== false;
    return h('div', {},
        isOpen && door.qr.length ? drawQr(door.qr) : null,
        isOpen ? h('p', { class: 'class-code' }, door.code) : h('p', {}, 'The door is closed: nobody joins any more.'),
        h('p', {}, h('span', { class: 'class-mono' }, door.page)),
        h('p', { class: 'class-note' }, 'Browsers warn once. Compare the certificate’s SHA-256 fingerprint before you go on:'),
        h('p', { class: 'class-print' }, spaced(door.fingerprint)),
        door.lan === false ? h('p', { class: 'class-note' }, 'A rehearsal: only this machine can join. --lan opens the class.') : null,
        act ? h('div', { class: 'class-tools' },
            h('button', { type: 'button', class: 'quiet', onclick: () => act('door', { open: !isOpen }, ({ open }) => open ? 'The door is open.' : 'The door is closed.') },
                isOpen ? 'Close the door' : 'Open the door'),
            h('button', { type: 'button', class: 'quiet', onclick: () => act('code', {}, ({ code }) => `The new code is ${code}; the old one lets nobody in.`) }, 'New code'),
            h('a', { class: 'class-button', href: '/class/projector', target: '_blank' }, 'For the wall')) : null);
}
