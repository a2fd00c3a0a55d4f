// One X-ray from the question to its end: asks for it, shows how far it is, stops it.

import { announce } from '../lib/announce.js';
import { h, icon } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { formatBytes } from '../lib/format.js';
import { pause } from '../lib/pause.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';
import { printable } from './text.js';

/** @import { Subject, Report, ScanStatus, UserError } from '../server/wire.js' */

/**
 * A report of the server, and what it is of.
 *
 * @typedef {{ id: string, what: Subject, label: string, report: Report, at: string }} Scan
 */

const PACE_MS = 400;
const MAX_MISSES = 20;
/** @type {Record<string, string>} */
const DOING = { waiting: 'Waiting', building: 'Building', reading: 'Reading' };

/** @param {string} id */
const dropped = async id => {
    try {
        await api.scan(id);
        return false;
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return error.status === 404;
    }
};

/**
 * Why a question about a scan is not answered. The server keeps a few: one that it dropped
 * can be read again.
 *
 * @param {ApiError} error
 * @param {string | null} id null where it is known to be dropped
 * @param {() => void} again
 */
export function drawUnanswered(error, id, again) {
    const node = h('div', { class: 'xray-unanswered' }, drawError(error));
    const offer = () => node.replaceChildren(
        drawError({ what: 'The playground has let go of this X-ray.', cause: 'It keeps a few; newer ones took its room, or it was started anew.' }),
        h('p', {}, h('button', { type: 'button', class: 'button button-run', 'data-role': 'xray-again', onclick: again }, 'Read it again')));
    if (error.status === 404) {
        if (id === null) offer();
        else dropped(id).then(gone => { if (gone) offer(); });
    }
    return node;
}

/**
 * @typedef {'ready' | 'failed' | 'stopped' | 'lost' | 'refused'} End lost: the server knows it no more; refused: never begun
 */

/**
 * One that is left is stopped, also when its id comes late.
 *
 * @param {() => Promise<string>} start to its id
 * @param {string} label
 * @param {(end: End, seen: { report: Report | null, error: UserError | ApiError | null }) => void} onend
 */
export function followScan(start, label, onend) {
    const text = h('p', { class: 'xray-doing', 'data-role': 'xray-doing' }, `Opening ${label}`);
    const bytes = h('span', { class: 'xray-bytes' });
    const bar = h('progress', { 'aria-label': `Opening ${label}` });
    const stop = h('button', { type: 'button', class: 'button button-stop', 'data-role': 'xray-stop', onclick: halt }, icon('stop'), 'Stop');
    const note = h('div', {});
    const node = h('div', { class: 'xray-progress preparing', 'data-role': 'xray-progress' }, h('div', { class: 'xray-progress-head' }, text, bytes, stop), bar, note);
    const made = start();
    /** @type {string | null} */
    let id = null;
    /** @type {ScanStatus['state'] | null} */
    let state = null;
    let left = false;
    let misses = 0;

    async function halt() {
        stop.setAttribute('aria-disabled', 'true');
        try {
            await api.stopScan(await made);
            text.textContent = 'Stopping';
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            stop.setAttribute('aria-disabled', 'false');
            note.replaceChildren(drawError(error));
        }
    }

    /** @param {ScanStatus} seen */
    function draw(seen) {
        text.textContent = printable(seen.text) || `${DOING[seen.state] || 'Working'}: ${label}`;
        if (seen.total) {
            bar.max = seen.total;
            bar.value = Math.min(seen.current, seen.total);
        } else {
            bar.removeAttribute('value');
        }
        bytes.textContent = seen.current ? `${formatBytes(seen.current)}${seen.total ? ` of ${formatBytes(seen.total)}` : ''}` : '';
        if (seen.state !== state && DOING[seen.state]) announce(`${DOING[seen.state]} ${label}`);
        state = seen.state;
    }

    /** @param {string} id */
    async function watch(id) {
        while (!left) {
            try {
                const seen = await api.scan(id);
                if (left) return;
                misses = 0;
                note.replaceChildren();
                if (seen.state === 'ready' || seen.state === 'failed' || seen.state === 'stopped') return onend(seen.state, seen);
                draw(seen);
            } catch (error) {
                if (!(error instanceof ApiError)) throw error;
                if (left) return;
                server.check();
                // A server that was started anew knows nothing of it.
                if (error.kind !== 'lost' || ++misses > MAX_MISSES) return onend('lost', { report: null, error });
                note.replaceChildren(drawError(error));
            }
            await pause(PACE_MS * (1 + misses));
        }
    }

    // Nobody waits for it any more; where it is over already, there is nothing to stop.
    /** @param {string} id */
    const drop = id => api.stopScan(id).catch(() => {});

    async function begin() {
        try {
            id = await made;
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (left) return;
            server.check();
            return onend('refused', { report: null, error });
        }
        if (left) drop(id);
        else watch(id);
    }

    function leave() {
        left = true;
        if (id) drop(id);
    }

    begin();
    return { node, stop, leave, get id() { return id; } };
}
