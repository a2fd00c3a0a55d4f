// Waiting, for what asks again.

/** @param {number} ms */
export const pause = ms => new Promise(done => { setTimeout(done, ms); });
