// What the board shows: seats, how far all have come, where they fail.

import { h, svg } from '../lib/dom.js';
import { plural } from '../lib/format.js';

/** @import { ClassSeat, ClassReached, ClassCommon, ClassStuck } from '../server/wire.js' */
/** @typedef {(path: string, body: object, words: (answer: any) => string) => Promise<any>} Act */

const DOING = { asks: 'asks', stuck: 'stuck', runs: 'running', waits: 'waiting', reads: 'reading', away: 'away' };
const ENDING = { 'as-declared': 'as declared', 'not-as-declared': 'otherwise', stopped: 'stopped', error: 'not carried out' };

/** @param {ClassStuck} stuck */
const why = stuck => stuck.why === 'same-check'
    ? `${stuck.check}, ${stuck.times} times in a row`
    : `${stuck.check ?? stuck.object}: nothing new for ${stuck.minutes} min`;

/** @param {ClassSeat} seat */
function doing(seat) {
    const detail = seat.stuck ? why(seat.stuck)
        : seat.running ? `${seat.running.object}/${seat.running.variant}` : null;
    const said = seat.stuck?.why === 'same-check' ? seat.stuck.message : '';
    return h('td', {}, h('span', { class: 'class-doing' }, DOING[seat.doing],
        seat.hand_seconds !== null && seat.hand_seconds >= 60 ? ` for ${Math.floor(seat.hand_seconds / 60)} min` : ''),
    detail ? h('small', {}, detail) : null,
    said ? h('small', { class: 'class-mono' }, said) : null);
}

/** @param {ClassSeat} seat */
const last = seat => seat.last
    ? h('td', {}, `${seat.last.object}/${seat.last.variant}`, h('small', {}, seat.last.failing ?? ENDING[seat.last.ending]))
    : h('td', {}, '–');

/**
 * @param {ClassSeat[]} seats
 * @param {Act} act
 */
export function drawSeats(seats, act) {
    // Those who need somebody first.
    const order = ['asks', 'stuck', 'runs', 'waits', 'reads', 'away'];
    const sorted = [...seats].sort((a, b) => order.indexOf(a.doing) - order.indexOf(b.doing) || (a.seat ?? 0) - (b.seat ?? 0));
    const row = (/** @type {ClassSeat} */ seat) => h('tr', { 'data-doing': seat.doing },
        h('td', {}, String(seat.seat)), h('td', {}, seat.name), doing(seat),
        h('td', {}, seat.page ? h('a', { href: `/${seat.page.href}` }, seat.page.title) : '–'),
        last(seat), h('td', {}, String(seat.passed)), h('td', {}, tools(seat, act)));
    return h('div', { class: 'class-scroll', tabindex: '0', role: 'region', 'aria-label': 'Seats' },
        h('table', { class: 'class-table' },
            h('thead', {}, h('tr', {}, ...['Seat', 'Name', 'Now', 'Page', 'Last run', 'Passed', 'Help'].map(title => h('th', { scope: 'col' }, title)))),
            h('tbody', {}, ...sorted.map(row))));
}

/**
 * @param {ClassSeat} seat
 * @param {Act} act
 */
function tools(seat, act) {
    const path = `seats/${seat.seat}`;
    const lower = seat.hand_seconds === null ? null : h('button', {
        type: 'button', class: 'quiet', onclick: () => act(`${path}/lower`, {}, () => `The hand of ${seat.name} is down.`),
    }, 'I am there');
    const back = h('button', {
        type: 'button', class: 'quiet',
        onclick: () => act(`${path}/return`, {}, answer => `Return code for ${seat.name}: ${answer.code}. It is good once, for ten minutes.`),
    }, 'Return code');
    const remove = h('button', {
        type: 'button', class: 'danger',
        onclick: () => {
            if (confirm(`Send ${seat.name} away? Files, progress and runs of seat ${seat.seat} are removed.`)) {
                act(`${path}/remove`, {}, () => `${seat.name} has no seat any more.`);
            }
        },
    }, 'Remove');
    return h('details', {}, h('summary', { 'aria-label': `Help for ${seat.name}` }, '…'), h('div', { class: 'class-tools' }, lower, back, remove));
}

/** @param {ClassSeat[]} seats */
export const drawDots = seats => h('ul', { class: 'class-dots' }, ...seats.map(seat =>
    h('li', { 'data-doing': seat.doing }, h('span', { class: 'class-doing' }, DOING[seat.doing]))));

/** @param {ClassReached[]} funnel */
export function drawFunnel(funnel) {
    const most = Math.max(...funnel.map(one => one.tried));
    const bar = (/** @type {ClassReached} */ one) => svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', class: 'class-bar', 'aria-hidden': 'true' },
        svg('rect', { 'data-part': 'tried', x: 0, y: 0, width: 100, height: 10 }),
        svg('rect', { 'data-part': 'passed', x: 0, y: 0, width: 100 * one.passed / most, height: 10 }),
        svg('rect', { 'data-part': 'failing', x: 100 * one.passed / most, y: 0, width: 100 * one.failing / most, height: 10 }));
    return h('ol', { class: 'class-funnel' }, ...funnel.map(one => h('li', {},
        h('p', {}, h('span', {}, `${one.number}. ${one.title}`), h('span', {}, `${one.passed} passed, ${one.failing} failing`)), bar(one))));
}

/** @param {ClassCommon[]} commonest */
export const drawCommonest = commonest => h('ol', { class: 'class-common' }, ...commonest.map(one => h('li', {},
    `${one.check} (${one.exercise}): `, h('strong', {}, plural(one.seats, 'seat')),
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
