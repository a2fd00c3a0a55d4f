// A file says one thing here and another on disk: both are shown, and the learner chooses.

import { drawDiff } from '../lib/diff.js';
import { h } from '../lib/dom.js';

/** @import { WorkingFile } from './file.js' */

/**
 * @param {WorkingFile} file
 * @param {() => void} onchosen
 */
export function drawConflict(file, onchosen) {
    const { path, theirs, editor } = file;
    /** @param {() => unknown} choice */
    const choose = choice => () => { choice(); onchosen(); };
    const gone = theirs?.text === null;
    return h('div', { class: 'conflict', role: 'group', 'aria-label': `${path} was changed elsewhere`, 'data-role': 'conflict', 'data-path': path },
        h('p', { class: 'conflict-title' }, gone ? `${path} was removed on disk.` : `${path} was changed on disk meanwhile.`),
        h('p', {}, 'Nothing is overwritten until you choose. Your text is kept in this browser.'),
        h('div', { class: 'conflict-bar' },
            h('button', { type: 'button', class: 'button button-choice', 'data-role': 'take-theirs', onclick: choose(file.takeTheirs) }, gone ? 'Start from an empty file' : 'Take what is on disk'),
            h('button', { type: 'button', class: 'button button-choice', 'data-role': 'keep-mine', onclick: choose(file.keepMine) }, 'Keep what is here')),
        drawDiff('From disk (−) to this page (+)', [{ path, before: theirs?.text ?? '', after: editor.text }], 'What differs'));
}
