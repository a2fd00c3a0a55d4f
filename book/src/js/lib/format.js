// Numbers for people: bytes, milliseconds, counts, claims.

/**
 * Sizes in the book are decimal: 1 MB = 10⁶ bytes.
 *
 * @param {number} bytes
 */
export function formatBytes(bytes) {
    if (bytes < 1000) return `${bytes} B`;
    if (bytes < 999_500) return `${(bytes / 1e3).toFixed(bytes < 9_950 ? 1 : 0)} kB`;
    const mb = bytes / 1e6;
    return `${mb.toFixed(mb < 9.995 ? 2 : mb < 99.95 ? 1 : 0)} MB`;
}

/** @param {number} ms */
export function formatDuration(ms) {
    if (ms < 100) return `${Math.max(0, Math.round(ms))} ms`;
    if (ms < 950) return `${Math.round(ms / 10) * 10} ms`;
    if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
    const seconds = Math.round(ms / 1000);
    return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}

/**
 * 9999, 27 497: as the terminal has it. The spaces are narrow and do not break.
 *
 * @param {number} n
 */
export const formatCount = n => Math.abs(n) < 10_000 ? String(n) : String(n).replace(/\B(?=(?:\d{3})+$)/g, '\u202f');

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export const plural = (n, one, many = `${one}s`) => `${formatCount(n)} ${n === 1 ? one : many}`;

/**
 * What a source claims of an image's size, in MB; `max` where it gives a range.
 *
 * @typedef {{ mb: number, max: number | null }} Claim
 */

/** @param {Claim} claim */
export const formatClaim = ({ mb, max }) => max ? `${mb}–${max} MB` : `${mb} MB`;
