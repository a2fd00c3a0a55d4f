// One variant's run on half a page: facts, then words. From a run here, or from the book's record.
'use strict';

(room => {
    const { h } = room;
    const SPOKE = { program: 'what the container wrote', engine: 'the engine’s words', builder: 'the builder’s words', answer: 'what it answered' };
    const upper = text => text && text[0].toUpperCase() + text.slice(1);

    // A recorded run (<details class="lab-recorded">) in the shape of a live one.
    room.recorded = details => {
        const { engine, arch, date, outcome, reporter, moment, exitCode, unpackedBytes, compressedBytes } = details.dataset;
        const number = exitCode === undefined || exitCode === '' ? null : Number(exitCode);
        return {
            source: ['Recorded', [engine, arch].filter(Boolean).join(', '), date].filter(Boolean).join(' · '),
            finished: { outcome, reporter: reporter || null, moment: moment || null, exit_code: number, message: null },
            texts: [...details.querySelectorAll('pre[data-who]')].map(pre => [pre.dataset.title || SPOKE[pre.dataset.who] || 'what was said', pre.textContent]),
            sizes: unpackedBytes ? { unpacked_bytes: Number(unpackedBytes), compressed_bytes: Number(compressedBytes) } : null,
            probes: [], acts: [], looks: [],
        };
    };

    // A live record tells its message apart only where the container did not write it.
    room.lived = record => {
        const output = room.plain(record.output).trim();
        const message = room.plain(record.finished.message || '').trim();
        const texts = [];
        if (message && !output.includes(message)) texts.push([SPOKE[record.finished.reporter] || 'the message', message]);
        if (output) texts.push([SPOKE.program, output]);
        return { ...record, source: record.edited ? 'Run here, with your edits' : 'Run here', texts };
    };

    function facts({ finished, sizes, acts }) {
        // A stopped program's code came with its stop.
        const stopped = (acts || []).find(act => act.kind === 'stop');
        const code = finished.exit_code ?? stopped?.exit_code;
        const who = room.who(finished);
        const when = room.when(finished.moment);
        const rows = [
            ['What happened', room.saw(finished)],
            ['Who spoke', who && (when ? `${upper(who)}, ${when}` : upper(who))],
            ['Exit code', Number.isInteger(code) ? `${code}${finished.outcome !== 'serves' ? '' : stopped ? ', when it was stopped' : ', of the command in it'}` : null],
            ['Size', sizes && `${room.bytes(sizes.unpacked_bytes)}, ${room.bytes(sizes.compressed_bytes)} compressed`],
        ];
        return h('dl', { class: 'side-facts' }, ...rows.map(([name, value]) =>
            h('div', {}, h('dt', {}, name), h('dd', {}, value || h('span', { class: 'side-none' }, h('span', { 'aria-hidden': 'true' }, '–'), h('span', { class: 'visually-hidden' }, 'none'))))));
    }

    // told: what room.lived or room.recorded returns.
    room.transcript = told => [
        h('p', { class: 'side-source', 'data-role': 'source' }, told.source),
        facts(told),
        h('div', { class: 'side-words' },
            ...told.texts.map(([title, text]) => h('div', { class: 'side-text' }, h('p', {}, upper(title)),
                h('pre', { tabindex: 0, role: 'region', 'aria-label': upper(title) }, text))),
            ...told.probes.map(room.probed),
            ...told.acts.map(room.acted),
            ...told.looks.map(look => room.looked(look, told.sizes?.layers)).filter(Boolean),
            told.texts.length + told.probes.length + told.acts.length + told.looks.length ? null : h('p', { class: 'side-silent' }, 'Not a word.')),
    ];
})(window.emptyRoom);
