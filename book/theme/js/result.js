// What came of a run: the verdict with its evidence, and the three sizes.
'use strict';

(room => {
    const { h } = room;
    const SAW = {
        'serves': 'It starts and answers.',
        'exits': 'It ran and ended.',
        'cannot-start': 'The program never started.',
        'build-fails': 'It did not build.',
    };
    const WHO = { builder: 'the builder', engine: 'the engine', program: 'the program', nobody: 'nobody' };
    const WHEN = {
        build: 'when the image was built',
        create: 'when the container was created',
        start: 'when the container was started',
        wait: 'after the container had started, in its log',
        answer: 'in what it answered',
        exec: 'when a command was to run in the container',
        health: 'in the health check',
        stop: 'when the container was to stop',
    };

    room.saw = ({ outcome }) => SAW[outcome] || null;
    room.who = ({ reporter }) => WHO[reporter] || null;
    room.when = moment => WHEN[moment] || null;

    function who({ reporter, exit_code: code, moment }, role) {
        const when = room.when(moment);
        // Where nothing is wrong, nothing is to be reported.
        if (reporter === 'nobody') return role === 'broken' ? 'Reported by nobody.' : 'Nobody reported anything.';
        if (reporter === 'program' && code === 0) return 'The program itself says so:';
        return `Reported by ${WHO[reporter]}${when ? `, ${when}` : ''}:`;
    }

    // What the headline says, and in which tone.
    function headline({ ending, outcome }, { role, edited }) {
        if (ending === 'error') return ['bad', 'The playground could not carry this out'];
        if (ending === 'stopped') return ['calm', 'Stopped'];
        if (ending === 'as-declared') {
            if (role === 'broken') return ['good', 'Broken, exactly as the book says'];
            return ['good', role === 'fixed' ? 'Fixed: it does what the book says' : 'It does what the book says'];
        }
        if (edited && role === 'broken' && outcome === 'serves') return ['note', 'Your edit repaired it'];
        if (edited) return ['note', 'Your edit changed what happens'];
        return ['bad', 'Not what the book says'];
    }

    function check({ id, title, expected, seen, passed }) {
        return h('li', { class: 'check', 'data-role': 'check', 'data-check': id, 'data-passed': String(passed) },
            room.icon(passed ? 'check' : 'cross'),
            h('div', {},
                h('p', { class: 'check-title' }, h('span', { class: 'visually-hidden' }, passed ? 'Holds: ' : 'Does not hold: '), title),
                h('dl', {},
                    h('div', {}, h('dt', {}, 'expected'), h('dd', {}, room.plain(expected))),
                    h('div', {}, h('dt', {}, 'seen'), h('dd', {}, room.plain(seen))))));
    }

    function tally(all, failed) {
        if (all === 1) return failed ? 'The check failed' : 'The check holds';
        return failed ? `${failed} of ${all} checks failed` : `All ${all} checks hold`;
    }

    // finished: the run's last event; about: { role, edited: [path] as a flag }.
    room.verdict = (finished, about) => {
        const [tone, title] = headline(finished, about);
        const failed = finished.checks.filter(one => !one.passed).length;
        const checks = finished.checks.length ? h('details', { class: 'checks', open: true },
            h('summary', {}, tally(finished.checks.length, failed)),
            h('ul', {}, ...finished.checks.map(check))) : null;
        return {
            tone, title,
            node: h('div', { class: 'verdict', 'data-role': 'verdict', 'data-ending': finished.ending, 'data-tone': tone },
                h('p', { class: 'verdict-title', tabindex: -1 },
                    room.icon(tone === 'bad' ? 'cross' : tone === 'good' ? 'check' : 'dash'), title),
                h('p', { class: 'verdict-saw' },
                    [room.saw(finished), Number.isInteger(finished.exit_code) ? `${finished.outcome === 'serves' ? 'The command in it ended with exit code' : 'Exit code'} ${finished.exit_code}.` : null]
                        .filter(Boolean).join(' ')),
                finished.reporter ? h('p', { class: 'verdict-who', 'data-role': 'reporter', 'data-reporter': finished.reporter }, who(finished, about.role)) : null,
                finished.message ? h('pre', { class: 'verdict-message', 'data-role': 'message', tabindex: 0, role: 'region', 'aria-label': 'The message' }, room.plain(finished.message)) : null,
                finished.note ? h('p', { class: 'verdict-note', 'data-role': 'differs' }, h('strong', {}, 'On this engine: '), room.plain(finished.note)) : null,
                finished.error ? room.trouble(finished.error) : null,
                checks),
        };
    };

    // An answer of the running container, as it comes in.
    room.probed = ({ get, status, body, ms }) => h('div', { class: 'probe', 'data-role': 'probe' },
        h('p', {}, h('code', {}, `GET ${room.plain(get)}`), ' ',
            h('span', { class: 'probe-status' }, status ? String(status) : 'no answer'), h('span', { class: 'probe-time' }, room.duration(ms))),
        body ? h('pre', { tabindex: 0, role: 'region', 'aria-label': `Answer to ${get}` }, room.plain(body)) : null);

    // Claimed against measured; claim: { mb, max, by } or null.
    room.sizes = (sizes, claim) => {
        const rows = [
            ['unpacked', 'Unpacked', 'every file of every layer', sizes.unpacked_bytes],
            ['compressed', 'Compressed', 'what a pull transfers', sizes.compressed_bytes],
            ['engine', 'As this engine prints it', 'docker images', sizes.engine_bytes],
        ];
        const claimed = claim ? claim.mb * 1e6 : 0;
        const most = Math.max(claimed, claim?.max ? claim.max * 1e6 : 0, ...rows.map(row => row[3])) * 1.04;
        const share = bytes => `${Math.max(0.4, 100 * bytes / most)}%`;
        const bars = rows.map(([id, name, hint, bytes]) => {
            const bar = h('span', { class: 'size-bar', 'aria-hidden': 'true' }, h('span', { class: 'size-fill' }));
            bar.firstChild.style.width = share(bytes);
            if (claim) {
                const mark = h('span', { class: 'size-claim' });
                mark.style.left = share(claimed);
                if (claim.max) mark.style.width = `calc(${share(claim.max * 1e6)} - ${share(claimed)})`;
                bar.append(mark);
            }
            return h('tr', { 'data-size': id },
                h('th', { scope: 'row' }, name, h('small', {}, hint)),
                h('td', { class: 'size-cell' }, bar),
                h('td', { class: 'size-number', 'data-bytes': bytes }, room.bytes(bytes)),
                claim ? h('td', { class: 'size-ratio' }, ratio(bytes, claim)) : null);
        });
        return h('div', { class: 'sizes', 'data-role': 'sizes' },
            h('p', { class: 'sizes-title' }, 'Size of the image',
                claim ? h('span', { class: 'sizes-claim' }, `claimed ${room.claim(claim)}`) : null),
            h('table', {}, h('thead', { class: 'visually-hidden' }, h('tr', {},
                ...['Size', 'Bar', 'Measured', claim ? 'Against the claim' : null].filter(Boolean).map(name => h('th', { scope: 'col' }, name)))),
            h('tbody', {}, ...bars)),
            layers(sizes.layers || []));
    };

    // To the X-ray page, which builds the image once more (all is cached) and reads it.
    room.lookInside = what => h('p', { class: 'sizes-inside' },
        h('a', { class: 'button button-xray', 'data-role': 'xray', href: room.xrayLink(what) }, 'X-ray'),
        h('span', {}, 'Which layer, which file, which package takes the bytes?'));

    room.claim = ({ mb, max }) => max ? `${mb}–${max} MB` : `${mb} MB`;

    function ratio(bytes, { mb, max }) {
        const low = mb * 1e6;
        const high = (max || mb) * 1e6;
        if (bytes >= low * 0.95 && bytes <= high * 1.05) return 'as claimed';
        const times = bytes < low ? bytes / low : bytes / high;
        return `${times < 9.95 ? times.toFixed(times < 0.1 ? 2 : 1) : Math.round(times)} × the claim`;
    }

    function layers(all) {
        if (!all.length) return null;
        return h('details', { class: 'layers' },
            h('summary', {}, room.plural(all.length, 'layer')),
            h('ol', {}, ...all.map(layer => h('li', {},
                h('code', {}, room.plain(layer.created_by) || 'not recorded'),
                h('span', {}, `${room.bytes(layer.unpacked_bytes)} unpacked, ${room.bytes(layer.compressed_bytes)} compressed`)))));
    }
})(window.emptyRoom);
