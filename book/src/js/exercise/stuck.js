// When somebody is stuck: the panel offers a hint in words, and the map says that one is waiting.

/** So often in a row at the same check. */
const STUCK = 3;

/** @param {{ failing_for: number }} standing */
export const isStuck = ({ failing_for: times }) => times >= STUCK;
