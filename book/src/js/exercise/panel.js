// An exercise's panel: the learner's files, the check, what is said to it, and the way on.

import { createEditor } from '../lab/editor.js';
import { announce } from '../lib/announce.js';
import { find, findAll, h, icon, uniqueId } from '../lib/dom.js';
import { drawError, NO_ENGINE } from '../lib/error.js';
import { formatBytes } from '../lib/format.js';
import { COMMAND } from '../lib/keys.js';
import { pageLink } from '../lib/links.js';
import { createTabs } from '../lib/tabs.js';
import { api, ApiError } from '../server/api.js';
import { drawPreparing } from '../server/chip.js';
import { seatHere, worded } from '../server/seat.js';
import { server } from '../server/server.js';
import { createAdvice } from './advice.js';
import { createCheck } from './check.js';
import { drawConflict } from './conflict.js';
import { createFile } from './file.js';
import { createSolution } from './solution.js';

/** @import { ListedExercise, ListedRun, Standing } from '../server/wire.js' */
/** @import { WorkingFile } from './file.js' */

/**
 * Reads the files that the book shows, and takes them off the page.
 *
 * @param {HTMLElement} section
 */
function readFiles(section) {
    return findAll(section, '.lab-file').map(element => {
        const file = {
            path: element.dataset.path ?? '', language: element.dataset.language ?? '',
            editable: 'editable' in element.dataset, original: find(element, 'code').textContent ?? '',
        };
        element.remove();
        return file;
    });
}

/**
 * Why nothing begins anew.
 *
 * @param {WorkingFile} file one that is not saved
 */
function notKept({ path, state, refusal }) {
    const [cause, next] = state === 'conflict' ? [`${path} was changed on disk meanwhile`, 'Choose below which text stays, then start over.']
        : state === 'refused' ? [refusal?.what ?? `${path} is refused`, refusal?.next ?? 'Change it, then start over.']
            : [`the ${worded('playground', 'class')} does not answer`, 'Start over once it does; your text stays in this browser.'];
    return new ApiError('refused', 0, { what: `Nothing was started over: ${path} is not saved.`, cause, next });
}

