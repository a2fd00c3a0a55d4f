// One variant of a lab on the page: its files, the reader's edits, and its latest run.

import { createEditor } from './editor.js';
import { announce } from '../lib/announce.js';
import { find, findAll, h } from '../lib/dom.js';
import { storage } from '../lib/storage.js';
import { createTabs } from '../lib/tabs.js';
import { createPrediction } from '../museum/prediction.js';
import { followRun, rememberStart } from '../run/follow.js';
import { isOwnEnd } from '../run/verdict.js';
import { createRunView } from '../run/view.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';

/** @import { Claim } from '../lib/format.js' */
/** @import { RunRecord } from '../run/view.js' */
/** @import { Ending, Finished, Role } from '../server/wire.js' */

/**
 * The lab that a variant is of.
 *
 * @typedef {{ id: string, kind: string | undefined, name: string, claim: Claim | null, hint: string }} LabFacts
 */
/** @typedef {{ onchange: () => void, onrun: () => void, onedit: () => void, onforget: () => void }} VariantHooks */
/** @typedef {ReturnType<typeof createVariant>} Variant */

/**
 * What can change while the page is open.
 *
 * @typedef {object} Changing
 * @property {'idle' | 'starting' | 'running' | 'stopping' | 'done' | 'lost'} state
 * @property {string} status in words
 * @property {Ending | null} ending
 * @property {'live' | 'lost'} link
 * @property {ApiError | null} refusal
 */

/**
 * The book's files of two variants, for a diff.
 *
 * @param {Variant} from
 * @param {Variant} to
 */
export function pairFiles(from, to) {
    /**
     * @param {Variant} variant
     * @param {string} path
     */
    const original = (variant, path) => variant.files.find(file => file.path === path)?.original ?? null;
    const paths = [...new Set([...from.files, ...to.files].map(file => file.path))];
    return paths.map(path => ({ path, before: original(from, path), after: original(to, path) }));
}

/** Sent to the document when a run has ended. */
export const FINISHED = 'empty-room:finished';

/**
 * Reads what the book says about a variant, and takes it off the page.
 *
 * @param {HTMLElement} element
 */
function read(element) {
    const { variant: id = '', variantRole: role, title = '' } = element.dataset;
    const files = findAll(element, '.lab-file').map(file => ({
        path: file.dataset.path ?? '',
        language: file.dataset.language ?? '',
        editable: 'editable' in file.dataset,
        original: find(file, 'code').textContent ?? '',
    }));
    const expect = element.querySelector('.lab-expect')?.textContent || '';
    const [recorded = null] = findAll(element, '.lab-recorded');
    element.remove();
    return { id, role: /** @type {Role} */ (role), title, expect, recorded, files };
}

/**
 * @param {HTMLElement} element
 * @param {LabFacts} lab
 * @param {VariantHooks} hooks
 */
