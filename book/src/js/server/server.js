// What stands behind the page: nothing, a server, an engine. Asked now and then, and told to
// every panel.

import { api, ApiError } from './api.js';
import { seatHere } from './seat.js';

/** @import { Status, UserError } from './wire.js' */
/** @typedef {'checking' | 'static' | 'lost' | 'key' | 'none' | 'preparing' | 'ready'} ServerState */

/** @type {ServerState} */
let state = 'checking';
/** @type {Status | null} */
let status = null;
/** @type {UserError | null} */
let error = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {Promise<void> | null} */
let asking = null;
/** @type {Set<() => void>} */
const listeners = new Set();

/** When to ask again; 0: not before something happens. */
const PACE_MS = { checking: 0, lost: 2000, none: 5000, preparing: 1000, key: 0, static: 0, ready: 60_000 };

/** What is missing there is not for learners to install. */
const CLASS_NONE = {
    what: 'No Docker engine answers on the instructor’s machine.',
    cause: 'It was not started, or it was stopped.',
    next: 'Tell the instructor. Reading and typing go on meanwhile.',
};

async function ask() {
    try {
        status = await api.status();
        error = status.engine.error && seatHere() ? CLASS_NONE : status.engine.error;
        state = status.engine.state !== 'ready' ? 'none' : status.prepare?.active ? 'preparing' : 'ready';
    } catch (failure) {
        if (!(failure instanceof ApiError)) throw failure;
        error = failure;
        state = failure.kind === 'refused' ? 'lost' : failure.kind;
    }
    document.documentElement.dataset.server = state;
    listeners.forEach(listener => listener());
    clearTimeout(timer);
    if (PACE_MS[state]) timer = setTimeout(() => server.check(), PACE_MS[state]);
}

export const server = {
    /** Several panels may ask at once: one request answers them all. */
    check() {
        asking ??= ask().finally(() => { asking = null; });
        return asking;
    },
    get state() { return state; },
    get status() { return status; },
    /** What is wrong, as far as somebody said it. */
    get error() { return error; },
    get canRun() { return state === 'ready' || state === 'preparing'; },
    /** Whether the playground answers, with or without an engine. */
    get answers() { return state === 'ready' || state === 'preparing' || state === 'none'; },
    /** Whether nothing can be run before somebody does something about it. */
    get isDown() { return state === 'lost' || state === 'key' || state === 'none'; },
    /** @param {() => void} listener */
    subscribe(listener) { listeners.add(listener); },
    /**
     * The bases that this Dockerfile starts from and that were rebuilt.
     *
     * @param {string} dockerfile
     */
    rebuiltIn(dockerfile) {
        const names = [...dockerfile.matchAll(/^[ \t]*FROM\s+(?:--\S+\s+)*(\S+)/gim)]
            .map(match => match[1].replace(/^(?:docker\.io\/)?(?:library\/)?/, ''));
        return (status?.bases || []).filter(base => base.state === 'rebuilt' && names.includes(base.name));
    },
};
