// What changed, line by line: the longest common subsequence, folded to its surroundings.
'use strict';

(room => {
    const { h } = room;
    const CONTEXT = 3;

    // [['same' | 'gone' | 'new', line]…]; sources here are short, so the table may be square.
    function compare(before, after) {
        const a = before.replace(/\n$/, '').split('\n');
        const b = after.replace(/\n$/, '').split('\n');
        const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
        for (let i = a.length - 1; i >= 0; i--) {
            for (let j = b.length - 1; j >= 0; j--) {
                longest[i][j] = a[i] === b[j]
                    ? longest[i + 1][j + 1] + 1
                    : Math.max(longest[i + 1][j], longest[i][j + 1]);
            }
        }
        const rows = [];
        let i = 0;
        let j = 0;
        while (i < a.length || j < b.length) {
            if (i < a.length && j < b.length && a[i] === b[j]) {
                rows.push(['same', a[i++]]);
                j++;
            } else if (j >= b.length || (i < a.length && longest[i + 1][j] >= longest[i][j + 1])) {
                rows.push(['gone', a[i++]]);
            } else {
                rows.push(['new', b[j++]]);
            }
        }
        return rows;
    }

    function fold(rows) {
        const near = rows.map((_, i) =>
            rows.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(([kind]) => kind !== 'same'));
        const folded = [];
        rows.forEach((row, i) => {
            if (near[i]) folded.push(row);
            else if (folded.at(-1)?.[0] === 'fold') folded.at(-1)[1]++;
            else folded.push(['fold', 1]);
        });
        return folded;
    }

    function line([kind, content]) {
        switch (kind) {
        case 'fold':
            return h('span', { class: 'diff-fold' }, `⋯ ${room.plural(content, 'unchanged line')}`);
        case 'gone':
            return h('del', { class: 'diff-line', 'data-sign': '−' }, content);
        case 'new':
            return h('ins', { class: 'diff-line', 'data-sign': '+' }, content);
        default:
            return h('span', { class: 'diff-line', 'data-sign': ' ' }, content);
        }
    }

    // files: [{ path, before, after }], where before or after may be null.
    room.diff = (title, files) => {
        const changed = files.filter(({ before, after }) => before !== after);
        const head = h('p', { class: 'diff-title' }, changed.length ? title : `${title}: the files are the same.`);
        return h('div', { class: 'diff', 'data-role': 'diff' }, head, ...changed.map(({ path, before, after }) => {
            const what = before === null ? ' (new)' : after === null ? ' (gone)' : '';
            const rows = before === null ? after.replace(/\n$/, '').split('\n').map(text => ['new', text])
                : after === null ? before.replace(/\n$/, '').split('\n').map(text => ['gone', text])
                    : fold(compare(before, after));
            return h('figure', { class: 'diff-file' },
                h('figcaption', {}, path + what),
                h('pre', { tabindex: 0, role: 'region', 'aria-label': `Changes in ${path}` }, h('code', {}, ...rows.map(line))));
        }));
    };
})(window.emptyRoom);
