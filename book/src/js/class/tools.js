// What the instructor does for all: everyone run this, exports, the end.

import { h } from '../lib/dom.js';
import { names } from './names.js';
import { get, post } from './room.js';
import { createSaid } from './said.js';

/** @import { ClassCall, ClassLab } from '../server/wire.js' */
/** @import { Act } from './said.js' */

/** @param {{ lab: string, variant: string }} what */
const valueOf = ({ lab, variant }) => JSON.stringify({ lab, variant });

/**
 * “Everyone run this now.” What was chosen stays chosen.
 *
 * @param {Act} act
 */
export function createCall(act) {
    const said = createSaid();
    const select = h('select', { 'aria-label': 'What everyone is to run' });
    const ask = h('button', { type: 'button', onclick: () => act('call', { run: JSON.parse(select.value) }, said, ({ call }) => `Everyone is asked for ${names.long(call.lab, call.variant, call.title)}.`) }, 'Ask everyone');
    const rest = h('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => act('call', { run: null }, said, () => 'Nobody is asked any more.') }, 'Ask no more');
    let known = 0;
    return {
        node: h('section', { class: 'class-card' }, h('h2', {}, 'Everyone run this now'),
            h('div', { class: 'class-form' }, select, h('div', { class: 'class-tools' }, ask, rest), said.node)),
        /**
         * @param {ClassLab[]} labs
         * @param {ClassCall | null} call
         */
        update(labs, call) {
            ask.disabled = !names.known;
            if (known !== names.known) {
                known = names.known;
                select.replaceChildren(...names.groups(labs).map(({ title, choices }) => h('optgroup', { label: title },
                    ...choices.map(choice => h('option', { value: valueOf(choice) }, choice.text)))));
                if (call) select.value = valueOf(call);
            }
            if (!call && document.activeElement === rest) ask.focus();
            rest.hidden = !call;
        },
    };
}

export function createExports() {
    const said = createSaid();
    const withNames = h('input', { type: 'checkbox', id: 'class-names' });
    /** @param {string} name */
    async function download(name) {
        const { text, error } = await get(`export.${name}${withNames.checked ? '' : '?names=no'}`);
        if (error) {
            said.fail(error);
            return;
        }
        const url = URL.createObjectURL(new Blob([text]));
        h('a', { href: url, download: `class.${name}` }).click();
        URL.revokeObjectURL(url);
        said.show();
    }
    return h('section', { class: 'class-card' }, h('h2', {}, 'Take it home'), h('div', { class: 'class-form' },
        h('label', { for: 'class-names' }, 'With names ', withNames),
        h('div', { class: 'class-tools' },
            h('button', { type: 'button', class: 'quiet', onclick: () => download('csv') }, 'Runs (CSV)'),
            h('button', { type: 'button', class: 'quiet', onclick: () => download('jsonl') }, 'xAPI (JSON lines)')), said.node));
}

/** @param {() => void} over */
export function createEnd(over) {
    const said = createSaid();
    return h('section', { class: 'class-card' }, h('h2', {}, 'The end'),
        h('p', { class: 'class-note' }, 'Seats, files, progress, the certificate, containers and images of the class are removed, and the server stops. Take home first what you want to keep.'),
        h('button', {
            type: 'button', class: 'danger',
            async onclick() {
                if (!confirm('End the class, and remove everything of it?')) return;
                const { error } = await post('end', { end: true });
                if (error) said.fail(error);
                else over();
            },
        }, 'End the class'), said.node);
}
