// The head of an X-ray: whose it is, three sizes, what it starts and as whom.
'use strict';

(room => {
    const { h } = room;
    const { code, share } = room.xray;

    function size(role, label, bytes, hint) {
        return h('div', { class: 'xray-size', 'data-size': role },
            h('dt', {}, label), h('dd', { 'data-bytes': bytes }, bytes === null ? '–' : room.bytes(bytes)), h('dd', { class: 'xray-size-hint' }, hint));
    }

    // What the engine would start: ENTRYPOINT and CMD, as arrays in the config.
    const words = list => (Array.isArray(list) ? list : [list]).filter(word => typeof word === 'string' && word);

    function starts({ Entrypoint, Cmd }) {
        const all = [...words(Entrypoint), ...words(Cmd)];
        if (!all.length) return 'nothing: it names no command';
        return code(all.map(word => /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)).join(' '));
    }

    room.xray.summary = ({ subject, sizes, config: known, layers }) => {
        const config = known || {};
        const { unpacked_bytes: unpacked, compressed_bytes: compressed, wasted_bytes: wasted } = sizes;
        const ports = Array.isArray(config.ExposedPorts) ? config.ExposedPorts : Object.keys(config.ExposedPorts || {});
        return h('div', { class: 'xray-summary', 'data-role': 'xray-summary' },
            h('dl', { class: 'xray-sizes' },
                size('unpacked', 'Unpacked', unpacked, `${room.plural(layers.length, 'layer')}, all files`),
                size('compressed', 'Compressed', compressed ?? null, compressed ? 'what a pull transfers' : 'not measured here'),
                size('wasted', 'Wasted', wasted, wasted ? `${share(wasted, unpacked)}, hidden by later layers` : 'no layer hides another’s files')),
            h('dl', { class: 'xray-facts' },
                room.xray.fact('Starts', starts(config)),
                room.xray.fact('As', config.User ? code(config.User) : 'root, for no user is named'),
                room.xray.fact('For', code(subject.platform || 'unknown')),
                ports.length ? room.xray.fact('Exposes', code(ports.join(' '))) : null,
                subject.id ? room.xray.fact('Id', code(subject.id.replace(/^sha256:/, '').slice(0, 12))) : null));
    };
})(window.emptyRoom);
