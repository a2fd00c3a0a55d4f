// Brings the exercise of a page to life, or the map of all of them.

import { findAll } from '../lib/dom.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';
import { createMap } from './map.js';
import { createExercise } from './panel.js';

export function start() {
    const panels = findAll(document, 'section.exercise[data-exercise]').map(createExercise);
    const maps = findAll(document, 'section.exercises[data-exercises]').map(createMap);
    let arrived = false;

    /** Once the server answers (again). */
    async function arrive() {
        panels.forEach(panel => panel.refresh());
        if (!server.answers) {
            arrived = false;
            return;
        }
        if (arrived) return;
        arrived = true;
        await Promise.all([...panels.map(panel => panel.readDisk()), ...maps.map(map => map.read())]);
        panels.forEach(panel => panel.retry());
        if (!panels.length) return;
        try {
            const runs = await api.runs();
            panels.forEach(panel => panel.resume(runs));
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
        }
    }

    server.subscribe(arrive);
    // Whoever comes back may have edited in the terminal.
    window.addEventListener('focus', () => { if (server.answers) panels.forEach(panel => panel.readDisk()); });
}
