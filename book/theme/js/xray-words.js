// What all parts of the X-ray page say in the same way: names, instructions, shares, bars.
'use strict';

(room => {
    const { h } = room;

    // Names come out of images, which anybody may have made. Nothing in them is left out
    // (that would hide what is there), but nothing may reorder or move what stands around it.
    const ODD = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
    const name = text => String(text ?? '').replace(ODD, '\ufffd');

    // The instruction of a layer, as the server reads it out of the image's history.
    const madeBy = layer => name(layer.instruction) || 'not recorded';
    // Of a cell: what is too small to see has no name, but a number.
    const title = cell => name(cell.name) || (cell.kind === 'rest' ? room.plural(cell.count ?? 0, 'smaller one') : '(no name)');

    function share(part, whole) {
        if (!whole) return '–';
        const percent = 100 * part / whole;
        if (percent > 0 && percent < 0.1) return '< 0.1 %';
        return `${percent.toFixed(percent < 9.95 ? 1 : 0)} %`;
    }

    // parts: [{ bytes, tone }], against the largest of its neighbours.
    function bar(parts, whole) {
        const node = h('span', { class: 'xray-bar', 'aria-hidden': 'true' });
        for (const { bytes, tone } of parts.filter(part => part.bytes > 0)) {
            const fill = h('span', { class: 'xray-fill', 'data-tone': tone });
            fill.style.width = `${Math.max(0.4, 100 * bytes / Math.max(whole, 1))}%`;
            node.append(fill);
        }
        return node;
    }

    const code = text => h('code', { translate: 'no' }, name(text));
    const fact = (what, ...value) => h('div', {}, h('dt', {}, what), h('dd', {}, ...value));

    // A list that begins with its most important entries.
    function most(items, first, { all = n => `All ${n}`, list = 'ul', role = null, attributes = {} } = {}) {
        const node = h(list, { ...attributes, 'data-role': role }, ...items.slice(0, first).map(make => make()));
        if (items.length <= first) return [node];
        const more = h('button', {
            type: 'button', class: 'button xray-more',
            onclick() {
                const rest = items.slice(first).map(make => make());
                node.append(...rest);
                more.remove();
                const target = rest[0].querySelector('button, a, summary') || rest[0];
                if (target === rest[0]) target.tabIndex = -1;
                target.focus();
            },
        }, all(items.length));
        return [node, more];
    }

    room.xray = {
        name, madeBy, title, share, bar, code, fact, most,
        // The name of a subject: where an image has none, the beginning of its id.
        subject: ({ name: given, id }) => name(given) || String(id || '').replace(/^sha256:/, '').slice(0, 12) || 'an image without a name',
    };

    // From any chapter to this page; mdBook tells each page how deep it lies.
    room.xrayLink = what => {
        const up = typeof path_to_root === 'string' ? path_to_root : '';
        return `${up}xray.html#${new URLSearchParams(what)}`;
    };
})(window.emptyRoom);
