// The page's one entry, which theme/loader.js brings in on every page: brings in what this page has
// a use for, then asks what can be run.
//
//   lib/       elements, numbers, storage, tabs, logs: knows neither server nor labs
//   server/    the API, its types (wire.d.ts), and the chip that says what stands behind the page
//   lab/       a lab's panel: variants, editors             run/       one run, from stream to verdict
//   museum/    predictions, and broken beside fixed         journey/   the chart
//   inventory/ questions that ask why
//   ledger/    claims and plots                             symptoms/, xray/, service/   a page of the book each
//   exercise/  the exercises' panels, and their map          class/     a seat, and the board of a class
//
// mdBook copies what lies in book/src: so a static export has these modules, too. Their names are
// not hashed; the playground serves them with no-cache, so that a new version is never mixed with
// an old.
//
// What the book's HTML offers to these scripts, and which data-role they make for styles and tests,
// is declared in book/theme/contract.json, and held by a test.

import { reachWide } from './lib/scrolling.js';
import { highlightProse } from './lib/syntax.js';
import { server } from './server/server.js';
import { showServer } from './server/chip.js';
import { seatHere } from './server/seat.js';

/** @type {[string, () => Promise<{ start: () => void }>][]} */
const PARTS = [
    ['section.lab[data-lab], section[data-journey]', () => import('./lab/page.js')],
    ['section.exercise[data-exercise], section.exercises[data-exercises]', () => import('./exercise/page.js')],
    ['section.symptoms[data-symptoms]', () => import('./symptoms/page.js')],
    ['section.xray[data-xray]', () => import('./xray/page.js')],
    ['section.service[data-service]', () => import('./service/page.js')],
    ['[data-question]', () => import('./inventory/question.js')],
    ['section.ledger[data-ledger], figure[data-plot]', () => import('./ledger/page.js')],
];

highlightProse();
// The print page holds every chapter at once, and is for paper.
if (!/\/print(\.html)?$/.test(location.pathname)) {
    showServer();
    reachWide();
    const parts = PARTS.filter(([selector]) => document.querySelector(selector)).map(([, load]) => load());
    for (const { start } of await Promise.all(parts)) start();
    // Whoever has joined a class says so on every page.
    if (seatHere()) (await import('./class/seat.js')).start();
    server.check();
    // Another tab was opened with a newer key.
    window.addEventListener('storage', event => { if (event.key === 'empty-room:key') server.check(); });
    // A laptop that wakes up asks at once instead of waiting for its turn.
    document.addEventListener('visibilitychange', () => { if (!document.hidden) server.check(); });
}
