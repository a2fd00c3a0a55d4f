// From any chapter to the others, which are named from the book's top.

const XRAY = new URL('../../xray.html', import.meta.url);

/** @param {import('../server/wire.js').Subject} what */
export const xrayLink = what => `${XRAY.href}#${new URLSearchParams({ ...what })}`;

/** @param {string} page as the server names it: `museum/x509.html` */
export const pageLink = page => new URL(`../../${page}`, import.meta.url).href;
