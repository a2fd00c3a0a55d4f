// What stands behind the page, as a chip in the menu bar.

import { h } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { seatHere } from './seat.js';
import { server } from './server.js';

const WORDS = {
    checking: 'Looking for the playground', static: 'Reading only', lost: 'Playground not answering',
    key: 'Key missing', none: 'No engine', preparing: 'Preparing', ready: 'Engine ready',
};
const IN_CLASS = { ...WORDS, checking: 'Looking for the class', lost: 'Class not answering', key: 'No seat' };

function* describe() {
    const { status, error } = server;
    if (error) yield drawError(error);
    if (!status || !server.answers) return;
    const { engine, bases, prepare } = status;
    if (engine.state === 'ready') {
        yield h('p', { class: 'chip-engine' }, `${engine.name} ${engine.version}`,
            h('small', {}, `${engine.os}/${engine.arch}${engine.private ? ', a private engine of the playground' : ''}`));
    }
    if (prepare?.active) yield drawPreparing(prepare);
    if (bases?.length) {
        yield h('ul', { class: 'chip-bases' }, ...bases.map(base => h('li', { 'data-state': base.state },
            h('code', {}, base.name), h('span', {}, base.state === 'missing' ? 'not here yet' : base.state))));
    }
}

/** Puts the chip into mdBook's menu bar, from the server's first answer on. */
export function showServer() {
    const bar = document.querySelector('#menu-bar .right-buttons');
    if (!bar) return;
    const word = h('span', { class: 'chip-word' });
    const card = h('div', { class: 'chip-card' });
    const summary = h('summary', {}, h('span', { class: 'chip-dot', 'aria-hidden': 'true' }), word);
    const chip = h('details', { class: 'chip', 'data-role': 'server' }, summary, card);
    document.addEventListener('click', event => { if (event.target instanceof Node && !chip.contains(event.target)) chip.open = false; });
    chip.addEventListener('keydown', event => {
        if (event.key !== 'Escape' || !chip.open) return;
        chip.open = false;
        summary.focus();
    });
    server.subscribe(() => {
        if (!chip.isConnected) bar.prepend(chip);
        chip.dataset.state = server.state;
        word.textContent = (seatHere() ? IN_CLASS : WORDS)[server.state];
        card.replaceChildren(...describe());
    });
}

/** @param {import('./wire.js').Preparing} preparing */
export function drawPreparing({ text, current, total }) {
    const bar = h('progress', { 'aria-label': 'Preparing the bases', ...(total ? { max: total, value: current } : {}) });
    return h('div', { class: 'preparing', 'data-role': 'preparing' }, h('p', {}, text), bar);
}
