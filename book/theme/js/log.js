// Output of builds and containers: hostile text, and any amount of it.
'use strict';

(room => {
    const { h } = room;
    const LINES = 1000;
    const WIDTH = 4000;

    // Terminal control sequences (CSI, OSC, other escapes), then every control character
    // but tab, and the marks that reorder text on screen.
    const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b[ -/]*[0-~]/g;
    const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

    room.plain = text => text.replace(SEQUENCES, '').replace(/\r\n/g, '\n')
        .split('\n').map(line => line.split('\r').pop().replace(CONTROLS, '')).join('\n');

    // A log that keeps the last LINES lines in the page, and says so when it drops some.
    room.log = label => {
        const code = h('code', {});
        const clipped = h('p', { class: 'log-clipped', hidden: true });
        const pre = h('pre', { class: 'log', tabindex: 0, role: 'region', 'aria-label': label }, code);
        const node = h('div', { class: 'log-box' }, clipped, pre);
        const partial = { stdout: '', stderr: '' };
        const rows = { stdout: null, stderr: null };
        let count = 0;
        let dropped = 0;
        let waiting = [];

        function show(stream, text) {
            const line = text.length > WIDTH ? `${text.slice(0, WIDTH)} …` : text;
            if (rows[stream]) {
                rows[stream].textContent = line;
            } else {
                rows[stream] = h('span', { class: 'log-line', 'data-stream': stream }, line);
                code.append(rows[stream]);
                count++;
            }
        }

        function write({ stream, text }) {
            const parts = (partial[stream] + text).split('\n');
            partial[stream] = parts.pop().slice(-4 * WIDTH);
            // Lines that would be dropped again at once are only counted.
            const skip = Math.max(0, parts.length - LINES);
            dropped += skip;
            for (const part of parts.slice(skip)) {
                show(stream, room.plain(part.replace(/\r+$/, '')));
                rows[stream] = null;
            }
            if (partial[stream]) show(stream, room.plain(partial[stream].replace(/\r+$/, '')));
        }

        function flush() {
            const follows = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 8;
            waiting.forEach(write);
            waiting = [];
            while (count > LINES) {
                if (Object.values(rows).includes(code.firstChild)) break;
                code.firstChild.remove();
                count--;
                dropped++;
            }
            clipped.hidden = dropped === 0;
            clipped.textContent = `${room.plural(dropped, 'earlier line')} not shown: the page keeps the last ${LINES}.`;
            if (follows) pre.scrollTop = pre.scrollHeight;
        }

        return {
            node,
            append(stream, text) {
                if (!waiting.length) setTimeout(flush, 50);
                waiting.push({ stream: stream === 'stderr' ? 'stderr' : 'stdout', text });
            },
            get empty() { return count === 0 && !waiting.length; },
        };
    };
})(window.emptyRoom);
