// What preflight says of the image: how bad, what, how it knows, what to change.
'use strict';

(room => {
    const { h } = room;
    const { code, madeBy, name } = room.xray;
    const SEVERITY = {
        'will-not-start': { words: 'Will not start', tone: 'bad' },
        'will-fail': { words: 'Will fail', tone: 'attention' },
        'advice': { words: 'Advice', tone: 'quiet' },
    };
    const severity = finding => SEVERITY[finding.severity] || { words: name(finding.severity), tone: 'quiet' };

    function place({ place: at }, layers) {
        if (!at || (!at.path && !at.layer)) return null;
        const layer = layers.find(one => one.index === at.layer);
        return h('p', { class: 'xray-finding-place' }, ...[
            at.path ? code(at.path) : null,
            at.layer ? `${at.path ? ', ' : ''}layer ${at.layer}` : null,
            layer?.instruction ? ': ' : null, layer?.instruction ? code(madeBy(layer)) : null,
        ].filter(Boolean));
    }

    function one(finding, layers) {
        const { words, tone } = severity(finding);
        const when = finding.when ? `Will fail when it ${name(finding.when)}` : words;
        // Pages are named from the book's root, where this page lies, too. Ours, not the image's.
        const page = typeof finding.page === 'string' && /^[\w/-]+\.html$/.test(finding.page) ? finding.page : null;
        return h('li', { class: 'xray-finding', 'data-role': 'xray-finding', 'data-rule': finding.rule, 'data-severity': finding.severity, 'data-tone': tone },
            h('p', { class: 'xray-severity' }, when),
            h('h3', { class: 'xray-finding-title' }, name(finding.title || finding.rule)),
            h('p', {}, name(finding.what)),
            place(finding, layers),
            h('dl', { class: 'xray-facts' },
                room.xray.fact('Seen', h('ul', { class: 'xray-evidence' }, ...finding.evidence.map(text => h('li', {}, code(text))))),
                room.xray.fact('Fix', h('span', { class: 'xray-fix' }, code(finding.fix)))),
            page ? h('p', {}, h('a', { href: page }, 'See it happen')) : null);
    }

    // report: of the X-ray, for what the layers are.
    room.xray.findings = (all, { layers }) => all.length
        ? h('div', { class: 'xray-part', 'data-role': 'xray-findings' },
            h('p', { class: 'xray-lead' }, 'Said from the image’s bytes alone; nothing was started.'),
            h('ol', { class: 'xray-finding-list' }, ...all.map(finding => one(finding, layers))))
        : h('div', { class: 'xray-part', 'data-role': 'xray-findings' },
            h('p', { class: 'xray-lead' }, 'Preflight finds nothing to say. That is not a promise: it knows the failures of this book, and no others.'));

    // In one line: “1 will not start, 2 advice”.
    room.xray.tally = all => {
        const counts = Object.entries(SEVERITY).map(([id, { words }]) => [all.filter(finding => finding.severity === id).length, words.toLowerCase()]);
        const said = counts.filter(([n]) => n).map(([n, words]) => `${n} ${words}`);
        return said.length ? said.join(', ') : 'nothing found';
    };
    room.xray.worst = all => Object.entries(SEVERITY).find(([id]) => all.some(finding => finding.severity === id))?.[1].tone ?? 'good';
})(window.emptyRoom);
