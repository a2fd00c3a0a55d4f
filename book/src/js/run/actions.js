// What was done to a running container, as a terminal would show it.

import { h } from '../lib/dom.js';
import { formatDuration } from '../lib/format.js';
import { sanitize } from '../lib/sanitize.js';

/** @import { ActionResult } from '../server/wire.js' */

// What an engine grants a program between SIGTERM and SIGKILL.
const GRACE_MS = 10_000;

/**
 * How it ended, and in which tone.
 *
 * @param {ActionResult} entry
 */
function ending({ kind, exit_code: code, status }) {
    if (kind === 'health') return [status || 'no health status', status === 'healthy' ? 'good' : status === 'unhealthy' ? 'bad' : 'calm'];
    if (!Number.isInteger(code)) return ['no exit code', 'calm'];
    return [`exit code ${code}`, code === 0 ? 'good' : 'bad'];
}

/**
 * 137 is 128 + 9, SIGKILL: a program that took its time and went by itself has another code.
 *
 * @param {ActionResult} entry
 */
function stopBar({ ms, exit_code: code }) {
    const killed = code === 137;
    const fill = h('span', { class: 'stop-fill', 'data-killed': killed });
    fill.style.width = `${Math.min(100, Math.max(0.8, 100 * ms / (GRACE_MS * 1.1)))}%`;
    return h('div', { class: 'stop' },
        h('p', { class: 'stop-words' }, h('strong', {}, formatDuration(ms)), killed
            ? ' until it was gone: asked politely, it stayed, and was killed after ten seconds'
            : ' until it was gone: asked politely, it went'),
        h('div', { class: 'stop-bar', 'aria-hidden': 'true' }, fill, h('span', { class: 'stop-limit' })),
        h('div', { class: 'stop-scale', 'aria-hidden': 'true' }, h('span', {}, 'SIGTERM'), h('span', {}, 'SIGKILL at 10 s')));
}

/** @param {ActionResult} entry */
export function drawAct(entry) {
    const { act, title, kind, command, text, by_engine: engine, timed_out: late, ms } = entry;
    const [end, tone] = ending(entry);
    const said = sanitize(text || '').trimEnd();
    const line = sanitize(command || '');
    return h('div', { class: 'act', 'data-role': 'act', 'data-act': act, 'data-kind': kind },
        sanitize(title) === line ? null : h('p', { class: 'act-title' }, sanitize(title)),
        h('div', { class: 'term' },
            h('p', { class: 'term-head' }, h('code', {}, line),
                h('span', { class: 'term-time' }, kind === 'stop' ? '' : formatDuration(ms))),
            kind === 'stop' ? stopBar(entry) : null,
            said ? h('pre', { tabindex: 0, role: 'region', 'aria-label': `What came back from ${line || title}` }, said)
                : kind === 'stop' ? null : h('p', { class: 'term-silent' }, 'Nothing came back.'),
            h('p', { class: 'term-end' }, h('span', { 'data-tone': tone, 'data-role': 'act-end' }, end),
                engine ? h('span', { class: 'term-who' }, 'the engine’s words, not a program’s') : null,
                late ? h('span', { class: 'term-who' }, 'still going on when the playground stopped waiting') : null)));
}
