// Paste what it says: which failures of the museum know this message?

import { announce } from '../lib/announce.js';
import { find, findAll, h, uniqueId } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { plural } from '../lib/format.js';
import { COMMAND } from '../lib/keys.js';
import { sanitize } from '../lib/sanitize.js';
import { api, ApiError } from '../server/api.js';
import { worded } from '../server/seat.js';
import { server } from '../server/server.js';

/** @import { Found } from '../server/wire.js' */

// The playground reads so much of a text: the beginning, and more of the end. An address has its
// limits.
const MAX_TEXT = 8192;
const MAX_ADDRESS = 60_000;
// A whole log would make an address that nobody can share.
const MAX_SHARED = 500;

/**
 * Half a character cannot be put into an address.
 *
 * @param {string} text
 */
const wellFormed = text => text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');

/** @param {string} text */
function shorten(text) {
    for (let most = MAX_TEXT; ; most /= 2) {
        const part = wellFormed(text.length <= most ? text : `${text.slice(0, most / 4)}\n${text.slice(1 - most * 3 / 4)}`);
        if (encodeURIComponent(part).length < MAX_ADDRESS) return part;
    }
}

/**
 * Pages are named from the book's root, where this page lies, too.
 *
 * @param {Found[]} matches
 */
function hits(matches) {
    const guessed = matches[0].by === 'likeness';
    return [
        h('h2', { class: 'symptoms-head' }, guessed ? 'Not known here, but it resembles reports about this one' : matches.length === 1 ? 'This one' : `One of these ${matches.length}, the likelier ones first`),
        h('ul', { class: 'symptoms-hits' }, ...matches.map(match => h('li', {},
            h(match.page ? 'a' : 'div', { class: 'symptom', href: match.page ? new URL(match.page, document.baseURI).href : null, 'data-role': 'match', 'data-lab': match.lab, 'data-confidence': match.confidence },
                h('span', { class: 'symptom-sure' }, guessed ? 'By likeness' : match.confidence === 'exact' ? 'Known words' : 'Likely'),
                h('strong', { class: 'symptom-title' }, match.title),
                h('span', { class: 'symptom-says' }, match.says),
                ...match.tell && (guessed || matches.length > 1) ? [h('span', { class: 'symptom-tell' }, 'to tell: ', h('code', {}, sanitize(match.tell)))] : [],
                // A guess is about no message of the page's.
                ...guessed ? [] : [h('span', { class: 'symptom-as' }, 'as in: ', h('code', { class: 'symptom-example' }, sanitize(match.example)))])))),
    ];
}

/** @param {string | null} ask */
function unknown(ask) {
    if (ask) {
        return [h('div', { class: 'symptoms-unknown', 'data-role': 'unknown' },
            h('h2', { class: 'symptoms-head' }, 'This says too little to tell'), h('p', {}, ask))];
    }
    return [h('div', { class: 'symptoms-unknown', 'data-role': 'unknown' },
        h('h2', { class: 'symptoms-head' }, 'Not known here'),
        h('p', {}, 'None of the museum’s failures says this. That does not mean that it is none of them.'),
        h('ul', {},
            h('li', {}, 'Paste the line that names the cause, whole and as it stands. It is often the last of the log, or the first of docker’s answer.'),
            h('li', {}, 'Nothing said at all? Then say what you see, and look through the table below.'),
            h('li', {}, 'Ask who spoke: the builder, the engine or the program. Then read the rooms of that speaker.')))];
}

export function start() {
    const host = find(document, 'section.symptoms[data-symptoms]');
    const field = h('textarea', {
        class: 'symptoms-text', id: uniqueId('symptom'), 'data-role': 'symptom', rows: 4, spellcheck: 'false',
        autocapitalize: 'off', autocomplete: 'off', translate: 'no', placeholder: 'exec /app: no such file or directory',
    });
    const keys = h('span', { class: 'lab-keys' }, `${COMMAND} Enter asks`);
    const button = h('button', { type: 'submit', class: 'button button-run', 'data-role': 'ask' }, 'Look it up');
    const note = h('div', { class: 'lab-note', 'data-role': 'note' });
    const answer = h('div', { class: 'symptoms-answer', 'data-role': 'answer' });
    const form = h('form', { class: 'symptoms-form', 'data-role': 'symptoms-form', onsubmit: submit },
        h('label', { for: field.id }, 'Paste what it says'), field,
        h('p', { class: 'symptoms-hint' }, `A line or a whole log, from docker, compose or kubectl. It goes to the ${worded('playground on this machine', 'instructor’s machine')} and nowhere else.`),
        h('div', { class: 'lab-bar' }, button, keys));
    host.prepend(form, note, answer);
    const rows = findAll(host, 'tr[data-lab]');

    // Turning pages with the arrow keys and searching on S are not for text.
    form.addEventListener('keydown', event => {
        event.stopPropagation();
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) {
            event.preventDefault();
            form.requestSubmit();
        }
    });

    let asked = 0;

    /** @param {Event} event */
    function submit(event) {
        event.preventDefault();
        const text = field.value.trim();
        const url = new URL(location.href);
        if (text && text.length <= MAX_SHARED) url.searchParams.set('q', text); else url.searchParams.delete('q');
        history.replaceState(null, '', url);
        ask(text);
    }

    /** @param {string} text */
    async function ask(text) {
        const mine = ++asked;
        mark([]);
        if (!text) {
            answer.replaceChildren();
            field.focus();
            return;
        }
        host.setAttribute('aria-busy', 'true');
        try {
            const { matches, ask } = await api.symptoms(shorten(text));
            if (mine !== asked) return;
            answer.replaceChildren(...(matches.length ? hits(matches) : unknown(ask)));
            mark(matches.filter(match => match.by !== 'likeness'));
            announce(matches.length ? `${matches[0].by === 'likeness' ? 'Not known here, only alike' : plural(matches.length, 'match', 'matches')}: ${matches.map(match => match.title).join('; ')}` : ask ?? 'Not known here');
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (mine !== asked) return;
            // What keeps the server from answering stands above already.
            answer.replaceChildren(...error.kind === 'refused' ? [drawError(error)] : []);
            announce(error.what);
            server.check();
        } finally {
            if (mine === asked) host.removeAttribute('aria-busy');
        }
    }

    /** @param {Found[]} matches */
    function mark(matches) {
        for (const row of rows) {
            const example = row.querySelector('code')?.textContent;
            row.toggleAttribute('data-matched', matches.some(match => match.lab === row.dataset.lab && match.example === example));
        }
    }

    // Asked by the address, once there is somebody to ask.
    const given = new URL(location.href).searchParams.get('q');
    let waiting = given;
    if (given) field.value = given;

    function arrive() {
        const { state, error } = server;
        button.setAttribute('aria-disabled', String(state === 'static'));
        form.hidden = state === 'static';
        if (state === 'static') {
            note.replaceChildren(h('p', { class: 'symptoms-still' }, 'To have a message looked up, start the playground: ', h('code', {}, 'script/server'),
                ' in the project’s folder, or ', h('code', {}, 'playground serve'), ' where you have a release, then open the address it prints. Until then, here is everything it knows.'));
        } else if (error && ['lost', 'key'].includes(state)) {
            note.replaceChildren(drawError(error));
        } else {
            note.replaceChildren();
            if (waiting && server.answers) {
                ask(waiting.trim());
                waiting = null;
            }
        }
    }
    server.subscribe(arrive);
}
