// What all parts of the X-ray page say in the same way: names, instructions, shares, bars.

import { h } from '../lib/dom.js';
import { plural } from '../lib/format.js';

// Names come out of images, which anybody may have made. Nothing in them is left out
// (that would hide what is there), but nothing may reorder or move what stands around it.
const ODD = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** @param {unknown} text */
export const printable = text => String(text ?? '').replace(ODD, '\ufffd');

/**
 * The instruction of a layer, as the server reads it out of the image's history.
 *
 * @param {{ instruction: string }} layer
 */
export const madeBy = layer => printable(layer.instruction) || 'not recorded';

/**
 * What is too small to see has no name, but a number.
 *
 * @param {import('../server/wire.js').Cell} cell
 */
export const cellTitle = cell => printable(cell.name) || (cell.kind === 'rest' ? plural(cell.count ?? 0, 'smaller one') : '(no name)');

/**
 * The name of a subject: where an image has none, the beginning of its id.
 *
 * @param {{ name: string | null, id: string }} subject
 */
export const subjectName = ({ name, id }) => printable(name) || shortId(id) || 'an image without a name';

/** @param {string | null} id */
export const shortId = id => String(id || '').replace(/^sha256:/, '').slice(0, 12);

/**
 * @param {number} part
 * @param {number} whole
 */
export function formatShare(part, whole) {
    if (!whole) return '–';
    const percent = 100 * part / whole;
    if (percent > 0 && percent < 0.1) return '< 0.1 %';
    return `${percent.toFixed(percent < 9.95 ? 1 : 0)} %`;
}

/**
 * A bar against the largest of its neighbours.
 *
 * @param {{ bytes: number, tone: string }[]} parts
 * @param {number} whole
 */
export function shareBar(parts, whole) {
    const node = h('span', { class: 'xray-bar', 'aria-hidden': 'true' });
    for (const { bytes, tone } of parts.filter(part => part.bytes > 0)) {
        const fill = h('span', { class: 'xray-fill', 'data-tone': tone });
        fill.style.width = `${Math.max(0.4, 100 * bytes / Math.max(whole, 1))}%`;
        node.append(fill);
    }
    return node;
}

/** @param {unknown} text */
export const code = text => h('code', { translate: 'no' }, printable(text));

/**
 * @param {string} what
 * @param {...import('../lib/dom.js').Child} value
 */
export const fact = (what, ...value) => h('div', {}, h('dt', {}, what), h('dd', {}, ...value));

/**
 * A list that begins with its most important entries.
 *
 * @param {(() => HTMLElement)[]} items
 * @param {number} first
 * @param {{ all?: (n: number) => string, list?: 'ul' | 'ol', attributes?: Record<string, string> }} [options]
 */
export function shortList(items, first, { all = n => `All ${n}`, list = 'ul', attributes = {} } = {}) {
    const node = h(list, attributes, ...items.slice(0, first).map(make => make()));
    if (items.length <= first) return [node];
    const more = h('button', {
        type: 'button', class: 'button xray-more',
        onclick() {
            const rest = items.slice(first).map(make => make());
            node.append(...rest);
            more.remove();
            /** @type {HTMLElement} */
            const target = rest[0].querySelector('button, a, summary') || rest[0];
            if (target === rest[0]) target.tabIndex = -1;
            target.focus();
        },
    }, all(items.length));
    return [node, more];
}
