// The steps of a run: what is being done, for how long, and what it wrote.

import { findAll, h, icon } from '../lib/dom.js';
import { formatBytes, formatDuration } from '../lib/format.js';
import { createLog } from '../lib/log.js';
import { sanitize } from '../lib/sanitize.js';

/** @import { Phase, StepError, StepStatus, Stream } from '../server/wire.js' */

/**
 * @typedef {object} Step
 * @property {number} began milliseconds after the run was accepted
 * @property {StepStatus | null} status null while it runs
 * @property {ReturnType<typeof createLog> | null} log
 * @property {Record<'node' | 'title' | 'mark' | 'time' | 'tag' | 'progress' | 'body', HTMLElement>} nodes
 */

/** @type {Record<Phase, string>} */
const PHASES = { prepare: 'Prepare', build: 'Build', measure: 'Measure', run: 'Run', probe: 'Ask', act: 'Act' };
/** @type {Record<StepStatus, 'check' | 'cross' | 'dash'>} */
const MARKS = { done: 'check', cached: 'check', failed: 'cross', canceled: 'dash' };
const WORDS = { done: 'done', cached: 'cached', failed: 'failed', canceled: 'cut short' };

/** @param {() => number} now milliseconds since the run was accepted */
export function createSteps(now) {
    /** @type {Map<string, Step>} */
    const steps = new Map();
    /** @type {Map<Phase, HTMLElement>} */
    const phases = new Map();
    const list = h('div', { class: 'phases' });
    const summary = h('span', { class: 'steps-count' });
    const clock = h('span', { class: 'steps-clock' });
    const fold = h('details', { class: 'steps', 'data-role': 'steps', open: true },
        h('summary', {}, h('span', { class: 'steps-word' }, 'Steps'), summary, clock), list);
    let touched = false;
    fold.addEventListener('click', event => { if (event.isTrusted) touched = true; });
    /** @type {ReturnType<typeof setInterval> | undefined} */
    let timer;

    /** @param {Phase} id */
    function phase(id) {
        const known = phases.get(id);
        if (known) return known;
        const items = h('ol', { class: 'phase-steps' });
        phases.set(id, items);
        const box = h('section', { class: 'phase', 'data-phase': id }, h('p', { class: 'phase-name' }, PHASES[id] || id), items);
        // Peers may still start while the build runs: keep the order of the phases.
        const order = Object.keys(PHASES);
        const after = findAll(list, '.phase').find(other => order.indexOf(other.dataset.phase ?? '') > order.indexOf(id));
        list.insertBefore(box, after || null);
        return items;
    }

    function tick() {
        for (const step of steps.values()) {
            if (!step.status) step.nodes.time.textContent = formatDuration(now() - step.began);
        }
        clock.textContent = formatDuration(now());
    }

    function count() {
        const all = [...steps.values()];
        const cached = all.filter(step => step.status === 'cached').length;
        summary.textContent = `${all.length}${cached ? `, ${cached} cached` : ''}`;
    }

    /**
     * @param {Step} step
     * @param {StepStatus} status
     */
    function mark(step, status) {
        step.status = status;
        step.nodes.node.dataset.status = status;
        step.nodes.mark.replaceChildren(icon(MARKS[status] || 'dash'), h('span', { class: 'visually-hidden' }, `${WORDS[status] || status}: `));
        step.nodes.progress.hidden = true;
    }

    return {
        node: fold,
        /**
         * @param {string} id
         * @param {Phase} kind
         * @param {string} name
         * @param {number} began
         */
        start(id, kind, name, began) {
            if (steps.has(id)) return;
            const title = h('span', { class: 'step-title' }, sanitize(name));
            const parts = {
                mark: h('span', { class: 'step-mark' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', { class: 'visually-hidden' }, 'running: ')),
                time: h('span', { class: 'step-time' }),
                tag: h('span', { class: 'step-tag', hidden: true }, 'cached'),
                progress: h('span', { class: 'step-progress', hidden: true }),
                body: h('div', { class: 'step-body' }),
            };
            const head = h('div', { class: 'step-head' }, parts.mark, title, parts.tag, parts.progress, parts.time);
            const node = h('li', { class: 'step', 'data-role': 'step', 'data-step': id, 'data-status': 'running' }, head, parts.body);
            steps.set(id, { began, status: null, log: null, nodes: { node, title, ...parts } });
            phase(kind).append(node);
            count();
            timer ??= setInterval(tick, 100);
            tick();
        },
        /**
         * @param {string} id
         * @param {string} what
         * @param {number} current bytes
         * @param {number | null} total
         */
        progress(id, what, current, total) {
            const step = steps.get(id);
            if (!step || step.status) return;
            const { progress } = step.nodes;
            progress.hidden = false;
            progress.textContent = `${what} ${formatBytes(current)}${total ? ` of ${formatBytes(total)}` : ''}`;
            progress.style.setProperty('--done', String(total ? Math.min(1, current / total) : 0));
        },
        /**
         * @param {string} id
         * @param {Stream} stream
         * @param {string} text
         */
        log(id, stream, text) {
            const step = steps.get(id);
            if (!step) return;
            if (!step.log) {
                step.log = createLog(`Log of ${step.nodes.title.textContent}`);
                step.nodes.body.append(h('details', { class: 'step-log' }, h('summary', {}, 'Log'), step.log.node));
            }
            step.log.append(stream, text);
        },
        /**
         * @param {string} id
         * @param {StepStatus} status
         * @param {number} ms
         * @param {StepError | null} error
         */
        finish(id, status, ms, error) {
            const step = steps.get(id);
            if (!step) return;
            mark(step, status);
            step.nodes.time.textContent = status === 'cached' ? '' : formatDuration(ms);
            step.nodes.tag.hidden = status !== 'cached';
            if (error) {
                const where = error.line ? `${error.file || 'Dockerfile'}, line ${error.line}` : null;
                step.nodes.body.prepend(h('div', { class: 'step-error', 'data-role': 'step-error' },
                    where ? h('p', {}, where) : null, h('pre', {}, sanitize(error.message))));
                step.nodes.body.querySelector('details')?.setAttribute('open', '');
            }
            count();
        },
        /**
         * The run is over: nothing ticks on, and the result gets the room.
         *
         * @param {number | null} ms
         * @param {boolean} keepOpen
         */
        end(ms, keepOpen) {
            clearInterval(timer);
            for (const step of steps.values()) if (!step.status) mark(step, 'canceled');
            if (ms !== null) clock.textContent = formatDuration(ms);
            if (!keepOpen && !touched) fold.open = false;
        },
    };
}
