// One variant of a lab on the page: its files, the reader's edits, and its latest run.
'use strict';

(room => {
    const { h } = room;

    // Reads what the book says about a variant, and takes it off the page.
    function read(element) {
        const { variant: id, role, title } = element.dataset;
        const files = [...element.querySelectorAll('.lab-file')].map(file => ({
            path: file.dataset.path,
            language: file.dataset.language,
            editable: 'editable' in file.dataset,
            original: file.querySelector('code').textContent,
        }));
        const expect = element.querySelector('.lab-expect')?.textContent || '';
        const recorded = element.querySelector('.lab-recorded');
        element.remove();
        return { id, role, title, expect, recorded, files };
    }

    // lab: { id, kind, name, claim, hint }; hooks: { onchange(), onrun(), onedit(), onforget() }.
    room.variant = (element, lab, { onchange, onrun, onedit, onforget }) => {
        const self = { ...read(element), state: 'idle', status: '', ending: null, link: 'live', refusal: null };
        const memory = file => `edit:${lab.id}/${self.id}/${file.path}`;

        for (const file of self.files) {
            const text = (file.editable && room.store.get(memory(file))) ?? file.original;
            file.editor = room.editor({ ...file, text: text || file.original }, {
                hint: lab.hint,
                onrun,
                oninput(value) {
                    remember(file, value);
                    onedit();
                },
            });
        }

        function remember(file, value) {
            if (value === file.original) room.store.remove(memory(file));
            else room.store.set(memory(file), value);
        }

        const isEdited = file => file.editable && file.editor.text !== file.original;
        const place = h('div', { class: 'lab-run' });
        const tabs = room.tabs({
            label: `Files of ${self.title}`,
            items: self.files.map(file => ({ id: file.path, label: file.path, panel: file.editor.node })),
        });

        let following = null;
        let view = null;
        const guess = lab.kind === 'failure' && self.role === 'broken' ? room.guess(`${lab.id}/${self.id}`, self.title, {
            onchange,
            onforget() {
                // As if it had never run.
                if (over()) {
                    place.replaceChildren();
                    change({ state: 'idle', status: '', ending: null });
                }
                onforget();
            },
        }) : null;

        function change(patch) {
            Object.assign(self, patch);
            onchange();
        }

        function mark(path, line, message) {
            const file = self.files.find(one => one.path === path);
            if (!file) return;
            // The first line tells; the rest stands with the step.
            file.editor.mark(line, message.split('\n')[0]);
            tabs.select(path);
        }

        const over = () => ['idle', 'done', 'lost'].includes(self.state);

        // Shows a run from its first event on, wherever it was started.
        function follow(run, { age = null, past = false } = {}) {
            following?.leave();
            // What ended before this page was opened is shown, but is no news.
            const say = past ? () => {} : room.announce;
            view = room.runView({ run, name: lab.name, role: self.role, claim: lab.claim, say }, {
                now: () => following?.now() ?? 0,
                onstatus: status => change({ status }),
                // An old run's line numbers say nothing about text that was reset since.
                onmark: (...at) => { if (!past || self.edited.length) mark(...at); },
                judge: (finished, edited) => guess?.judge(finished, { run, edited }),
                onfinish: finished => {
                    change({ state: 'done', ending: finished.ending });
                    if (!past) document.dispatchEvent(new CustomEvent('empty-room:finished', { detail: { lab: lab.id } }));
                },
            });
            const shown = view;
            place.replaceChildren(view.node);
            change({ state: 'running', status: 'Waiting for the engine', ending: null, link: 'live', refusal: null });
            following = room.follow(run, {
                age,
                onentry: shown.entry,
                onlink: link => { if (link !== self.link) change({ link }); },
                onend(how, trouble) {
                    if (how === 'finished') return;
                    shown.abandon(trouble);
                    change({ state: 'lost', status: '', link: 'live' });
                },
            });
        }

        // Object.assign would read the getters once and keep their values.
        return Object.defineProperties(self, Object.getOwnPropertyDescriptors({
            tabs, place, follow, guess,
            get busy() { return !over(); },
            // What the latest run said, once it came to its own end.
            get record() { return ['as-declared', 'not-as-declared'].includes(view?.record.finished?.ending) ? view.record : null; },
            get edited() { return self.files.filter(isEdited); },
            text: path => self.files.find(file => file.path === path)?.editor.text,
            async start() {
                self.files.forEach(file => file.editor.mark(null));
                place.replaceChildren();
                change({ state: 'starting', status: 'Asking the playground', ending: null, refusal: null });
                const edits = Object.fromEntries(self.edited.map(file => [file.path, file.editor.text]));
                try {
                    const { run } = await room.api.start(lab.id, self.id, edits);
                    room.rememberStart(run);
                    follow(run);
                } catch (error) {
                    if (!(error instanceof room.Trouble)) throw error;
                    change({ state: 'idle', status: '', refusal: error });
                    room.announce(`${lab.name}: ${error.what}`);
                    room.server.check();
                }
            },
            async stop() {
                if (self.state !== 'running') return;
                change({ state: 'stopping', status: 'Stopping' });
                try {
                    await room.api.stop(following.run);
                } catch (error) {
                    if (!(error instanceof room.Trouble)) throw error;
                    // The stream tells how it goes on; Stop may be pressed again.
                    if (self.state === 'stopping') change({ state: 'running', refusal: error });
                }
            },
            reset() {
                for (const file of self.edited) {
                    file.editor.set(file.original);
                    remember(file, file.original);
                }
                onedit();
            },
        }));
    };
})(window.emptyRoom);
