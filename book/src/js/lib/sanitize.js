// Text of builds, containers and engines made harmless: as policy::ansi does it for terminals.

// Terminal control sequences (CSI, OSC, other escapes), then every control character
// but tab, and the marks that reorder text on screen.
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b[ -/]*[0-~]/g;
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** @param {string} text */
export const sanitize = text => text.replace(SEQUENCES, '').replace(/\r\n/g, '\n')
    .split('\n').map(line => (line.split('\r').pop() ?? '').replace(CONTROLS, '')).join('\n');