export function createVariant(element, lab, { onchange, onrun, onedit, onforget }) {
    const { id, role, title, expect, recorded, files: shown } = read(element);
    /** @type {Changing} */
    const changing = { state: 'idle', status: '', ending: null, link: 'live', refusal: null };

    const files = shown.map(file => {
        const memory = `edit:${lab.id}/${id}/${file.path}`;
        /** @param {string} value */
        function remember(value) {
            if (value === file.original) storage.remove(memory);
            else storage.set(memory, value);
        }
        const text = file.editable && storage.get(memory) || file.original;
        const editor = createEditor({ ...file, text }, {
            hint: lab.hint,
            onrun,
            oninput(value) {
                remember(value);
                onedit();
            },
        });
        return { ...file, remember, editor };
    });
    const place = h('div', { class: 'lab-run' });
    const tabs = createTabs({
        label: `Files of ${title}`,
        items: files.map(file => ({ id: file.path, label: file.path, panel: file.editor.node })),
    });

    /** @type {ReturnType<typeof followRun> | null} */
    let following = null;
    /** @type {ReturnType<typeof createRunView> | null} */
    let view = null;
    const prediction = lab.kind === 'failure' && role === 'broken' ? createPrediction(`${lab.id}/${id}`, title, {
        onchange,
        onforget() {
            // As if it had never run.
            if (over()) {
                place.replaceChildren();
                change({ state: 'idle', status: '', ending: null });
            }
            onforget();
        },
    }) : null;

    /** @param {Partial<Changing>} patch */
    function change(patch) {
        Object.assign(changing, patch);
        onchange();
    }

    /**
     * @param {string} path
     * @param {number} line
     * @param {string} message
     */
    function mark(path, line, message) {
        const file = files.find(one => one.path === path);
        if (!file) return;
        // The first line tells; the rest stands with the step.
        file.editor.mark(line, message.split('\n')[0]);
        tabs.select(path);
    }

    const isStopping = () => changing.state === 'stopping';
    const over = () => ['idle', 'done', 'lost'].includes(changing.state);
    const edited = () => files.filter(file => file.editable && file.editor.text !== file.original);

    /**
     * Shows a run from its first event on, wherever it was started.
     *
     * @param {string} run
     * @param {{ age?: number | null, past?: boolean }} [options] past: it ended before this page was opened
     */
    function follow(run, { age = null, past = false } = {}) {
        following?.leave();
        // What ended before this page was opened is shown, but is no news.
        const say = past ? () => {} : announce;
        const shown = view = createRunView({ run, name: lab.name, role, claim: lab.claim, say }, {
            now: () => following?.now() ?? 0,
            onstatus: status => change({ status }),
            // An old run's line numbers say nothing about text that was reset since.
            onmark: (...at) => { if (!past || edited().length) mark(...at); },
            judge: (finished, edited) => prediction?.judge(finished, { run, edited }),
            onfinish: finished => {
                change({ state: 'done', ending: finished.ending });
                if (!past) document.dispatchEvent(new Event(FINISHED));
            },
        });
        place.replaceChildren(view.node);
        change({ state: 'running', status: 'Waiting for the engine', ending: null, link: 'live', refusal: null });
        following = followRun(run, {
            age,
            onentry: shown.entry,
            onlink: link => { if (link !== changing.link) change({ link }); },
            onend(error) {
                if (!error) return;
                shown.abandon(error);
                change({ state: 'lost', status: '', link: 'live' });
            },
        });
    }

    return {
        id, role, title, expect, recorded, files, tabs, place, follow, prediction,
        get state() { return changing.state; },
        get status() { return changing.status; },
        get ending() { return changing.ending; },
        get link() { return changing.link; },
        get refusal() { return changing.refusal; },
        get busy() { return !over(); },
        /** What the latest run said, once it came to its own end. */
        get record() { return view && isOwnEnd(view.record.finished?.ending) ? /** @type {RunRecord & { finished: Finished }} */ (view.record) : null; },
        get edited() { return edited(); },
        /** @param {string} path */
        text: path => files.find(file => file.path === path)?.editor.text,
        async start() {
            files.forEach(file => file.editor.mark(null));
            place.replaceChildren();
            change({ state: 'starting', status: 'Asking the playground', ending: null, refusal: null });
            const edits = Object.fromEntries(edited().map(file => [file.path, file.editor.text]));
            try {
                const { run } = await api.startRun(lab.id, id, edits);
                rememberStart(run);
                follow(run);
            } catch (error) {
                if (!(error instanceof ApiError)) throw error;
                change({ state: 'idle', status: '', refusal: error });
                announce(`${lab.name}: ${error.what}`);
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
                // The stream tells how it goes on; Stop may be pressed again.
                if (isStopping()) change({ state: 'running', refusal: error });
            }
        },
        reset() {
            for (const file of edited()) {
                file.editor.set(file.original);
                file.remember(file.original);
            }
            onedit();
        },
    };
}
