// The map of all exercises: what is done, what is under way, what comes next; and progress as a
// file, out and in.

import { announce } from '../lib/announce.js';
import { find, findAll, h, icon } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { formatBytes, plural } from '../lib/format.js';
import { pageLink } from '../lib/links.js';
import { api, ApiError } from '../server/api.js';
import { isStuck } from './stuck.js';

/** @import { Exercises, ListedExercise } from '../server/wire.js' */

/** So few are left of a unit, and it is said. */
const NEAR = 2;

/**
 * A mark for each exercise, unit by unit.
 *
 * @param {ListedExercise[]} exercises
 * @param {string} label
 */
function strip(exercises, label) {
    const units = [...new Set(exercises.map(one => one.unit))];
    return h('div', { class: 'exercise-strip', role: 'img', 'aria-label': label }, ...units.map(unit => {
        const of = exercises.filter(one => one.unit === unit);
        return h('span', { class: 'exercise-strip-unit', style: `flex-grow: ${of.length}` }, ...of.map(one => h('span', { class: 'exercise-mark', 'data-standing': stateOf(one)[0] })));
    }));
}

/**
 * @param {ListedExercise} exercise
 * @returns {['passed' | 'stuck' | 'begun' | 'new', string]}
 */
function stateOf({ begun, golf, standing }) {
    if (standing.passed_at) return ['passed', golf && standing.best_bytes ? `done, smallest ${formatBytes(standing.best_bytes)}` : 'done'];
    if (isStuck(standing)) return ['stuck', 'in progress · a hint is waiting'];
    if (begun || standing.attempts) return ['begun', 'in progress'];
    return ['new', ''];
}

/** @param {number} minutes */
function duration(minutes) {
    if (minutes < 60) return `${minutes} min`;
    const rounded = Math.round(minutes / 5) * 5;
    const rest = rounded % 60;
    return `${Math.floor(rounded / 60)} h${rest ? ` ${rest} min` : ''}`;
}

/** @param {HTMLElement} section */
export function createMap(section) {
    const head = h('div', { class: 'exercise-progress', 'data-role': 'exercise-progress', hidden: true });
    const result = h('div', { class: 'exercise-result', 'data-role': 'transfer-result' });
    const choose = h('input', { type: 'file', accept: 'application/json,.json', class: 'visually-hidden', tabindex: -1, 'aria-hidden': 'true', onchange: takeIn });
    const transfer = h('div', { class: 'exercise-transfer', hidden: true },
        h('button', { type: 'button', class: 'button button-choice', 'data-role': 'export', onclick: giveOut }, 'Export'),
        h('button', { type: 'button', class: 'button button-choice', 'data-role': 'import', onclick: () => choose.click() }, 'Import'),
        choose);
    section.prepend(head);
    section.append(transfer, result);

    /** @param {Exercises} all */
    function draw({ exercises, next }) {
        const done = exercises.filter(one => one.standing.passed_at).length;
        const left = exercises.filter(one => !one.standing.passed_at).reduce((sum, one) => sum + one.minutes, 0);
        const first = exercises.find(one => one.id === next);
        const begun = done > 0 || exercises.some(one => one.begun || one.standing.attempts);
        head.hidden = transfer.hidden = false;
        head.replaceChildren(
            h('p', { class: 'exercise-count' }, h('strong', {}, `${done} of ${exercises.length}`), ' done', left ? h('span', { class: 'exercise-left' }, `about ${duration(left)} to go`) : null),
            strip(exercises, `${done} of ${exercises.length} exercises done`),
            ...first ? [h('p', {}, h('a', { class: 'exercise-go', 'data-role': 'next-exercise', href: pageLink(`exercises/${first.id}.html`) }, `${begun ? 'Go on with' : 'Start with'} ${first.number} · ${first.title}`))] : [h('p', {}, 'All done. The room is empty, and it runs.')]);
        for (const one of exercises) drawItem(one, one.id === next);
        const near = [];
        for (const unit of findAll(section, '.exercise-unit')) {
            const of = exercises.filter(one => one.unit === unit.dataset.unit);
            const passed = of.filter(one => one.standing.passed_at).length;
            unit.dataset.state = passed === of.length ? 'done' : 'open';
            const title = find(unit, '.exercise-unit-title');
            title.querySelector('.exercise-unit-count')?.remove();
            const left = of.length - passed;
            if (passed && left > 0 && left <= NEAR) near.push(`${left === 1 ? 'One more' : `${left} more`}, and “${title.textContent}” is done.`);
            title.append(h('span', { class: 'exercise-unit-count' }, ` ${passed} of ${of.length}`));
        }
        if (near.length) head.append(h('p', { class: 'exercise-near' }, near[0]));
    }

    /**
     * @param {ListedExercise} one
     * @param {boolean} next
     */
    function drawItem(one, next) {
        const item = findAll(section, '.exercise-item').find(item => item.dataset.exercise === one.id);
        if (!item) return;
        const [state, words] = stateOf(one);
        item.dataset.standing = state;
        item.toggleAttribute('data-next', next);
        const line = find(item, '.exercise-name');
        line.querySelector('.exercise-tag')?.remove();
        const text = words || (next ? 'next' : '');
        if (text) line.append(h('span', { class: 'exercise-tag', 'data-role': 'exercise-tag' }, state === 'passed' ? icon('check') : null, text));
    }

    async function read() {
        try {
            draw(await api.exercises());
        } catch (error) {
            tell(error);
        }
    }

    /** @param {unknown} error */
    function tell(error) {
        if (!(error instanceof ApiError)) throw error;
        result.replaceChildren(drawError(error));
        announce(error.what);
    }

    async function giveOut() {
        try {
            const file = new Blob([JSON.stringify(await api.exportProgress(), null, 1)], { type: 'application/json' });
            const href = URL.createObjectURL(file);
            h('a', { href, download: `empty-room-progress-${new Date().toISOString().slice(0, 10)}.json` }).click();
            setTimeout(() => URL.revokeObjectURL(href), 10_000);
            result.replaceChildren(h('p', {}, 'Exported: progress and files are in one file, among your downloads.'));
            announce('Exported');
        } catch (error) {
            tell(error);
        }
    }

    async function takeIn() {
        const [file] = choose.files ?? [];
        if (!file) return;
        try {
            const { acts, files, kept, unknown } = await api.importProgress(await file.text());
            const words = [`Imported: ${plural(acts, 'new entry', 'new entries')} of progress, ${plural(files.length, 'file')} laid down.`,
                kept.length ? `Different here, and left as they are: ${kept.join(', ')}.` : '',
                unknown.length ? `Not in this book: ${unknown.join(', ')}.` : ''].filter(Boolean).join(' ');
            result.replaceChildren(h('p', {}, words));
            announce(words);
            await read();
        } catch (error) {
            tell(error);
        } finally {
            choose.value = '';
        }
    }

    return { read };
}
