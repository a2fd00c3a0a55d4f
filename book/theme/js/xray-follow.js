// One X-ray from the question to its end: asks the server how far it is, shows it, stops it.
'use strict';

(room => {
    const { h } = room;
    const PACE = 400;
    const OVER = ['ready', 'failed', 'stopped'];
    const DOING = { waiting: 'Waiting', building: 'Building', reading: 'Reading' };

    // onend('ready' | 'failed' | 'stopped' | 'lost', { report, trouble })
    room.xray.follow = (id, label, onend) => {
        const text = h('p', { class: 'xray-doing', 'data-role': 'xray-doing' }, `Opening ${label}`);
        const bytes = h('span', { class: 'xray-bytes' });
        const bar = h('progress', { 'aria-label': `Opening ${label}` });
        const stop = h('button', { type: 'button', class: 'button button-stop', 'data-role': 'xray-stop', onclick: halt }, room.icon('stop'), 'Stop');
        const note = h('div', {});
        const node = h('div', { class: 'xray-progress preparing', 'data-role': 'xray-progress' }, h('div', { class: 'xray-progress-head' }, text, bytes, stop), bar, note);
        let state = null;
        let left = false;
        let misses = 0;

        async function halt() {
            stop.setAttribute('aria-disabled', 'true');
            try {
                await room.api.stopXray(id);
                text.textContent = 'Stopping';
            } catch (error) {
                if (!(error instanceof room.Trouble)) throw error;
                stop.setAttribute('aria-disabled', 'false');
                note.replaceChildren(room.trouble(error));
            }
        }

        function draw(seen) {
            text.textContent = room.xray.name(seen.text) || `${DOING[seen.state] || 'Working'}: ${label}`;
            if (seen.total) {
                bar.max = seen.total;
                bar.value = Math.min(seen.current, seen.total);
            } else {
                bar.removeAttribute('value');
            }
            bytes.textContent = seen.current ? `${room.bytes(seen.current)}${seen.total ? ` of ${room.bytes(seen.total)}` : ''}` : '';
            if (seen.state !== state && DOING[seen.state]) room.announce(`${DOING[seen.state]} ${label}`);
            state = seen.state;
        }

        const pause = ms => new Promise(done => { setTimeout(done, ms); });

        async function watch() {
            while (!left) {
                try {
                    const seen = await room.api.xray(id);
                    if (left) return;
                    misses = 0;
                    note.replaceChildren();
                    if (OVER.includes(seen.state)) return onend(seen.state, seen);
                    draw(seen);
                } catch (error) {
                    if (!(error instanceof room.Trouble)) throw error;
                    if (left) return;
                    room.server.check();
                    // A server that was started anew knows nothing of it.
                    if (error.kind !== 'lost' || ++misses > 20) return onend('lost', { report: null, trouble: error });
                    note.replaceChildren(room.trouble(error));
                }
                await pause(PACE * (1 + misses));
            }
        }

        watch();
        return { id, node, stop, leave() { left = true; } };
    };
})(window.emptyRoom);
