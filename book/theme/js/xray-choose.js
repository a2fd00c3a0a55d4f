// What to look into: a stage, a room of the museum, or any image that the engine has.
'use strict';

(room => {
    const { h } = room;

    // What the playground itself put there is of less interest.
    const ours = ({ name }) => Number(String(name).startsWith('empty-room/'));

    function choices({ images, labs }) {
        const stages = labs.filter(lab => lab.kind === 'stage').sort((a, b) => a.stage.order - b.stage.order);
        const failures = labs.filter(lab => lab.kind !== 'stage');
        const one = (lab, variant, label, hint) => ({ what: { lab: lab.id, variant: variant.id }, label, hint, words: `${lab.id} ${lab.title} ${variant.title} ${label}` });
        return [
            {
                id: 'stages', title: 'The journey', hint: 'Built as a run would, then read. Stage 1 takes a minute.',
                items: stages.flatMap(lab => lab.variants.map(variant => one(lab, variant, `Stage ${lab.stage.number}`, lab.title))),
            }, {
                id: 'images', title: 'Images of your engine', hint: null,
                items: [...images].sort((a, b) => ours(a) - ours(b)).map(image => ({
                    what: { image: image.name || image.id }, label: room.xray.subject(image), words: `${image.name} ${image.id}`,
                    hint: room.bytes(image.size_bytes), mono: true,
                })),
            }, {
                id: 'museum', title: 'Rooms of the museum', hint: 'As a run would build them, broken or repaired.', fold: true,
                items: failures.flatMap(lab => lab.variants.map(variant => ({ ...one(lab, variant, lab.title, variant.title), tone: variant.role }))),
            },
        ];
    }

    // onchoose({ what, label }), onrefresh()
    room.xray.chooser = ({ title, onchoose, onrefresh, oncancel }) => {
        const id = room.uid('xray-filter');
        const hint = room.uid('xray-hint');
        const filter = h('input', {
            type: 'search', id, class: 'xray-filter', 'data-role': 'xray-filter', autocomplete: 'off', autocapitalize: 'off',
            spellcheck: 'false', placeholder: 'golang, alpine, stage 5a …', 'aria-describedby': hint, oninput: narrow,
        });
        const legend = h('label', { for: id }, title);
        const none = h('p', { class: 'xray-none', hidden: true, role: 'status' });
        const note = h('div', {});
        const groups = h('div', { class: 'xray-groups' });
        const again = h('button', { type: 'button', class: 'button', 'data-role': 'xray-refresh', onclick: onrefresh }, 'Ask the engine again');
        const cancel = h('button', { type: 'button', class: 'button', 'data-role': 'xray-cancel', hidden: true, onclick: () => oncancel() }, 'Cancel');
        const node = h('form', { class: 'xray-choose', 'data-role': 'xray-choose', onsubmit: submit },
            h('div', { class: 'xray-choose-head' }, legend, cancel), filter,
            h('p', { class: 'xray-hint', id: hint }, 'Type to narrow it down; Enter takes the only one left.'),
            note, none, groups, h('div', { class: 'xray-choose-foot' }, again));
        let rows = [];

        const choose = item => onchoose({ what: item.what, label: item.label });

        function row(item) {
            const button = h('button', {
                type: 'button', class: 'xray-choice', 'data-role': 'xray-choice', 'data-tone': item.tone,
                ...Object.fromEntries(Object.entries(item.what).map(([key, value]) => [`data-${key}`, value])),
                onclick: () => choose(item),
            }, h('span', { class: item.mono ? 'xray-choice-name is-mono' : 'xray-choice-name', translate: item.mono ? 'no' : null }, item.label),
            item.hint ? h('span', { class: 'xray-choice-hint' }, item.hint) : null);
            const li = h('li', {}, button);
            rows.push({ item, li, button, words: `${item.words} ${item.label}`.toLowerCase() });
            return li;
        }

        function fill(known) {
            rows = [];
            note.replaceChildren(...known.trouble ? [room.trouble(known.trouble)] : []);
            groups.replaceChildren(...choices(known).filter(group => group.items.length).map(group => {
                const body = [group.hint ? h('p', { class: 'xray-hint' }, group.hint) : null, h('ul', { class: 'xray-choices' }, ...group.items.map(row))];
                const head = room.uid('xray-group');
                return group.fold
                    ? h('details', { class: 'xray-group', 'data-group': group.id }, h('summary', {}, `${group.title} (${group.items.length})`), ...body.filter(Boolean))
                    : h('section', { class: 'xray-group', 'data-group': group.id, 'aria-labelledby': head }, h('h3', { id: head, class: 'xray-group-title' }, group.title), ...body.filter(Boolean));
            }));
            narrow();
        }

        function left() {
            return rows.filter(({ li }) => !li.hidden);
        }

        function narrow() {
            const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
            for (const { li, words: known } of rows) li.hidden = !words.every(word => known.includes(word));
            for (const group of groups.children) {
                const some = Boolean(group.querySelector('li:not([hidden])'));
                group.hidden = !some;
                if (group.matches('details') && words.length) group.open = some;
            }
            none.hidden = !words.length || left().length > 0;
            if (none.hidden) return;
            none.textContent = `Nothing here is called “${filter.value}”. An image must be on the engine: docker pull it, then ask again.`;
        }

        function submit(event) {
            event.preventDefault();
            const [only, ...others] = left();
            if (only && !others.length) choose(only.item);
            else only?.button.focus();
        }

        return {
            node, fill,
            set title(text) { legend.textContent = text; },
            set cancellable(yes) { cancel.hidden = !yes; },
            focus: () => filter.focus(),
            // How a link's image is called here.
            label(what) {
                const same = rows.find(({ item }) => Object.entries(what).every(([key, value]) => item.what[key] === value));
                if (same) return what.lab && same.item.hint && !same.item.label.startsWith('Stage') ? `${same.item.label}: ${same.item.hint}` : same.item.label;
                return room.xray.name(what.image || (what.run ? 'what this run built' : what.lab));
            },
        };
    };
})(window.emptyRoom);
