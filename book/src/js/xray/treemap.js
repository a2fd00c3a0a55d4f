// A treemap: boxes whose area is bytes. Where they lie, the server says; here they are drawn,
// named where names fit, and walked with the keyboard.
//
// The boxes of the first level are buttons, one of them in the tab order. What shines through
// inside them is a preview for eyes and mice: on the keyboard, Enter leads there.

import { findAll, h } from '../lib/dom.js';
import { formatBytes } from '../lib/format.js';
import { cellTitle, formatShare, printable } from './text.js';

/** @import { Cell, Change, TreeMap } from '../server/wire.js' */

/**
 * A cell with what the page finds out about it: whose a package is, what became of a file.
 *
 * @typedef {Cell & { family?: string, change?: Change | null, mixed?: boolean }} DrawnCell
 */
/** @typedef {Omit<TreeMap, 'cells'> & { cells: DrawnCell[] }} DrawnMap */

const LINE = 17;
const LETTER = 6.6;
/** @type {Record<string, string>} */
const MARKS = { go: 'Go program', elf: 'executable', script: 'script', setuid: 'setuid', secret: 'looks like a secret', shell: 'shell' };
/** @type {Record<string, string>} */
const KINDS = { directory: 'directory', file: 'file', rest: 'many smaller ones', section: 'section', module: 'module', package: 'package' };
const ALARMING = ['setuid', 'secret', 'shell'];

/** What became of a file, as it is told. */
export const CHANGES = { left: 'left', came: 'came', changed: 'changed', stayed: 'stayed' };

/** @param {Cell} cell */
export const isAlarming = cell => cell.marks.some(mark => ALARMING.includes(mark));

/**
 * What a box is, for its colour. Go programs are the darkest: they open further.
 *
 * @param {DrawnCell} cell
 */
export function cellFamily(cell) {
    if (cell.family) return cell.family;
    if (cell.kind !== 'file') return cell.kind;
    return ['go', 'elf', 'script'].find(mark => cell.marks.includes(mark)) || 'file';
}

/**
 * What a box is, in words. A rest with a name is bytes that belong to no package or section.
 *
 * @param {Cell} cell
 */
export function cellKind(cell) {
    const marks = cell.marks.filter(mark => !(mark === 'elf' && cell.marks.includes('go')));
    return [cell.kind === 'rest' && cell.name ? 'no part of it has a name' : KINDS[cell.kind] || printable(cell.kind),
        ...marks.map(mark => MARKS[mark] || printable(mark))].join(', ');
}

/**
 * From pale (the base) to strong (what came last).
 *
 * @param {number} layer from 1
 * @param {number} layers how many there are
 */
export const layerTint = (layer, layers) => `${layers < 2 ? 26 : Math.round(9 + 39 * (layer - 1) / (layers - 1))}%`;

/**
 * @param {Cell} cell
 * @param {number} width in pixels
 * @param {number} height
 * @param {number | null} gap above the boxes in it; null where there are none
 */
function label(cell, width, height, gap) {
    // A box with boxes in it has its name in the strip above them, or not at all.
    if ((gap ?? height) < LINE - 3 || width < 34) return [];
    const title = h('span', { class: 'cell-name', translate: 'no' }, cellTitle(cell));
    const size = h('span', { class: 'cell-bytes' }, formatBytes(cell.bytes));
    if (gap === null && height >= 2 * LINE + 6 && width >= 52) return [title, size];
    return width > LETTER * (cellTitle(cell).length + 11) ? [h('span', { class: 'cell-line' }, title, size)] : [title];
}

/**
 * The boxes of a place.
 *
 * @param {DrawnMap} place
 * @param {{ width: number, height: number, layers: number, dataRole?: string }} options in pixels; layers: of the image, for tints
 */
export function drawTreemap(place, { width, height, layers, dataRole = 'xray-cell' }) {
    const first = place.cells.map((cell, i) => ({ cell, i })).filter(({ cell }) => cell.depth === 0);
    /** @type {Map<number, number>} */
    const gaps = new Map();
    for (const cell of place.cells) {
        if (cell.depth === 0 || cell.of === null) continue;
        const above = (cell.y - place.cells[cell.of].y) * height / 100;
        gaps.set(cell.of, Math.min(gaps.get(cell.of) ?? Infinity, above));
    }
    /**
     * @param {DrawnCell} cell
     * @param {number} i
     * @param {'button' | 'span'} tag
     * @param {Record<string, import('../lib/dom.js').AttributeValue>} attributes
     */
    function box(cell, i, tag, attributes) {
        const node = h(tag, {
            class: 'cell', 'data-depth': cell.depth, 'data-family': cellFamily(cell), 'data-layer': cell.layer, 'data-change': cell.change,
            'data-index': i, 'data-opens': cell.opens, 'data-marked': isAlarming(cell),
            'data-inside': gaps.has(i), 'data-mixed': Boolean(cell.mixed), ...attributes,
        }, ...label(cell, cell.w * width / 100, cell.h * height / 100, gaps.get(i) ?? null));
        Object.assign(node.style, { left: `${cell.x}%`, top: `${cell.y}%`, width: `${cell.w}%`, height: `${cell.h}%` });
        if (cell.layer && layers) node.style.setProperty('--tint', layerTint(cell.layer, layers));
        return node;
    }
    /** @param {DrawnCell} cell */
    const said = cell => [cellTitle(cell), cellKind(cell), `${formatBytes(cell.bytes)}, ${formatShare(cell.bytes, place.bytes)}`,
        cell.layer ? `layer ${cell.layer}` : null, cell.change ? `${cell.mixed ? 'partly ' : ''}${CHANGES[cell.change]}` : null].filter(Boolean).join('; ');
    return [
        ...first.map(({ cell, i }, n) => box(cell, i, 'button', {
            type: 'button', tabindex: n ? -1 : 0, 'data-role': dataRole, 'data-at': cell.at,
            'aria-disabled': cell.opens ? null : 'true', 'aria-label': said(cell),
        })),
        ...place.cells.flatMap((cell, i) => cell.depth === 0 ? [] : [box(cell, i, 'span', { 'aria-hidden': 'true' })]),
    ];
}

