// Keys, as this computer calls them.

/** What the key is called that makes a command of Enter. */
export const COMMAND = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘' : 'Ctrl';
