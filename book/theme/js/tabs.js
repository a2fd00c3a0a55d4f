// Two ways to choose: tabs (WAI-ARIA pattern, arrow keys) and segments (plain radios).
'use strict';

(room => {
    const { h } = room;

    // items: [{ id, label, panel, badge? }]. Selecting follows the focus.
    room.tabs = ({ label, items, onselect }) => {
        const list = h('div', { class: 'tabs', role: 'tablist', 'aria-label': label });
        const tabs = items.map(item => {
            const id = room.uid('tab');
            const panel = room.uid('tabpanel');
            Object.entries({ id: panel, role: 'tabpanel', 'aria-labelledby': id })
                .forEach(([name, value]) => item.panel.setAttribute(name, value));
            return h('button', {
                type: 'button', role: 'tab', class: 'tab', id, 'aria-controls': panel,
                'data-role': 'file-tab', 'data-path': item.id, onclick: () => select(item.id),
            }, item.label);
        });
        list.append(...tabs);

        function select(id, focus = false) {
            items.forEach((item, i) => {
                const chosen = item.id === id;
                tabs[i].setAttribute('aria-selected', chosen);
                tabs[i].tabIndex = chosen ? 0 : -1;
                item.panel.hidden = !chosen;
                if (chosen && focus) tabs[i].focus();
                if (chosen) reveal(tabs[i]);
            });
            if (onselect) onselect(id);
        }

        // On a narrow screen the list scrolls sideways; the page stays where it is.
        function reveal(tab) {
            const [whole, part] = [list, tab].map(node => node.getBoundingClientRect());
            list.scrollLeft += Math.min(0, part.left - whole.left) + Math.max(0, part.right - whole.right);
        }

        list.addEventListener('keydown', event => {
            const at = tabs.indexOf(document.activeElement);
            const next = {
                ArrowRight: (at + 1) % tabs.length,
                ArrowLeft: (at + tabs.length - 1) % tabs.length,
                Home: 0,
                End: tabs.length - 1,
            }[event.key];
            if (next === undefined || at < 0) return;
            event.preventDefault();
            select(items[next].id, true);
        });

        select(items[0].id);
        return { node: list, select, panels: items.map(item => item.panel), badge: (id, on) => tabs[items.findIndex(item => item.id === id)]?.toggleAttribute('data-edited', on) };
    };

    // items: [{ id, label, tone }]; native radios bring keyboard and screen reader support.
    room.segments = ({ label, items, onselect }) => {
        const name = room.uid('variant');
        const long = items.reduce((sum, item) => sum + item.label.length + 6, 0) > 84;
        const field = h('fieldset', { class: 'segments', 'data-role': 'variants', 'data-layout': long ? 'list' : 'row' },
            h('legend', { class: 'visually-hidden' }, label));
        const inputs = items.map((item, i) => {
            const input = h('input', { type: 'radio', name, value: item.id, checked: i === 0, 'data-variant-choice': item.id });
            input.addEventListener('change', () => onselect(item.id));
            field.append(h('label', { class: 'segment', 'data-tone': item.tone }, input,
                h('span', { class: 'segment-label' }, h('span', { class: 'segment-dot', 'aria-hidden': 'true' }), item.label)));
            return input;
        });
        return {
            node: field,
            select(id) {
                inputs.forEach(input => { input.checked = input.value === id; });
                onselect(id);
            },
        };
    };
})(window.emptyRoom);
