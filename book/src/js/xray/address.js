// What the address of the X-ray page says, and what is remembered beside it.
//
// #image=…, #lab=…&variant=… or #run=…, with &at=… for the place in the map, and &with-image=…
// and so on for the second image. Which scans the server made of them is kept with the entry of
// the browser's history, so that a reload reads nothing anew.

/** @import { Subject, Lab } from '../server/wire.js' */
/** @import { Scan } from './scan.js' */

const query = () => new URLSearchParams(location.hash.slice(1));

/**
 * What the address asks for; null where it asks for nothing.
 *
 * @param {Lab[]} catalog a link may name a lab alone: then its first variant is meant
 * @param {'' | 'with-'} [prefix] of the first image, or of the second
 * @returns {Subject | null}
 */
export function askedImage(catalog, prefix = '') {
    const asked = query();
    const [image, lab, run] = ['image', 'lab', 'run'].map(key => asked.get(prefix + key));
    if (image) return { image };
    if (run) return { run };
    if (!lab) return null;
    const variant = asked.get(`${prefix}variant`) || catalog.find(known => known.id === lab)?.variants[0].id;
    return variant ? { lab, variant } : { lab };
}

/** The place in the map. */
export const askedPlace = () => query().get('at') || '/';

/**
 * @param {Subject | null | undefined} a
 * @param {Subject | null | undefined} b
 */
export const isSame = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/**
 * The ids of scans that the server may still have.
 *
 * @returns {{ first: string | null, second: string | null }}
 */
export const rememberedScans = () => ({ first: history.state?.xray ?? null, second: history.state?.other ?? null });

/**
 * @param {Scan | null} first
 * @param {Scan | null} second
 * @param {string | undefined} at
 * @param {boolean} push a new entry of the browser's history, if anything is new
 */
export function writeAddress(first, second, at, push) {
    const next = new URLSearchParams({ ...first?.what });
    if (first && at && at !== '/') next.set('at', at);
    for (const [key, value] of Object.entries(second?.what || {})) next.set(`with-${key}`, value);
    const text = next.toString();
    const state = { xray: first?.id ?? null, other: second?.id ?? null };
    const url = location.pathname + location.search + (text ? `#${text}` : '');
    if (push && `#${text}` !== location.hash) history.pushState(state, '', url);
    else history.replaceState(state, '', url);
}
