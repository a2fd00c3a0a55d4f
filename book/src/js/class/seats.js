// The table of seats. Each seat keeps its rows for as long as it is there: they are written anew
// only where they show something else, so that no menu closes and no focus is lost.

import { h } from '../lib/dom.js';
import { announce } from '../lib/announce.js';
import { details, DOING, ENDING, ORDER, shownAs, since } from './doing.js';
import { names } from './names.js';
import { createSaid } from './said.js';

/** @import { ClassSeat } from '../server/wire.js' */
/** @import { Act } from './said.js' */
/** @typedef {ReturnType<typeof createRow>} Row */

const HEAD = [['seat', 'Seat'], ['name', 'Name'], ['now', 'Now'], ['page', 'Page'], ['last', 'Last run'], ['passed', 'Passed'], ['help', 'Help']];

/** Where some of the columns are hidden (theme/class/class.css). */
const narrow = matchMedia('(max-width: 44rem)');
const NARROW_COLUMNS = 4;

/** How long a return code lets somebody in. */
const CODE_MS = 600_000;

/** @param {number} ms since 1970 */
const clock = ms => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/**
 * A cell that is written anew where its facts have changed.
 *
 * @param {string} of
 * @param {(seat: ClassSeat) => unknown} facts
 * @param {(seat: ClassSeat) => (Node | string | null)[]} draw
 */
function cell(of, facts, draw) {
    const node = h('td', { 'data-cell': of });
    let last = '';
    return {
        node,
        /** @param {ClassSeat} seat */
        update(seat) {
            const now = JSON.stringify(facts(seat) ?? null);
            if (now === last) return;
            last = now;
            const link = document.activeElement;
            const held = link instanceof HTMLAnchorElement && node.contains(link) ? link.pathname : null;
            node.replaceChildren(...draw(seat).filter(part => part !== null));
            // Whoever was at the link of this cell is at its new one.
            if (held !== null) node.querySelector('a')?.focus();
        },
    };
}

const cells = () => [
    cell('seat', seat => seat.seat, seat => [String(seat.seat)]),
    cell('name', seat => seat.name, seat => [seat.name ?? '']),
    cell('now', seat => [shownAs(seat), since(seat), details(seat)], seat => {
        const { text, said } = details(seat);
        return [h('span', { class: 'class-doing' }, DOING[shownAs(seat)], since(seat)),
            text ? h('small', {}, ' ', text) : null, said ? h('small', { class: 'class-mono' }, said) : null];
    }),
    cell('page', seat => seat.page, seat => [seat.page ? h('a', { href: `/${seat.page.href}`, title: seat.page.title }, seat.page.title) : '–']),
    cell('last', seat => [seat.last, names.known], ({ last }) => {
        if (!last) return ['–'];
        const came = last.failing ? `fails: ${last.failing}` : ENDING[last.ending];
        return [h('span', { title: `${names.long(last.object, last.variant)}, ${came}` }, names.short(last.object), h('small', {}, ' ', came))];
    }),
    cell('passed', seat => seat.passed, seat => [String(seat.passed)]),
];

/**
 * @param {ClassSeat} first
 * @param {Act} act
 * @param {(name: string) => void} gone
 */
