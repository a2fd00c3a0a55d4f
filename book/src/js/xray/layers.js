// The layers, each with the instruction that made it, opening to what it did to the files.

import { h } from '../lib/dom.js';
import { formatBytes, plural } from '../lib/format.js';
import { code, fact, formatShare, madeBy, shareBar, shortList } from './text.js';

/** @import { Layer, Report, Sum } from '../server/wire.js' */

const LARGEST = 12;

/** @param {Sum} sum */
const files = ({ files: n, bytes }) => n ? `${plural(n, 'file')}, ${formatBytes(bytes)}` : 'nothing';

/** @param {Layer} layer */
function largest(layer) {
    const all = layer.largest || [];
    if (!all.length) return null;
    return h('div', { class: 'table-wrapper' }, h('table', { class: 'xray-table' },
        h('caption', {}, 'Its largest files'),
        h('thead', {}, h('tr', {}, ...['File', 'What', 'Size'].map(name => h('th', { scope: 'col' }, name)))),
        h('tbody', {}, ...all.slice(0, LARGEST).map(file => h('tr', {},
            h('th', { scope: 'row' }, code(file.path)), h('td', {}, file.what), h('td', { class: 'is-number' }, formatBytes(file.bytes)))))));
}

/**
 * @param {Layer} layer
 * @param {Report} report
 * @param {number} most bytes of the largest layer
 */
function one(layer, report, most) {
    const { added, changed, removed, wasted_bytes: wasted } = layer;
    const all = report.sizes.unpacked_bytes;
    return h('li', { 'data-role': 'xray-layer', 'data-layer': layer.index }, h('details', { class: 'xray-layer' },
        h('summary', {},
            h('span', { class: 'xray-layer-number' }, h('span', { class: 'visually-hidden' }, 'Layer '), String(layer.index)),
            h('code', { class: 'xray-layer-by', translate: 'no' }, madeBy(layer)),
            h('span', { class: 'xray-layer-size' }, formatBytes(layer.unpacked_bytes)),
            shareBar([{ bytes: added.bytes, tone: 'added' }, { bytes: changed.bytes, tone: 'changed' }], most)),
        h('div', { class: 'xray-layer-body' },
            h('p', { class: 'xray-instruction' }, code(madeBy(layer))),
            h('dl', { class: 'xray-facts' },
                fact('Adds', files(added)),
                fact('Changes', files(changed)),
                fact('Removes', removed.files ? `${plural(removed.files, 'file')}, ${formatBytes(removed.bytes)}, which stay in the layers below` : 'nothing'),
                fact('Wasted of it', wasted ? `${formatBytes(wasted)}: later layers hide it` : 'nothing'),
                fact('Share', `${formatShare(layer.unpacked_bytes, all)} of the image`),
                layer.compressed_bytes ? fact('Compressed', formatBytes(layer.compressed_bytes)) : null),
            largest(layer))));
}

/** @param {Report} report */
function wasted(report) {
    const all = report.wasted || [];
    if (!all.length) return [];
    return [
        h('h3', { class: 'xray-head' }, 'Carried, and out of reach'),
        h('p', { class: 'xray-lead' }, 'A later layer overwrites or deletes these. Everybody pulls them, nobody can open them.'),
        ...shortList(all.map(file => () => h('li', {},
            code(file.path), h('span', {}, `${formatBytes(file.bytes)} of layer ${file.layer}, hidden by layer ${file.by}`))),
        8, { attributes: { class: 'xray-wasted' } }),
    ];
}

/** @param {Report} report */
export function drawLayers(report) {
    const most = Math.max(1, ...report.layers.map(layer => layer.unpacked_bytes));
    if (!report.layers.length) return h('div', {}, h('p', { class: 'xray-lead' }, 'No layer at all: an image of nothing but a config.'));
    return h('div', { class: 'xray-part', 'data-role': 'xray-layers' },
        h('p', { class: 'xray-lead' }, 'The base first. The bar is the layer’s size: ',
            h('span', { class: 'xray-key' }, h('span', { class: 'xray-swatch', 'data-tone': 'added' }), 'added'), ' ',
            h('span', { class: 'xray-key' }, h('span', { class: 'xray-swatch', 'data-tone': 'changed' }), 'changed'), '. What a layer deletes stays in the image.'),
        h('ol', { class: 'xray-layers' }, ...report.layers.map(layer => one(layer, report, most))),
        ...wasted(report));
}
