// What labs and exercises are called in a class: as the agenda says them, with their numbers.

import { api, ApiError } from '../server/api.js';

/** @import { Lab, ListedExercise } from '../server/wire.js' */

/** What everyone can be asked for, besides labs: to hand in an exercise. */
export const SUBMISSION = 'submission';

/** @typedef {{ lab: string, variant: string, text: string }} Choice */
/** @typedef {{ title: string, choices: Choice[] }} Group */
/** @typedef {{ title: string, kinds: Lab['kind'][] }} Kinds */

/** @type {Kinds[]} */
const KINDS = [{ title: 'Stages', kinds: ['stage'] }, { title: 'Museum', kinds: ['failure'] }, { title: 'Experiments', kinds: ['experiment'] }];

/** @type {Map<string, Lab>} */
let labs = new Map();
/** @type {Map<string, ListedExercise>} */
let exercises = new Map();
/** @type {Promise<void> | null} */
let loading = null;

async function load() {
    try {
        const [all, { exercises: listed }] = await Promise.all([api.labs(), api.exercises()]);
        labs = new Map(all.map(lab => [lab.id, lab]));
        exercises = new Map(listed.map(one => [one.id, one]));
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        loading = null;
    }
}

export const names = {
    /** Asked once; again where nothing came of it. */
    load() {
        loading ??= load();
        return loading;
    },

    /** Changes once the names are there. */
    get known() { return labs.size; },

    /**
     * In few words: Stage 5a, Exercise 3, or a title.
     *
     * @param {string} object
     */
    short(object) {
        const exercise = exercises.get(object);
        if (exercise) return `Exercise ${exercise.number}`;
        const lab = labs.get(object);
        if (lab?.stage) return `Stage ${lab.stage.number}`;
        return lab?.title ?? object;
    },

    /**
     * With its number and its title.
     *
     * @param {string} object
     * @param {string} variant
     * @param {string} [title] where nothing else is known
     */
    long(object, variant, title = object) {
        const exercise = exercises.get(object);
        if (exercise) return `Exercise ${exercise.number} · ${exercise.title}`;
        const lab = labs.get(object);
        if (!lab) return title;
        if (lab.stage) return `Stage ${lab.stage.number} · ${lab.title}`;
        const one = lab.variants.find(one => one.id === variant);
        return one && lab.variants.length > 1 ? `${lab.title}: ${one.title || one.id}` : lab.title;
    },

    /**
     * All that everyone can be asked for, group by group.
     *
     * @param {{ id: string }[]} open labs that are on a page
     * @returns {Group[]}
     */
    groups(open) {
        const ids = new Set(open.map(lab => lab.id));
        const of = (/** @type {Kinds} */ { title, kinds }) => {
            const found = [...labs.values()].filter(lab => ids.has(lab.id) && kinds.includes(lab.kind));
            found.sort((a, b) => (a.stage?.order ?? 0) - (b.stage?.order ?? 0) || a.title.localeCompare(b.title));
            return { title, choices: found.flatMap(lab => lab.variants.map(({ id }) => ({ lab: lab.id, variant: id, text: this.long(lab.id, id) }))) };
        };
        const [stages, ...others] = KINDS.map(of);
        const handedIn = { title: 'Exercises', choices: [...exercises.values()].map(({ id }) => ({ lab: id, variant: SUBMISSION, text: this.long(id, SUBMISSION) })) };
        return [stages, handedIn, ...others].filter(group => group.choices.length);
    },
};
