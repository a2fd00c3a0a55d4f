// Small tools for building the page: elements, numbers for people, storage that may fail.
//
// Everything that comes from a server goes through textContent. No innerHTML anywhere.
'use strict';

window.emptyRoom = {};

(room => {
    // h('p', { class: 'x', 'data-role': 'y', onclick: f }, 'text', node, null)
    room.h = (tag, attributes = {}, ...children) => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) {
            if (typeof value === 'function') {
                element.addEventListener(name.slice(2), value);
            } else if (value === true) {
                element.setAttribute(name, '');
            } else if (value !== false && value !== null && value !== undefined) {
                element.setAttribute(name, value);
            }
        }
        element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
        return element;
    };

    const SVG = 'http://www.w3.org/2000/svg';
    const PATHS = {
        play: 'M4.5 2.8v10.4a.6.6 0 0 0 .92.5l8-5.2a.6.6 0 0 0 0-1l-8-5.2a.6.6 0 0 0-.92.5Z',
        stop: 'M4 5a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1Z',
        check: 'M13.6 3.6a1 1 0 0 1 .1 1.4l-6.5 8a1 1 0 0 1-1.5.1L2.4 9.8a1 1 0 1 1 1.4-1.4l2.5 2.5 5.9-7.2a1 1 0 0 1 1.4-.1Z',
        cross: 'M3.7 3.7a1 1 0 0 1 1.4 0L8 6.6l2.9-2.9a1 1 0 1 1 1.4 1.4L9.4 8l2.9 2.9a1 1 0 1 1-1.4 1.4L8 9.4l-2.9 2.9a1 1 0 0 1-1.4-1.4L6.6 8 3.7 5.1a1 1 0 0 1 0-1.4Z',
        dash: 'M3 8a1 1 0 0 1 1-1h8a1 1 0 1 1 0 2H4a1 1 0 0 1-1-1Z',
        chevron: 'M6 3.5 10.5 8 6 12.5',
    };
    // A decorative icon; what it means always stands beside it in words.
    room.icon = name => {
        const svg = document.createElementNS(SVG, 'svg');
        svg.setAttribute('viewBox', '0 0 16 16');
        svg.setAttribute('aria-hidden', 'true');
        svg.setAttribute('class', `icon icon-${name}`);
        const path = document.createElementNS(SVG, 'path');
        path.setAttribute('d', PATHS[name]);
        svg.append(path);
        return svg;
    };

    // Sizes in the book are decimal: 1 MB = 10⁶ bytes.
    room.bytes = n => {
        if (n < 1000) return `${n} B`;
        if (n < 999_500) return `${(n / 1e3).toFixed(n < 9_950 ? 1 : 0)} kB`;
        const mb = n / 1e6;
        return `${mb.toFixed(mb < 9.995 ? 2 : mb < 99.95 ? 1 : 0)} MB`;
    };

    room.duration = ms => {
        if (ms < 100) return `${Math.max(0, Math.round(ms))} ms`;
        if (ms < 950) return `${Math.round(ms / 10) * 10} ms`;
        if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
        const seconds = Math.round(ms / 1000);
        return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
    };

    // 9999, 27 497: as the terminal has it. The spaces are narrow and do not break.
    room.count = n => Math.abs(n) < 10_000 ? String(n) : String(n).replace(/\B(?=(?:\d{3})+$)/g, '\u202f');
    room.plural = (n, one, many = `${one}s`) => `${room.count(n)} ${n === 1 ? one : many}`;

    // Private windows and full disks make storage throw: then nothing is remembered.
    room.store = {
        get(key) {
            try { return localStorage.getItem(`empty-room:${key}`); } catch { return null; }
        },
        set(key, value) {
            try { localStorage.setItem(`empty-room:${key}`, value); } catch { /* not remembered */ }
        },
        remove(key) {
            try { localStorage.removeItem(`empty-room:${key}`); } catch { /* was not there */ }
        },
    };

    // Says something to screen readers once, without moving the focus.
    let live = null;
    room.announce = text => {
        if (!live) {
            live = room.h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite', 'data-role': 'announcer' });
            document.body.append(live);
        }
        // A new node is announced even where its text is the old one.
        live.replaceChildren(room.h('p', {}, text));
    };

    room.uid = (n => prefix => `${prefix}-${++n}`)(0);

    // An error for people: what happened, the likely cause, the next thing to do.
    room.trouble = ({ what, cause, next }) => room.h('div', { class: 'trouble', 'data-role': 'trouble' },
        room.h('p', { class: 'trouble-what' }, what),
        cause ? room.h('p', {}, cause) : null,
        next ? room.h('p', { class: 'trouble-next' }, room.h('span', {}, 'Next'), ' ', next) : null);
})(window.emptyRoom);
