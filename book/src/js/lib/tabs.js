// Two ways to choose: tabs (WAI-ARIA pattern, arrow keys) and segments (plain radios).

import { h, uniqueId } from './dom.js';

/**
 * Selecting follows the focus.
 *
 * @param {{ label: string, items: { id: string, label: string, panel: HTMLElement }[] }} options
 */
export function createTabs({ label, items }) {
    const list = h('div', { class: 'tabs', role: 'tablist', 'aria-label': label });
    const tabs = items.map(item => {
        const id = uniqueId('tab');
        const panel = uniqueId('tabpanel');
        Object.entries({ id: panel, role: 'tabpanel', 'aria-labelledby': id })
            .forEach(([name, value]) => item.panel.setAttribute(name, value));
        return h('button', {
            type: 'button', role: 'tab', class: 'tab', id, 'aria-controls': panel,
            'data-role': 'file-tab', 'data-path': item.id, onclick: () => select(item.id),
        }, item.label);
    });
    list.append(...tabs);

    /**
     * @param {string} id
     * @param {boolean} [focus]
     */
    function select(id, focus = false) {
        items.forEach((item, i) => {
            const chosen = item.id === id;
            tabs[i].setAttribute('aria-selected', String(chosen));
            tabs[i].tabIndex = chosen ? 0 : -1;
            item.panel.hidden = !chosen;
            if (chosen && focus) tabs[i].focus();
            if (chosen) reveal(tabs[i]);
        });
    }

    // On a narrow screen the list scrolls sideways; the page stays where it is.
    /** @param {HTMLElement} tab */
    function reveal(tab) {
        const [whole, part] = [list, tab].map(node => node.getBoundingClientRect());
        list.scrollLeft += Math.min(0, part.left - whole.left) + Math.max(0, part.right - whole.right);
    }

    list.addEventListener('keydown', event => {
        const at = tabs.findIndex(tab => tab === document.activeElement);
        /** @type {Record<string, number>} */
        const moves = {
            ArrowRight: (at + 1) % tabs.length,
            ArrowLeft: (at + tabs.length - 1) % tabs.length,
            Home: 0,
            End: tabs.length - 1,
        };
        const next = moves[event.key];
        if (next === undefined || at < 0) return;
        event.preventDefault();
        select(items[next].id, true);
    });

    select(items[0].id);
    return {
        node: list,
        select,
        panels: items.map(item => item.panel),
        /**
         * Puts the focus on a tab.
         *
         * @param {string} id
         */
        focus: id => tabs[items.findIndex(item => item.id === id)]?.focus(),
        /**
         * Marks a tab as edited, or not.
         *
         * @param {string} id
         * @param {boolean} on
         */
        badge: (id, on) => tabs[items.findIndex(item => item.id === id)]?.toggleAttribute('data-edited', on),
    };
}

/**
 * Native radios bring keyboard and screen reader support.
 *
 * @template {string} Id
 * @param {{ label: string, items: { id: Id, label: string, tone?: string }[], onselect: (id: Id) => void }} options
 */
export function createSegments({ label, items, onselect }) {
    const name = uniqueId('variant');
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
        /** @param {Id} id */
        select(id) {
            inputs.forEach(input => { input.checked = input.value === id; });
            onselect(id);
        },
    };
}
