// In a class, every page of the book says who sits here, lets them raise their hand, and shows what
// the instructor asks everyone to run.

import { h } from '../lib/dom.js';
import { announce } from '../lib/announce.js';
import { drawError } from '../lib/error.js';
import { api, ApiError } from '../server/api.js';
import { forgetSeat, post, seatHere } from './room.js';

/** @import { ClassCall, ClassHere } from '../server/wire.js' */

/** How often the class is asked; a hidden page asks less. */
const PACE_MS = 5000;
const HIDDEN_PACE_MS = 30_000;

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
    /** @type {string | null} */
    let shown = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;

    const word = h('span', {}, seat.name);
    const hand = h('button', { type: 'button', class: 'class-hand', 'data-role': 'raise-hand', 'aria-pressed': 'false', onclick: raise }, 'Raise hand');
    const chip = h('div', { class: 'class-seat', 'data-role': 'seat' }, word, hand);
    const call = h('aside', { class: 'class-call', 'data-role': 'class-call', 'aria-label': 'From the instructor', hidden: true });
    bar.prepend(chip);
    document.querySelector('#menu-bar')?.after(call);

    async function raise() {
        drawHand(!up);
        moved++;
        const { error } = await post('hand', { up });
        heard++;
        if (error) drawHand(!up);
        else announce(up ? 'Your hand is up.' : 'Your hand is down.');
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
            call.hidden = false;
            call.replaceChildren(drawError(error));
            return;
        }
        if (answer && !error) draw(answer, before === moved);
        timer = setTimeout(ask, document.hidden ? HIDDEN_PACE_MS : PACE_MS);
    }

    /**
     * @param {ClassHere} here
     * @param {boolean} ofHand whether it knows of the hand what is known here
     */
    function draw(here, ofHand) {
        word.textContent = `${here.name} · seat ${here.seat}`;
        if (ofHand) drawHand(here.hand);
        const key = here.call ? here.call.at : '';
        if (key === shown) return;
        shown = key;
        call.hidden = !here.call;
        if (here.call) call.replaceChildren(...drawCall(here.call));
    }

    /** @param {ClassCall} asked */
    function drawCall(asked) {
        const problem = h('div', {});
        const run = h('button', { type: 'button', class: 'class-run', 'data-role': 'class-run', onclick: begin }, 'Run it now');
        async function begin() {
            run.disabled = true;
            try {
                await api.startRun(asked.lab, asked.variant, {});
                // The lab's panel finds the run that is under way.
                if (asked.page) location.assign(`/${asked.page}`);
            } catch (error) {
                if (!(error instanceof ApiError)) throw error;
                problem.replaceChildren(drawError(error));
                run.disabled = false;
            }
        }
        announce(`The instructor asks everyone to run ${asked.title}.`);
        return [h('p', {}, 'Everyone, please run ', h('strong', {}, asked.title), ` (${asked.variant})`), run, problem];
    }

    document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
    ask();
}
