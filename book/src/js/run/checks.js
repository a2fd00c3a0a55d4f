// Evidence for what nobody reports: two clocks, a build context, the layers of an image.

import { h, icon, svg } from '../lib/dom.js';
import { formatBytes, plural } from '../lib/format.js';
import { sanitize } from '../lib/sanitize.js';

/** @import { Clocks, Context, Layers, LayerSize, Observation } from '../server/wire.js' */

/**
 * The time as it is written, whatever zone this browser is in.
 *
 * @param {string} stamp RFC 3339
 */
function wall(stamp) {
    const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(stamp || '');
    if (!found) return null;
    const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
    return { at: Date.UTC(year, month - 1, day, hour, minute, second), hour, minute, second, offset: found[7] === 'Z' ? 'UTC' : found[7] ? `UTC${found[7]}` : '' };
}

/**
 * @param {string} kind
 * @param {number} degrees
 * @param {number} from
 * @param {number} to
 */
const hand = (kind, degrees, from, to) => svg('line', {
    class: `clock-${kind}`, x1: 60, y1: 60 - from, x2: 60, y2: 60 - to, transform: `rotate(${degrees} 60 60)`,
});

/** @param {{ hour: number, minute: number, second: number }} time */
function face({ hour, minute, second }) {
    const ticks = Array.from({ length: 12 }, (_, i) => hand(i % 3 ? 'tick' : 'quarter', i * 30, i % 3 ? 47 : 44, 51));
    return svg('svg', { viewBox: '0 0 120 120', class: 'clock-face', 'aria-hidden': 'true' },
        svg('circle', { class: 'clock-rim', cx: 60, cy: 60, r: 57 }), ...ticks,
        hand('hour', hour % 12 * 30 + minute / 2, -6, 29), hand('minute', minute * 6 + second / 10, -8, 42),
        hand('second', second * 6, -10, 46), svg('circle', { class: 'clock-pin', cx: 60, cy: 60, r: 2.6 }));
}

/**
 * @param {string} name
 * @param {string} stamp
 */
function clock(name, stamp) {
    const time = wall(stamp);
    const digits = time ? [time.hour, time.minute, time.second].map(n => String(n).padStart(2, '0')).join(':') : sanitize(stamp || 'no time');
    return h('div', { class: 'clock' }, time ? face(time) : null,
        h('p', { class: 'clock-name' }, name),
        h('p', { class: 'clock-time' }, digits, time?.offset ? h('small', {}, ` ${time.offset}`) : null));
}

/**
 * @param {string} program
 * @param {string} expected
 * @param {string} city
 */
function apart(program, expected, city) {
    const [a, b] = [wall(program), wall(expected)];
    if (!a || !b) return 'The two cannot be compared.';
    const minutes = Math.round((a.at - b.at) / 60_000);
    if (!minutes) return `Both show the time in ${city}.`;
    const size = Math.abs(minutes);
    const hours = Math.floor(size / 60);
    const words = [hours ? plural(hours, 'hour') : '', size % 60 ? plural(size % 60, 'minute') : ''].filter(Boolean).join(' ');
    return `The program’s clock is ${words} ${minutes < 0 ? 'behind' : 'ahead of'} ${city}.`;
}

/** @param {Clocks} seen */
function clocks({ zone, program, expected }) {
    const city = sanitize(zone || '').replace(/^.*\//s, '').replaceAll('_', ' ') || 'the zone';
    return [
        h('div', { class: 'clocks' }, clock('the program', program), clock(city, expected)),
        h('p', { class: 'look-words' }, apart(program, expected, city)),
    ];
}

/** @param {Context} seen */
function context({ bytes, files }) {
    return [h('p', { class: 'look-number', 'data-bytes': bytes }, formatBytes(bytes)),
        h('p', { class: 'look-words' }, `sent to the builder, in ${plural(files, 'file')}`)];
}

/**
 * @param {Layers} seen
 * @param {LayerSize[]} [layers] the run's measured ones, from the base up; they name those without a find
 */
function stack({ needle, found, searched }, layers) {
    const named = layers?.length === searched ? layers : undefined;
    const rows = Array.from({ length: searched }, (_, i) => {
        const number = i + 1;
        const here = found.filter(one => one.layer === number);
        const made = here[0]?.created_by || named?.[i].created_by || '';
        return h('li', { class: 'layer', value: number, 'data-layer': number, 'data-found': here.length > 0 },
            h('span', { class: 'layer-number' }, String(number)),
            h('span', { class: 'layer-made' }, h('code', {}, sanitize(made) || 'not recorded'),
                ...here.map(one => h('span', { class: 'layer-find', 'data-role': 'find' }, icon('cross'), 'holds it in ', h('code', {}, sanitize(`/${one.path}`))))));
    });
    const words = found.length
        ? `Found in ${plural(new Set(found.map(one => one.layer)).size, 'layer')} of ${searched}, for everybody who has the image.`
        : `In none of the ${plural(searched, 'layer')}.`;
    return [
        h('p', { class: 'look-sub' }, 'Every file of every layer, searched for ', h('code', {}, sanitize(needle).slice(0, 80))),
        h('ol', { class: 'layer-stack', reversed: true }, ...rows.reverse()),
        h('p', { class: 'look-words' }, words),
    ];
}

const noClock = () => [h('p', { class: 'look-words' }, 'The program gave no time to compare.')];
/**
 * What was seen, and whether it is well: null where that is not for us to say.
 *
 * @param {Observation['seen']} seen
 * @param {LayerSize[]} [layers]
 * @returns {[boolean | null, Element[]] | null} null for what a later server may know
 */
function draw(seen, layers) {
    switch (seen?.kind) {
    case 'clocks': return [seen.agrees, clocks(seen)];
    case 'no-clock': return [false, noClock()];
    case 'context': return [null, context(seen)];
    case 'layers': return [!seen.found.length, stack(seen, layers)];
    default: return null;
    }
}

/**
 * @param {Observation} entry
 * @param {LayerSize[]} [layers] of the run's image
 */
export function drawLook({ look, title, seen }, layers) {
    const drawn = draw(seen, layers);
    if (!drawn) return null;
    const [good, nodes] = drawn;
    return h('div', { class: 'look', 'data-role': 'look', 'data-look': look, 'data-kind': seen.kind, 'data-tone': good === null ? 'calm' : good ? 'good' : 'bad' },
        h('p', { class: 'look-title' }, sanitize(title)), ...nodes);
}
