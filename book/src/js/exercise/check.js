// Checks of what is handed in: starts a run, follows it, asks what is said to it.

import { announce } from '../lib/announce.js';
import { find, findAll, h } from '../lib/dom.js';
import { pageLink } from '../lib/links.js';
import { followRun, rememberStart } from '../run/follow.js';
import { isOwnEnd } from '../run/verdict.js';
import { createRunView } from '../run/view.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';

/** @import { Ending, ExerciseVerdict, PageLink } from '../server/wire.js' */
/** @typedef {ReturnType<typeof createCheck>} Check */

/**
 * What can change while the page is open.
 *
 * @typedef {object} Changing
 * @property {'idle' | 'starting' | 'running' | 'stopping' | 'done' | 'lost'} state
 * @property {string} status in words
 * @property {Ending | null} ending
 * @property {'live' | 'lost'} link
 * @property {ApiError | null} refusal
 * @property {ExerciseVerdict | null} verdict
 */

/**
 * @param {{ id: string, name: string }} exercise
 * @param {object} hooks
 * @param {() => void} hooks.onchange
 * @param {(file: string, line: number, message: string) => void} hooks.onmark
 */
export function createCheck({ id, name }, { onchange, onmark }) {
    /** @type {Changing} */
    const changing = { state: 'idle', status: '', ending: null, link: 'live', refusal: null, verdict: null };
    const place = h('div', { class: 'lab-results' });
    /** @type {ReturnType<typeof followRun> | null} */
    let following = null;

    /** @param {Partial<Changing>} patch */
    function change(patch) {
        Object.assign(changing, patch);
        onchange();
    }

    const over = () => ['idle', 'done', 'lost'].includes(changing.state);

    /**
     * @param {string} run
     * @param {boolean} past it ended before this page was opened
     */
    async function judge(run, past) {
        try {
            const verdict = await api.verdict(id, run);
            if (following?.run !== run) return;
            readOn(verdict.pages);
            change({ verdict });
            if (!past) announce(verdict.passed ? `${name}: passed` : `${name}: not yet. ${verdict.advice?.cause ?? ''}`);
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            change({ refusal: error });
        }
    }

    /**
     * Where to look, beside each check that failed.
     *
     * @param {Record<string, PageLink>} pages
     */
    function readOn(pages) {
        for (const check of findAll(place, '.check')) {
            const page = pages[check.dataset.check ?? ''];
            if (page) find(check, 'div').append(h('p', { class: 'check-page' }, 'Read on: ', h('a', { href: pageLink(page.href) }, page.title)));
        }
    }

    /**
     * @param {string} run
     * @param {{ age?: number | null, past?: boolean }} [options]
     */
    function follow(run, { age = null, past = false } = {}) {
        following?.leave();
        const say = past ? () => {} : announce;
        const view = createRunView({ run, name, role: 'submission', claim: null, say }, {
            now: () => following?.now() ?? 0,
            onstatus: status => change({ status }),
            onmark: (...at) => { if (!past) onmark(...at); },
            judge: () => undefined,
            onfinish({ ending }) {
                change({ state: 'done', ending });
                if (isOwnEnd(ending)) judge(run, past);
            },
        });
        place.replaceChildren(view.node);
        change({ state: 'running', status: 'Waiting for the engine', ending: null, link: 'live', refusal: null, verdict: null });
        following = followRun(run, {
            age,
            onentry: view.entry,
            onlink: link => { if (link !== changing.link) change({ link }); },
            onend(error) {
                if (!error) return;
                view.abandon(error);
                change({ state: 'lost', status: '', link: 'live' });
            },
        });
    }

    return {
        place, follow,
        get state() { return changing.state; },
        get status() { return changing.link === 'lost' ? 'Connection lost, trying again' : changing.status; },
        get ending() { return changing.ending; },
        get refusal() { return changing.refusal; },
        get verdict() { return changing.verdict; },
        get busy() { return !over(); },
        /** @param {Record<string, string>} files */
        async start(files) {
            place.replaceChildren();
            change({ state: 'starting', status: 'Asking the playground', ending: null, refusal: null, verdict: null });
            try {
                const { run } = await api.check(id, files);
                rememberStart(run);
                follow(run);
            } catch (error) {
                if (!(error instanceof ApiError)) throw error;
                change({ state: 'idle', status: '', refusal: error });
                announce(`${name}: ${error.what}`);
                server.check();
            }
        },
        async stop() {
            if (changing.state !== 'running' || !following) return;
            change({ state: 'stopping', status: 'Stopping' });
            try {
                await api.stopRun(following.run);
            } catch (error) {
                if (!(error instanceof ApiError)) throw error;
                if (/** @type {string} */ (changing.state) === 'stopping') change({ state: 'running', refusal: error });
            }
        },
    };
}
