// An answer of the running container.

import { h } from '../lib/dom.js';
import { formatDuration } from '../lib/format.js';
import { sanitize } from '../lib/sanitize.js';

/** @param {import('../server/wire.js').Probed} entry */
export const drawProbe = ({ get, status, body, ms }) => h('div', { class: 'probe', 'data-role': 'probe' },
    h('p', {}, h('code', {}, `GET ${sanitize(get)}`), ' ',
        h('span', { class: 'probe-status' }, status ? String(status) : 'no answer'), h('span', { class: 'probe-time' }, formatDuration(ms))),
    body ? h('pre', { tabindex: 0, role: 'region', 'aria-label': `Answer to ${get}` }, sanitize(body)) : null);
