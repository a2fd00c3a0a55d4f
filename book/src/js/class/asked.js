// What the instructor asks everyone to run, on every page of the book: until it was run.

import { find, h } from '../lib/dom.js';
import { announce } from '../lib/announce.js';
import { drawError } from '../lib/error.js';
import { storage } from '../lib/storage.js';
import { api, ApiError } from '../server/api.js';
import { SUBMISSION } from './names.js';

/** @import { ClassCall } from '../server/wire.js' */
/** @typedef {'open' | 'running' | 'done'} Standing */

/** The lab that is to be shown on the next page. */
const SHOW = 'class-show';
/** Which call was first seen when: runs from then on count. A class is asked every five seconds. */
const SEEN = 'class-seen';
const SLACK_MS = 6000;
/** How often a run that is under way is looked at. */
const RUNNING_MS = 1000;

/**
 * With its number: the book knows it where the class does not say it.
 *
 * @param {ClassCall} call
 */
async function nameOf({ lab, variant, title }) {
    try {
        if (variant === SUBMISSION) {
            const exercise = (await api.exercises()).exercises.find(one => one.id === lab);
            return exercise ? `Exercise ${exercise.number} · ${exercise.title}` : title;
        }
        const stage = (await api.journey()).find(one => one.stage === lab);
        return stage ? `Stage ${stage.number} · ${stage.title}` : title;
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return title;
    }
}

/** @param {ClassCall} call */
function firstSeen({ at }) {
    const [known, since] = (storage.get(SEEN) ?? '').split(' ');
    if (known === at) return Number(since);
    const now = Date.now();
    storage.set(SEEN, `${at} ${now}`);
    return now;
}

/** Brings the lab into sight that the page was opened for. */
function show() {
    const lab = storage.get(SHOW);
    storage.remove(SHOW);
    const section = lab && document.querySelector(`section.lab:is([data-lab="${CSS.escape(lab)}"], [data-exercise="${CSS.escape(lab)}"])`);
    // What is above it grows once the server answers.
    if (section) setTimeout(() => find(section, '.lab-bar').scrollIntoView({ block: 'center' }), 600);
}

/** @param {string} page that is open */
export function createAsked(page) {
    const node = h('aside', { class: 'class-call', 'data-role': 'class-call', 'aria-label': 'From the instructor', hidden: true });
    /** @type {ClassCall | null} */
    let call = null;
    let name = '';
    /** @type {Standing} */
    let standing = 'open';
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    show();

    /** @param {ClassCall} of */
    const pageOf = of => of.variant === SUBMISSION ? `exercises/${of.lab}.html` : of.page;

    /** @param {ClassCall} of */
    async function begin(of) {
        const [run] = node.getElementsByTagName('button');
        run.disabled = true;
        try {
            await api.startRun(of.lab, of.variant, {});
            // The lab's panel finds the run that is under way.
            storage.set(SHOW, of.lab);
            if (of.page) location.assign(`/${of.page}`);
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            paint(drawError(error));
        }
    }

    /** @param {Node} [problem] */
    function paint(problem) {
        node.hidden = !call;
        if (!call) return;
        const of = call;
        const to = pageOf(of);
        const title = h('strong', {}, name || of.title);
        const words = { open: ['Everyone, please ', of.variant === SUBMISSION ? 'do ' : 'run ', title], running: ['Running: ', title], done: ['You have run ', title, '.'] }[standing];
        const link = to && to !== page ? h('a', { href: `/${to}`, onclick: () => storage.set(SHOW, of.lab) }, of.variant === SUBMISSION ? 'Open the exercise' : 'Show it') : null;
        const run = standing === 'open' && of.variant !== SUBMISSION
            ? h('button', { type: 'button', class: 'class-run', 'data-role': 'class-run', onclick: () => begin(of) }, 'Run it now') : link;
        // What was done, or stands on this page, needs no place above the text.
        node.classList.toggle('is-calm', standing === 'done' || !run);
        const held = node.contains(document.activeElement);
        node.replaceChildren(h('p', {}, ...words), ...run ? [run] : [], ...problem ? [problem] : []);
        if (held) run?.focus();
    }

    async function look() {
        clearTimeout(timer);
        const of = call;
        if (!of || standing === 'done') return;
        try {
            const since = firstSeen(of) - SLACK_MS;
            const runs = await api.runs();
            const mine = runs.find(one => one.lab === of.lab && one.variant === of.variant && Date.now() - one.age_ms > since);
            const now = !mine ? 'open' : mine.state === 'finished' ? 'done' : 'running';
            if (of === call && now === 'running') timer = setTimeout(look, RUNNING_MS);
            if (of !== call || now === standing) return;
            standing = now;
            if (now === 'done') announce(`You have run ${name}.`);
            paint();
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
        }
    }

    return {
        node,
        /** @param {ClassCall | null} asked */
        async draw(asked) {
            if (asked?.at !== call?.at) {
                call = asked;
                standing = 'open';
                name = '';
                paint();
                if (asked) {
                    const found = await nameOf(asked);
                    if (call !== asked) return;
                    name = found;
                    announce(`The instructor asks everyone to run ${name}.`);
                    paint();
                }
            }
            await look();
        },
    };
}
