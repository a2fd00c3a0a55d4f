// What became of a path, seen from one of two images that are compared. The server tells it
// in the fewest groups: a directory whose files all changed alike, or a single file.

/** @import { Change, Group } from '../server/wire.js' */

/** @param {string} path */
function* above(path) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at);
    if (path !== '/') yield '/';
}

/**
 * What only the other side has is not there to be drawn.
 *
 * @param {Group[]} groups
 * @param {'from' | 'to'} side
 * @returns {(path: string) => { change: Change | null, mixed: boolean }} mixed: of a directory with
 *     several changes, the one of most bytes
 */
export function changesOf(groups, side) {
    /** @type {Map<string, Change>} */
    const own = new Map();
    /** @type {Map<string, Map<Change, number>>} */
    const below = new Map();
    for (const { path, fate: change, bytes } of groups) {
        if (change === (side === 'from' ? 'came' : 'left')) continue;
        own.set(path, change);
        for (const directory of above(path)) {
            const sums = below.get(directory) || new Map();
            sums.set(change, (sums.get(change) || 0) + bytes);
            below.set(directory, sums);
        }
    }
    return path => {
        for (const at of [path, ...above(path)]) {
            const change = own.get(at);
            if (change) return { change, mixed: false };
        }
        const sums = [...below.get(path) || []].sort(([, a], [, b]) => b - a);
        return { change: sums[0]?.[0] ?? null, mixed: sums.length > 1 };
    };
}
