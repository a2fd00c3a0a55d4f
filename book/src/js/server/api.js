// The page's side of the HTTP API: the key, JSON requests, and a run's event stream.

import { storage } from '../lib/storage.js';
import { seatHere } from './seat.js';

/** @import * as Wire from './wire.js' */

const KEY = 'key';

// The address that the terminal prints ends in #key=…; it is kept for the other pages
// of this origin and taken out of the address bar, where it would be shared by accident.
// What else the fragment says (which image to look into) stays.
const parts = location.hash.slice(1).split('&');
const key = parts.find(part => /^key=[\w-]+$/.test(part));
if (key) {
    storage.set(KEY, key.slice('key='.length));
    const rest = parts.filter(part => part !== key).join('&');
    history.replaceState(history.state, '', location.pathname + location.search + (rest ? `#${rest}` : ''));
}

/**
 * Why a question has no answer. static: no playground behind these pages; lost: no answer; key:
 * 401; refused: the server says no, and why.
 *
 * @typedef {'static' | 'lost' | 'key' | 'refused'} ErrorKind
 */

/** A UserError of the server, or one that we say in its place. */
export class ApiError extends Error {
    /**
     * @param {ErrorKind} kind
     * @param {number} status of HTTP; 0 where there was no answer
     * @param {Wire.UserError} error
     * @param {any} [answer] the whole answer, where there was one
     */
    constructor(kind, status, { what, cause = '', next = '' }, answer = null) {
        super(what);
        this.answer = answer;
        this.kind = kind;
        this.status = status;
        this.what = what;
        this.cause = cause;
        this.next = next;
    }
}

const LOST = {
    what: 'The playground does not answer.',
    cause: 'It was stopped, or this computer slept.',
    next: 'Look at the terminal that runs it; script/server, or playground serve, starts it again.',
};
const CLASS_LOST = {
    what: 'The instructor’s machine does not answer.',
    cause: 'It was stopped or has left the network, this one has, or the class is over.',
    next: 'Your work is kept there until the class ends, and what you type now stays in this browser. Tell the instructor; this page tries again by itself.',
};
const STATIC = {
    what: 'These pages were opened without the playground.',
    cause: 'They are only files, or another server shows them.',
    next: 'Run script/server in the project’s folder, or playground serve where you have a release, and open the address it prints.',
};

const lost = () => new ApiError('lost', 0, seatHere() ? CLASS_LOST : LOST);

/**
 * @param {unknown} error
 * @param {string} name
 */
export const isNamed = (error, name) => error instanceof Error && error.name === name;

/**
 * @param {string} path
 * @param {{ method?: string, headers?: Record<string, string>, body?: string, signal?: AbortSignal }} [options]
 */
async function send(path, options = {}) {
    /** @type {Record<string, string>} */
    const headers = { 'X-Empty-Room-Key': storage.get(KEY) || '', ...options.headers };
    if (options.body) headers['Content-Type'] = 'application/json';
    let response;
    try {
        response = await fetch(`/api/${path}`, { ...options, headers, cache: 'no-store' });
    } catch (error) {
        if (isNamed(error, 'AbortError')) throw error;
        throw lost();
    }
    if (response.ok) return response;
    let answer = null;
    try { answer = await response.json(); } catch { /* not ours */ }
    if (typeof answer?.error?.what !== 'string') throw new ApiError('static', response.status, STATIC);
    throw new ApiError(response.status === 401 ? 'key' : 'refused', response.status, answer.error, answer);
}

/** @param {Parameters<typeof send>} request */
async function json(...request) {
    const response = await send(...request);
    try {
        return await response.json();
    } catch (error) {
        if (isNamed(error, 'TimeoutError')) throw lost();
        throw new ApiError('static', response.status, STATIC);
    }
}

// Questions that are answered at once, or after the minute that a private engine takes to
// start. One that is lost on the way must not keep the page waiting for ever.
const PATIENCE_MS = 90_000;

/**
 * A question changes nothing. An engine on this computer changes its network, and browsers break off
 * what they ask just then: it is asked once more.
 *
 * @param {string} path
 */
async function ask(path) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
        return await json(path, { signal });
    } catch (error) {
        if (!(error instanceof ApiError) || error.kind !== 'lost' || signal.aborted) throw error;
        return json(path, { signal });
    }
}
/**
 * @param {string} path
 * @param {object} body
 */
const post = (path, body) => json(path, { method: 'POST', body: JSON.stringify(body) });
/** @param {string} id */
const run = id => `runs/${encodeURIComponent(id)}`;
/** @param {string} id */
const scan = id => `xrays/${encodeURIComponent(id)}`;
/** @param {string} id */
const adoption = id => `adoptions/${encodeURIComponent(id)}`;
/** @param {string} id */
const exercise = id => `exercises/${encodeURIComponent(id)}`;

/**
 * @typedef {(id: string, after: number, deliver: (entry: Wire.Entry) => void, signal: AbortSignal) => Promise<void>} Follow
 */

/**
 * Delivers each entry after `after`; resolves when the server ends the stream.
 * EventSource cannot send the key, so the few rules of its format are here.
 *
 * @param {string} path
 * @param {number} after
 * @param {(entry: Wire.Entry) => void} deliver
 * @param {AbortSignal} signal
 */
