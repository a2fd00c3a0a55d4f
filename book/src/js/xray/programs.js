// The programs of an image: how they were built and linked, and what their bytes are for.

import { h } from '../lib/dom.js';
import { formatBytes, plural } from '../lib/format.js';
import { code, fact, formatShare, printable, shareBar, shortList } from './text.js';

/** @import { GoProgram, Package, Program, Report, Section } from '../server/wire.js' */
/** @import { Child } from '../lib/dom.js' */

/** @type {Record<string, string>} */
const LINKED = { static: 'static', 'static-pie': 'static, position-independent', dynamic: 'dynamic', library: 'a library' };
/** @type {Record<string, string>} */
const CAN = {
    'tls-client': 'verifies certificates as a TLS client', 'time-zones': 'loads time zones by name', 'own-time-zones': 'brings its own time zones',
    'own-roots': 'brings its own certificate authorities', users: 'looks up users', 'temporary-files': 'makes temporary files',
    listen: 'listens on a socket', 'start-programs': 'starts other programs',
    'local-time': 'tells local time', 'cgo-stub': 'has a database driver that lacks its C part',
    'serve-files': 'serves files by their names', 'own-types': 'names types of files itself',
};
// Kinds of sections, from the program's point of view.
/** @type {Record<string, string>} */
const TONES = { code: 'code', 'go-functions': 'table', 'read-only-data': 'constants', debug: 'debug' };
/** @type {Record<string, string>} */
const NAMES = { code: 'machine code', table: 'function table', constants: 'constants', debug: 'debug information', other: 'the rest' };

/** @param {string} kind */
const isDebug = kind => /debug|dwarf|symbol/.test(kind);
/** @param {Section} section */
const tone = ({ kind }) => TONES[kind] || (isDebug(kind) ? 'debug' : 'other');

/** @param {Program} program */
function sections({ elf, bytes }) {
    const all = (elf?.sections || []).filter(section => section.file_bytes > 0);
    if (!all.length) return [];
    const sums = Object.keys(NAMES).map(id => ({ id, bytes: all.filter(section => tone(section) === id).reduce((sum, section) => sum + section.file_bytes, 0) }));
    return [
        h('h4', { class: 'xray-head' }, 'Sections'),
        shareBar(sums.map(sum => ({ bytes: sum.bytes, tone: sum.id })), bytes),
        h('ul', { class: 'xray-legend' }, ...sums.filter(sum => sum.bytes).map(sum => h('li', { class: 'xray-key' },
            h('span', { class: 'xray-swatch', 'data-tone': sum.id }), `${NAMES[sum.id]} ${formatBytes(sum.bytes)}, ${formatShare(sum.bytes, bytes)}`))),
        h('details', { class: 'xray-more-box' }, h('summary', {}, plural(all.length, 'section')),
            table(['Section', 'Holds', 'In the file'], [...all].sort((a, b) => b.file_bytes - a.file_bytes).map(section => [code(section.name), printable(section.kind).replaceAll('-', ' '), formatBytes(section.file_bytes)]))),
    ];
}

/**
 * @param {string[]} head
 * @param {Child[][]} rows
 */
