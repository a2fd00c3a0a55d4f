// Output of builds and containers: hostile text, and any amount of it.

import { h } from './dom.js';
import { plural } from './format.js';
import { sanitize } from './sanitize.js';

const LINES = 1000;
const WIDTH = 4000;

/** @typedef {import('../server/wire.js').Stream} Stream */

/**
 * A log that keeps the last LINES lines in the page, and says so when it drops some.
 *
 * @param {string} label
 */
export function createLog(label) {
    const code = h('code', {});
    const clipped = h('p', { class: 'log-clipped', hidden: true });
    const pre = h('pre', { class: 'log', tabindex: 0, role: 'region', 'aria-label': label }, code);
    const node = h('div', { class: 'log-box' }, clipped, pre);
    const partial = { stdout: '', stderr: '' };
    /** @type {Record<Stream, HTMLElement | null>} */
    const rows = { stdout: null, stderr: null };
    let count = 0;
    let dropped = 0;
    /** @type {{ stream: Stream, text: string }[]} */
    let waiting = [];

    /**
     * @param {Stream} stream
     * @param {string} text
     */
    function show(stream, text) {
        const line = text.length > WIDTH ? `${text.slice(0, WIDTH)} …` : text;
        const row = rows[stream] ??= newRow(stream);
        row.textContent = line;
    }

    /** @param {Stream} stream */
    function newRow(stream) {
        const row = h('span', { class: 'log-line', 'data-stream': stream });
        code.append(row);
        count++;
        return row;
    }

    /** @param {{ stream: Stream, text: string }} piece */
    function write({ stream, text }) {
        const parts = (partial[stream] + text).split('\n');
        partial[stream] = (parts.pop() ?? '').slice(-4 * WIDTH);
        // Lines that would be dropped again at once are only counted.
        const skip = Math.max(0, parts.length - LINES);
        dropped += skip;
        for (const part of parts.slice(skip)) {
            show(stream, sanitize(part.replace(/\r+$/, '')));
            rows[stream] = null;
        }
        if (partial[stream]) show(stream, sanitize(partial[stream].replace(/\r+$/, '')));
    }

    function flush() {
        const follows = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 8;
        waiting.forEach(write);
        waiting = [];
        while (count > LINES) {
            const oldest = code.firstElementChild;
            if (!oldest || Object.values(rows).some(row => row === oldest)) break;
            oldest.remove();
            count--;
            dropped++;
        }
        clipped.hidden = dropped === 0;
        clipped.textContent = `${plural(dropped, 'earlier line')} not shown: the page keeps the last ${LINES}.`;
        if (follows) pre.scrollTop = pre.scrollHeight;
    }

    return {
        node,
        /**
         * @param {Stream} stream
         * @param {string} text
         */
        append(stream, text) {
            if (!waiting.length) setTimeout(flush, 50);
            waiting.push({ stream: stream === 'stderr' ? 'stderr' : 'stdout', text });
        },
    };
}
