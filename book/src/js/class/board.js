// The instructor's board, and the same for a wall, without names. Asked every two seconds; drawn
// anew only where something changed, so that nothing jumps under a pointer.

import { h, find } from '../lib/dom.js';
import { announce } from '../lib/announce.js';
import { drawError } from '../lib/error.js';
import { plural } from '../lib/format.js';
// The address that the terminal printed carries the key: this keeps it on the way in.
import '../server/api.js';
import { drawCommonest, drawDots, drawFunnel, drawResults, drawSeats } from './figures.js';
import { drawDoor } from './door.js';
import { get, post } from './room.js';
import { drawTools } from './tools.js';

/** @import { ClassBoard } from '../server/wire.js' */

const PACE_MS = 2000;

const root = find(document, '#class-board');
const said = find(document, '#class-said');
const isWall = root.dataset.view === 'projector';

/** @typedef {(board: ClassBoard) => Node | null} Draw */

/**
 * A part of the board that is drawn anew where what it shows has changed.
 *
 * @param {(board: ClassBoard) => unknown} facts
 * @param {Draw} draw
 */
function part(facts, draw) {
    const host = h('div', { class: 'class-part' });
    let last = '';
    return {
        host,
        /** @param {ClassBoard} board */
        update(board) {
            const now = JSON.stringify(facts(board) ?? null);
            // Whoever is choosing or typing here is not disturbed.
            if (now === last || host.querySelector('select:focus, input:focus')) return;
            last = now;
            const drawn = draw(board);
            host.hidden = !drawn;
            host.replaceChildren(...drawn ? [drawn] : []);
        },
    };
}

/**
 * @param {string} title
 * @param {...(Node | null)} children
 */
const card = (title, ...children) => h('section', { class: 'class-card' }, h('h2', {}, title), ...children);

const head = part(board => [board.seats.length, board.queue, board.seats.map(seat => seat.doing)], board => {
    const count = (/** @type {string} */ doing) => board.seats.filter(seat => seat.doing === doing).length;
    const figure = (/** @type {number} */ n, /** @type {string} */ word) => h('span', {}, h('strong', {}, String(n)), ` ${word}`);
    return h('div', { class: 'class-head' },
        h('h1', {}, 'The class'),
        h('p', { class: 'class-figures' }, figure(board.seats.length, board.seats.length === 1 ? 'seat' : 'seats'),
            figure(count('asks'), 'asking'), figure(count('stuck'), 'stuck'),
            figure(board.queue.working, 'running'), figure(board.queue.waiting, 'waiting'), figure(count('away'), 'away')));
});

const alarms = part(board => board.alarms, board => board.alarms?.length
    ? h('section', { class: 'class-card class-alarms', role: 'alert' }, h('h2', {}, 'Look at this'),
        h('ul', {}, ...board.alarms.map(alarm => h('li', {}, alarm.text, ' ', h('span', { class: 'class-note' }, alarm.at.slice(11, 16), ' UTC')))))
    : null);

const call = part(board => [board.call, board.seats.map(seat => seat.called)], board => board.call
    ? card(`Everyone runs ${board.call.title}`, drawResults(board.seats))
    : null);

const seats = part(board => board.seats, board => isWall
    ? card('Where we are', drawDots(board.seats))
    : card('Seats', board.seats.length
        ? drawSeats(board.seats, act)
        : h('p', { class: 'class-note' }, 'Nobody has joined yet. Show the code, or the QR code, and the fingerprint.')));

const funnel = part(board => board.funnel, board => card('Exercises', board.funnel.length
    ? drawFunnel(board.funnel)
    : h('p', { class: 'class-note' }, 'Nothing was handed in yet.')));

const commonest = part(board => board.commonest, board => board.commonest.length
    ? card('Where most fail now', drawCommonest(board.commonest))
    : null);

const door = part(board => board.door, board => board.door ? card('Join', drawDoor(board.door, isWall ? null : act)) : null);
const tools = part(board => [board.labs, board.call], board => isWall || !board.labs ? null : drawTools(board.labs, board.call, act));

const side = [door, tools];
const main = [call, seats, funnel, commonest];
const parts = [head, alarms, ...main, ...side];

/**
 * Does something and shows what came of it.
 *
 * @param {string} path
 * @param {object} body
 * @param {(answer: any) => string} words
 */
async function act(path, body, words) {
    const { answer, error } = await post(path, body);
    if (error) {
        said.replaceChildren(drawError(error));
        return null;
    }
    const text = words(answer);
    said.textContent = text;
    announce(text);
    await ask();
    return answer;
}

let laidOut = false;

/** @param {ClassBoard} board */
function draw(board) {
    for (const one of parts) one.update(board);
    document.title = isWall ? 'Class · Empty Room' : `${plural(board.seats.length, 'seat')} · Board`;
    if (laidOut) return;
    laidOut = true;
    said.textContent = '';
    find(document, 'h1').remove();
    root.append(head.host, alarms.host, h('div', { class: 'class-columns' },
        h('div', { class: 'class-side' }, ...main.map(one => one.host)), h('div', { class: 'class-side' }, ...side.map(one => one.host))));
}

async function ask() {
    const { answer, error } = await get(isWall ? 'projector' : 'board');
    if (error) {
        said.replaceChildren(drawError(error));
    } else {
        if (said.querySelector('.user-error')) said.replaceChildren();
        draw(answer);
    }
}

async function keepAsking() {
    await ask();
    setTimeout(keepAsking, PACE_MS);
}

keepAsking();