const table = (head, rows) => h('div', { class: 'table-wrapper' }, h('table', { class: 'xray-table' },
    h('thead', {}, h('tr', {}, ...head.map(text => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, ...rows.map(([first, ...cells]) => h('tr', {}, h('th', { scope: 'row' }, first),
        ...cells.map((cell, i) => h('td', { class: i === cells.length - 1 ? 'is-number' : null }, cell)))))));

/** @param {{ go: GoProgram | null }} program */
function packages({ go }) {
    const found = go?.code;
    if (!found) return go?.trouble ? [h('p', { class: 'xray-lead' }, `Its packages are not known: ${printable(go.trouble)}`)] : [];
    /** @param {Package} one */
    const total = one => one.code + one.table + one.stack_maps + one.types + one.variables + one.constants + one.symbols + one.debug + one.loader;
    const all = [...found.packages].sort((a, b) => total(b) - total(a));
    const most = all.length ? total(all[0]) : 1;
    const { go: known, unattributed } = found.totals;
    return [
        h('h4', { class: 'xray-head' }, plural(all.length, 'package')),
        h('p', { class: 'xray-lead' }, `Machine code, function table, types, variables, symbols and debug information. ${formatShare(known, known + unattributed)} of Go’s machine code could be given to a package${unattributed ? `; ${formatBytes(unattributed)} could not` : ''}.`),
        ...shortList(all.map(one => () => h('li', { 'data-role': 'xray-package' },
            code(one.path), h('span', { class: 'xray-package-origin' }, one.origin === 'module' ? 'a dependency' : one.origin === 'std' ? 'standard library' : printable(one.origin)),
            shareBar([{ bytes: total(one), tone: one.origin === 'main' ? 'code' : one.origin === 'module' ? 'constants' : 'table' }], most),
            h('span', { class: 'is-number' }, formatBytes(total(one))))), 10, { list: 'ol', attributes: { class: 'xray-packages' }, all: n => `All ${n} packages` }),
    ];
}

/** @param {{ go: GoProgram | null }} program */
function built({ go }) {
    const build = go?.build;
    if (!build) return [];
    return [h('details', { class: 'xray-more-box' }, h('summary', {}, `How it was built${build.modules.length ? `, and ${plural(build.modules.length, 'module')}` : ''}`),
        h('dl', { class: 'xray-facts' }, ...build.settings.map(([key, value]) => fact(printable(key), code(value)))),
        build.modules.length ? h('ul', { class: 'xray-evidence' }, ...build.modules.map(one => h('li', {}, code(`${one.path} ${one.version}`),
            one.replace ? h('span', {}, ' → ', code(`${one.replace.path} ${one.replace.version}`)) : null))) : null)];
}

/**
 * @param {Program} program
 * @param {boolean} open
 * @param {(at: string) => void} onmap
 */
function one(program, open, onmap) {
    const { elf, go } = program;
    const can = Object.keys(go?.code?.can || {});
    return h('li', {}, h('details', { class: 'xray-program', 'data-role': 'xray-program', 'data-path': program.path, open },
        h('summary', {}, code(program.path),
            program.started ? h('span', { class: 'xray-badge' }, 'is started') : null,
            h('span', { class: 'xray-program-by' }, printable(go?.build?.go_version || (go ? 'Go' : program.form?.form || ''))),
            h('span', { class: 'is-number' }, formatBytes(program.bytes))),
        h('div', { class: 'xray-program-body' },
            program.trouble ? h('p', { class: 'xray-lead' }, `It could not be seen through: ${printable(program.trouble)}`) : null,
            h('dl', { class: 'xray-facts' },
                program.form?.interpreter ? fact('Script for', code(program.form.interpreter)) : null,
                elf ? fact('Linked', LINKED[elf.linkage] || printable(elf.linkage)) : null,
                elf?.interpreter ? fact('Loader', code(elf.interpreter)) : null,
                elf?.needed.length ? fact('Needs', code(elf.needed.join(' '))) : null,
                elf ? fact('Any address', elf.pie ? 'yes, a PIE' : 'no, not a PIE') : null,
                elf ? fact('Symbols', elf.stripped ? 'stripped' : `${formatBytes(elf.symbol_bytes)} left in`) : null,
                elf?.dwarf_bytes ? fact('Debug information', formatBytes(elf.dwarf_bytes)) : null,
                elf?.packer ? fact('Packed with', printable(elf.packer)) : null,
                program.layer ? fact('Layer', String(program.layer)) : null,
                can.length ? fact('Can', h('ul', { class: 'xray-can' }, ...can.map(id => h('li', {}, CAN[id] || printable(id))))) : null),
            go?.code || elf?.sections?.some(section => section.file_bytes) ? h('p', {}, h('button', { type: 'button', class: 'button xray-outlined', 'data-role': 'xray-to-map', onclick: () => onmap(`${program.path}!`) }, 'Open it in the map')) : null,
            ...sections(program), ...packages(program), ...built(program))));
}

/**
 * @param {Report} report
 * @param {(at: string) => void} onmap shows a program's inside in the map
 */
export function drawPrograms({ programs }, onmap) {
    const sorted = [...programs].sort((a, b) => Number(b.started) - Number(a.started) || b.bytes - a.bytes);
    return h('div', { class: 'xray-part', 'data-role': 'xray-programs' },
        h('p', { class: 'xray-lead' }, sorted.length ? 'What the image starts first, then its Go programs.' : 'No Go program, and nothing that it would start.'),
        ...shortList(sorted.map((program, i) => () => one(program, i === 0, onmap)), 12, { attributes: { class: 'xray-program-list' }, all: n => `All ${n} programs` }));
}
