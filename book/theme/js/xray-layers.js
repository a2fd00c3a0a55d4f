// The layers, each with the instruction that made it, opening to what it did to the files.
'use strict';

(room => {
    const { h } = room;
    const { bar, code, fact, madeBy, share } = room.xray;
    const LARGEST = 12;

    const files = ({ files: n, bytes }) => n ? `${room.plural(n, 'file')}, ${room.bytes(bytes)}` : 'nothing';

    function largest(layer) {
        const all = layer.largest || [];
        if (!all.length) return null;
        return h('div', { class: 'table-wrapper' }, h('table', { class: 'xray-table' },
            h('caption', {}, `Its largest files`),
            h('thead', {}, h('tr', {}, ...['File', 'What', 'Size'].map(name => h('th', { scope: 'col' }, name)))),
            h('tbody', {}, ...all.slice(0, LARGEST).map(file => h('tr', {},
                h('th', { scope: 'row' }, code(file.path)), h('td', {}, file.what), h('td', { class: 'is-number' }, room.bytes(file.bytes)))))));
    }

    function one(layer, report, most) {
        const { added, changed, removed, wasted_bytes: wasted } = layer;
        const all = report.sizes.unpacked_bytes;
        return h('li', { 'data-role': 'xray-layer', 'data-layer': layer.index }, h('details', { class: 'xray-layer' },
            h('summary', {},
                h('span', { class: 'xray-layer-number' }, h('span', { class: 'visually-hidden' }, 'Layer '), String(layer.index)),
                h('code', { class: 'xray-layer-by', translate: 'no' }, madeBy(layer)),
                h('span', { class: 'xray-layer-size' }, room.bytes(layer.unpacked_bytes)),
                bar([{ bytes: added.bytes, tone: 'added' }, { bytes: changed.bytes, tone: 'changed' }], most)),
            h('div', { class: 'xray-layer-body' },
                h('p', { class: 'xray-instruction' }, code(madeBy(layer))),
                h('dl', { class: 'xray-facts' },
                    fact('Adds', files(added)),
                    fact('Changes', files(changed)),
                    fact('Removes', removed.files ? `${room.plural(removed.files, 'file')}, ${room.bytes(removed.bytes)}, which stay in the layers below` : 'nothing'),
                    fact('Wasted of it', wasted ? `${room.bytes(wasted)}: later layers hide it` : 'nothing'),
                    fact('Share', `${share(layer.unpacked_bytes, all)} of the image`),
                    layer.compressed_bytes ? fact('Compressed', room.bytes(layer.compressed_bytes)) : null),
                largest(layer))));
    }

    function wasted(report) {
        const all = report.wasted || [];
        if (!all.length) return [];
        return [
            h('h3', { class: 'xray-head' }, 'Carried, and out of reach'),
            h('p', { class: 'xray-lead' }, 'A later layer overwrites or deletes these. Everybody pulls them, nobody can open them.'),
            ...room.xray.most(all.map(file => () => h('li', {},
                code(file.path), h('span', {}, `${room.bytes(file.bytes)} of layer ${file.layer}, hidden by layer ${file.by}`))),
            8, { attributes: { class: 'xray-wasted' } }),
        ];
    }

    room.xray.layers = report => {
        const most = Math.max(1, ...report.layers.map(layer => layer.unpacked_bytes));
        if (!report.layers.length) return h('div', {}, h('p', { class: 'xray-lead' }, 'No layer at all: an image of nothing but a config.'));
        return h('div', { class: 'xray-part', 'data-role': 'xray-layers' },
            h('p', { class: 'xray-lead' }, 'The base first. The bar is the layer’s size: ',
                h('span', { class: 'xray-key' }, h('span', { class: 'xray-swatch', 'data-tone': 'added' }), 'added'), ' ',
                h('span', { class: 'xray-key' }, h('span', { class: 'xray-swatch', 'data-tone': 'changed' }), 'changed'), '. What a layer deletes stays in the image.'),
            h('ol', { class: 'xray-layers' }, ...report.layers.map(layer => one(layer, report, most))),
            ...wasted(report));
    };
})(window.emptyRoom);
