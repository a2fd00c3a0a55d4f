// A place in an image, from / to a Go package: crumbs, map, legend, and the same as a table.

import { announce } from '../lib/announce.js';
import { find, findAll, h } from '../lib/dom.js';
import { formatBytes, plural } from '../lib/format.js';
import { createSegments } from '../lib/tabs.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';
import { drawUnanswered } from './scan.js';
import { cellTitle, code, formatShare, madeBy, printable } from './text.js';
import { cellFamily, cellKind, drawTreemap, isAlarming, layerTint, leadsTo, walkTreemap } from './treemap.js';

/** @import { Report } from '../server/wire.js' */
/** @import { DrawnCell, DrawnMap } from './treemap.js' */

const FAMILIES = [['go', 'Go program'], ['elf', 'other executable'], ['script', 'script'], ['file', 'other file'], ['own', 'your own packages'], ['std', 'Go’s standard library'], ['dependency', 'dependencies'], ['section', 'sections without packages']];

/**
 * @param {object} options
 * @param {string} options.id of the scan
 * @param {string} options.label
 * @param {Report} options.report
 * @param {() => void} options.again reads what the server dropped
 * @param {(at: string) => void} options.onmove the page remembers where one is
 */
export function createPlace({ id, label, report, again, onmove }) {
    const layers = report.layers.length;
    const crumbs = h('ol', { class: 'crumbs', 'data-role': 'xray-crumbs' });
    const box = h('div', { class: 'treemap', 'data-role': 'xray-map', role: 'group' });
    const detail = h('p', { class: 'xray-detail', 'data-role': 'xray-detail' });
    const legend = h('div', { class: 'xray-legend-box' });
    const note = h('div', {});
    const body = h('div', { class: 'table-wrapper', hidden: true });
    const inside = h('div', { class: 'xray-inside' });
    const colour = createSegments({ label: 'Colour by', items: [{ id: 'layer', label: 'Layer' }, { id: 'kind', label: 'Kind' }], onselect: paint });
    const view = createSegments({ label: 'Show as', items: [{ id: 'map', label: 'Map' }, { id: 'table', label: 'Table' }], onselect: show });
    const keys = h('p', { class: 'xray-keys' }, 'Arrow keys move, Enter opens, Backspace goes up.');
    const map = h('div', { class: 'xray-map-box' }, box, detail, legend, keys);
    const node = h('div', { class: 'xray-part', 'data-role': 'xray-place' },
        h('div', { class: 'xray-place-head' }, h('nav', { 'aria-label': 'Where you are in the image' }, crumbs), h('div', { class: 'xray-choices-bar' }, colour.node, view.node)),
        inside, note, map, body);
    /** @type {DrawnMap} */
    let place = { at: '/', name: '', bytes: 0, crumbs: [], cells: [] };
    let asked = 0;
    let drawnFor = 0;

    const walker = walkTreemap(box, { cells: () => place.cells, open, up, look });

    // As large as the screen has room for, and not higher than wide, but on phones.
    function measure() {
        const width = Math.round(box.clientWidth) || 720;
        return { width, height: Math.round(width < 520 ? width * 1.1 : Math.min(560, width * 0.56)) };
    }

    /** @param {DrawnCell} cell */
    function open({ at }) {
        if (at) go(at, { focus: true });
    }

    /**
     * @param {string} at
     * @param {{ focus?: boolean, from?: string | null, quiet?: boolean }} [options] from: where one was, to be focused again
     */
    async function go(at, { focus = false, from = null, quiet = false } = {}) {
        const mine = ++asked;
        box.setAttribute('aria-busy', 'true');
        const { width, height } = measure();
        try {
            const next = await api.map(id, { at, width, height });
            if (mine !== asked) return;
            place = next;
            annotate();
            drawnFor = width;
            note.replaceChildren();
            box.style.height = `${height}px`;
            draw(width, height);
            if (!quiet) {
                onmove(place.at);
                announce(`${place.at}: ${formatBytes(place.bytes)} in ${plural(first().length, 'part')}`);
            }
            if (focus) { if (body.hidden) walker.focus(from); else focusRow(from); }
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (mine !== asked) return;
            note.replaceChildren(drawUnanswered(error, id, again));
            server.check();
        } finally {
            if (mine === asked) box.removeAttribute('aria-busy');
        }
    }

    const first = () => place.cells.filter(cell => cell.depth === 0);

    function up() {
        const above = place.crumbs.at(-2);
        if (above) go(above.at, { focus: true, from: place.at });
        else announce('This is the top of the image');
    }

    /**
     * @param {number} width in pixels
     * @param {number} height
     */
    function draw(width, height) {
        box.setAttribute('aria-label', `${printable(place.name) || place.at}, ${formatBytes(place.bytes)}, ${plural(first().length, 'part')}, the largest first`);
        box.replaceChildren(...drawTreemap(place, { width, height, layers }));
        // The root bears the image's name.
        const called = (/** @type {{ name: string }} */ crumb, /** @type {number} */ i) => i ? printable(crumb.name) : label;
        crumbs.replaceChildren(...place.crumbs.map((crumb, i) => h('li', {}, i === place.crumbs.length - 1
            ? h('span', { 'aria-current': 'location', translate: 'no' }, called(crumb, i))
            : h('button', { type: 'button', class: 'crumb', translate: 'no', 'data-at': crumb.at, onclick: () => go(crumb.at, { focus: true, from: place.crumbs[i + 1].at }) }, called(crumb, i)))));
        drawInside();
        drawTable();
        paint();
        look(null);
    }

    // Directories may have the mark in their names, too.
    const inProgram = () => place.cells.some(cell => ['section', 'module', 'package'].includes(cell.kind));

    // Whose a package is: the program's own, Go's, or somebody else's.
    function annotate() {
        const [path, view, only] = place.at.split('!');
        if (view === undefined) return;
        const own = report.programs.find(program => program.path === path)?.go?.build?.main?.path;
        /** @type {Record<string, string>} */
        const owners = { std: 'std', main: 'own', ...own ? { [own]: 'own' } : {}, generated: 'rest', unknown: 'rest' };
        for (const cell of place.cells) {
            const module = cell.kind === 'module' ? cell.name : cell.kind === 'package' ? place.cells[cell.of ?? -1]?.name ?? only : null;
            if (module) cell.family = owners[module] ?? 'dependency';
        }
    }

    // A Go program can be seen as the file has its parts, or as bytes by package. Others have
    // sections only, and those without section headers packages only: nothing to choose.
    /**
     * @param {string} path
     * @returns {[string, string][]}
     */
    function views(path) {
        const program = report.programs.find(one => one.path === path);
        const sections = (program?.elf?.sections || []).filter(section => section.file_bytes > 0);
        if (!program?.go?.code || !sections.length) return [];
        // Go's machine code lies in the largest section of code.
        const [text] = sections.filter(section => section.kind === 'code').sort((a, b) => b.file_bytes - a.file_bytes);
        /** @type {[string, string][]} */
        const code = text ? [['Machine code by package', `${path}!${text.name}`]] : [];
        return [['Sections of the file', `${path}!`], ...code, ['All bytes by package', `${path}!packages`]];
    }

    function drawInside() {
        const [path, part] = place.at.split('!');
        const all = part === undefined ? [] : views(path);
        inside.hidden = !all.length;
        inside.replaceChildren(...all.map(([label, at]) => h('button', {
            type: 'button', class: 'button xray-outlined', 'aria-pressed': String(place.at === at || place.at.startsWith(`${at}!`)),
            'data-role': 'xray-view', 'data-at': at, onclick: () => go(at, { focus: true }),
        }, label)));
    }

    function drawTable() {
        const rows = first().map(cell => h('tr', { 'data-family': cellFamily(cell) },
            h('th', { scope: 'row' }, cell.opens ? h('button', { type: 'button', class: 'crumb', translate: 'no', 'data-at': cell.at, onclick: () => open(cell) }, cellTitle(cell)) : code(cellTitle(cell))),
            h('td', {}, cellKind(cell)), h('td', {}, cell.layer ? String(cell.layer) : '–'),
            h('td', { class: 'is-number' }, formatShare(cell.bytes, place.bytes)), h('td', { class: 'is-number' }, formatBytes(cell.bytes))));
        body.replaceChildren(h('table', { class: 'xray-table', 'data-role': 'xray-table', tabindex: -1 },
            h('caption', {}, code(place.at), ` ${formatBytes(place.bytes)}`),
            h('thead', {}, h('tr', {}, ...['Name', 'What', 'Layer', 'Share', 'Size'].map((text, i) => h('th', { scope: 'col', class: i > 2 ? 'is-number' : null }, text)))),
            h('tbody', {}, ...rows)));
    }

    /** @param {string | null} at */
    function focusRow(at) {
        const rows = findAll(body, 'button[data-at]');
        (rows.find(row => leadsTo(row, at)) || rows[0] || find(body, '[data-role=xray-table]')).focus();
    }

    /** @param {DrawnCell | null} cell */
    function look(cell) {
        if (!cell) {
            detail.replaceChildren(code(place.at), ` ${formatBytes(place.bytes)}, ${formatShare(place.bytes, report.sizes.merged_bytes ?? report.sizes.unpacked_bytes)} of the file system`);
            return;
        }
        const layer = report.layers.find(one => one.index === cell.layer);
        detail.replaceChildren(code(cell.at || cellTitle(cell)), ` ${cellKind(cell)}, ${formatBytes(cell.bytes)}, ${formatShare(cell.bytes, place.bytes)}`,
            ...layer ? [`, layer ${layer.index}: `, code(madeBy(layer))] : []);
    }

    // A program lies in one layer: there, kinds are all that colours can tell.
    /** @type {'layer' | 'kind'} */
    let chosen = 'layer';
    function paint(wanted = chosen) {
        chosen = wanted;
        const by = inProgram() ? 'kind' : chosen;
        colour.node.hidden = inProgram() || map.hidden;
        box.dataset.colour = by;
        const there = new Set(place.cells.map(cell => by === 'layer' ? String(cell.layer) : cellFamily(cell)));
        const items = by === 'layer'
            ? report.layers.filter(layer => there.has(String(layer.index))).map(layer => key(String(layer.index), madeBy(layer), true, swatch => swatch.style.setProperty('--tint', layerTint(layer.index, layers))))
            : FAMILIES.filter(([family]) => there.has(family)).map(([family, label]) => key(family, label, false, swatch => { swatch.dataset.family = family; }));
        if (place.cells.some(isAlarming)) items.push(h('li', { class: 'xray-key' }, h('span', { class: 'xray-swatch is-marked' }), 'a shell, setuid or a secret'));
        legend.replaceChildren(h('ul', { class: 'xray-legend', 'data-colour': by, 'aria-label': 'Colours' }, ...items));
    }

    /**
     * Pressed, a colour is left alone on the map.
     *
     * @param {string} value
     * @param {string} label
     * @param {boolean} mono
     * @param {(swatch: HTMLElement) => void} dress
     */
    function key(value, label, mono, dress) {
        const swatch = h('span', { class: 'xray-swatch' });
        dress(swatch);
        return h('li', {}, h('button', {
            type: 'button', class: 'xray-key', 'aria-pressed': 'false',
            onclick: event => {
                const on = event.currentTarget.getAttribute('aria-pressed') !== 'true';
                for (const other of legend.querySelectorAll('button')) other.setAttribute('aria-pressed', 'false');
                event.currentTarget.setAttribute('aria-pressed', String(on));
                for (const cell of findAll(box, '.cell')) {
                    const same = (box.dataset.colour === 'layer' ? cell.dataset.layer : cell.dataset.family) === value;
                    cell.toggleAttribute('data-dim', on && !same && !cell.hasAttribute('data-inside'));
                }
            },
        }, swatch, mono ? h('span', { class: 'xray-key-layer' }, value, ' ', h('code', { translate: 'no' }, label)) : label));
    }

    /** @param {'map' | 'table'} as */
    function show(as) {
        map.hidden = as === 'table';
        body.hidden = as !== 'table';
        colour.node.hidden = as === 'table' || inProgram();
        if (as === 'map' && place.cells.length) redraw();
    }

    function redraw() {
        if (box.clientWidth && Math.abs(box.clientWidth - drawnFor) > 24) go(place.at, { quiet: true });
    }

    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    new ResizeObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(redraw, 200);
    }).observe(box);

    return { node, go, get at() { return place.at; } };
}
