// The instructor's board, and the same for a wall, without names. Asked every two seconds; drawn
// anew only where something changed, so that nothing jumps under a pointer.

import { h, find } from '../lib/dom.js';
import { plural } from '../lib/format.js';
import { storage } from '../lib/storage.js';
// The address that the terminal printed carries the key: this keeps it on the way in.
import '../server/api.js';
import { shownAs } from './doing.js';
import { createDoorTools, drawDoor } from './door.js';
import { drawCommonest, drawDots, drawFunnel, drawResults } from './figures.js';
import { names } from './names.js';
import { get } from './room.js';
import { actor, createSaid } from './said.js';
import { createSeats } from './seats.js';
import { createCall, createEnd, createExports } from './tools.js';

/** @import { ClassBoard, UserError } from '../server/wire.js' */

const PACE_MS = 2000;
/** After so long without an answer, no names are shown any more: the class may be over. */
const FORGET_MS = 60_000;
/** Exercises that a wall has room for. */
const WALL_ROWS = 5;
/** Where the board tells the wall, in the same browser, that it ended the class. */
const OVER = 'class-over';

const root = find(document, '#class-board');
const isWall = root.dataset.view === 'projector';
const said = createSaid();
find(document, '#class-said').append(said.node);
said.show('Looking for the class…');
const act = actor(ask);

/**
 * A part without controls, that is drawn anew where what it shows has changed.
 *
 * @param {(board: ClassBoard) => unknown} facts
 * @param {(board: ClassBoard) => Node | null} draw
 */
function part(facts, draw) {
    const host = h('div', { class: 'class-part' });
    let last = '';
    return {
        node: host,
        /** @param {ClassBoard} board */
        update(board) {
            const now = JSON.stringify([facts(board) ?? null, names.known]);
            if (now === last) return;
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

/** @param {string} at */
const clock = at => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** @param {ClassBoard} board */
const doings = board => board.seats.map(shownAs);

const head = part(board => [board.queue, doings(board)], board => {
    const count = (/** @type {string} */ doing) => doings(board).filter(one => one === doing).length;
    const figure = (/** @type {number} */ n, /** @type {string} */ word) => h('span', {}, h('strong', {}, String(n)), ` ${word}`);
    const seats = figure(board.seats.length, board.seats.length === 1 ? 'seat' : 'seats');
    // On a wall, the dots tell the rest.
    return h('div', { class: 'class-head' }, h('h1', {}, 'The class'), h('p', { class: 'class-figures' }, seats,
        ...isWall ? [] : [figure(count('asks'), 'asking'), figure(count('stuck'), 'stuck'),
            figure(board.queue.working, 'running'), figure(board.queue.waiting, 'waiting'), figure(count('away'), 'away')]));
});

const alarms = part(board => board.alarms, board => board.alarms?.length
    ? h('section', { class: 'class-card class-alarms', role: 'alert' }, h('h2', {}, 'Look at this'),
        h('ul', {}, ...board.alarms.map(alarm => h('li', {}, alarm.text, ' ', h('span', { class: 'class-note' }, clock(alarm.at))))))
    : null);

const called = part(board => [board.call, board.seats.map(seat => seat.called)], board => board.call
    ? card(`Everyone: ${names.long(board.call.lab, board.call.variant, board.call.title)}`, drawResults(board.seats))
    : null);

const dots = part(doings, board => card('Where we are', drawDots(board.seats)));

const funnel = part(board => board.funnel, board => card('Exercises', board.funnel.length
    ? drawFunnel(board.funnel, isWall ? WALL_ROWS : Infinity)
    : h('p', { class: 'class-note' }, 'Nothing was handed in yet.')));

const commonest = part(board => board.commonest, board => board.commonest.length
    ? card('Where most fail now', drawCommonest(board.commonest))
    : null);

const door = part(board => board.door, board => board.door ? drawDoor(board.door) : null);

/** @param {...Node} nodes */
const column = (...nodes) => h('div', { class: 'class-side' }, ...nodes);

/** What only the instructor sees and does. */
function forInstructor() {
    const seats = createSeats(act);
    const doorTools = createDoorTools(act);
    const call = createCall(act);
    return {
        columns: [column(call.node, commonest.node, funnel.node), column(called.node, seats.node),
            column(card('Join', door.node, doorTools.node), createExports(), createEnd(over))],
        /** @param {ClassBoard} board */
        update(board) {
            seats.update(board.seats);
            if (board.door) doorTools.update(board.door);
            call.update(board.labs ?? [], board.call);
        },
    };
}

/** What all see. */
function forAll() {
    const join = card('Join', door.node);
    return {
        columns: [column(called.node, dots.node, h('div', { class: 'class-pair' }, commonest.node, funnel.node)), column(join)],
        /** @param {ClassBoard} board */
        update(board) { join.hidden = !board.door; },
    };
}

const view = (isWall ? forAll : forInstructor)();
const body = h('div', { class: 'class-body', hidden: true }, head.node, alarms.node, h('div', { class: 'class-columns' }, ...view.columns));
root.append(body);

let isOver = false;
/** What is wrong, as it was said. */
let trouble = '';
let answered = Date.now();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {ClassBoard} board */
function draw(board) {
    for (const one of [head, alarms, called, dots, funnel, commonest, door]) one.update(board);
    view.update(board);
    document.title = isWall ? 'Class · Empty Room' : `${plural(board.seats.length, 'seat')} · Board`;
    root.querySelector('h1.visually-hidden')?.remove();
    body.hidden = false;
    trouble = '';
    said.show();
}

/** Nothing of it is shown any more, and nothing is asked. */
function over() {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    storage.set(OVER, String(Date.now()));
    storage.remove('key');
    body.remove();
    document.title = 'The class is over · Empty Room';
    said.show(h('h1', {}, 'The class is over; everything is removed.'),
        h('p', {}, isWall ? 'Thank you for coming.' : 'Seats, names, files and progress are gone from this machine, and the server has stopped.'));
}

/**
 * Why this board shows nothing.
 *
 * @param {number} status
 * @param {UserError} error
 * @returns {UserError}
 */
function refusal(status, error) {
    if (status !== 401) return { ...error };
    return {
        what: storage.get('key') ? 'This board’s key is from before a restart of the server.' : 'This board has no key.',
        cause: 'Each start of the server makes a new key; seats and progress are kept.',
        next: 'Open the board at the address that the terminal prints now.',
    };
}

async function ask() {
    if (isOver) return;
    const { answer, error, status } = await get(isWall ? 'projector' : 'board');
    if (isOver) return;
    if (!error) {
        answered = Date.now();
        storage.remove(OVER);
        draw(answer);
        names.load();
        return;
    }
    if (!status && storage.get(OVER)) return over();
    // Whoever may not see the board any more sees no names, nor does a wall keep an old picture.
    if (status === 401 || status === 403 || Date.now() - answered > FORGET_MS) body.hidden = true;
    const wanted = refusal(status, error);
    if (!body.hidden) wanted.cause = `${wanted.cause} What stands below is from ${clock(new Date(answered).toISOString())}.`;
    const text = JSON.stringify(wanted);
    if (text === trouble) return;
    trouble = text;
    said.fail(wanted);
}

async function keepAsking() {
    await ask();
    if (!isOver) timer = setTimeout(keepAsking, PACE_MS);
}

// Another tab ended the class, or was opened with a newer key.
window.addEventListener('storage', event => {
    if (event.key === `empty-room:${OVER}` && event.newValue) over();
    else if (event.key === 'empty-room:key' && event.newValue) ask();
});
keepAsking();