/** @type {Record<string, { ahead: (dx: number, dy: number) => number, aside: (dx: number, dy: number) => number }>} */
const DIRECTIONS = {
    ArrowRight: { ahead: dx => dx, aside: (_, dy) => Math.abs(dy) },
    ArrowLeft: { ahead: dx => -dx, aside: (_, dy) => Math.abs(dy) },
    ArrowDown: { ahead: (_, dy) => dy, aside: dx => Math.abs(dx) },
    ArrowUp: { ahead: (_, dy) => -dy, aside: dx => Math.abs(dx) },
};

/**
 * The nearest box in a direction: straight ahead counts more than far to the side.
 *
 * @param {HTMLElement} from
 * @param {HTMLElement[]} boxes
 * @param {string} key
 */
function neighbour(from, boxes, key) {
    /** @param {HTMLElement} box */
    const middle = ({ style }) => [parseFloat(style.left) + parseFloat(style.width) / 2, parseFloat(style.top) + parseFloat(style.height) / 2];
    const [x, y] = middle(from);
    const { ahead, aside } = DIRECTIONS[key];
    /** @type {HTMLElement | null} */
    let nearest = null;
    let least = Infinity;
    for (const box of boxes) {
        if (box === from) continue;
        const [bx, by] = middle(box);
        const forward = ahead(bx - x, by - y);
        if (forward <= 0.01) continue;
        const far = forward + 2 * aside(bx - x, by - y);
        if (far < least) [nearest, least] = [box, far];
    }
    return nearest;
}

/**
 * Mouse and keyboard among the boxes in `node`.
 *
 * @param {HTMLElement} node
 * @param {{ cells: () => DrawnCell[], open: (cell: DrawnCell) => void, up: () => void, look: (cell: DrawnCell | null) => void }} hooks
 *     look: what is shown beside the map
 */
export function walkTreemap(node, { cells, open, up, look }) {
    /** @param {Event} event */
    const cellOf = ({ target }) => {
        const box = target instanceof Element ? target.closest('.cell') : null;
        return box instanceof HTMLElement && node.contains(box) ? cells()[Number(box.dataset.index)] : null;
    };
    const boxes = () => findAll(node, '.cell[data-depth="0"]');
    /** @param {HTMLElement | null | undefined} box */
    function focus(box) {
        if (!box) return;
        for (const other of boxes()) other.tabIndex = other === box ? 0 : -1;
        box.focus();
    }
    node.addEventListener('click', event => {
        let cell = cellOf(event);
        // A file in a directory opens the directory, where the file itself has no more to show.
        if (cell && !cell.opens && cell.of !== null) cell = cells()[cell.of];
        if (!cell) return;
        look(cell);
        if (cell.opens) open(cell);
    });
    node.addEventListener('pointerover', event => { const cell = cellOf(event); if (cell) look(cell); });
    node.addEventListener('pointerleave', () => look(null));
    node.addEventListener('focusin', event => { const cell = cellOf(event); if (cell) look(cell); });
    node.addEventListener('keydown', event => {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        const all = boxes();
        const here = all.find(box => box === document.activeElement);
        if (!here) return;
        if (event.key === 'Backspace' || event.key === 'Escape') up();
        else if (event.key === 'Home') focus(all[0]);
        else if (event.key === 'End') focus(all.at(-1));
        else if (event.key in DIRECTIONS) focus(neighbour(here, all, event.key));
        else return;
        event.preventDefault();
    });
    return {
        /**
         * The box that leads to a place, or else the largest.
         *
         * @param {string | null} [at]
         */
        focus: (at = null) => focus(boxes().find(box => leadsTo(box, at)) || boxes()[0]),
    };
}

/**
 * Whether a box or a row leads to a place, or into the program that lies there.
 *
 * @param {HTMLElement} node
 * @param {string | null} at
 */
export const leadsTo = ({ dataset }, at) => Boolean(at && dataset.at && [dataset.at, `${dataset.at}!`].includes(at));
