// One run on the page: turns its entries into steps, output, sizes and a verdict.
'use strict';

(room => {
    const { h } = room;
    const DOING = { prepare: 'Preparing', build: 'Building', measure: 'Measuring', run: 'Running', probe: 'Asking it questions', act: 'Trying things in it' };

    function box(role, title, ...children) {
        return h('details', { class: `run-box run-${role}`, 'data-role': role, open: true, hidden: true }, h('summary', {}, title), ...children);
    }

    // What a comparison needs of the container's output.
    const KEPT = 8000;

    // about: { run, name, role, claim, say } with say(text) for screen readers; hooks: { now(), onstatus(text), onmark(file, line, message),
    // judge(finished, edited) → what to say of the reader's guess, onfinish(finished) }.
    room.runView = (about, { now, onstatus, onmark, judge, onfinish }) => {
        const verdict = h('div', { class: 'run-verdict' });
        const sizes = h('div', { class: 'run-sizes' });
        const notices = h('ul', { class: 'run-notices', 'data-role': 'notices', hidden: true });
        const log = room.log('What the container wrote');
        const output = box('output', 'What the container wrote', log.node);
        const answers = h('div', {});
        const probes = box('probes', 'What it answers', answers);
        const looked = h('div', { class: 'looks' });
        const looks = box('looks', 'What one can see', looked);
        const acted = h('div', { class: 'acts' });
        const acts = box('acts', 'What was tried in it', acted);
        const steps = room.steps(now);
        const node = h('div', { class: 'run', 'data-role': 'run-view' }, verdict, looks, acts, sizes, notices, probes, output, steps.node);
        const record = { edited: false, sizes: null, output: '', probes: [], acts: [], looks: [], finished: null };
        let phase = null;

        function doing(next) {
            onstatus(DOING[next] || 'Running');
            if (next !== phase) about.say(`${about.name}: ${DOING[next] || next}`);
            phase = next;
        }

        function finish(finished) {
            const result = room.verdict(finished, { role: about.role, edited: record.edited });
            record.finished = finished;
            verdict.replaceChildren(result.node);
            steps.end(finished.ms, finished.ending === 'error' || finished.outcome === 'build-fails');
            about.say([`${about.name}: ${result.title}.`, judge?.(finished, record.edited)].filter(Boolean).join(' '));
            onstatus(finished.ending === 'stopped' ? `Stopped after ${room.duration(finished.ms)}` : `Done in ${room.duration(finished.ms)}`);
            onfinish(finished);
        }

        const handlers = {
            'run-started': entry => { record.edited = entry.edited.length > 0; },
            'step-started': entry => {
                steps.start(entry.step, entry.phase, entry.title, entry.at_ms);
                doing(entry.phase);
            },
            'step-progress': entry => steps.progress(entry.step, entry.what, entry.current, entry.total),
            'step-log': entry => steps.log(entry.step, entry.stream, entry.text),
            'step-finished': entry => {
                steps.finish(entry.step, entry.status, entry.ms, entry.error);
                if (entry.error?.line) onmark(entry.error.file || 'Dockerfile', entry.error.line, room.plain(entry.error.message));
            },
            'notice': entry => {
                notices.hidden = false;
                notices.append(h('li', { 'data-role': 'notice' }, room.plain(entry.text)));
            },
            'sizes': entry => {
                record.sizes = entry;
                sizes.replaceChildren(room.sizes(entry, about.claim), room.lookInside({ run: about.run }));
            },
            'output': entry => {
                output.hidden = false;
                log.append(entry.stream, entry.text);
                record.output = (record.output + entry.text).slice(-KEPT);
            },
            'probed': entry => {
                probes.hidden = false;
                answers.append(room.probed(entry));
                record.probes.push(entry);
            },
            'acted': entry => {
                acts.hidden = false;
                acted.append(room.acted(entry));
                record.acts.push(entry);
            },
            'looked': entry => {
                const seen = room.looked(entry, record.sizes?.layers);
                if (!seen) return;
                looks.hidden = false;
                looked.append(seen);
                record.looks.push(entry);
            },
            'finished': finish,
        };

        return {
            node, record,
            // A later server may know events that this page does not.
            entry: entry => handlers[entry.event]?.(entry),
            // The run is lost: what was seen stays, nothing ticks on.
            abandon(trouble) {
                steps.end(null, true);
                verdict.replaceChildren(h('div', { class: 'verdict', 'data-role': 'verdict', 'data-ending': 'lost', 'data-tone': 'note' },
                    h('p', { class: 'verdict-title' }, room.icon('dash'), 'The end of this run is not known'),
                    h('p', { class: 'verdict-saw' }, 'The playground was started anew and knows nothing of it any more. Run it again.'),
                    trouble.status === 404 ? null : room.trouble(trouble)));
                about.say(`${about.name}: the playground was started anew; the run is lost.`);
            },
        };
    };
})(window.emptyRoom);
