// The steps of a run: what is being done, for how long, and what it wrote.
'use strict';

(room => {
    const { h } = room;
    const PHASES = { prepare: 'Prepare', build: 'Build', measure: 'Measure', run: 'Run', probe: 'Ask', act: 'Act' };
    const MARKS = { done: 'check', cached: 'check', failed: 'cross', canceled: 'dash' };
    const WORDS = { done: 'done', cached: 'cached', failed: 'failed', canceled: 'cut short' };

    // now(): milliseconds since the run was accepted.
    room.steps = now => {
        const steps = new Map();
        const phases = new Map();
        const list = h('div', { class: 'phases' });
        const summary = h('span', { class: 'steps-count' });
        const clock = h('span', { class: 'steps-clock' });
        const fold = h('details', { class: 'steps', 'data-role': 'steps', open: true },
            h('summary', {}, h('span', { class: 'steps-word' }, 'Steps'), summary, clock), list);
        let touched = false;
        fold.addEventListener('click', event => { if (event.isTrusted) touched = true; });
        let timer = null;

        function phase(id) {
            if (!phases.has(id)) {
                const items = h('ol', { class: 'phase-steps' });
                phases.set(id, items);
                const box = h('section', { class: 'phase', 'data-phase': id }, h('p', { class: 'phase-name' }, PHASES[id] || id), items);
                // Peers may still start while the build runs: keep the order of the phases.
                const order = Object.keys(PHASES);
                const after = [...list.children].find(other => order.indexOf(other.dataset.phase) > order.indexOf(id));
                list.insertBefore(box, after || null);
            }
            return phases.get(id);
        }

        function tick() {
            for (const step of steps.values()) {
                if (!step.status) step.time.textContent = room.duration(now() - step.began);
            }
            clock.textContent = room.duration(now());
        }

        function count() {
            const all = [...steps.values()];
            const cached = all.filter(step => step.status === 'cached').length;
            summary.textContent = `${all.length}${cached ? `, ${cached} cached` : ''}`;
        }

        function mark(step, status) {
            step.status = status;
            step.node.dataset.status = status;
            step.mark.replaceChildren(room.icon(MARKS[status] || 'dash'), h('span', { class: 'visually-hidden' }, `${WORDS[status] || status}: `));
            step.progress.hidden = true;
        }

        return {
            node: fold,
            start(id, kind, title, began) {
                if (steps.has(id)) return;
                const step = {
                    began, status: null, log: null,
                    mark: h('span', { class: 'step-mark' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', { class: 'visually-hidden' }, 'running: ')),
                    time: h('span', { class: 'step-time' }),
                    tag: h('span', { class: 'step-tag', hidden: true }, 'cached'),
                    progress: h('span', { class: 'step-progress', hidden: true }),
                    body: h('div', { class: 'step-body' }),
                };
                step.head = h('div', { class: 'step-head' }, step.mark,
                    h('span', { class: 'step-title' }, room.plain(title)), step.tag, step.progress, step.time);
                step.node = h('li', { class: 'step', 'data-role': 'step', 'data-step': id, 'data-status': 'running' }, step.head, step.body);
                steps.set(id, step);
                phase(kind).append(step.node);
                count();
                if (!timer) timer = setInterval(tick, 100);
                tick();
            },
            progress(id, what, current, total) {
                const step = steps.get(id);
                if (!step || step.status) return;
                step.progress.hidden = false;
                step.progress.textContent = `${what} ${room.bytes(current)}${total ? ` of ${room.bytes(total)}` : ''}`;
                step.progress.style.setProperty('--done', total ? Math.min(1, current / total) : 0);
            },
            log(id, stream, text) {
                const step = steps.get(id);
                if (!step) return;
                if (!step.log) {
                    step.log = room.log(`Log of ${step.head.querySelector('.step-title').textContent}`);
                    step.body.append(h('details', { class: 'step-log' }, h('summary', {}, 'Log'), step.log.node));
                }
                step.log.append(stream, text);
            },
            finish(id, status, ms, error) {
                const step = steps.get(id);
                if (!step) return;
                mark(step, status);
                step.time.textContent = status === 'cached' ? '' : room.duration(ms);
                step.tag.hidden = status !== 'cached';
                if (error) {
                    const where = error.line ? `${error.file || 'Dockerfile'}, line ${error.line}` : null;
                    step.body.prepend(h('div', { class: 'step-error', 'data-role': 'step-error' },
                        where ? h('p', {}, where) : null, h('pre', {}, room.plain(error.message))));
                    step.body.querySelector('details')?.setAttribute('open', '');
                }
                count();
            },
            // The run is over: nothing ticks on, and the result gets the room.
            end(ms, keepOpen) {
                clearInterval(timer);
                for (const step of steps.values()) if (!step.status) mark(step, 'canceled');
                if (ms !== null) clock.textContent = room.duration(ms);
                if (!keepOpen && !touched) fold.open = false;
            },
            get running() {
                return [...steps.values()].filter(step => !step.status).at(-1)?.head.querySelector('.step-title').textContent;
            },
        };
    };
})(window.emptyRoom);
