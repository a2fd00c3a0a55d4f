// One X-ray from the question to its end: asks for it, shows how far it is, stops it.
'use strict';

(room => {
    const { h } = room;
    const PACE = 400;
    const OVER = ['ready', 'failed', 'stopped'];
    const DOING = { waiting: 'Waiting', building: 'Building', reading: 'Reading' };

    const dropped = async id => {
        try {
            await room.api.xray(id);
            return false;
        } catch (error) {
            if (!(error instanceof room.Trouble)) throw error;
            return error.status === 404;
        }
    };

    // Why a question about an X-ray is not answered. The server keeps a few: one that it dropped
    // can be read again. id: null where it is known to be dropped.
    room.xray.unanswered = (error, id, again) => {
        const node = h('div', { class: 'xray-unanswered' }, room.trouble(error));
        const offer = () => node.replaceChildren(
            room.trouble({ what: 'The playground has let go of this X-ray.', cause: 'It keeps a few; newer ones took its room, or it was started anew.' }),
            h('p', {}, h('button', { type: 'button', class: 'button button-run', 'data-role': 'xray-again', onclick: again }, 'Read it again')));
        if (error.status === 404) {
            if (id === null) offer();
            else dropped(id).then(gone => { if (gone) offer(); });
        }
        return node;
    };

    // start(): a promise of its id. One that is left is stopped, also when its id comes late.
    // onend('ready' | 'failed' | 'stopped' | 'lost' | 'refused', { report, trouble })
    room.xray.follow = (start, label, onend) => {
        const text = h('p', { class: 'xray-doing', 'data-role': 'xray-doing' }, `Opening ${label}`);
        const bytes = h('span', { class: 'xray-bytes' });
        const bar = h('progress', { 'aria-label': `Opening ${label}` });
        const stop = h('button', { type: 'button', class: 'button button-stop', 'data-role': 'xray-stop', onclick: halt }, room.icon('stop'), 'Stop');
        const note = h('div', {});
        const node = h('div', { class: 'xray-progress preparing', 'data-role': 'xray-progress' }, h('div', { class: 'xray-progress-head' }, text, bytes, stop), bar, note);
        const made = start();
        let id = null;
        let state = null;
        let left = false;
        let misses = 0;

        async function halt() {
            stop.setAttribute('aria-disabled', 'true');
            try {
                await room.api.stopXray(await made);
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
                    if (error.kind !== 'lost' || ++misses > 20) return onend('lost', { report: null, error });
                    note.replaceChildren(room.trouble(error));
                }
                await pause(PACE * (1 + misses));
            }
        }

        // Nobody waits for it any more; where it is over already, there is nothing to stop.
        const drop = () => room.api.stopXray(id).catch(() => {});

        async function begin() {
            try {
                id = await made;
            } catch (error) {
                if (!(error instanceof room.Trouble)) throw error;
                if (left) return;
                room.server.check();
                return onend('refused', { report: null, error });
            }
            if (left) drop();
            else watch();
        }

        function leave() {
            left = true;
            if (id) drop();
        }

        begin();
        return { node, stop, leave, get id() { return id; } };
    };
})(window.emptyRoom);
