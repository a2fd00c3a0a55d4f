// Claims and plots: the table filtered, and what was measured on the reader's machine beside what
// was recorded.

import { find, findAll, h, uniqueId } from '../lib/dom.js';
import { plural } from '../lib/format.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';

/** @import { Ledger } from '../server/wire.js' */

/**
 * @param {string} label
 * @param {string} role
 * @param {string[]} values
 */
function choice(label, role, values) {
    const id = uniqueId(role);
    const select = h('select', { id, 'data-role': role },
        h('option', { value: '' }, 'all'), ...values.map(value => h('option', { value }, value.replaceAll('-', ' '))));
    return { select, field: h('div', { class: 'ledger-field' }, h('label', { for: id }, label), select) };
}

/** @param {HTMLElement} section */
function addFilters(section) {
    const rows = findAll(section, 'tr[data-claim]');
    const verdicts = [...new Set(rows.map(row => row.dataset.verdict || ''))].sort();
    const sources = [...new Set(rows.flatMap(row => (row.dataset.source || '').split(', ')))].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    const verdict = choice('Verdict', 'ledger-verdict', verdicts);
    const source = choice('Source', 'ledger-source', sources);
    const count = h('p', { class: 'ledger-count', role: 'status', 'data-role': 'ledger-count' });
    const apply = () => {
        let shown = 0;
        for (const row of rows) {
            const fits = (!verdict.select.value || row.dataset.verdict === verdict.select.value)
                && (!source.select.value || (row.dataset.source || '').split(', ').includes(source.select.value));
            row.hidden = !fits;
            shown += Number(fits);
        }
        count.textContent = `${plural(shown, 'claim')} of ${rows.length}`;
    };
    for (const { select } of [verdict, source]) {
        select.addEventListener('change', apply);
        // Turning pages with the arrow keys is not for a choice.
        select.addEventListener('keydown', event => event.stopPropagation());
    }
    section.prepend(h('form', { class: 'ledger-filters', onsubmit: (/** @type {Event} */ event) => event.preventDefault() }, verdict.field, source.field, count));
    apply();
}

/** @param {Ledger} ledger */
function showOwn(ledger) {
    for (const { claim, measured, verdict } of ledger.claims) {
        if (verdict === 'not-run-yet' || verdict === 'not-tested-here') continue;
        const row = document.querySelector(`tr[data-claim="${CSS.escape(claim)}"]`);
        if (!row) continue;
        row.querySelector('[data-role=own]')?.remove();
        find(row, 'td.claim-measured').append(h('p', { class: 'claim-own', 'data-role': 'own', 'data-verdict': verdict },
            h('span', { class: 'claim-own-label' }, 'On your machine: '), `${measured} – ${verdict.replaceAll('-', ' ')}`));
    }
    for (const figure of findAll(document, 'figure[data-plot]')) {
        const { lab = '', metric = '' } = figure.dataset;
        for (const row of findAll(figure, 'tr[data-variant]')) {
            const text = ledger.measured[lab]?.[row.dataset.variant || '']?.[metric];
            if (!text) continue;
            row.querySelector('[data-role=own]')?.remove();
            find(row, 'td').append(h('span', { class: 'plot-own', 'data-role': 'own' }, `yours: ${text}`));
        }
    }
}

export function start() {
    const section = document.querySelector('section[data-ledger]');
    if (section instanceof HTMLElement) addFilters(section);
    let asked = false;
    server.subscribe(async () => {
        if (asked || !server.answers) return;
        asked = true;
        try {
            showOwn(await api.ledger());
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            asked = false;
        }
    });
}
