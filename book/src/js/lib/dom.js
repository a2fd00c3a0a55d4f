// Small tools for building the page: elements, icons, ids.
//
// Everything that comes from a server goes through textContent. No innerHTML anywhere.

/** @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} AttributeValue */
/** @typedef {Node | string | false | null | undefined} Child */

/**
 * h('p', { class: 'x', 'data-role': 'y', onclick: f }, 'text', node, null)
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, AttributeValue>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === 'function') {
            element.addEventListener(name.slice(2), value);
        } else if (value === true) {
            element.setAttribute(name, '');
        } else if (value !== false && value !== null && value !== undefined) {
            element.setAttribute(name, String(value));
        }
    }
    element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
    return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Node} children
 */
export function svg(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.append(...children);
    return element;
}

const PATHS = {
    play: 'M4.5 2.8v10.4a.6.6 0 0 0 .92.5l8-5.2a.6.6 0 0 0 0-1l-8-5.2a.6.6 0 0 0-.92.5Z',
    stop: 'M4 5a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1Z',
    check: 'M13.6 3.6a1 1 0 0 1 .1 1.4l-6.5 8a1 1 0 0 1-1.5.1L2.4 9.8a1 1 0 1 1 1.4-1.4l2.5 2.5 5.9-7.2a1 1 0 0 1 1.4-.1Z',
    cross: 'M3.7 3.7a1 1 0 0 1 1.4 0L8 6.6l2.9-2.9a1 1 0 1 1 1.4 1.4L9.4 8l2.9 2.9a1 1 0 1 1-1.4 1.4L8 9.4l-2.9 2.9a1 1 0 0 1-1.4-1.4L6.6 8 3.7 5.1a1 1 0 0 1 0-1.4Z',
    dash: 'M3 8a1 1 0 0 1 1-1h8a1 1 0 1 1 0 2H4a1 1 0 0 1-1-1Z',
};

/**
 * A decorative icon; what it means always stands beside it in words.
 *
 * @param {keyof typeof PATHS} name
 */
export const icon = name => svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true', class: `icon icon-${name}` }, svg('path', { d: PATHS[name] }));

/**
 * An element that must be there: the book's HTML has it (see contract.json), or we have just made it.
 *
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(root, selector) {
    const found = root.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${selector}`);
    return found;
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export const findAll = (root, selector) => [...root.querySelectorAll(selector)].filter(found => found instanceof HTMLElement);

let last = 0;

/** @param {string} prefix */
export const uniqueId = prefix => `${prefix}-${++last}`;
