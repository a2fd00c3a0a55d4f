// From any chapter to the X-ray page, which lies at the book's top.

const XRAY = new URL('../../xray.html', import.meta.url);

/** @param {import('../server/wire.js').Subject} what */
export const xrayLink = what => `${XRAY.href}#${new URLSearchParams({ ...what })}`;
