// One scan in all its parts, as tabs.

import { h } from '../lib/dom.js';
import { createTabs } from '../lib/tabs.js';
import { api, ApiError } from '../server/api.js';
import { drawFindings, tallyText, worstTone } from './findings.js';
import { drawLayers } from './layers.js';
import { drawNotable } from './notable.js';
import { createPlace } from './place.js';
import { drawPrograms } from './programs.js';
import { drawUnanswered } from './scan.js';
import { drawSummary } from './summary.js';

/** @import { Scan } from './scan.js' */
/** @typedef {ReturnType<typeof createScanView>} ScanView */

/**
 * @param {Scan} scan
 * @param {object} hooks
 * @param {() => void} hooks.again reads what the server dropped
 * @param {(at: string) => void} hooks.onmove
 * @param {() => void} hooks.oncompare the reader wants a second image
 * @param {() => void} hooks.onother the reader wants another image
 */
export function createScanView({ id, label, report, at }, { again, onmove, oncompare, onother }) {
    const map = createPlace({ id, label, report, again, onmove(to) { view.at = to; onmove(to); } });
    const findings = h('div', { class: 'xray-part' }, h('p', { class: 'xray-lead' }, 'Looking ahead …'));
    const verdict = h('button', { type: 'button', class: 'xray-preflight', 'data-role': 'xray-preflight', hidden: true, onclick: () => tabs.select('preflight') });
    const against = h('div', {});
    const title = h('h2', { class: 'xray-title', tabindex: -1, 'data-role': 'xray-title', translate: 'no' }, label);
    const compare = h('button', { type: 'button', class: 'button xray-outlined', 'data-role': 'xray-compare', onclick: oncompare }, 'Compare with …');
    const other = h('button', { type: 'button', class: 'button xray-outlined', 'data-role': 'xray-choose-other', onclick: onother }, 'Another image');
    const programs = drawPrograms(report, to => { tabs.select('map'); map.go(to, { focus: true }); });
    /**
     * @param {string} id
     * @param {string} label
     * @param {HTMLElement} panel
     */
    const item = (id, label, panel) => ({ id, label, panel: h('div', {}, panel) });
    const tabs = createTabs({
        label: `X-ray of ${label}`,
        items: [item('map', 'Map', map.node), item('layers', 'Layers', drawLayers(report)), item('preflight', 'Preflight', findings),
            item('standout', 'What stands out', drawNotable(report)), item('programs', 'Programs', programs), { id: 'difference', label: 'What left', panel: against }],
    });

    // What comes late lands in parts that nobody sees any more.
    async function foresee() {
        try {
            const { findings: all } = await api.preflight(id);
            findings.replaceWith(drawFindings(all, report));
            verdict.hidden = false;
            verdict.dataset.tone = worstTone(all);
            verdict.replaceChildren(h('span', {}, 'Preflight'), ' ', tallyText(all));
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            findings.replaceChildren(drawUnanswered(error, id, again));
        }
    }

    const view = {
        nodes: [h('div', { class: 'xray-title-bar' }, title, h('div', { class: 'xray-actions' }, compare, other)),
            drawSummary(report), verdict, h('div', { class: 'xray-tabs' }, tabs.node), h('div', { class: 'xray-panels' }, ...tabs.panels)],
        tabs, map, title, compare, other,
        /** Where one is in the map. */
        at,
        /** Once it stands on the page: the map is drawn to the room that it has there. */
        fill() {
            map.go(at, { quiet: true }).then(() => { if (at !== '/') view.at = map.at; });
            foresee();
        },
        /** Where there is no second image yet. */
        offerComparison() {
            against.replaceChildren(h('div', { class: 'xray-part' },
                h('p', { class: 'xray-lead' }, 'What left the room? Choose a second image: the two are drawn to one scale.'),
                h('p', {}, h('button', { type: 'button', class: 'button button-run', onclick: oncompare }, 'Compare with …'))));
        },
        /** @param {HTMLElement} difference */
        showDifference(difference) {
            against.replaceChildren(difference);
            tabs.select('difference');
        },
    };
    view.offerComparison();
    return view;
}
