// The journey with the reader's own code: a row for each stage, and a table of the same.

import { h } from '../lib/dom.js';
import { formatBytes, formatDuration } from '../lib/format.js';
import { sanitize } from '../lib/sanitize.js';
import { OUTCOMES } from './outcome.js';
import { seePage } from './view.js';

/** @import { OwnStage } from '../server/wire.js' */

/**
 * A bar as long as its part of the largest: what is shipped is added up, so the scale is linear.
 *
 * @param {OwnStage} stage
 * @param {number} most
 */
function row(stage, most) {
    const track = h('div', { class: 'chart-track' });
    for (const [kind, bytes] of /** @type {[string, number | null][]} */ ([['unpacked', stage.unpacked], ['compressed', stage.compressed]])) {
        if (bytes === null) continue;
        const fill = h('span', { class: `bar bar-${kind}` });
        fill.style.width = `${Math.max(0.4, 100 * bytes / most)}%`;
        track.append(fill);
    }
    return h('div', { class: 'chart-row', 'data-stage': stage.number },
        h('div', { class: 'chart-label' }, h('span', { class: 'chart-number' }, stage.number), h('span', { class: 'chart-name' }, sanitize(stage.base))),
        track, h('div', { class: 'chart-value' }, stage.unpacked === null ? 'not built' : formatBytes(stage.unpacked)));
}

/** @param {OwnStage} stage */
const outcome = stage => h('td', {}, OUTCOMES[stage.outcome][0],
    stage.said ? h('span', { class: 'service-why' }, sanitize(stage.said), ' ', seePage(stage.why)) : null);

/** @param {OwnStage[]} stages */
export function drawStages(stages) {
    const most = Math.max(1, ...stages.map(stage => stage.unpacked ?? 0));
    const described = stages.map(stage => `Stage ${stage.number}: ${stage.unpacked === null ? 'not built' : formatBytes(stage.unpacked)}.`);
    /** @param {number | null} bytes */
    const size = bytes => h('td', {}, bytes === null ? '–' : formatBytes(bytes));
    return h('div', { class: 'service-part', 'data-role': 'service-journey-chart' }, h('h2', {}, 'The journey, with your code'),
        h('figure', { class: 'chart' },
            h('div', { class: 'chart-plot', role: 'img', 'aria-label': `Chart: ${described.join(' ')}` }, ...stages.map(stage => row(stage, most))),
            h('figcaption', {}, h('span', { class: 'chart-key' }, h('span', { class: 'swatch swatch-unpacked' }), 'unpacked'),
                h('span', { class: 'chart-key' }, h('span', { class: 'swatch swatch-compressed' }), 'compressed'))),
        h('div', { class: 'table-wrapper', tabindex: 0, role: 'region', 'aria-label': 'The stages' }, h('table', {},
            h('thead', {}, h('tr', {}, ...['Stage', 'Unpacked', 'Compressed', 'Build', 'What comes of it'].map(name => h('th', { scope: 'col' }, name)))),
            h('tbody', {}, ...stages.map(stage => h('tr', { 'data-role': 'own-stage', 'data-stage': stage.number },
                h('th', { scope: 'row' }, seePage(stage.page, `${stage.number} · ${stage.title}`) ?? `${stage.number} · ${stage.title}`),
                size(stage.unpacked), size(stage.compressed), h('td', {}, formatDuration(stage.build_ms)), outcome(stage)))))),
        h('p', { class: 'service-why' }, 'Each was built with nothing from the builder’s cache; from stage 3 on, Go’s own caches are mounted. What the program reads, its arguments and its environment are there from the first stage on.'));
}
