// What this browser remembers. Private windows and full disks make storage throw: then nothing
// is remembered.

/** @param {string} key */
const named = key => `empty-room:${key}`;

export const storage = {
    /** @param {string} key */
    get(key) {
        try { return localStorage.getItem(named(key)); } catch { return null; }
    },
    /**
     * @param {string} key
     * @param {string} value
     */
    set(key, value) {
        try { localStorage.setItem(named(key), value); } catch { /* not remembered */ }
    },
    /** @param {string} key */
    remove(key) {
        try { localStorage.removeItem(named(key)); } catch { /* was not there */ }
    },
};
