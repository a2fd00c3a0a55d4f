// Two images seen from above, drawn to one scale, so that the eye compares areas, not numbers.

import { announce } from '../lib/announce.js';
import { h } from '../lib/dom.js';
import { formatBytes } from '../lib/format.js';
import { api, ApiError } from '../server/api.js';
import { changesOf } from './changes.js';
import { drawUnanswered } from './scan.js';
import { cellTitle, code } from './text.js';
import { CHANGES, drawTreemap, walkTreemap } from './treemap.js';

/** @import { Difference, FromTo } from '../server/wire.js' */
/** @import { DrawnCell, DrawnMap } from './treemap.js' */

/** @typedef {{ width: number, height: number }} Extent in pixels */

/**
 * The larger image fills the width; the other has the same proportions and its share of the area.
 *
 * @param {FromTo} bytes
 * @param {number} width in pixels
 * @returns {Extent[]}
 */
function extents({ from, to }, width) {
    const most = Math.max(from, to, 1);
    const height = width * (width < 420 ? 0.8 : 0.6);
    return [from, to].map(bytes => {
        const scale = Math.sqrt(bytes / most);
        return { width: Math.max(3, Math.round(width * scale)), height: Math.max(3, Math.round(height * scale)) };
    });
}

/**
 * One of the two.
 *
 * @param {'from' | 'to'} name
 * @param {{ id: string, label: string }} image
 * @param {number} bytes
 * @param {Difference['groups']} groups
 * @param {() => void} again reads what the server dropped
 */
function createSide(name, { id, label }, bytes, groups, again) {
    const changeOf = changesOf(groups, name);
    const map = h('div', { class: 'treemap is-compared', role: 'group', 'data-role': 'xray-room', 'data-side': name });
    const detail = h('p', { class: 'xray-detail' });
    const size = h('span', {});
    const up = h('button', { type: 'button', class: 'button', hidden: true, onclick: goUp }, 'Back up');
    const node = h('figure', { class: 'xray-room', 'data-side': name },
        h('figcaption', {}, h('strong', { translate: 'no' }, label), size), map, h('div', { class: 'xray-room-foot' }, up, detail));
    const walker = walkTreemap(map, { cells: () => place?.cells || [], open: cell => { if (cell.at) open(cell.at, null); }, up: goUp, look });
    /** @type {DrawnMap | null} */
    let place = null;
    /** @type {Extent} */
    let extent = { width: 3, height: 3 };
    let enlarged = false;
    let asked = 0;

    /** @param {DrawnCell | null} cell */
    function look(cell) {
        if (!place) return;
        detail.replaceChildren(...cell
            ? [code(cell.at || cellTitle(cell)), ` ${formatBytes(cell.bytes)}${cell.change ? `, ${cell.mixed ? 'partly ' : ''}${CHANGES[cell.change]}` : ''}`]
            : [code(place.at), ` ${formatBytes(place.bytes)}`]);
    }

    /**
     * @param {string} at
     * @param {string | null} from
     */
    async function open(at, from) {
        if (!await draw(at) || !place) return;
        walker.focus(from);
        announce(`${place.at}: ${formatBytes(place.bytes)}`);
    }

    function goUp() {
        const above = place?.crumbs.at(-2);
        if (place && above) open(above.at, place.at);
    }

    /**
     * Whether this is what is shown now: an answer may come late, or not at all.
     *
     * @param {string} at
     */
    async function draw(at) {
        const mine = ++asked;
        const { width, height } = extent;
        const grown = enlarged;
        try {
            const answer = await api.map(id, { at, width: Math.max(width, 16), height: Math.max(height, 16) });
            if (mine !== asked) return false;
            // What is in a program is compared below, in numbers.
            place = { ...answer, cells: answer.cells.map(cell => ({ ...cell, ...changeOf(cell.at || answer.at), opens: cell.kind === 'directory' })) };
            Object.assign(map.style, { width: `${width}px`, height: `${height}px` });
            map.setAttribute('aria-label', `${label}, ${place.at}, ${formatBytes(place.bytes)}`);
            map.replaceChildren(...drawTreemap(place, { width, height, layers: 0, dataRole: 'xray-room-cell' }));
            size.textContent = `${formatBytes(bytes)}${grown ? ', enlarged' : ''}`;
            up.hidden = place.crumbs.length < 2;
            look(null);
            return true;
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (mine === asked) map.replaceChildren(drawUnanswered(error, id, again));
            return false;
        }
    }

    return {
        node,
        bytes,
        /**
         * Draws anew, where it is.
         *
         * @param {Extent} next
         * @param {boolean} grown whether that is larger than to scale
         */
        resize(next, grown) {
            extent = next;
            enlarged = grown;
            draw(place?.at || '/');
        },
    };
}

/**
 * @param {{ id: string, label: string }} first
 * @param {{ id: string, label: string }} second
 * @param {Difference} difference
 * @param {() => void} again
 */
export function drawCompared(first, second, { bytes, groups }, again) {
    const sides = [createSide('from', first, bytes.from, groups, again), createSide('to', second, bytes.to, groups, again)];
    const most = Math.max(bytes.from, bytes.to);
    const enlarge = h('button', { type: 'button', class: 'button xray-outlined', 'aria-pressed': 'false', 'data-role': 'xray-enlarge', onclick: magnify }, 'Enlarge the smaller one');
    const node = h('div', { class: 'xray-rooms', 'data-role': 'xray-rooms' }, ...sides.map(side => side.node));
    const patterns = ['left', 'stayed', 'changed', 'came'].map(change => h('li', { class: 'xray-key' }, h('span', { class: 'xray-swatch', 'data-change': change }), change));
    const legend = h('ul', { class: 'xray-legend', 'aria-label': 'What the patterns mean' }, ...patterns);
    let large = false;
    let drawnFor = 0;

    function drawAll() {
        const width = node.clientWidth;
        if (!width) return;
        drawnFor = width;
        // The larger one and the smaller one stand side by side where there is room.
        const scale = Math.sqrt(Math.min(bytes.from, bytes.to) / Math.max(most, 1));
        const wide = width < 620 ? width : Math.floor(Math.min((width - 28) / (1 + (large ? 1 : scale)), width - 200));
        const [full] = extents({ from: 1, to: 1 }, wide);
        extents(bytes, wide).forEach((extent, i) => {
            const grown = large && sides[i].bytes < most;
            sides[i].resize(grown ? full : extent, grown);
        });
    }

    function magnify() {
        large = !large;
        enlarge.setAttribute('aria-pressed', String(large));
        enlarge.textContent = large ? 'To one scale again' : 'Enlarge the smaller one';
        drawAll();
    }

    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    new ResizeObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(() => { if (Math.abs(node.clientWidth - drawnFor) > 24) drawAll(); }, 120);
    }).observe(node);
    return [node, h('div', { class: 'xray-rooms-foot' }, legend, enlarge)];
}
