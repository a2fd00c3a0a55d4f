// Colours for Dockerfiles and Go, as text nodes in spans: small enough to read, and safe
// for any text, since nothing is ever parsed as HTML.

import { findAll, h } from './dom.js';

/** @typedef {[string | null, RegExp][]} Rules what a token is called, or null; the first that matches wins */

/** @param {string} list */
const words = list => new RegExp(`(?:${list.trim().replace(/\s+/g, '|')})\\b`, 'y');

/** @type {Rules} */
const GO = [
    ['comment', /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y],
    ['string', /"(?:\\.|[^"\\\n])*"?|`[^`]*`?|'(?:\\.|[^'\\\n])*'?/y],
    ['keyword', words(`break case chan const continue default defer else fallthrough for func goto go if
        import interface map package range return select struct switch type var`)],
    ['constant', words('true false nil iota')],
    ['type', words('any bool byte comparable error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr')],
    ['call', /[A-Za-z_]\w*(?=\()/y],
    ['number', /\b(?:0[xob][\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)\b/iy],
    [null, /[A-Za-z_]\w*|\s+/y],
];
/** @type {Rules} */
const DOCKERFILE = [
    ['comment', /^[ \t]*#[^\n]*/my],
    ['keyword', /^[ \t]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\b/imy],
    ['keyword', /\bAS\b/y],
    ['type', /(?<=\s)--[a-z][\w-]*/y],
    ['string', /"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?/y],
    ['constant', /\$\{[^}\n]*\}|\$\w+/y],
    ['comment', /\\(?=\n)/y],
    ['call', /[A-Z][A-Z0-9_]*(?==)/y],
    [null, /[\w./:@+-]+|[ \t]+/y],
];
/** @type {Rules} */
const GOMOD = [
    ['comment', /\/\/[^\n]*/y],
    ['keyword', /^(?:module|go|toolchain|require|replace|exclude|retract)\b/my],
    ['number', /\bv?\d+\.\d+[\w.+-]*/y],
    [null, /[^\s\d]+|\s+/y],
];
/** @type {Rules} */
const SH = [
    ['comment', /(?<=^|\s)#[^\n]*/my],
    ['string', /"(?:\\.|[^"\\])*"?|'[^']*'?/y],
    ['constant', /\$\{[^}\n]*\}|\$\w+/y],
    ['keyword', words('if then else elif fi for while do done case esac in function return exit set export')],
    [null, /[\w./-]+|\s+/y],
];
/** @type {Rules} */
const IGNORE = [['comment', /^#[^\n]*/my], [null, /[^\n]+|\n/y]];
/** @type {Record<string, Rules>} */
const RULES = { go: GO, dockerfile: DOCKERFILE, docker: DOCKERFILE, gomod: GOMOD, sh: SH, ignore: IGNORE };

/**
 * @param {string} language
 * @param {string} text
 * @returns {Generator<[string | null, string]>}
 */
function* tokens(language, text) {
    const rules = RULES[language] || [];
    let at = 0;
    let plain = 0;
    while (at < text.length) {
        let name = null;
        let length = 0;
        for (const [rule, pattern] of rules) {
            pattern.lastIndex = at;
            const match = pattern.exec(text);
            if (match && match[0]) {
                name = rule;
                length = match[0].length;
                break;
            }
        }
        if (name) {
            if (plain < at) yield [null, text.slice(plain, at)];
            yield [name, text.slice(at, at + length)];
            plain = at + length;
        }
        at += length || 1;
    }
    if (plain < text.length) yield [null, text.slice(plain)];
}

/**
 * One <span class="line"> per line, so that a line can be marked.
 *
 * @param {string} language
 * @param {string} text
 */
export function highlight(language, text) {
    let line = h('span', { class: 'line' });
    const lines = [line];
    for (const [name, piece] of tokens(language, text)) {
        piece.split('\n').forEach((part, i) => {
            if (i > 0) lines.push(line = h('span', { class: 'line' }));
            if (part) line.append(name ? h('span', { class: `tok-${name}` }, part) : part);
        });
    }
    return lines;
}

// Dockerfiles in the prose, which the preprocessor kept from mdBook's highlighter.
export function highlightProse() {
    for (const code of findAll(document, 'main pre > code')) {
        const { language } = code.dataset;
        if (!language || code.closest('.lab')) continue;
        const lines = highlight(language, (code.textContent ?? '').replace(/\n$/, ''));
        code.replaceChildren(...lines.flatMap(line => [line, '\n']));
        code.classList.add('hljs', 'painted');
    }
}
