// A file that is handed in: an editor that saves as one types, and never over what somebody else
// has written meanwhile. What cannot be saved now stays in this browser.

import { createEditor } from '../lab/editor.js';
import { storage } from '../lib/storage.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';

/** @import { WorkFile } from '../server/wire.js' */
/** @typedef {ReturnType<typeof createFile>} WorkingFile */

/** How long nobody types before a file is saved. */
const PAUSE_MS = 500;

/**
 * unread: the server has not yet said what lies on disk; refused: it will not have it.
 *
 * @typedef {'unread' | 'saved' | 'waiting' | 'saving' | 'conflict' | 'offline' | 'refused'} Saving
 */
/** @typedef {{ text: string | null, revision: string | null }} OnDisk */

/**
 * @param {string} exercise
 * @param {{ path: string, language: string, original: string }} about original: the starter's text
 * @param {{ hint: string, onrun: () => void, onchange: () => void }} hooks
 */
export function createFile(exercise, { path, language, original }, { hint, onrun, onchange }) {
    const memory = `work:${exercise}/${path}`;
    /** This window's copy, as it wrote or found it: another window may have left its own since. */
    let copy = storage.get(memory);
    const kept = recall(copy);
    /** @type {Saving} */
    let state = 'unread';
    /** @type {ApiError | null} */
    let refusal = null;
    /** What the editor's text was made from. */
    let base = original;
    /** @type {string | null} */
    let revision = kept?.revision ?? null;
    /** @type {OnDisk | null} what somebody else has written */
    let theirs = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @type {Promise<void> | null} the saving that is under way */
    let under = null;
    /** How often it is known what lies on disk: whatever was asked before is old news. */
    let settled = 0;
    /** How often all of it began anew: an answer from before then counts for nothing. */
    let lives = 0;

    const editor = createEditor({ path, language, text: kept?.text ?? original, editable: true }, {
        hint, onrun,
        oninput() {
            remember();
            if (state !== 'conflict' && state !== 'unread') schedule();
        },
    });

    /**
     * @param {string | null} json
     * @returns {{ text: string, revision: string | null } | null}
     */
    function recall(json) {
        try {
            const found = JSON.parse(json ?? 'null');
            return typeof found?.text === 'string' ? found : null;
        } catch {
            return null;
        }
    }

    function remember() {
        if (editor.text !== base) {
            copy = JSON.stringify({ text: editor.text, revision });
            return storage.set(memory, copy);
        }
        const there = storage.get(memory);
        if (there === copy || recall(there)?.text === base) storage.remove(memory);
        copy = null;
    }

    /** @param {Saving} next */
    function become(next) {
        state = next;
        onchange();
    }

    function schedule() {
        clearTimeout(timer);
        timer = setTimeout(save, PAUSE_MS);
        if (state !== 'waiting' && state !== 'saving') become('waiting');
    }

    /**
     * Also the saving that is under way already, to its end.
     *
     * @returns {Promise<void>}
     */
    function save() {
        clearTimeout(timer);
        if (under) return under;
        const mine = write().finally(() => { if (under === mine) under = null; });
        under = mine;
        return mine;
    }

    async function write() {
        const life = lives;
        // Once more where somebody typed on meanwhile.
        while (state !== 'conflict' && state !== 'unread') {
            const { text } = editor;
            if (text === base) return become('saved');
            become('saving');
            try {
                const saved = await api.saveFile(exercise, { path, text, revision });
                if (life !== lives) return;
                ({ revision } = saved);
                base = text;
                state = 'waiting';
                refusal = null;
                remember();
            } catch (error) {
                if (life !== lives) return;
                if (!(error instanceof ApiError)) throw error;
                if (error.status !== 409 || !error.answer) {
                    refusal = error.kind === 'refused' ? error : null;
                    if (!refusal) server.check();
                    return become(refusal ? 'refused' : 'offline');
                }
                clash(error.answer.now ?? { text: null, revision: null });
            } finally {
                settled++;
            }
        }
    }

    /**
     * Somebody else wrote to it. Where they only have what this text was made from, or the same,
     * nothing is lost by going on: it is to be saved again.
     *
     * @param {OnDisk} disk
     */
    function clash(disk) {
        if (disk.text === editor.text || (disk.text ?? '') === base) {
            base = disk.text ?? '';
            ({ revision } = disk);
            state = 'waiting';
            return remember();
        }
        theirs = disk;
        become('conflict');
    }

    return {
        path, language, original, editor,
        get state() { return state; },
        get refusal() { return refusal; },
        get theirs() { return theirs; },
        /** To be given back to `read`: what was asked before the last save says nothing of it. */
        get settled() { return settled; },
        get isOnDisk() { return revision !== null; },
        /** Whether there is anything to hand in: a new file that is empty is not there. */
        get isThere() { return editor.text !== '' || base !== ''; },
        save,
        /**
         * What the server says that lies on disk. A text that nobody has touched here follows it.
         *
         * @param {WorkFile} disk
         * @param {number} asked `settled`, as it was before that was asked
         * @returns {boolean} whether the editor's text was replaced
         */
        read(disk, asked) {
            if (asked !== settled || state === 'saving' || state === 'conflict') return false;
            const text = disk.text ?? '';
            const clean = editor.text === base;
            const first = state === 'unread';
            if (clean || editor.text === text) {
                const replaced = editor.text !== text;
                if (replaced) editor.set(text);
                base = text;
                ({ revision } = disk);
                remember();
                become('saved');
                return replaced && !first;
            }
            state = 'waiting';
            if (disk.revision === revision) {
                base = text;
            } else {
                clash(disk);
            }
            save();
            return false;
        },
        takeTheirs() {
            if (!theirs) return;
            settled++;
            base = theirs.text ?? '';
            ({ revision } = theirs);
            theirs = null;
            editor.set(base);
            remember();
            become('saved');
        },
        keepMine() {
            if (!theirs) return;
            settled++;
            base = theirs.text ?? '';
            ({ revision } = theirs);
            theirs = null;
            state = 'waiting';
            remember();
            return save();
        },
        /**
         * After a reset.
         *
         * @param {WorkFile} disk
         */
        replace(disk) {
            clearTimeout(timer);
            under = null;
            lives++;
            settled++;
            refusal = null;
            if (editor.text !== base) {
                // Typed while the answer was on its way: kept nowhere but here.
                theirs = disk;
                return become('conflict');
            }
            theirs = null;
            base = disk.text ?? '';
            ({ revision } = disk);
            editor.set(base);
            remember();
            become('saved');
        },
    };
}
