// What came of an image, in words, and what preflight finds in it.

import { h } from '../lib/dom.js';
import { drawFindings } from '../xray/findings.js';

/** @import { Adopted, Finding, Report } from '../server/wire.js' */

/** @type {Record<Adopted['outcome'], [string, 'good' | 'bad' | 'note']>} */
export const OUTCOMES = {
    'answers': ['It answers', 'good'], 'listens': ['It listens', 'good'], 'tool': ['A tool that tells about itself', 'good'],
    'runs': ['It runs', 'good'], 'builds': ['Built; it does not come up here', 'note'], 'nothing': ['Not built', 'bad'],
};

/**
 * @param {string} title
 * @param {Finding[]} all
 */
export const found = (title, all) => h('div', { class: 'service-part' }, h('h2', {}, title),
    drawFindings(all, /** @type {Report} */ (/** @type {unknown} */ ({ layers: [] }))));
