// A class's own API: small questions with the key of this browser.

import { storage } from '../lib/storage.js';

/** @import { UserError } from '../server/wire.js' */

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
 * @param {number} [patience] in milliseconds
 * @returns {Promise<{ answer: any, error: UserError | null, status: number, text: string }>}
 */
async function send(path, options = {}, patience = PATIENCE_MS) {
    /** @type {Record<string, string>} */
    const headers = { 'X-Empty-Room-Key': storage.get('key') || '' };
    if (options.body) headers['Content-Type'] = 'application/json';
    try {
        const signal = AbortSignal.timeout(patience);
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
 * @param {number} [patience] in milliseconds
 */
export const post = (path, body, patience) => send(path, { method: 'POST', body: JSON.stringify(body) }, patience);
