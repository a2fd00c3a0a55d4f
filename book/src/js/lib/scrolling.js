// What can be pushed sideways can be so by the keyboard, too: it takes the focus while it is wider
// than its place, and only then. Without scripts code is wrapped instead (css/book.css).

import { findAll } from './dom.js';

const WIDE = 'main pre > code, main .table-wrapper, main figure';

/** @param {Element} element */
function fit(element) {
    if (!(element instanceof HTMLElement)) return;
    const wide = element.scrollWidth > element.clientWidth && getComputedStyle(element).overflowX !== 'visible';
    if (wide) element.tabIndex = 0;
    else element.removeAttribute('tabindex');
}

export function reachWide() {
    const sizes = new ResizeObserver(entries => entries.forEach(({ target }) => fit(target)));
    for (const element of findAll(document, WIDE)) {
        if (!element.hasAttribute('tabindex')) sizes.observe(element);
    }
}
