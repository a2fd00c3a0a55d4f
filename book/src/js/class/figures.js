// What the board shows of all: how many do what, how far they have come, where they fail.

import { h, svg } from '../lib/dom.js';
import { plural } from '../lib/format.js';
import { COUNTED, ENDING, ORDER, shownAs } from './doing.js';
import { names, SUBMISSION } from './names.js';

/** @import { ClassSeat, ClassReached, ClassCommon } from '../server/wire.js' */

/**
 * How many do what, and a dot for each.
 *
 * @param {ClassSeat[]} seats
 */
export function drawDots(seats) {
    const of = ORDER.map(doing => ({ doing, n: seats.filter(seat => shownAs(seat) === doing).length })).filter(({ n }) => n);
    return h('div', { class: 'class-where' },
        h('ul', { class: 'class-dots' }, ...of.map(({ doing, n }) => h('li', { 'data-doing': doing }, h('strong', {}, String(n)), ` ${COUNTED[doing]}`))),
        h('div', { class: 'class-strip', 'aria-hidden': 'true' }, ...of.flatMap(({ doing, n }) => Array.from({ length: n }, () => h('span', { 'data-doing': doing })))));
}

/**
 * @param {ClassReached[]} funnel
 * @param {number} room so many at most, the last ones
 */
export function drawFunnel(funnel, room) {
    const most = Math.max(...funnel.map(one => one.tried));
    const bar = (/** @type {ClassReached} */ one) => svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', class: 'class-bar', 'aria-hidden': 'true' },
        svg('rect', { 'data-part': 'tried', x: 0, y: 0, width: 100, height: 10 }),
        svg('rect', { 'data-part': 'passed', x: 0, y: 0, width: 100 * one.passed / most, height: 10 }),
        svg('rect', { 'data-part': 'failing', x: 100 * one.passed / most, y: 0, width: 100 * one.failing / most, height: 10 }));
    const before = funnel.length - room;
    return h('ol', { class: 'class-funnel' }, before > 0 ? h('li', { class: 'class-note' }, `${before} before these`) : null, ...funnel.slice(Math.max(0, before)).map(one => h('li', {},
        h('p', {}, h('span', {}, `${one.number} · ${one.title}`), h('span', {}, `${one.passed} passed, ${one.failing} failing`)), bar(one))));
}

/** @param {ClassCommon[]} commonest */
export const drawCommonest = commonest => h('ol', { class: 'class-common' }, ...commonest.map(one => h('li', {},
    h('strong', {}, plural(one.seats, 'seat')), ` ${one.seats === 1 ? 'fails' : 'fail'}: ${one.check}`,
    h('small', {}, names.long(one.exercise, SUBMISSION)),
    one.message ? h('code', {}, one.message) : null)));

/** @param {ClassSeat[]} seats */
export function drawResults(seats) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { called } of seats) {
        if (!called) continue;
        const word = called.state === 'over' ? ENDING[called.ending] : { open: 'not started', waits: 'waiting', runs: 'running' }[called.state];
        counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return h('p', { class: 'class-results', role: 'status' }, ...[...counts].map(([word, n]) => h('span', {}, h('strong', {}, String(n)), ` ${word}`)));
}
