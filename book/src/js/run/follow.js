// Follows one run from its first event to its last, through reloads and lost connections.

import { pause } from '../lib/pause.js';
import { storage } from '../lib/storage.js';
import { api, ApiError, isNamed } from '../server/api.js';
import { server } from '../server/server.js';

/** @import { Entry } from '../server/wire.js' */

const PAUSES_MS = [300, 700, 1500, 3000, 5000];

// The moment the run was accepted, for timers that are right after a reload, too:
// remembered by the tab that started it, told by the server, or else estimated.
/** @param {string} run */
const birth = run => `began:${run}`;
/** @param {string} run */
export const rememberStart = run => storage.set(birth(run), String(Date.now()));

/**
 * @typedef {object} Hooks
 * @property {number | null} age of the run in milliseconds, where the server told it
 * @property {typeof api.events} [events] of what is followed, where that is no run
 * @property {(entry: Entry) => void} onentry
 * @property {(link: 'live' | 'lost') => void} onlink
 * @property {(error: ApiError | null) => void} onend null: it finished, and its last entry came; else we lost it
 */

/**
 * @param {string} run
 * @param {Hooks} hooks
 */
export function followRun(run, { age, events = api.events, onentry, onlink, onend }) {
    const control = new AbortController();
    let last = 0;
    let finished = false;
    const remembered = Number(storage.get(birth(run))) || null;
    let began = age !== null ? Date.now() - age : remembered ?? Date.now();

    /** @param {Entry} entry */
    function deliver(entry) {
        // A reconnect may repeat what is already here.
        if (finished || entry.seq <= last) return;
        last = entry.seq;
        onlink('live');
        began = Math.min(began, Date.now() - entry.at_ms);
        if (entry.event === 'finished') {
            finished = true;
            storage.remove(birth(run));
        }
        onentry(entry);
    }

    async function watch() {
        for (let attempt = 0; !finished; attempt++) {
            const before = last;
            try {
                await events(run, last, deliver, control.signal);
                if (finished) break;
            } catch (error) {
                if (isNamed(error, 'AbortError')) return;
                if (!(error instanceof ApiError)) throw error;
                if (error.status === 404) return onend(error);
                server.check();
                if (error.kind === 'key' || error.kind === 'refused') return onend(error);
                onlink('lost');
            }
            // Something came: the next failure is a new one.
            if (last > before) attempt = -1;
            await pause(PAUSES_MS[Math.min(Math.max(attempt, 0), PAUSES_MS.length - 1)]);
        }
        onend(null);
    }

    watch();
    return { run, now: () => Date.now() - began, leave: () => control.abort() };
}