/** @param {HTMLElement} section */
export function createExercise(section) {
    const id = section.dataset.exercise ?? '';
    const name = `Exercise ${section.dataset.number}`;
    const golf = section.dataset.golf === 'true';
    const title = find(section, '.lab-title');
    const still = find(section, '.lab-still');
    const hint = uniqueId('hint');
    const shown = readFiles(section);
    const work = shown.filter(file => file.editable).map(file => createFile(id, file, { hint, onrun: () => start(), onchange: refresh }));
    const tabs = createTabs({
        label: `Files of ${name}`,
        items: shown.map(({ path, language, original: text }) => {
            const mine = work.find(file => file.path === path);
            const { node } = mine ? mine.editor : createEditor({ path, language, text, editable: false }, { hint, onrun() {}, oninput() {} });
            return { id: path, label: mine ? path : `${path} (to read)`, panel: node };
        }),
    });
    const checking = createCheck({ id, name }, { onchange: judged, onmark: mark });
    /** @type {Standing | null} */
    let standing = null;
    /** @type {ListedExercise | null} */
    let next = null;
    /** @type {ApiError | null} */
    let trouble = null;
    let folder = '';
    let said = '';

    const progress = h('p', { class: 'exercise-standing', 'data-role': 'standing', hidden: true });
    const reset = h('button', { type: 'button', class: 'button', 'data-role': 'start-over', onclick: startOver }, 'Start over');
    const files = h('div', { class: 'lab-files' }, h('div', { class: 'lab-files-head' }, tabs.node, h('div', { class: 'lab-tools' }, reset)), ...tabs.panels);
    const saved = h('p', { class: 'exercise-saved', 'data-role': 'saved' });
    const conflicts = h('div', { class: 'exercise-conflicts' });
    const check = h('button', { type: 'button', class: 'button button-run', 'data-role': 'submit', onclick: () => start() }, icon('play'), 'Check');
    const stop = h('button', { type: 'button', class: 'button button-stop', 'data-role': 'submit-stop', onclick: () => checking.stop() }, icon('stop'), 'Stop');
    const status = h('p', { class: 'lab-status', 'data-role': 'submit-status' });
    const bar = h('div', { class: 'lab-bar' }, check, stop, status, h('span', { class: 'lab-keys', id: hint }, `${COMMAND} Enter checks`));
    const note = h('div', { class: 'lab-note', 'data-role': 'exercise-note' });
    const advice = createAdvice(id, failed);
    const onward = h('p', { class: 'exercise-onward', 'data-role': 'onward', hidden: true });
    const solution = createSolution(id, { mine: texts, onerror: failed });

    if (!title.id) title.id = uniqueId('exercise');
    section.setAttribute('aria-labelledby', title.id);
    section.classList.add('is-live');
    still.remove();
    find(section, '.lab-head').append(progress);
    section.append(files, saved, conflicts, bar, note, onward, advice.node, checking.place, solution.node);
    // mdBook turns pages with the arrow keys and searches on S and /; not from in here.
    section.addEventListener('keydown', event => {
        if (event.key.startsWith('Arrow') || event.target instanceof HTMLTextAreaElement) event.stopPropagation();
    });

    /** What is handed in, as it stands here. */
    function texts() {
        return Object.fromEntries(work.filter(file => file.isThere).map(file => [file.path, file.editor.text]));
    }

    /** @param {ApiError} error */
    function failed(error) {
        trouble = error;
        announce(`${name}: ${error.what}`);
        if (error.kind !== 'refused') server.check();
        refresh();
    }

    /**
     * @param {string} path
     * @param {number} line
     * @param {string} message
     */
    function mark(path, line, message) {
        const file = work.find(one => one.path === path);
        if (!file) return;
        file.editor.mark(line, message.split('\n')[0]);
        tabs.select(path);
    }

    async function start() {
        if (!server.canRun) return void announce(note.textContent || 'The playground cannot check this now.');
        if (checking.busy) return void announce(`${name} is being checked already`);
        trouble = null;
        work.forEach(file => file.editor.mark(null));
        // What is graded is what is on disk, as far as nobody else is writing to it.
        await Promise.all(work.map(file => file.save()));
        await checking.start(texts());
    }

    async function startOver() {
        trouble = null;
        // What lies on disk is kept beside the starter; what does not would be nowhere.
        await Promise.all(work.map(file => file.save()));
        const unsaved = work.find(file => file.state !== 'saved');
        if (unsaved) return failed(notKept(unsaved));
        try {
            const { kept, files: anew } = await api.resetExercise(id);
            for (const file of work) {
                const disk = anew.find(one => one.path === file.path);
                if (disk) file.replace(disk);
            }
            said = kept ? `The starter is back. What was there ${seatHere() ? 'is kept at your seat' : `lies in ${kept}`}.` : 'The starter is back.';
            trouble = null;
            announce(said);
            refresh();
            tabs.focus(shown[0].path);
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            failed(error);
        }
    }

    // The verdict has come, or the run goes on.
    function judged() {
        const { verdict } = checking;
        if (verdict && verdict.standing !== standing) {
            ({ standing } = verdict);
            if (verdict.passed) lookOnward();
        }
        // While a check is under way, nothing is said to the one before.
        if (verdict || checking.busy) advice.show(verdict?.advice ?? null, standing, verdict?.museum ?? null);
        refresh();
    }

    async function lookOnward() {
        try {
            const { exercises, next: first } = await api.exercises();
            next = exercises.find(one => one.id === first) ?? null;
            refresh();
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
        }
    }

    // Everything that depends on state, in one place.
    function refresh() {
        if (!note.isConnected) return;
        const { busy, state, ending } = checking;
        const focused = document.activeElement;
        section.dataset.state = state;
        if (ending) section.dataset.ending = ending; else delete section.dataset.ending;
        check.hidden = busy;
        stop.hidden = !busy;
        stop.setAttribute('aria-disabled', String(state !== 'running'));
        check.setAttribute('aria-disabled', String(!server.canRun));
        if (busy && focused === check) stop.focus();
        if (!busy && focused === stop) check.focus();
        const alone = server.state === 'static';
        bar.hidden = alone;
        // Whoever has not tried is not tempted.
        solution.node.hidden = !server.answers || !standing?.attempts;
        reset.hidden = !server.answers || !work.some(file => file.isOnDisk);
        status.textContent = checking.status;
        for (const file of work) tabs.badge(file.path, file.editor.text !== file.original);
        drawSaved(alone);
        drawConflicts();
        drawStanding();
        drawNote(alone);
    }

    /** @param {boolean} alone */
    function drawSaved(alone) {
        const worst = ['conflict', 'refused', 'offline', 'saving', 'waiting', 'saved', 'unread'].find(state => work.some(file => file.state === state));
        section.dataset.saving = worst;
        const touched = work.some(file => file.editor.text !== file.original);
        const unsaved = `${worded('The playground', 'The instructor’s machine')} does not answer. Your text stays in this browser, and is saved as soon as it does.`;
        /** @type {Record<string, string>} */
        const words = {
            conflict: 'Not saved: choose below which text stays.', refused: 'Not saved.', offline: unsaved,
            saving: 'Saving', waiting: 'Saving', saved: work.some(file => file.isOnDisk) ? seatHere() ? 'Saved at your seat' : `Saved in ${folder}` : '',
            unread: touched && !alone ? unsaved : alone && touched ? 'Your text stays in this browser.' : '',
        };
        const down = server.isDown && server.state !== 'none' && worst === 'saved' && touched;
        saved.textContent = down ? `Saved. ${worded('The playground', 'The instructor’s machine')} does not answer; what you type now stays in this browser.` : said || words[worst ?? 'unread'];
        if (worst !== 'saved') said = '';
    }

    // Those that are shown stay: one may hold the focus.
    function drawConflicts() {
        const open = work.filter(file => file.state === 'conflict');
        for (const node of findAll(conflicts, '.conflict')) {
            if (!open.some(file => file.path === node.dataset.path)) node.remove();
        }
        for (const file of open) {
            if (findAll(conflicts, '.conflict').some(node => node.dataset.path === file.path)) continue;
            conflicts.append(drawConflict(file, () => tabs.focus(file.path)));
            announce(`${file.path} was changed on disk meanwhile. Choose below which text stays.`);
        }
    }

    function drawStanding() {
        const { attempts = 0, passed_at: at = null, best_bytes: best = null } = standing ?? {};
        progress.hidden = !attempts;
        progress.dataset.passed = String(at !== null);
        const record = golf && best ? `, your smallest image: ${formatBytes(best)}` : '';
        progress.replaceChildren(...at ? [icon('check'), `Passed${record}`] : [`Checked ${attempts === 1 ? 'once' : `${attempts} times`}, not passed yet`]);
        solution.setPassed(at !== null);
        const passed = checking.verdict?.passed;
        onward.hidden = !passed;
        if (passed) onward.replaceChildren(...next ? ['Next: ', h('a', { href: pageLink(`exercises/${next.id}.html`), 'data-role': 'next-exercise' }, `${next.number} · ${next.title}`)] : ['That was the last one that was open. ', h('a', { href: pageLink('exercises/index.html'), 'data-role': 'next-exercise' }, 'See the map')]);
    }

    /** @param {boolean} alone */
    function drawNote(alone) {
        const refused = work.map(file => file.refusal).find(error => error);
        const error = server.isDown ? server.error || NO_ENGINE : checking.refusal ?? trouble ?? refused;
        const parts = alone ? [still] : error ? [drawError(error)]
            : server.state === 'preparing' && server.status && !checking.busy ? [drawPreparing(server.status.prepare)] : [];
        const wanted = h('div', {}, ...parts);
        if (wanted.textContent !== note.textContent || !parts.length) note.replaceChildren(...wanted.childNodes);
    }

    /** What lies on disk now: at first, and whenever somebody comes back to the page. */
    async function readDisk() {
        const asked = new Map(work.map(file => [file, file.settled]));
        try {
            const disk = await api.exercise(id);
            ({ folder, standing } = disk);
            if (!checking.busy && !checking.verdict) advice.show(disk.advice, standing, null);
            for (const file of disk.files) {
                const mine = work.find(one => one.path === file.path);
                if (mine?.read(file, asked.get(mine) ?? 0)) said = `${file.path} was changed on disk; here is what it says now.`;
            }
            if (said) announce(said);
            refresh();
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            failed(error);
        }
    }

    return {
        refresh, readDisk,
        /** Tries again what could not be saved. */
        retry: () => work.filter(file => file.state === 'offline').forEach(file => file.save()),
        /**
         * After a reload: the newest check.
         *
         * @param {ListedRun[]} runs newest first
         */
        resume(runs) {
            const mine = runs.find(one => one.lab === id && one.variant === 'submission');
            if (mine && !checking.busy) checking.follow(mine.run, { age: mine.age_ms, past: mine.state === 'finished' });
        },
    };
}
