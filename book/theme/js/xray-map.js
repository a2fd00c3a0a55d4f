// A treemap: boxes whose area is bytes. Where they lie, the server says; here they are drawn,
// named where names fit, and walked with the keyboard.
//
// The boxes of the first level are buttons, one of them in the tab order. What shines through
// inside them is a preview for eyes and mice: on the keyboard, Enter leads there.
'use strict';

(room => {
    const { h } = room;
    const { name, share, title: called } = room.xray;
    const LINE = 17;
    const LETTER = 6.6;
    const MARKS = { go: 'Go program', elf: 'executable', script: 'script', setuid: 'setuid', secret: 'looks like a secret', shell: 'shell' };
    const KINDS = { directory: 'directory', file: 'file', rest: 'many smaller ones', section: 'section', module: 'module', package: 'package' };
    const FATES = { left: 'left', came: 'came', changed: 'changed', stayed: 'stayed' };
    const ALARMING = ['setuid', 'secret', 'shell'];

    // What a box is, for its colour. Go programs are the darkest: they open further.
    function family(cell) {
        if (cell.family) return cell.family;
        if (cell.kind !== 'file') return cell.kind;
        return ['go', 'elf', 'script'].find(mark => cell.marks.includes(mark)) || 'file';
    }

    // A rest with a name is bytes that belong to no package or section.
    const what = cell => [cell.kind === 'rest' && cell.name ? 'no part of it has a name' : KINDS[cell.kind] || name(cell.kind), ...cell.marks.filter(mark => !(mark === 'elf' && cell.marks.includes('go'))).map(mark => MARKS[mark] || name(mark))].join(', ');

    // layers: how many there are; from pale (the base) to strong (what came last).
    const tint = (layer, layers) => `${layers < 2 ? 26 : Math.round(9 + 39 * (layer - 1) / (layers - 1))}%`;

    function label(cell, width, height, gap) {
        // A box with boxes in it has its name in the strip above them, or not at all.
        const room_ = gap === null ? height : gap;
        if (room_ < LINE - 3 || width < 34) return [];
        const title = h('span', { class: 'cell-name', translate: 'no' }, called(cell));
        const size = h('span', { class: 'cell-bytes' }, room.bytes(cell.bytes));
        if (gap === null && height >= 2 * LINE + 6 && width >= 52) return [title, size];
        return width > LETTER * (called(cell).length + 11) ? [h('span', { class: 'cell-line' }, title, size)] : [title];
    }

    // place: the server's answer; options: { width, height, layers, describe(cell) → text for all, fates: flag }
    function draw(place, { width, height, layers, role = 'xray-cell' }) {
        const first = place.cells.map((cell, i) => ({ cell, i })).filter(({ cell }) => cell.depth === 0);
        const gaps = new Map();
        for (const cell of place.cells) {
            if (cell.depth === 0 || cell.of === null) continue;
            const above = (cell.y - place.cells[cell.of].y) * height / 100;
            gaps.set(cell.of, Math.min(gaps.get(cell.of) ?? Infinity, above));
        }
        function box(cell, i, tag, attributes) {
            const node = h(tag, {
                class: 'cell', 'data-depth': cell.depth, 'data-family': family(cell), 'data-layer': cell.layer, 'data-fate': cell.fate,
                'data-index': i, 'data-opens': cell.opens, 'data-marked': cell.marks.some(mark => ALARMING.includes(mark)),
                'data-inside': gaps.has(i), 'data-mixed': Boolean(cell.mixed), ...attributes,
            }, ...label(cell, cell.w * width / 100, cell.h * height / 100, gaps.has(i) ? gaps.get(i) : null));
            Object.assign(node.style, { left: `${cell.x}%`, top: `${cell.y}%`, width: `${cell.w}%`, height: `${cell.h}%` });
            if (cell.layer && layers) node.style.setProperty('--tint', tint(cell.layer, layers));
            return node;
        }
        const said = cell => [called(cell), what(cell), `${room.bytes(cell.bytes)}, ${share(cell.bytes, place.bytes)}`,
            cell.layer ? `layer ${cell.layer}` : null, cell.fate ? `${cell.mixed ? 'partly ' : ''}${FATES[cell.fate]}` : null].filter(Boolean).join('; ');
        return [
            ...first.map(({ cell, i }, n) => box(cell, i, 'button', {
                type: 'button', tabindex: n ? -1 : 0, 'data-role': role, 'data-at': cell.at,
                'aria-disabled': cell.opens ? null : 'true', 'aria-label': said(cell),
            })),
            ...place.cells.map((cell, i) => cell.depth === 0 ? null : box(cell, i, 'span', { 'aria-hidden': 'true' })).filter(Boolean),
        ];
    }

    // The nearest box in a direction: straight ahead counts more than far to the side.
    function neighbour(from, boxes, key) {
        const middle = ({ style }) => [parseFloat(style.left) + parseFloat(style.width) / 2, parseFloat(style.top) + parseFloat(style.height) / 2];
        const [x, y] = middle(from);
        const ahead = { ArrowRight: (dx) => dx, ArrowLeft: (dx) => -dx, ArrowDown: (dx, dy) => dy, ArrowUp: (dx, dy) => -dy }[key];
        const aside = /Left|Right/.test(key) ? (dx, dy) => Math.abs(dy) : dx => Math.abs(dx);
        let best = null;
        for (const box of boxes) {
            if (box === from) continue;
            const [bx, by] = middle(box);
            const forward = ahead(bx - x, by - y);
            if (forward <= 0.01) continue;
            const far = forward + 2 * aside(bx - x, by - y);
            if (!best || far < best.far) best = { box, far };
        }
        return best?.box ?? null;
    }

    // node: holds the boxes. open(cell), up(), look(cell | null): shown beside it.
    function walk(node, { cells, open, up, look }) {
        const cellOf = target => {
            const box = target.closest?.('.cell');
            return box && node.contains(box) ? cells()[Number(box.dataset.index)] : null;
        };
        const boxes = () => [...node.querySelectorAll('.cell[data-depth="0"]')];
        function focus(box) {
            if (!box) return;
            for (const other of boxes()) other.tabIndex = other === box ? 0 : -1;
            box.focus();
        }
        node.addEventListener('click', event => {
            let cell = cellOf(event.target);
            // A file in a directory opens the directory, where the file itself has no more to show.
            if (cell && !cell.opens && cell.of !== null) cell = cells()[cell.of];
            if (!cell) return;
            look(cell);
            if (cell.opens) open(cell);
        });
        node.addEventListener('pointerover', event => { const cell = cellOf(event.target); if (cell) look(cell); });
        node.addEventListener('pointerleave', () => look(null));
        node.addEventListener('focusin', event => { const cell = cellOf(event.target); if (cell) look(cell); });
        node.addEventListener('keydown', event => {
            if (event.altKey || event.ctrlKey || event.metaKey) return;
            const all = boxes();
            const here = document.activeElement;
            if (!all.includes(here)) return;
            if (event.key === 'Backspace' || event.key === 'Escape') up();
            else if (event.key === 'Home') focus(all[0]);
            else if (event.key === 'End') focus(all.at(-1));
            else if (event.key.startsWith('Arrow')) focus(neighbour(here, all, event.key));
            else return;
            event.preventDefault();
        });
        return {
            // The box that leads to a place, or else the largest.
            focus: (at = null) => focus(boxes().find(box => at && [box.dataset.at, `${box.dataset.at}!`].includes(at)) || boxes()[0]),
        };
    }

    room.xray.map = { draw, walk, tint, family, what, fates: FATES };
})(window.emptyRoom);