function createRow(first, act, gone) {
    const number = first.seat ?? 0;
    const path = `seats/${number}`;
    const said = createSaid();
    let { name = '' } = first;
    let hand = false;
    const of = cells();

    const lower = h('button', { type: 'button', class: 'quiet', onclick: there }, 'I am there');
    const back = h('button', { type: 'button', class: 'quiet', onclick: letBack }, 'Return code');
    const remove = h('button', {
        type: 'button', class: 'danger',
        async onclick() {
            if (!confirm(`Send ${name} away? Files, progress and runs of seat ${number} are removed.`)) return;
            if (await act(`${path}/remove`, {}, said, () => '')) gone(name);
        },
    }, 'Remove');
    const id = `class-help-${number}`;
    const more = h('button', { type: 'button', class: 'class-more', 'aria-expanded': 'false', 'aria-controls': id, onclick: () => open(help.hidden === true) }, '…');
    const top = h('tr', {}, ...of.map(one => one.node), h('td', { 'data-cell': 'help' }, more));
    const wide = h('td', {}, h('div', { class: 'class-tools' }, lower, back, remove), said.node);
    const help = h('tr', { class: 'class-help', id, hidden: true }, wide);
    const node = h('tbody', { 'data-seat': number }, top, help);
    node.addEventListener('keydown', event => {
        if (event.key !== 'Escape' || help.hidden) return;
        open(false);
        more.focus();
    });

    /** @param {boolean} wanted */
    function open(wanted) {
        help.hidden = !wanted;
        more.setAttribute('aria-expanded', String(wanted));
    }

    async function there() {
        if (!await act(`${path}/lower`, {}, said, () => '')) return;
        announce(`The hand of ${name} is down.`);
        open(false);
        more.focus();
    }

    async function letBack() {
        const answer = await act(`${path}/return`, {}, said, () => '');
        if (!answer) return;
        const until = Date.now() + CODE_MS;
        const line = h('p', { class: 'class-return' }, h('strong', { class: 'class-code' }, answer.code),
            h('span', {}, `lets `, h('strong', {}, `seat ${number} · ${name}`), ` back in, once, until ${clock(until)}: on the join page, under “I had a seat already”.`));
        said.show(line);
        announce(`Return code for seat ${number}, ${name}: ${answer.code}`);
        setTimeout(() => { if (line.isConnected) said.show(); }, CODE_MS);
    }

    return {
        node, number,
        /** Rows with something open, or with the focus, stay where they are. */
        get isHeld() { return !help.hidden || node.contains(document.activeElement); },
        get rank() { return ORDER.indexOf(/** @type {any} */ (top.dataset.doing)); },
        focus: () => more.focus(),
        /** @param {ClassSeat} seat */
        update(seat) {
            for (const one of of) one.update(seat);
            ({ name = '' } = seat);
            more.setAttribute('aria-label', `Help for ${name}, seat ${number}`);
            top.dataset.doing = shownAs(seat);
            wide.colSpan = narrow.matches ? NARROW_COLUMNS : HEAD.length;
            if (hand !== (seat.hand_seconds !== null)) hand = !hand;
            if (!hand && document.activeElement === lower) more.focus();
            lower.hidden = !hand;
        },
    };
}

/**
 * Sorted, but for those that are held: they keep their places, and the others go around them.
 *
 * @param {Row[]} rows as they stand
 */
function arranged(rows) {
    const free = rows.filter(row => !row.isHeld).sort((a, b) => a.rank - b.rank || a.number - b.number);
    return rows.map(row => row.isHeld ? row : /** @type {Row} */ (free.shift()));
}

/** @param {Act} act */
export function createSeats(act) {
    const said = createSaid();
    const table = h('table', { class: 'class-table' },
        h('thead', {}, h('tr', {}, ...HEAD.map(([of, title]) => h('th', { scope: 'col', 'data-cell': of }, title)))));
    const scroll = h('div', { class: 'class-scroll', tabindex: '0', role: 'region', 'aria-label': 'Seats' }, table);
    const none = h('p', { class: 'class-note' }, 'Nobody has joined yet. Show the code, or the QR code, and the fingerprint.');
    const node = h('section', { class: 'class-card' }, h('h2', {}, 'Seats'), said.node, none, scroll);
    /** @type {Row[]} */
    let rows = [];

    /** @param {Row} row */
    function drop(row) {
        const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
        const held = row.node.contains(document.activeElement);
        row.node.remove();
        rows = rows.filter(one => one !== row);
        if (held) (next ?? { focus: () => scroll.focus() }).focus();
    }

    /** @param {ClassSeat[]} seats */
    function update(seats) {
        for (const row of rows) {
            if (!seats.some(seat => seat.seat === row.number)) drop(row);
        }
        for (const seat of seats) {
            let row = rows.find(one => one.number === seat.seat);
            if (!row) {
                row = createRow(seat, act, name => said.tell(`${name} has no seat any more.`));
                rows.push(row);
                table.append(row.node);
            }
            row.update(seat);
        }
        rows = arranged(rows);
        // Those that are held are never moved: what is moved loses the focus.
        let at = table.tHead?.nextElementSibling ?? null;
        for (const row of rows) {
            if (row.node === at || row.isHeld) at = row.node.nextElementSibling;
            else table.insertBefore(row.node, at);
        }
        none.hidden = rows.length > 0;
        scroll.hidden = !rows.length;
    }

    return { node, update };
}
