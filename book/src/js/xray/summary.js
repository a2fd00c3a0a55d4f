// The head of an X-ray: whose it is, three sizes, what it starts and as whom.

import { h } from '../lib/dom.js';
import { formatBytes, plural } from '../lib/format.js';
import { code, fact, formatShare, shortId } from './text.js';

/** @import { Report } from '../server/wire.js' */
/** @typedef {NonNullable<Report['config']>} Config */

/**
 * @param {string} role
 * @param {string} label
 * @param {number | null} bytes
 * @param {string} hint
 */
function size(role, label, bytes, hint) {
    return h('div', { class: 'xray-size', 'data-size': role },
        h('dt', {}, label), h('dd', { 'data-bytes': bytes }, bytes === null ? '–' : formatBytes(bytes)), h('dd', { class: 'xray-size-hint' }, hint));
}

/**
 * What the engine would start: ENTRYPOINT and CMD.
 *
 * @param {Partial<Config>} config
 */
function starts({ Entrypoint = [], Cmd = [] }) {
    const all = [...Entrypoint, ...Cmd].filter(Boolean);
    if (!all.length) return 'nothing: it names no command';
    return code(all.map(word => /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)).join(' '));
}

/** @param {Report} report */
export function drawSummary({ subject, sizes, config: known, layers }) {
    /** @type {Partial<Config>} */
    const config = known || {};
    const { unpacked_bytes: unpacked, compressed_bytes: compressed, wasted_bytes: wasted } = sizes;
    const ports = config.ExposedPorts || [];
    return h('div', { class: 'xray-summary', 'data-role': 'xray-summary' },
        h('dl', { class: 'xray-sizes' },
            size('unpacked', 'Unpacked', unpacked, `${plural(layers.length, 'layer')}, all files`),
            size('compressed', 'Compressed', compressed ?? null, compressed ? 'what a pull transfers' : 'not measured here'),
            size('wasted', 'Wasted', wasted, wasted ? `${formatShare(wasted, unpacked)}, hidden by later layers` : 'no layer hides another’s files')),
        h('dl', { class: 'xray-facts' },
            fact('Starts', starts(config)),
            fact('As', config.User ? code(config.User) : 'root, for no user is named'),
            fact('For', code(subject.platform || 'unknown')),
            ports.length ? fact('Exposes', code(ports.join(' '))) : null,
            subject.id ? fact('Id', code(shortId(subject.id))) : null));
}