async function follow(path, after, deliver, signal) {
    /** @type {Record<string, string>} */
    const headers = { Accept: 'text/event-stream' };
    if (after > 0) headers['Last-Event-ID'] = String(after);
    const response = await send(path, { headers, signal });
    if (!response.body) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let pending = '';
    /** @type {string[]} */
    let data = [];
    for (;;) {
        let chunk;
        try {
            chunk = await reader.read();
        } catch (error) {
            if (isNamed(error, 'AbortError')) throw error;
            throw lost();
        }
        if (chunk.done) return;
        const lines = (pending + chunk.value).split('\n');
        pending = lines.pop() ?? '';
        for (const raw of lines) {
            const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
            if (line.startsWith('data:')) {
                data.push(line.slice(line[5] === ' ' ? 6 : 5));
            } else if (line === '' && data.length) {
                const text = data.join('\n');
                data = [];
                deliver(JSON.parse(text));
            }
        }
    }
}

export const api = {
    /** @returns {Promise<Wire.Status>} */
    status: () => ask('status'),
    /** @returns {Promise<Wire.JourneyStage[]>} */
    journey: () => ask('journey'),
    /** @returns {Promise<Wire.Ledger>} */
    ledger: () => ask('ledger'),
    /** @returns {Promise<Wire.ListedRun[]>} newest first */
    runs: () => ask('runs'),
    /** @returns {Promise<Wire.Lab[]>} */
    labs: () => ask('labs'),
    /** @returns {Promise<{ images: Wire.ListedImage[], error: Wire.UserError | null }>} */
    images: () => ask('images'),
    /** @type {(what: Wire.Subject) => Promise<{ xray: string }>} */
    startScan: what => post('xrays', what),
    /** @type {(id: string) => Promise<Wire.ScanStatus>} */
    scan: id => ask(scan(id)),
    /** @param {string} id */
    stopScan: id => send(`${scan(id)}/stop`, { method: 'POST', body: '{}' }),
    /** @type {(id: string, place: { at: string, width: number, height: number }) => Promise<Wire.TreeMap>} */
    map: (id, { at, width, height }) => ask(`${scan(id)}/map?${new URLSearchParams({ at, width: String(width), height: String(height) })}`),
    /** @type {(id: string) => Promise<{ findings: Wire.Finding[] }>} */
    preflight: id => ask(`${scan(id)}/preflight`),
    /** @type {(id: string, other: string) => Promise<Wire.Difference>} */
    difference: (id, other) => ask(`${scan(id)}/against/${encodeURIComponent(other)}`),
    /** @type {(text: string) => Promise<Wire.Answer>} */
    symptoms: text => ask(`symptoms?q=${encodeURIComponent(text)}`),
    /** @returns {Promise<Wire.Question[]>} */
    inventory: () => ask('inventory'),
    /** @type {(question: string, answer: string, when: 'before' | 'after') => Promise<{ explanation: Wire.Explanation | null }>} */
    answer: (question, answer, when) => post(`inventory/${encodeURIComponent(question)}`, { answer, when }),
    /** @type {(lab: string, variant: string, edits: Record<string, string>) => Promise<{ run: string }>} */
    startRun: (lab, variant, edits) => post('runs', { lab, variant, edits }),
    /** @param {string} id */
    stopRun: id => send(`${run(id)}/stop`, { method: 'POST', body: '{}' }),

    /** @returns {Promise<Wire.Exercises>} */
    exercises: () => ask('exercises'),
    /** @type {(id: string) => Promise<Wire.ExerciseWork>} */
    exercise: id => ask(exercise(id)),
    /** @type {(id: string, file: { path: string, text: string, revision: string | null }) => Promise<{ revision: string }>} */
    saveFile: (id, file) => post(`${exercise(id)}/files`, file),
    /** @type {(id: string, files: Record<string, string>) => Promise<{ run: string }>} */
    check: (id, files) => post(`${exercise(id)}/check`, { files }),
    /** @type {(id: string, run: string) => Promise<Wire.ExerciseVerdict>} */
    verdict: (id, checked) => ask(`${exercise(id)}/checks/${encodeURIComponent(checked)}`),
    /** @type {(id: string) => Promise<Wire.Advice>} */
    hint: id => post(`${exercise(id)}/hint`, {}),
    /** @type {(id: string) => Promise<{ kept: string | null, files: Wire.WorkFile[] }>} */
    resetExercise: id => post(`${exercise(id)}/reset`, {}),
    /** @type {(id: string, giveUp: boolean) => Promise<{ files: Record<string, string> }>} */
    solution: (id, giveUp) => giveUp ? post(`${exercise(id)}/solution`, { give_up: true }) : ask(`${exercise(id)}/solution`),
    /** @returns {Promise<object>} */
    exportProgress: () => ask('exercises/export'),
    /** @type {(file: string) => Promise<Wire.Imported>} */
    importProgress: file => json('exercises/import', { method: 'POST', body: file }),

    /** @type {(service: string, journey: boolean) => Promise<{ adoption: string }>} */
    adopt: (service, journey) => post(`services/${encodeURIComponent(service)}/adopt`, { journey }),
    /** @returns {Promise<Wire.OwnServices>} */
    services: () => ask('services'),
    /** @type {(id: string) => Promise<Wire.AdoptionStatus>} */
    adoption: id => ask(adoption(id)),
    /** @type {(id: string) => Promise<{ html: string }>} */
    adoptionReport: id => ask(`${adoption(id)}/report`),
    /** @param {string} id */
    stopAdoption: id => send(`${adoption(id)}/stop`, { method: 'POST', body: '{}' }),

    /** @type {Follow} */
    events: (id, ...rest) => follow(`${run(id)}/events`, ...rest),
    /** @type {Follow} */
    adoptionEvents: (id, ...rest) => follow(`${adoption(id)}/events`, ...rest),
};
