// What a seat is doing, in words.

import { names } from './names.js';

/** @import { ClassSeat, ClassStuck } from '../server/wire.js' */
/** @typedef {ClassSeat['doing']} Doing */

export const DOING = { asks: 'asks', stuck: 'stuck', runs: 'running', waits: 'waiting', reads: 'reading', away: 'away' };
/** How many do it. */
export const COUNTED = { ...DOING, asks: 'asking' };
export const ENDING = { 'as-declared': 'as declared', 'not-as-declared': 'not as declared', stopped: 'stopped', error: 'not carried out' };

/** Those who need somebody first. */
export const ORDER = /** @type {Doing[]} */ (['asks', 'stuck', 'runs', 'waits', 'reads', 'away']);

/**
 * Whoever fails again and again is stuck, also while the next try runs.
 *
 * @param {ClassSeat} seat
 * @returns {Doing}
 */
export const shownAs = seat => seat.stuck && (seat.doing === 'runs' || seat.doing === 'waits' || seat.doing === 'reads') ? 'stuck' : seat.doing;

/** @param {ClassStuck} stuck */
function why(stuck) {
    if (stuck.why === 'same-check') return `failed ${stuck.times} times in a row: ${stuck.check}`;
    const where = stuck.check ? `fails: ${stuck.check}` : names.short(stuck.object);
    return `${where}; nothing new for ${stuck.minutes} min`;
}

/**
 * What is beside the word.
 *
 * @param {ClassSeat} seat
 */
export function details(seat) {
    const { stuck, running } = seat;
    const what = running ? names.short(running.object) : '';
    const now = what && shownAs(seat) !== seat.doing ? `${DOING[seat.doing]}: ${what}` : what;
    return { text: [stuck ? why(stuck) : '', now].filter(Boolean).join(' · '), said: stuck?.why === 'same-check' ? stuck.message : '' };
}

/**
 * For how long a hand is up, in minutes: seconds would change what is shown at every look.
 *
 * @param {ClassSeat} seat
 */
export const since = ({ doing, hand_seconds: seconds }) => doing === 'asks' && seconds !== null && seconds >= 60 ? ` for ${Math.floor(seconds / 60)} min` : '';
