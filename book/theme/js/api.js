// The page's side of the HTTP API: the key, JSON requests, and a run's event stream.
'use strict';

(room => {
    const KEY = 'key';

    // The address that the terminal prints ends in #key=…; it is kept for the other pages
    // of this origin and taken out of the address bar, where it would be shared by accident.
    // What else the fragment says (which image to look into) stays.
    const parts = location.hash.slice(1).split('&');
    const found = parts.find(part => /^key=[\w-]+$/.test(part));
    if (found) {
        room.store.set(KEY, found.slice('key='.length));
        const rest = parts.filter(part => part !== found).join('&');
        history.replaceState(history.state, '', location.pathname + location.search + (rest ? `#${rest}` : ''));
    }

    // kind: static (no playground behind these pages), lost (no answer), key (401),
    // refused (the server says no, and why).
    class Trouble extends Error {
        constructor(kind, status, { what, cause, next }) {
            super(what);
            Object.assign(this, { kind, status, what, cause, next });
        }
    }
    room.Trouble = Trouble;

    const LOST = {
        what: 'The playground does not answer.',
        cause: 'It was stopped, or this computer slept.',
        next: 'Look at the terminal that runs it; script/server starts it again.',
    };
    const STATIC = {
        what: 'These pages were opened without the playground.',
        cause: 'They are only files, or another server shows them.',
        next: 'Run script/server in the project’s folder and open the address it prints.',
    };

    async function send(path, options = {}) {
        if (location.protocol === 'file:') throw new Trouble('static', 0, STATIC);
        const headers = { 'X-Empty-Room-Key': room.store.get(KEY) || '', ...options.headers };
        if (options.body) headers['Content-Type'] = 'application/json';
        let response;
        try {
            response = await fetch(`/api/${path}`, { ...options, headers, cache: 'no-store' });
        } catch (error) {
            if (error.name === 'AbortError') throw error;
            throw new Trouble('lost', 0, LOST);
        }
        if (response.ok) return response;
        let said = null;
        try { said = (await response.json()).error; } catch { /* not ours */ }
        if (!said || typeof said.what !== 'string') throw new Trouble('static', response.status, STATIC);
        throw new Trouble(response.status === 401 ? 'key' : 'refused', response.status, said);
    }

    async function json(path, options) {
        const response = await send(path, options);
        try {
            return await response.json();
        } catch (error) {
            if (error.name === 'TimeoutError') throw new Trouble('lost', 0, LOST);
            throw new Trouble('static', response.status, STATIC);
        }
    }

    // Questions that are answered at once, or after the minute that a private engine takes to
    // start. One that is lost on the way must not keep the page waiting for ever.
    const PATIENCE = 90_000;
    const ask = path => json(path, { signal: AbortSignal.timeout(PATIENCE) });
    const post = (path, body) => json(path, { method: 'POST', body: JSON.stringify(body) });
    const run = id => `runs/${encodeURIComponent(id)}`;
    const xray = id => `xrays/${encodeURIComponent(id)}`;

    room.api = {
        status: () => ask('status'),
        journey: () => ask('journey'),
        runs: () => ask('runs'),
        labs: () => ask('labs'),
        images: () => ask('images'),
        // what: { image } | { lab, variant } | { run }
        look: what => post('xrays', what),
        xray: id => ask(xray(id)),
        stopXray: id => send(`${xray(id)}/stop`, { method: 'POST', body: '{}' }),
        map: (id, place) => ask(`${xray(id)}/map?${new URLSearchParams(place)}`),
        preflight: id => ask(`${xray(id)}/preflight`),
        difference: (id, other) => ask(`${xray(id)}/against/${encodeURIComponent(other)}`),
        symptoms: text => ask(`symptoms?q=${encodeURIComponent(text)}`),
        start: (lab, variant, edits) => post('runs', { lab, variant, edits }),
        stop: id => send(`${run(id)}/stop`, { method: 'POST', body: '{}' }),

        // Delivers each entry after `after`; resolves when the server ends the stream.
        // EventSource cannot send the key, so the few rules of its format are here.
        async events(id, after, deliver, signal) {
            const headers = { Accept: 'text/event-stream' };
            if (after > 0) headers['Last-Event-ID'] = String(after);
            const response = await send(`${run(id)}/events`, { headers, signal });
            const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
            let pending = '';
            let data = [];
            for (;;) {
                let chunk;
                try {
                    chunk = await reader.read();
                } catch (error) {
                    if (error.name === 'AbortError') throw error;
                    throw new Trouble('lost', 0, LOST);
                }
                if (chunk.done) return;
                const lines = (pending + chunk.value).split('\n');
                pending = lines.pop();
                for (const raw of lines) {
                    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
                    if (line.startsWith('data:')) {
                        data.push(line.slice(line[5] === ' ' ? 6 : 5));
                    } else if (line === '' && data.length) {
                        const text = data.join('\n');
                        data = [];
                        deliver(JSON.parse(text));
                    }
                }
            }
        },
    };
})(window.emptyRoom);
