// What the instructor does for all: everyone run this, exports, the end.

import { h } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { get } from './room.js';

/** @import { ClassCall, ClassLab } from '../server/wire.js' */
/** @import { Act } from './figures.js' */

/**
 * @param {ClassLab[]} labs
 * @param {ClassCall | null} call
 * @param {Act} act
 */
export function drawTools(labs, call, act) {
    return h('div', { class: 'class-side' },
        h('section', { class: 'class-card' }, h('h2', {}, 'Everyone run this now'), drawCall(labs, call, act)),
        h('section', { class: 'class-card' }, h('h2', {}, 'Take it home'), drawExports()),
        h('section', { class: 'class-card' }, h('h2', {}, 'The end'), drawEnd(act)));
}

/**
 * @param {ClassLab[]} labs
 * @param {ClassCall | null} call
 * @param {Act} act
 */
function drawCall(labs, call, act) {
    const options = labs.flatMap(lab => lab.variants.map(variant =>
        h('option', { value: JSON.stringify({ lab: lab.id, variant: variant.id }) }, `${lab.title}: ${variant.title || variant.id}`)));
    const select = h('select', { 'aria-label': 'Lab and variant' }, ...options);
    return h('div', { class: 'class-form' }, select,
        h('button', { type: 'button', onclick: () => act('call', { run: JSON.parse(select.value) }, answer => `Everyone is asked to run ${answer.call.title}.`) }, 'Ask everyone'),
        call ? h('button', { type: 'button', class: 'quiet', onclick: () => act('call', { run: null }, () => 'Nobody is asked any more.') }, 'Ask no more') : null);
}

function drawExports() {
    const problem = h('div', {});
    const names = h('input', { type: 'checkbox', id: 'class-names' });
    /** @param {string} name */
    async function download(name) {
        const { text, error } = await get(`export.${name}${names.checked ? '' : '?names=no'}`);
        if (error) {
            problem.replaceChildren(drawError(error));
            return;
        }
        const url = URL.createObjectURL(new Blob([text]));
        h('a', { href: url, download: `class.${name}` }).click();
        URL.revokeObjectURL(url);
    }
    return h('div', { class: 'class-form' },
        h('label', { for: 'class-names' }, 'With names ', names),
        h('div', { class: 'class-tools' },
            h('button', { type: 'button', class: 'quiet', onclick: () => download('csv') }, 'Runs (CSV)'),
            h('button', { type: 'button', class: 'quiet', onclick: () => download('jsonl') }, 'xAPI (JSON lines)')), problem);
}

/** @param {Act} act */
const drawEnd = act => h('div', {},
    h('p', { class: 'class-note' }, 'Seats, files, progress, the certificate, containers and images of the class are removed, and the server stops. Take home first what you want to keep.'),
    h('button', {
        type: 'button', class: 'danger',
        onclick: () => {
            if (confirm('End the class, and remove everything of it?')) act('end', { end: true }, () => 'The class is over.');
        },
    }, 'End the class'));
