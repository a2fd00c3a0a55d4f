// Brings the labs and charts of a page to life.

import { h, findAll } from '../lib/dom.js';
import { drawChart, stagesOfPage } from '../journey/chart.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';
import { createPanel } from './panel.js';
import { FINISHED } from './variant.js';

export function start() {
    const sections = findAll(document, 'section.lab[data-lab]');
    const panels = sections.map(createPanel);
    const journeys = findAll(document, 'section[data-journey]').map(host => ({ host, stages: stagesOfPage(host) }));
    for (const { host, stages } of journeys) drawChart(host, stages);

    const small = sections.filter(section => section.dataset.kind === 'stage').map(section => {
        const host = h('div', { class: 'lab-journey', hidden: true });
        section.append(host);
        return { host, here: section.dataset.lab };
    });

    async function drawCharts() {
        if (!journeys.length && !small.length) return;
        try {
            const stages = await api.journey();
            for (const { host } of journeys) drawChart(host, stages);
            for (const { host, here } of small) {
                host.hidden = false;
                drawChart(host, stages, { here, small: true });
            }
        } catch (error) {
            // The claims are already there; the chip in the menu bar says what is wrong.
            if (!(error instanceof ApiError)) throw error;
        }
    }

    // Once the server answers (again): what was run before, and what runs right now.
    let resumed = false;
    async function arrive() {
        if (resumed || !server.answers) return;
        resumed = true;
        drawCharts();
        if (!panels.length) return;
        try {
            const runs = await api.runs();
            panels.forEach(panel => panel.resume(runs));
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            resumed = false;
        }
    }

    document.addEventListener(FINISHED, drawCharts);
    server.subscribe(arrive);
}
