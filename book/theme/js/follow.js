// Follows one run from its first event to its last, through reloads and lost connections.
'use strict';

(room => {
    const PAUSES = [300, 700, 1500, 3000, 5000];

    // The moment the run was accepted, for timers that are right after a reload, too:
    // remembered by the tab that started it, told by the server, or else estimated.
    const birth = run => `began:${run}`;
    room.rememberStart = run => room.store.set(birth(run), String(Date.now()));

    // onentry(entry), onlink('live' | 'lost'), onend('finished' | 'gone' | 'refused', trouble).
    room.follow = (run, { age = null, onentry, onlink, onend }) => {
        const control = new AbortController();
        let last = 0;
        let finished = false;
        const remembered = Number(room.store.get(birth(run))) || null;
        let began = age !== null ? Date.now() - age : remembered ?? Date.now();

        function deliver(entry) {
            // A reconnect may repeat what is already here.
            if (finished || entry.seq <= last) return;
            last = entry.seq;
            onlink('live');
            began = Math.min(began, Date.now() - entry.at_ms);
            if (entry.event === 'finished') {
                finished = true;
                room.store.remove(birth(run));
            }
            onentry(entry);
        }

        const pause = ms => new Promise(done => { setTimeout(done, ms); });

        async function watch() {
            for (let attempt = 0; !finished; attempt++) {
                const before = last;
                try {
                    await room.api.events(run, last, deliver, control.signal);
                    if (finished) break;
                } catch (error) {
                    if (error.name === 'AbortError') return;
                    if (error.status === 404) return onend('gone', error);
                    if (error.kind === 'key' || error.kind === 'refused') {
                        room.server.check();
                        return onend('refused', error);
                    }
                    if (!(error instanceof room.Trouble)) throw error;
                    onlink('lost');
                    room.server.check();
                }
                // Something came: the next trouble is a new one.
                if (last > before) attempt = -1;
                await pause(PAUSES[Math.min(attempt < 0 ? 0 : attempt, PAUSES.length - 1)]);
            }
            onend('finished', null);
        }

        watch();
        return { run, now: () => Date.now() - began, leave: () => control.abort() };
    };
})(window.emptyRoom);
