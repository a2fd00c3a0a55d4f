// Brings the book's labs and charts to life. Loaded last; see book.toml for the order:
//
//   dom       elements, numbers, storage, announcements
//   api       key, requests, event stream
//   syntax    colours        tabs    tabs and segments     editor, diff, log
//   steps, acts, looks, result, chart     what a run and the journey look like
//   predict   a reader's guess       transcript, versus      broken beside fixed
//   follow    one run's stream, through lost connections    server   what can be run now
//   run, variant, panel      from one run to the whole panel
//   symptoms  "What does it say?", a page of its own
//   xray-…    "Look inside", a page of its own: words, choose, follow, summary, layers,
//             standout, findings, programs, map, place, difference; page holds them together
//
// Hooks for tests and styles; keep them stable:
//
//   html[data-server]              checking | static | lost | key | none | preparing | ready
//   section.lab[data-lab][data-state][data-ending]
//       data-state                 idle | starting | running | stopping | done | lost
//       data-ending                as-declared | not-as-declared | stopped | error (when done)
//       data-variant-shown         id of the variant shown;  data-link-lost while reconnecting
//     [data-role=variants] input[data-variant-choice=ID]
//     [data-role=file-tab][data-path]   textarea[data-role=editor][data-path]
//     [data-role=reset] [data-role=compare] [data-role=diff] [data-role=line-error]
//     [data-role=run] [data-role=stop] [data-role=status] [data-role=note] [data-role=trouble]
//     [data-role=preparing]  [data-role=rebuilt][data-base]
//     [data-role=run-view]  [data-role=step][data-step][data-status]  [data-role=step-error]
//     [data-role=verdict][data-ending][data-tone]  [data-role=reporter][data-reporter]
//     [data-role=message]  [data-role=check][data-check][data-passed]
//     [data-role=sizes] tr[data-size] [data-bytes]   [data-role=notice]
//     [data-role=output]  [data-role=probes] [data-role=probe]
//     [data-role=act][data-act][data-kind]  [data-role=act-end]
//     [data-role=look][data-look][data-kind][data-tone]   [data-role=find]   [data-role=differs]
//     [data-role=guess][data-state=open|locked|judged|none]  input[data-guess-outcome]  input[data-guess-reporter]
//     [data-role=guess-result] [data-guess-part][data-right=true|false|open]  [data-role=guess-when]  [data-role=forget]
//     [data-role=compare-view]   section.lab[data-view=one|compare]
//     [data-role=versus] [data-role=compare-broken|compare-fixed] (selects)  [data-role=run-both]
//     [data-role=side][data-side=broken|fixed][data-state=missing|running|recorded|live][data-shows]  [data-role=source]
//   [data-role=symptoms-form] [data-role=symptom] [data-role=ask]  [data-role=answer]
//     [data-role=match][data-lab][data-confidence]  [data-role=unknown]
//   section.xray[data-xray][data-state=static|idle|reading|ready]
//     [data-role=xray-filter]  [data-role=xray-choice][data-image|data-lab|data-variant]  [data-role=xray-stop]
//     [data-role=xray-title]  [data-role=xray-summary] [data-size] dd[data-bytes]  [data-role=xray-preflight]
//     [data-role=file-tab][data-path=map|layers|preflight|standout|programs|difference]
//     [data-role=xray-map]  [data-role=xray-cell][data-at]  [data-role=xray-crumbs]  [data-role=xray-table]
//     [data-role=xray-layer][data-layer]  [data-role=xray-finding][data-rule][data-severity]
//     [data-role=xray-card][data-card][data-count]  [data-role=xray-program][data-path]
//     [data-role=xray-compare]  [data-role=xray-room][data-side=from|to]  .cell[data-fate]
//     [data-role=xray-counts] [data-count]  [data-role=xray-fate][data-fate]
//   a[data-role=xray] (card of a run)   a[data-role=look-inside] (a stage)
//   [data-role=chart] .chart-row[data-stage][data-measured][data-here]
//   [data-role=server][data-state] (menu bar)   [data-role=announcer] (polite live region)
'use strict';

(room => {
    room.paintProse();
    // The print page holds every chapter at once, and is for paper.
    if (/\/print(\.html)?$/.test(location.pathname)) return;

    const sections = [...document.querySelectorAll('section.lab[data-lab]')];
    const panels = sections.map(room.panel);
    const journeys = [...document.querySelectorAll('section[data-journey]')].map(host => ({ host, stages: room.stagesOfPage(host) }));
    for (const { host, stages } of journeys) room.drawJourney(host, stages);

    const small = sections.filter(section => section.dataset.kind === 'stage').map(section => {
        const host = room.h('div', { class: 'lab-journey', hidden: true });
        section.append(host);
        return { host, here: section.dataset.lab };
    });

    async function drawJourneys() {
        if (!journeys.length && !small.length) return;
        try {
            const stages = await room.api.journey();
            for (const { host } of journeys) room.drawJourney(host, stages);
            for (const { host, here } of small) {
                host.hidden = false;
                room.drawJourney(host, stages, { here, small: true });
            }
        } catch (error) {
            // The claims are already there; the chip in the menu bar says what is wrong.
            if (!(error instanceof room.Trouble)) throw error;
        }
    }

    // Once the server answers (again): what was run before, and what runs right now.
    let resumed = false;
    async function arrive() {
        if (resumed || !['ready', 'preparing', 'none'].includes(room.server.state)) return;
        resumed = true;
        drawJourneys();
        if (!panels.length) return;
        try {
            const runs = await room.api.runs();
            panels.forEach(panel => panel.resume(runs));
        } catch (error) {
            if (!(error instanceof room.Trouble)) throw error;
            resumed = false;
        }
    }

    document.addEventListener('empty-room:finished', drawJourneys);
    room.server.subscribe(arrive);
    room.server.check();
    // Another tab was opened with a newer key.
    window.addEventListener('storage', event => { if (event.key === 'empty-room:key') room.server.check(); });
    // A laptop that wakes up asks at once instead of waiting for its turn.
    document.addEventListener('visibilitychange', () => { if (!document.hidden) room.server.check(); });
})(window.emptyRoom);
