// The code editor: a real <textarea> over a painted copy of its text. So the keyboard,
// screen readers, phones and undo work as everywhere else, and Tab leaves the field.

import { h, uniqueId } from '../lib/dom.js';
import { highlight } from '../lib/syntax.js';

/**
 * @param {{ path: string, language: string, text: string, editable: boolean }} file
 * @param {object} hooks
 * @param {(text: string) => void} hooks.oninput
 * @param {() => void} hooks.onrun
 * @param {string} hooks.hint id of what explains the keys
 */
export function createEditor(file, { oninput, onrun, hint }) {
    let text = file.text;
    /** @type {number | null} */
    let marked = null;
    const code = h('code', { class: 'ed-code' });
    const paint = h('pre', { class: 'ed-paint', 'aria-hidden': file.editable ? 'true' : null }, code);
    const gutter = h('div', { class: 'ed-gutter', 'aria-hidden': 'true' });
    const stack = h('div', { class: 'ed-stack' }, paint);
    const scroll = h('div', { class: 'ed-scroll' }, gutter, stack);
    const note = h('p', { class: 'ed-note', id: uniqueId('note'), 'data-role': 'line-error', hidden: true });
    const node = h('div', { class: 'ed', 'data-editable': file.editable }, scroll, note);
    const area = file.editable ? h('textarea', {
            class: 'ed-area', 'data-role': 'editor', 'data-path': file.path, rows: 1, wrap: 'off',
            spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', autocorrect: 'off', translate: 'no',
            'aria-label': `${file.path}, editable`, 'aria-describedby': `${hint} ${note.id}`,
        }) : null;

    if (area) {
        area.value = text;
        area.addEventListener('input', () => { text = area.value; mark(null); draw(); oninput(text); });
        area.addEventListener('keydown', event => keydown(event, area));
        stack.append(area);
    } else {
        // Wide or long text must be reachable by the keyboard, too.
        scroll.tabIndex = 0;
        scroll.setAttribute('role', 'region');
        scroll.setAttribute('aria-label', file.path);
    }

    /**
     * @param {KeyboardEvent} event
     * @param {HTMLTextAreaElement} area
     */
    function keydown(event, area) {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            onrun();
        } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            const line = area.value.slice(0, area.selectionStart).split('\n').pop() ?? '';
            const [indent] = /^[ \t]*/.exec(line) ?? [''];
            // execCommand keeps the undo history, which setting `value` would drop.
            if (indent && document.execCommand('insertText', false, `\n${indent}`)) event.preventDefault();
        }
    }

    function draw() {
        const lines = highlight(file.language, text);
        code.replaceChildren(...lines);
        gutter.replaceChildren(...lines.map((_, i) => h('span', {}, String(i + 1))));
        if (marked) {
            lines[marked - 1]?.classList.add('is-marked');
            gutter.children[marked - 1]?.classList.add('is-marked');
        }
    }

    /**
     * @param {number | null} line
     * @param {string} [message]
     */
    function mark(line, message) {
        marked = line;
        note.hidden = !line;
        note.textContent = line ? `Line ${line}: ${message}` : '';
        node.toggleAttribute('data-marked', Boolean(line));
        draw();
        if (line) {
            const number = gutter.children[line - 1];
            const to = number instanceof HTMLElement ? number.offsetTop : 0;
            scroll.scrollTop = Math.max(0, to - scroll.clientHeight / 2);
        }
    }

    draw();
    return {
        node,
        mark,
        get text() { return text; },
        /** @param {string} value */
        set(value) {
            text = value;
            if (area) area.value = value;
            mark(null);
        },
    };
}
