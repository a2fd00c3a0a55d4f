// A class's own API: small questions with the key of this browser. Who sits here is remembered
// beside the key.

import { storage } from '../lib/storage.js';

/** @import { UserError } from '../server/wire.js' */

export const SEAT = 'seat';

const LOST = {
    what: 'The class does not answer.',
    cause: 'The instructor’s machine was stopped or has left the network, or this one has.',
    next: 'Look whether you are still in the room’s network, then try again.',
};

/** How long an answer may take. */
const PATIENCE_MS = 20_000;

/**
 * @param {string} path below /api/class/
 * @param {{ method?: string, body?: string }} [options]
 * @returns {Promise<{ answer: any, error: UserError | null, status: number, text: string }>}
 */
async function send(path, options = {}) {
    /** @type {Record<string, string>} */
    const headers = { 'X-Empty-Room-Key': storage.get('key') || '' };
    if (options.body) headers['Content-Type'] = 'application/json';
    try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const response = await fetch(`/api/class/${path}`, { ...options, headers, cache: 'no-store', signal });
        const text = await response.text();
        const isJson = response.headers.get('content-type') === 'application/json';
        const answer = isJson ? JSON.parse(text) : null;
        const error = response.ok ? null : answer?.error ?? LOST;
        return { answer, error, status: response.status, text };
    } catch {
        return { answer: null, error: LOST, status: 0, text: '' };
    }
}

/** @param {string} path */
export const get = path => send(path);

/**
 * @param {string} path
 * @param {object} body
 */
export const post = (path, body) => send(path, { method: 'POST', body: JSON.stringify(body) });

/**
 * Who sits at this browser, as far as it remembers.
 *
 * @returns {{ seat: number, name: string } | null}
 */
export function seatHere() {
    try {
        const { seat, name } = JSON.parse(storage.get(SEAT) ?? '');
        return typeof seat === 'number' && typeof name === 'string' ? { seat, name } : null;
    } catch {
        return null;
    }
}

/** Forgets who sat here. */
export function forgetSeat() {
    storage.remove(SEAT);
    storage.remove('key');
}
