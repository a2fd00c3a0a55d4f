// Two images against each other: what left the room, what came, what stayed. Both rooms are
// drawn to one scale, so that the eye compares areas, not numbers.
'use strict';

(room => {
    const { h } = room;
    const { code, name } = room.xray;
    const COUNTS = { shells: 'Shells', package_managers: 'Package managers', packages: 'Packages', setuid: 'Setuid files', executables: 'Executables', files: 'Files' };
    const FATES = { left: 'What left', came: 'What came', changed: 'What changed', stayed: 'What stayed' };
    const FIRST = 8;

    // The larger room fills the width; the other has the same proportions and its share of the area.
    function plans({ from, to }, width) {
        const most = Math.max(from, to, 1);
        const height = width * (width < 420 ? 0.8 : 0.6);
        return [from, to].map(bytes => {
            const scale = Math.sqrt(bytes / most);
            return { bytes, width: Math.max(3, Math.round(width * scale)), height: Math.max(3, Math.round(height * scale)) };
        });
    }

    // A room seen from above. Where the ghosts are, nothing is any more.
    function drawn(side, label) {
        const map = h('div', { class: 'treemap is-compared', role: 'group', 'data-role': 'xray-room', 'data-side': side });
        const detail = h('p', { class: 'xray-detail' });
        const caption = h('figcaption', {}, h('strong', { translate: 'no' }, label), h('span', {}));
        const up = h('button', { type: 'button', class: 'button', hidden: true }, 'Back up');
        return { side, map, detail, caption, up, node: h('figure', { class: 'xray-room', 'data-side': side }, caption, map, h('div', { class: 'xray-room-foot' }, up, detail)) };
    }

    function rooms(first, second, { bytes, groups }, again) {
        const sides = [drawn('from', first.label), drawn('to', second.label)];
        const ids = [first.id, second.id];
        const fates = ['from', 'to'].map(side => room.xray.fates(groups, side));
        const totals = [bytes.from, bytes.to];
        const labels = [first.label, second.label];
        const enlarge = h('button', { type: 'button', class: 'button xray-outlined', 'aria-pressed': 'false', 'data-role': 'xray-enlarge', onclick: magnify }, 'Enlarge the smaller one');
        const node = h('div', { class: 'xray-rooms', 'data-role': 'xray-rooms' }, ...sides.map(side => side.node));
        const ghosts = [['left', 'left'], ['stayed', 'stayed'], ['changed', 'changed'], ['came', 'came']];
        const legend = h('ul', { class: 'xray-legend', 'aria-label': 'What the patterns mean' }, ...ghosts.map(([fate, label]) => h('li', { class: 'xray-key' }, h('span', { class: 'xray-swatch', 'data-fate': fate }), label)));
        let large = false;
        let drawnFor = 0;

        async function draw(i, plan, at = '/', focus = false, from = null) {
            const side = sides[i];
            const mine = side.asked = (side.asked ?? 0) + 1;
            const size = large && totals[i] < Math.max(...totals) ? plans({ from: 1, to: 1 }, plan.full)[0] : plan;
            try {
                const place = await room.api.map(ids[i], { at, width: Math.max(size.width, 16), height: Math.max(size.height, 16) });
                if (mine !== side.asked) return;
                // What is in a program is compared below, in numbers.
                for (const cell of place.cells) Object.assign(cell, fates[i](cell.at || place.at), { opens: cell.kind === 'directory' });
                side.place = place;
                Object.assign(side.map.style, { width: `${size.width}px`, height: `${size.height}px` });
                side.map.setAttribute('aria-label', `${labels[i]}, ${place.at}, ${room.bytes(place.bytes)}`);
                side.map.replaceChildren(...room.xray.map.draw(place, { ...size, layers: 0, role: 'xray-room-cell' }));
                side.caption.lastChild.textContent = `${room.bytes(totals[i])}${size !== plan ? ', enlarged' : ''}`;
                side.up.hidden = place.crumbs.length < 2;
                side.look(null);
                if (focus) {
                    side.walker.focus(from);
                    room.announce(`${place.at}: ${room.bytes(place.bytes)}`);
                }
            } catch (error) {
                if (!(error instanceof room.Trouble)) throw error;
                if (mine === side.asked) side.map.replaceChildren(room.xray.unanswered(error, ids[i], again));
            }
        }

        sides.forEach((side, i) => {
            const open = (at, from) => draw(i, side.plan, at, true, from);
            const up = () => { const above = side.place.crumbs.at(-2); if (above) open(above.at, side.place.at); };
            side.look = cell => side.detail.replaceChildren(...cell
                ? [code(cell.at || room.xray.title(cell)), ` ${room.bytes(cell.bytes)}${cell.fate ? `, ${cell.mixed ? 'partly ' : ''}${room.xray.map.fates[cell.fate]}` : ''}`]
                : [code(side.place.at), ` ${room.bytes(side.place.bytes)}`]);
            side.up.addEventListener('click', up);
            side.walker = room.xray.map.walk(side.map, { cells: () => side.place?.cells || [], open: cell => open(cell.at), up, look: cell => side.place && side.look(cell) });
        });

        function all() {
            const width = node.clientWidth;
            if (!width) return;
            drawnFor = width;
            // The larger one and the smaller one stand side by side where there is room.
            const scale = Math.sqrt(Math.min(...totals) / Math.max(...totals, 1));
            const wide = width < 620 ? width : Math.floor(Math.min((width - 28) / (1 + (large ? 1 : scale)), width - 200));
            plans(bytes, wide).forEach((plan, i) => {
                sides[i].plan = { ...plan, full: wide };
                draw(i, sides[i].plan, sides[i].place?.at || '/');
            });
        }

        function magnify() {
            large = !large;
            enlarge.setAttribute('aria-pressed', String(large));
            enlarge.textContent = large ? 'To one scale again' : 'Enlarge the smaller one';
            all();
        }

        let timer = null;
        new ResizeObserver(() => {
            clearTimeout(timer);
            timer = setTimeout(() => { if (Math.abs(node.clientWidth - drawnFor) > 24) all(); }, 120);
        }).observe(node);
        return [node, h('div', { class: 'xray-rooms-foot' }, legend, enlarge)];
    }

    const some = ({ files }) => files ? room.count(files) : 'nothing';

    // “Nothing left” would say that the room is empty.
    function moves(left, came) {
        const sum = (one, files, how) => `${files} (${room.bytes(one.bytes)}) ${how}`;
        return [
            left.files ? sum(left, room.plural(left.files, 'file'), 'left') : 'nothing went away',
            came.files ? sum(came, left.files ? room.count(came.files) : room.plural(came.files, 'file'), 'came') : 'nothing came',
        ].join(', ');
    }

    function headline(from, to, { bytes, left, came, changed, stayed }) {
        const times = bytes.to && bytes.from > bytes.to ? bytes.from / bytes.to : null;
        return [
            h('p', { class: 'xray-versus' }, h('strong', {}, room.bytes(bytes.from)), h('span', { 'aria-hidden': 'true' }, ' → '), h('span', { class: 'visually-hidden' }, ' became '), h('strong', {}, room.bytes(bytes.to)),
                times && times >= 1.05 ? h('span', { class: 'xray-times' }, `${times < 9.95 ? times.toFixed(1) : Math.round(times)} × smaller`) : null),
            h('p', { class: 'xray-lead' }, 'From ', h('strong', { translate: 'no' }, from), ' to ', h('strong', { translate: 'no' }, to), `: ${moves(left, came)}, ${some(changed)} changed, ${some(stayed)} stayed.`),
        ];
    }

    const counts = all => h('dl', { class: 'xray-counts', 'data-role': 'xray-counts' }, ...Object.entries(all).map(([id, { from, to }]) => h('div', { 'data-count': id, 'data-tone': to < from ? 'less' : to > from ? 'more' : 'same' },
        h('dt', {}, COUNTS[id] || name(id)), h('dd', {}, room.count(from), h('span', { 'aria-hidden': 'true' }, ' → '), h('span', { class: 'visually-hidden' }, ' became '), room.count(to)))));

    function groups(all) {
        return h('div', { class: 'xray-fates' }, ...Object.entries(FATES).map(([fate, title]) => {
            const mine = all.filter(group => group.fate === fate).sort((a, b) => b.bytes - a.bytes);
            const most = mine[0]?.bytes || 1;
            return h('section', { 'data-fate': fate, 'data-role': 'xray-fate' }, h('h3', { class: 'xray-head' }, h('span', { class: 'xray-swatch', 'data-fate': fate }), title),
                ...mine.length ? room.xray.most(mine.map(group => () => h('li', {},
                    code(group.path), h('span', { class: 'xray-group-files' }, room.plural(group.files, 'file')), h('span', { class: 'is-number' }, room.bytes(group.bytes)),
                    room.xray.bar([{ bytes: group.bytes, tone: fate }], most))), FIRST, { attributes: { class: 'xray-group-list' } }) : [h('p', { class: 'xray-none' }, 'Nothing.')]);
        }));
    }

    function programs(all) {
        const changed = list => [...(list || [])].filter(one => one.from !== one.to).sort((a, b) => Math.abs((b.to ?? 0) - (b.from ?? 0)) - Math.abs((a.to ?? 0) - (a.from ?? 0)));
        const bytes = n => n === null || n === undefined ? '–' : room.bytes(n);
        const signed = one => { const d = (one.to ?? 0) - (one.from ?? 0); return `${d < 0 ? '−' : '+'}${room.bytes(Math.abs(d))}`; };
        const table = (title, rows, label) => rows.length ? h('div', { class: 'table-wrapper' }, h('table', { class: 'xray-table' },
            h('caption', {}, title), h('thead', {}, h('tr', {}, ...[label, 'Before', 'After', 'By'].map((text, i) => h('th', { scope: 'col', class: i ? 'is-number' : null }, text)))),
            h('tbody', {}, ...rows.slice(0, 20).map(one => h('tr', {}, h('th', { scope: 'row' }, code(one.name ?? one.path)),
                ...[bytes(one.from), bytes(one.to), signed(one)].map(text => h('td', { class: 'is-number' }, text))))))) : null;
        // What both have tells more than what only one has.
        const called = ({ path, from, to }) => from && to && from.path !== to.path ? [code(from.path), ' → ', code(to.path)] : [code(path)];
        const both = program => Number(Boolean(program.from && program.to));
        const sorted = [...all].sort((a, b) => both(b) - both(a));
        return room.xray.most(sorted.map(program => () => h('li', {}, h('details', { class: 'xray-program', 'data-role': 'xray-program-difference' },
            h('summary', {}, ...called(program), h('span', { class: 'is-number' }, `${bytes(program.from?.bytes)} → ${bytes(program.to?.bytes)}`)),
            h('div', { class: 'xray-program-body' },
                table('Sections that changed', changed(program.sections), 'Section') || h('p', { class: 'xray-lead' }, 'Its sections are as large as before.'),
                table('Packages that changed, the most first', changed(program.packages), 'Package'))))), 4, { attributes: { class: 'xray-program-list' }, all: n => `All ${n} programs` });
    }

    // first, second: { id, label }; difference: the server's answer; again(): reads what it dropped.
    room.xray.difference = (first, second, difference, again) => h('div', { class: 'xray-part', 'data-role': 'xray-difference' },
        ...headline(first.label, second.label, difference), difference.counts ? counts(difference.counts) : null, ...rooms(first, second, difference, again), groups(difference.groups),
        difference.programs?.length ? h('h3', { class: 'xray-head' }, 'Inside the programs') : null, ...programs(difference.programs || []));
})(window.emptyRoom);
