// The three sizes of an image, claimed against measured.

import { h } from '../lib/dom.js';
import { formatBytes, formatClaim, plural } from '../lib/format.js';
import { xrayLink } from '../lib/links.js';
import { sanitize } from '../lib/sanitize.js';

/** @import { Claim } from '../lib/format.js' */
/** @import { Subject, LayerSize, Sizes } from '../server/wire.js' */

/**
 * Claimed against measured.
 *
 * @param {Sizes} sizes
 * @param {Claim | null} claim
 */
export function drawSizes(sizes, claim) {
    /** @type {[string, string, string, number][]} */
    const rows = [
        ['unpacked', 'Unpacked', 'every file of every layer', sizes.unpacked_bytes],
        ['compressed', 'Compressed', 'what a pull transfers', sizes.compressed_bytes],
        ['engine', 'As this engine prints it', 'docker images', sizes.engine_bytes],
    ];
    const claimed = claim ? claim.mb * 1e6 : 0;
    const most = Math.max(claimed, claim?.max ? claim.max * 1e6 : 0, ...rows.map(row => row[3])) * 1.04;
    /** @param {number} bytes */
    const share = bytes => `${Math.max(0.4, 100 * bytes / most)}%`;
    const bars = rows.map(([id, name, hint, bytes]) => {
        const fill = h('span', { class: 'size-fill' });
        fill.style.width = share(bytes);
        const bar = h('span', { class: 'size-bar', 'aria-hidden': 'true' }, fill);
        if (claim) {
            const mark = h('span', { class: 'size-claim' });
            mark.style.left = share(claimed);
            if (claim.max) mark.style.width = `calc(${share(claim.max * 1e6)} - ${share(claimed)})`;
            bar.append(mark);
        }
        return h('tr', { 'data-size': id },
            h('th', { scope: 'row' }, name, h('small', {}, hint)),
            h('td', { class: 'size-cell' }, bar),
            h('td', { class: 'size-number', 'data-bytes': bytes }, formatBytes(bytes)),
            claim ? h('td', { class: 'size-ratio' }, ratio(bytes, claim)) : null);
    });
    return h('div', { class: 'sizes', 'data-role': 'sizes' },
        h('p', { class: 'sizes-title' }, 'Size of the image',
            claim ? h('span', { class: 'sizes-claim' }, `claimed ${formatClaim(claim)}`) : null),
        h('table', {}, h('thead', { class: 'visually-hidden' }, h('tr', {},
            ...['Size', 'Bar', 'Measured', claim ? 'Against the claim' : null].filter(Boolean).map(name => h('th', { scope: 'col' }, name)))),
        h('tbody', {}, ...bars)),
        layers(sizes.layers || []));
}

/**
 * To the X-ray page, which builds the image once more (all is cached) and reads it.
 *
 * @param {Subject} what
 */
export const drawXrayLink = what => h('p', { class: 'sizes-inside' },
    h('a', { class: 'button button-xray', 'data-role': 'xray', href: xrayLink(what) }, 'X-ray'),
    h('span', {}, 'Which layer, which file, which package takes the bytes?'));

/**
 * @param {number} bytes
 * @param {Claim} claim
 */
function ratio(bytes, { mb, max }) {
    const low = mb * 1e6;
    const high = (max || mb) * 1e6;
    if (bytes >= low * 0.95 && bytes <= high * 1.05) return 'as claimed';
    const times = bytes < low ? bytes / low : bytes / high;
    return `${times < 9.95 ? times.toFixed(times < 0.1 ? 2 : 1) : Math.round(times)} × the claim`;
}

/** @param {LayerSize[]} all */
function layers(all) {
    if (!all.length) return null;
    return h('details', { class: 'layers' },
        h('summary', {}, plural(all.length, 'layer')),
        h('ol', {}, ...all.map(layer => h('li', {},
            h('code', {}, sanitize(layer.created_by) || 'not recorded'),
            h('span', {}, `${formatBytes(layer.unpacked_bytes)} unpacked, ${formatBytes(layer.compressed_bytes)} compressed`)))));
}
