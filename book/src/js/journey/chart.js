// The journey: claim beside measurement on a logarithmic scale, with a table of the same.

import { findAll, h } from '../lib/dom.js';
import { formatBytes, formatClaim } from '../lib/format.js';
import { xrayLink } from '../lib/links.js';

/** @import { JourneyStage } from '../server/wire.js' */

// Ends of the scale, in MB.
const FLOOR = 1;
const CEILING = 1200;
const TICKS = [1, 3, 10, 30, 100, 300, 1000];

/** @param {number} mb */
const at = mb => 100 * Math.log(Math.min(CEILING, Math.max(FLOOR, mb)) / FLOOR) / Math.log(CEILING / FLOOR);

/**
 * @param {string} kind
 * @param {number} bytes
 */
function bar(kind, bytes) {
    const fill = h('span', { class: `bar bar-${kind}` });
    fill.style.width = `${Math.max(0.6, at(bytes / 1e6))}%`;
    return fill;
}

/**
 * @param {JourneyStage} stage
 * @param {string | undefined} here
 */
function row(stage, here) {
    const track = h('div', { class: 'chart-track' });
    for (const tick of TICKS) {
        const line = h('span', { class: 'chart-grid' });
        line.style.left = `${at(tick)}%`;
        track.append(line);
    }
    const { measured } = stage;
    if (measured) track.append(bar('unpacked', measured.unpacked_bytes), bar('compressed', measured.compressed_bytes));
    const claim = h('span', { class: 'chart-claim' });
    claim.style.left = `${at(stage.claimed_mb)}%`;
    if (stage.claimed_mb_max) claim.style.width = `${at(stage.claimed_mb_max) - at(stage.claimed_mb)}%`;
    track.append(claim);
    return h('div', { class: 'chart-row', 'data-stage': stage.stage, 'data-measured': Boolean(measured), 'data-here': stage.stage === here },
        h('div', { class: 'chart-label' },
            h('span', { class: 'chart-number' }, stage.number), h('span', { class: 'chart-name' }, stage.base_label || stage.title)),
        track,
        h('div', { class: 'chart-value' }, measured ? formatBytes(measured.unpacked_bytes) : h('span', {}, `${formatClaim(claimOf(stage))} claimed`)));
}

/** @param {JourneyStage} stage */
const claimOf = stage => ({ mb: stage.claimed_mb, max: stage.claimed_mb_max });

function axis() {
    const scale = h('div', { class: 'chart-scale' });
    for (const tick of TICKS) {
        const label = h('span', {}, tick === 1 ? '1 MB' : String(tick));
        label.style.left = `${at(tick)}%`;
        scale.append(label);
    }
    return h('div', { class: 'chart-row chart-axis' }, h('div', { class: 'chart-label' }), scale, h('div', { class: 'chart-value' }));
}

/**
 * @param {string} name
 * @param {string} text
 */
const key = (name, text) => h('span', { class: 'chart-key' }, h('span', { class: `swatch swatch-${name}` }), text);

/** @param {JourneyStage[]} stages */
function table(stages) {
    /** @param {number | undefined} value */
    const cell = value => h('td', {}, value === null || value === undefined ? '–' : formatBytes(value));
    return h('details', { class: 'chart-table' }, h('summary', {}, 'As a table'),
        h('div', { class: 'table-wrapper' }, h('table', {},
            h('thead', {}, h('tr', {}, ...['Stage', 'Claimed', 'Unpacked', 'Compressed', 'As the engine prints it', 'Base', 'Measured on', 'Inside']
                .map(name => h('th', { scope: 'col' }, name)))),
            h('tbody', {}, ...stages.map(stage => {
                const { measured } = stage;
                return h('tr', {},
                    h('th', { scope: 'row' }, `${stage.number} · ${stage.title}`),
                    h('td', {}, `${formatClaim(claimOf(stage))} (${stage.claimed_by})`),
                    cell(measured?.unpacked_bytes), cell(measured?.compressed_bytes), cell(measured?.engine_bytes),
                    h('td', {}, measured ? measured.base : '–'),
                    h('td', {}, measured ? `${measured.engine}, ${measured.arch}` : 'not yet run'),
                    h('td', {}, h('a', { href: xrayLink({ lab: stage.stage }), 'aria-label': `Look inside stage ${stage.number}` }, 'Look inside')));
            })))));
}

/** @param {JourneyStage[]} stages */
function describe(stages) {
    const run = stages.flatMap(stage => stage.measured ? [{ stage, bytes: stage.measured.unpacked_bytes }] : []);
    const measured = run.map(({ stage, bytes }) => `Stage ${stage.number}: claimed ${formatClaim(claimOf(stage))}, measured ${formatBytes(bytes)} unpacked.`);
    return [`Chart: ${stages.length} stages from ${formatClaim(claimOf(stages[0]))} down, ${run.length} of them measured.`, ...measured].join(' ');
}

/**
 * @param {HTMLElement} host to draw into
 * @param {JourneyStage[]} stages
 * @param {{ here?: string | undefined, small?: boolean }} [options] here: the lab id to point out; small: without the extras
 */
export function drawChart(host, stages, { here, small = false } = {}) {
    if (!stages.length) return;
    const open = host.querySelector('.chart-table')?.hasAttribute('open');
    const sorted = [...stages].sort((a, b) => a.order - b.order);
    const anyRebuilt = sorted.some(stage => stage.measured?.base === 'rebuilt');
    const figure = h('figure', { class: 'chart', 'data-role': 'chart', 'data-small': small },
        h('div', { class: 'chart-plot', role: 'img', 'aria-label': describe(sorted) }, ...sorted.map(stage => row(stage, here)), axis()),
        h('figcaption', {}, key('claim', 'claimed'), key('unpacked', 'measured, unpacked'), key('compressed', 'measured, compressed'),
            h('span', { class: 'chart-note' }, 'logarithmic scale')),
        anyRebuilt && !small ? h('p', { class: 'chart-rebuilt' }, 'Some stages stand on bases rebuilt from Debian packages; the table says which.') : null,
        small ? null : table(sorted));
    if (open) figure.querySelector('.chart-table')?.setAttribute('open', '');
    host.replaceChildren(figure);
}

/**
 * Without a server: the claims, read from the table that the book holds.
 *
 * @param {HTMLElement} section
 * @returns {JourneyStage[]}
 */
export const stagesOfPage = section => findAll(section, 'tr[data-stage-lab]').map((tr, order) => {
    const { stageLab = '', number = '', claimedMb, claimedMbMax, claimedBy = '', title = '', base = '' } = tr.dataset;
    return {
        stage: stageLab, number, title, order, base_label: base, claimed_by: claimedBy,
        claimed_mb: Number(claimedMb), claimed_mb_max: claimedMbMax ? Number(claimedMbMax) : null, measured: null,
    };
});
