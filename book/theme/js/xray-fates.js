// What became of a path, seen from one of two images that are compared. The server tells it
// in the fewest groups: a directory whose files all have one fate, or a single file.
'use strict';

(room => {
    function* above(path) {
        for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at);
        if (path !== '/') yield '/';
    }

    // side: 'from' or 'to'. What only the other side has is not there to be drawn.
    room.xray.fates = (groups, side) => {
        const own = new Map();
        const below = new Map();
        for (const { path, fate, bytes } of groups) {
            if (fate === (side === 'from' ? 'came' : 'left')) continue;
            own.set(path, fate);
            for (const directory of above(path)) {
                const sums = below.get(directory) || {};
                sums[fate] = (sums[fate] || 0) + bytes;
                below.set(directory, sums);
            }
        }
        // { fate, mixed }: of a directory with several fates, the one of most bytes.
        return path => {
            for (const at of [path, ...above(path)]) if (own.has(at)) return { fate: own.get(at), mixed: false };
            const sums = Object.entries(below.get(path) || {}).sort(([, a], [, b]) => b - a);
            return { fate: sums[0]?.[0] ?? null, mixed: sums.length > 1 };
        };
    };
})(window.emptyRoom);
