// One adoption while it goes on: rounds with what was repaired, the steps of its builds, its output.

import { announce } from '../lib/announce.js';
import { h, icon } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { formatDuration } from '../lib/format.js';
import { pageLink } from '../lib/links.js';
import { createLog } from '../lib/log.js';
import { sanitize } from '../lib/sanitize.js';
import { followRun } from '../run/follow.js';
import { createSteps } from '../run/steps.js';
import { api, ApiError } from '../server/api.js';

/** @import { Entry, Finished, ListedAdoption } from '../server/wire.js' */

/**
 * The page of the book about something; nothing where that is not a page of ours.
 *
 * @param {string | null | undefined} page
 * @param {string} [words]
 */
export const seePage = (page, words = 'See it happen') => page && /^[\w/-]+\.html$/.test(page)
    ? h('a', { href: pageLink(page) }, words) : null;

/**
 * @param {ListedAdoption} listed
 * @param {string} name
 * @param {(finished: Finished | null) => void} onend null: its end is not known
 */
export function createView(listed, name, onend) {
    const status = h('p', { class: 'service-status', 'data-role': 'service-status' }, `Adopting ${name}`);
    const stop = h('button', { type: 'button', class: 'button button-stop', 'data-role': 'service-stop', onclick: halt }, icon('stop'), 'Stop');
    const note = h('div', {});
    const lost = h('p', { class: 'service-why', role: 'status', hidden: true }, 'The playground does not answer; this page asks again.');
    const rounds = h('ol', { class: 'service-rounds', 'data-role': 'rounds' });
    const log = createLog('What the program wrote');
    const output = h('details', { class: 'run-box', hidden: true }, h('summary', {}, 'What the program wrote'), log.node);
    const notices = h('ul', { class: 'run-notices', hidden: true });
    const steps = createSteps(() => following.now());
    const node = h('div', { class: 'run service-run', 'data-role': 'service-run' },
        h('div', { class: 'service-bar' }, status, stop), lost, note, rounds, notices, output, steps.node);
    /** @type {HTMLElement | null} what was changed after the round that goes on */
    let repairs = null;

    /** @type {{ [Name in Entry['event']]?: (entry: Extract<Entry, { event: Name }>) => void }} */
    const handlers = {
        'round': ({ n, what }) => {
            repairs = h('ul', { class: 'service-repairs' });
            const words = `${sanitize(n)}: ${sanitize(what)}`;
            rounds.append(h('li', { 'data-role': 'round' }, h('strong', {}, sanitize(n)), ' ', sanitize(what), repairs));
            status.textContent = words;
            announce(words);
        },
        'repaired': ({ what, why, page }) => {
            repairs?.append(h('li', { 'data-role': 'repair' }, sanitize(what), h('span', { class: 'service-why' }, `because: ${sanitize(why)}`), seePage(page)));
            announce(sanitize(what));
        },
        'notice': ({ text }) => {
            notices.hidden = false;
            notices.append(h('li', {}, sanitize(text)));
        },
        'step-started': entry => steps.start(entry.step, entry.phase, entry.title, entry.at_ms),
        'step-progress': entry => steps.progress(entry.step, entry.what, entry.current, entry.total),
        'step-log': entry => steps.log(entry.step, entry.stream, entry.text),
        'step-finished': entry => steps.finish(entry.step, entry.status, entry.ms, entry.error),
        'output': entry => {
            output.hidden = false;
            log.append(entry.stream, entry.text);
        },
        'finished': entry => {
            over(`${entry.ending === 'stopped' ? 'Stopped' : 'Done'} in ${formatDuration(entry.ms)}`);
            steps.end(entry.ms, entry.ending === 'error');
            if (entry.error && entry.ending === 'error') note.replaceChildren(drawError(entry.error));
            onend(entry);
        },
    };

    /** @param {string} words */
    function over(words) {
        stop.hidden = true;
        status.textContent = words;
    }

    async function halt() {
        stop.setAttribute('aria-disabled', 'true');
        try {
            await api.stopAdoption(listed.adoption);
            status.textContent = 'Stopping';
        } catch (failure) {
            if (!(failure instanceof ApiError)) throw failure;
            stop.setAttribute('aria-disabled', 'false');
            note.replaceChildren(drawError(failure));
        }
    }

    const following = followRun(listed.adoption, {
        age: listed.age_ms,
        events: api.adoptionEvents,
        onentry: entry => /** @type {Record<string, ((entry: any) => void) | undefined>} */ (handlers)[entry.event]?.(entry),
        onlink: link => { lost.hidden = link === 'live'; },
        onend: error => {
            if (!error) return;
            over('The end of this adoption is not known');
            steps.end(null, true);
            note.replaceChildren(drawError(error));
            onend(null);
        },
    });
    return { node, leave: following.leave };
}
