// The page where learners join: a code and a name for a seat's key.

import { h, find } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { forgetSeat, seatHere, takeSeat } from '../server/seat.js';
import { post } from './room.js';

const said = find(document, '#class-said');

/** @param {string} selector */
const input = selector => /** @type {HTMLInputElement} */ (find(document, selector));

// A QR code or a link brings the code in the fragment, which stays in this browser.
const code = /^#code=([\w-]{4,12})$/.exec(location.hash);
if (code) {
    input('#class-code').value = code[1] ?? '';
    history.replaceState(null, '', location.pathname);
    input('#class-name').focus();
} else {
    input('#class-code').focus();
}

// Whoever comes here a second time has a seat already: a second one would be nobody's wish.
const seat = seatHere();
if (seat) {
    const here = find(document, '#class-here');
    here.hidden = false;
    here.append(h('p', {}, 'This browser has seat ', h('strong', {}, `${seat.seat} (${seat.name})`), '. ',
        h('a', { href: '/' }, 'Go on reading'), ', or join once more below, as somebody else.'),
    h('button', { type: 'button', class: 'quiet', onclick: leave }, 'Give up my seat'));
}

/** For whoever wants nothing of theirs to stay, before the class ends. */
async function leave() {
    if (!confirm('Give up your seat? Your files, progress and runs are removed from the instructor’s machine.')) return;
    const { error } = await post('leave', { leave: true });
    if (error) {
        said.replaceChildren(drawError(error));
        return;
    }
    forgetSeat();
    find(document, '#class-here').hidden = true;
    said.textContent = 'Nothing of yours is left here.';
}

/**
 * @param {string} form
 * @param {string} path
 * @param {() => object} body
 */
function submit(form, path, body) {
    find(document, form).addEventListener('submit', async event => {
        event.preventDefault();
        // What is wrong stands at the button that was pressed.
        said.replaceChildren();
        find(document, form).append(said);
        const button = find(document, `${form} button`);
        button.setAttribute('disabled', '');
        const { answer, error } = await post(path, body());
        button.removeAttribute('disabled');
        if (error) {
            said.replaceChildren(drawError(error));
            return;
        }
        takeSeat(answer);
        location.assign('/');
    });
}

submit('#class-join', 'join', () => ({ code: input('#class-code').value, name: input('#class-name').value }));
submit('#class-return', 'return', () => ({ code: input('#class-back').value }));
