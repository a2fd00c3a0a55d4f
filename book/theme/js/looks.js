// Evidence for what nobody reports: two clocks, a build context, the layers of an image.
'use strict';

(room => {
    const { h } = room;
    const SVG = 'http://www.w3.org/2000/svg';

    function svg(tag, attributes, ...children) {
        const element = document.createElementNS(SVG, tag);
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        element.append(...children);
        return element;
    }

    // The time as it is written, whatever zone this browser is in.
    function wall(stamp) {
        const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(stamp || '');
        if (!found) return null;
        const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
        return { at: Date.UTC(year, month - 1, day, hour, minute, second), hour, minute, second, offset: found[7] === 'Z' ? 'UTC' : found[7] ? `UTC${found[7]}` : '' };
    }

    const hand = (kind, degrees, from, to) => svg('line', {
        class: `clock-${kind}`, x1: 60, y1: 60 - from, x2: 60, y2: 60 - to, transform: `rotate(${degrees} 60 60)`,
    });

    function face({ hour, minute, second }) {
        const ticks = Array.from({ length: 12 }, (_, i) => hand(i % 3 ? 'tick' : 'quarter', i * 30, i % 3 ? 47 : 44, 51));
        return svg('svg', { viewBox: '0 0 120 120', class: 'clock-face', 'aria-hidden': 'true' },
            svg('circle', { class: 'clock-rim', cx: 60, cy: 60, r: 57 }), ...ticks,
            hand('hour', hour % 12 * 30 + minute / 2, -6, 29), hand('minute', minute * 6 + second / 10, -8, 42),
            hand('second', second * 6, -10, 46), svg('circle', { class: 'clock-pin', cx: 60, cy: 60, r: 2.6 }));
    }

    function clock(name, stamp) {
        const time = wall(stamp);
        const digits = time ? [time.hour, time.minute, time.second].map(n => String(n).padStart(2, '0')).join(':') : room.plain(stamp || 'no time');
        return h('div', { class: 'clock' }, time ? face(time) : null,
            h('p', { class: 'clock-name' }, name),
            h('p', { class: 'clock-time' }, digits, time?.offset ? h('small', {}, ` ${time.offset}`) : null));
    }

    function apart(program, expected, city) {
        const [a, b] = [wall(program), wall(expected)];
        if (!a || !b) return 'The two cannot be compared.';
        const minutes = Math.round((a.at - b.at) / 60_000);
        if (!minutes) return `Both show the time in ${city}.`;
        const size = Math.abs(minutes);
        const hours = Math.floor(size / 60);
        const words = [hours ? room.plural(hours, 'hour') : '', size % 60 ? room.plural(size % 60, 'minute') : ''].filter(Boolean).join(' ');
        return `The program’s clock is ${words} ${minutes < 0 ? 'behind' : 'ahead of'} ${city}.`;
    }

    function clocks({ zone, program, expected }) {
        const city = room.plain(zone || '').split('/').pop().replaceAll('_', ' ') || 'the zone';
        return [
            h('div', { class: 'clocks' }, clock('the program', program), clock(city, expected)),
            h('p', { class: 'look-words' }, apart(program, expected, city)),
        ];
    }

    function context({ bytes, files }) {
        return [h('p', { class: 'look-number', 'data-bytes': bytes }, room.bytes(bytes)),
            h('p', { class: 'look-words' }, `sent to the builder, in ${room.plural(files, 'file')}`)];
    }

    // layers: the run's measured layers, from the base up; they name those without a find.
    function stack({ needle, found, searched }, layers) {
        const named = layers?.length === searched ? layers : [];
        const rows = Array.from({ length: searched }, (_, i) => {
            const number = i + 1;
            const here = found.filter(one => one.layer === number);
            const made = here[0]?.created_by || named[i]?.created_by || '';
            return h('li', { class: 'layer', value: number, 'data-layer': number, 'data-found': here.length > 0 },
                h('span', { class: 'layer-number' }, String(number)),
                h('span', { class: 'layer-made' }, h('code', {}, room.plain(made) || 'not recorded'),
                    ...here.map(one => h('span', { class: 'layer-find', 'data-role': 'find' }, room.icon('cross'), 'holds it in ', h('code', {}, room.plain(`/${one.path}`))))));
        });
        const words = found.length
            ? `Found in ${room.plural(new Set(found.map(one => one.layer)).size, 'layer')} of ${searched}, for everybody who has the image.`
            : `In none of the ${room.plural(searched, 'layer')}.`;
        return [
            h('p', { class: 'look-sub' }, 'Every file of every layer, searched for ', h('code', {}, room.plain(needle).slice(0, 80))),
            h('ol', { class: 'layer-stack', reversed: true }, ...rows.reverse()),
            h('p', { class: 'look-words' }, words),
        ];
    }

    const noClock = () => [h('p', { class: 'look-words' }, 'The program gave no time to compare.')];
    const KINDS = { clocks, 'no-clock': noClock, context, layers: stack };

    // entry: a `looked` event.
    room.looked = ({ look, title, seen }, layers) => {
        const draw = KINDS[seen?.kind];
        if (!draw) return null;
        const good = seen.kind === 'clocks' ? seen.agrees : seen.kind === 'no-clock' ? false : seen.kind === 'layers' ? !seen.found.length : null;
        return h('div', { class: 'look', 'data-role': 'look', 'data-look': look, 'data-kind': seen.kind, 'data-tone': good === null ? 'calm' : good ? 'good' : 'bad' },
            h('p', { class: 'look-title' }, room.plain(title)), ...draw(seen, layers));
    };
})(window.emptyRoom);
