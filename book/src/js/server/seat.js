// Whether this browser sits in a class: then the playground, and what is kept, are on the
// instructor's machine.

import { storage } from '../lib/storage.js';

const SEAT = 'seat';

/**
 * Who sits at this browser, as far as it remembers.
 *
 * @returns {{ seat: number, name: string } | null}
 */
export function seatHere() {
    try {
        const { seat, name } = JSON.parse(storage.get(SEAT) ?? '');
        return typeof seat === 'number' && typeof name === 'string' ? { seat, name } : null;
    } catch {
        return null;
    }
}

/** @param {{ seat: number, name: string, key: string }} joined */
export function takeSeat({ seat, name, key }) {
    storage.set('key', key);
    storage.set(SEAT, JSON.stringify({ seat, name }));
}

/** Forgets who sat here. */
export function forgetSeat() {
    storage.remove(SEAT);
    storage.remove('key');
}

/**
 * What stands behind the page, in words of its own for a class.
 *
 * @param {string} home
 * @param {string} inClass
 */
export const worded = (home, inClass) => seatHere() ? inClass : home;
