// In a class, every page of the book says who sits here, lets them raise their hand, and shows what
// the instructor asks everyone to run.

import { find, h } from '../lib/dom.js';
import { announce } from '../lib/announce.js';
import { drawError } from '../lib/error.js';
import { forgetSeat, seatHere } from '../server/seat.js';
import { server } from '../server/server.js';
import { createAsked } from './asked.js';
import { post } from './room.js';

/** @import { ClassHere, UserError } from '../server/wire.js' */

/** How often the class is asked; a hidden page asks less. */
const PACE_MS = 5000;
const HIDDEN_PACE_MS = 30_000;
/** Whoever raises a hand is not kept waiting. */
const HAND_MS = 6000;

/** This page from the book's top. */
const PAGE = location.pathname.replace(/^\//, '').replace(/(^|\/)$/, '$1index.html');

export function start() {
    const seat = seatHere();
    const bar = document.querySelector('#menu-bar .right-buttons');
    if (!seat || !bar) return;

    let up = false;
    /** How often the hand was moved here, and is known to the class: an answer from before says nothing of it. */
    let moved = 0;
    let heard = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;

    const word = h('span', {}, seat.name);
    const hand = h('button', { type: 'button', class: 'class-hand', 'data-role': 'raise-hand', 'aria-pressed': 'false', onclick: raise }, 'Raise hand');
    const chip = h('div', { class: 'class-seat', 'data-role': 'seat' }, word, hand);
    const problem = h('div', { class: 'class-problem', hidden: true });
    const asked = createAsked(PAGE);
    bar.prepend(chip);
    // The book is written for a machine of one's own.
    if (PAGE === 'index.html') document.querySelector('main h1')?.after(h('p', { class: 'class-place' }, 'In this class, all is built and run on the instructor’s machine, and your work is kept there until the class ends.'));
    document.querySelector('#menu-bar')?.after(h('div', { class: 'class-top' }, problem, asked.node));

    /** @param {UserError | null} error */
    function tell(error) {
        problem.hidden = !error;
        problem.replaceChildren(...error ? [drawError(error)] : []);
        if (error) announce(error.what);
    }

    async function raise() {
        const wanted = !up;
        drawHand(wanted);
        moved++;
        const { error } = await post('hand', { up: wanted }, HAND_MS);
        heard++;
        if (!error) {
            tell(null);
            announce(up ? 'Your hand is up.' : 'Your hand is down.');
            return;
        }
        drawHand(!wanted);
        tell({ ...error, what: `Your hand is ${wanted ? 'not up' : 'still up'}. ${error.what}` });
        server.check();
    }

    /** @param {boolean} now */
    function drawHand(now) {
        up = now;
        hand.setAttribute('aria-pressed', String(up));
        hand.textContent = up ? 'Lower hand' : 'Raise hand';
    }

    async function ask() {
        clearTimeout(timer);
        const before = moved === heard ? moved : -1;
        const { answer, error, status } = await post('here', { page: PAGE });
        if (status === 401 && error) {
            // Sent away, or another browser has the seat now.
            forgetSeat();
            chip.replaceChildren(h('a', { href: '/class/join' }, 'Join again'));
            asked.draw(null);
            tell({ ...error, next: '' });
            find(problem, '[data-role=error]').append(h('p', {}, h('a', { href: '/class/join' }, 'Join the class again')));
            return;
        }
        if (answer && !error) draw(answer, before === moved);
        // The chip would find out within a minute.
        else if (server.answers) server.check();
        timer = setTimeout(ask, document.hidden ? HIDDEN_PACE_MS : PACE_MS);
    }

    /**
     * @param {ClassHere} here
     * @param {boolean} ofHand whether it knows of the hand what is known here
     */
    function draw(here, ofHand) {
        word.textContent = `${here.name} · seat ${here.seat}`;
        if (ofHand) drawHand(here.hand);
        if (!server.answers) server.check();
        // The class answers again.
        if (moved === heard) tell(null);
        asked.draw(here.call);
    }

    document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
    ask();
}
