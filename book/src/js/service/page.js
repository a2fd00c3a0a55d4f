// Your service: choose a folder that the playground was started with, watch it being adopted, take the
// files. A folder is named by its id; no path ever goes from here to the server.

import { announce } from '../lib/announce.js';
import { find, findAll, h, icon, uniqueId } from '../lib/dom.js';
import { drawError } from '../lib/error.js';
import { sanitize } from '../lib/sanitize.js';
import { rememberStart } from '../run/follow.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';
import { drawReport } from './report.js';
import { createView } from './view.js';

/** @import { ListedAdoption, ListedService, OwnServices } from '../server/wire.js' */

/**
 * @param {ListedService[]} services
 * @param {(service: ListedService, journey: boolean) => void} onadopt
 */
function createChooser(services, onadopt) {
    const group = uniqueId('service');
    const inputs = services.map((service, at) => {
        const input = h('input', { type: 'radio', name: group, value: service.service, checked: at === 0, 'data-role': 'service', 'data-service': service.service });
        const row = h('label', { class: 'service-option' }, input,
            h('span', { class: 'service-name' }, sanitize(service.name)), h('span', { class: 'service-path' }, sanitize(service.path)));
        return { input, row };
    });
    const journey = h('input', { type: 'checkbox', 'data-role': 'service-journey' });
    const button = h('button', { type: 'submit', class: 'button button-run', 'data-role': 'adopt' }, icon('play'), 'Adopt');
    const form = h('form', { class: 'service-form', 'data-role': 'service-form' },
        h('fieldset', { class: 'service-options' }, h('legend', {}, services.length === 1 ? 'Your service' : 'Which service?'), ...inputs.map(({ row }) => row)),
        h('label', { class: 'service-more' }, journey, h('span', {}, 'Make the seven stages of the journey with it, too. That takes minutes: the first two ship the compiler.')),
        h('div', { class: 'lab-bar' }, button));
    form.addEventListener('keydown', event => event.stopPropagation());
    form.addEventListener('submit', event => {
        event.preventDefault();
        const at = inputs.findIndex(({ input }) => input.checked);
        const service = services[at];
        if (service && button.getAttribute('aria-disabled') !== 'true') onadopt(service, journey.checked);
    });
    return { form, lock: (/** @type {boolean} */ busy) => button.setAttribute('aria-disabled', String(busy)) };
}

/** What to do where the playground was started without a folder. */
const without = () => h('div', { class: 'service-none', 'data-role': 'service-none' },
    h('p', {}, 'The playground was started without a folder of yours, and a page may not name one. Stop it, and start it with the folder that holds your ', h('code', {}, 'go.mod'), ':'),
    h('pre', {}, h('code', { class: 'language-sh' }, 'playground serve --service ../api')),
    h('p', {}, 'Once for each service, if there are several. It only reads them.'));

export function start() {
    const host = find(document, 'section.service[data-service]');
    const still = findAll(host, '.service-still');
    const note = h('div', { class: 'lab-note', 'data-role': 'note' });
    const choice = h('div', { class: 'service-choice' });
    const stage = h('div', { class: 'service-stage' });
    host.append(note, choice, stage);
    /** @type {ReturnType<typeof createView> | null} */
    let view = null;
    /** @type {ReturnType<typeof createChooser> | null} */
    let chooser = null;
    /** @type {string | null} what the choice was last drawn from */
    let drawn = null;

    /** @param {ApiError} error */
    const tell = error => { note.replaceChildren(drawError(error)); announce(error.what); };

    /**
     * @param {ListedService} service
     * @param {boolean} journey
     */
    async function adopt(service, journey) {
        chooser?.lock(true);
        note.replaceChildren();
        try {
            const { adoption } = await api.adopt(service.service, journey);
            rememberStart(adoption);
            announce(`Adopting ${sanitize(service.name)}`);
            follow({ adoption, service: service.service, state: 'running', age_ms: 0 }, service);
        } catch (failure) {
            if (!(failure instanceof ApiError)) throw failure;
            tell(failure);
            chooser?.lock(false);
        }
    }

    /**
     * @param {ListedAdoption} listed
     * @param {ListedService} service
     */
    function follow(listed, service) {
        view?.leave();
        chooser?.lock(listed.state === 'running');
        host.dataset.state = listed.state === 'running' ? 'running' : 'done';
        view = createView(listed, sanitize(service.name), async finished => {
            host.dataset.state = 'done';
            if (finished) host.dataset.ending = finished.ending;
            chooser?.lock(false);
            try {
                const { report, files } = await api.adoption(listed.adoption);
                if (report) view?.node.prepend(drawReport(listed.adoption, report, files));
                if (report) announce(`${sanitize(service.name)}: the report is there.`);
            } catch (failure) {
                if (!(failure instanceof ApiError)) throw failure;
                tell(failure);
            }
        });
        delete host.dataset.ending;
        stage.replaceChildren(view.node);
    }

    /** @param {OwnServices} own */
    function draw({ services, adoptions }) {
        const from = JSON.stringify(services);
        if (from === drawn) return;
        drawn = from;
        still.forEach(node => { node.hidden = true; });
        host.dataset.state = services.length ? 'open' : 'none';
        chooser = services.length ? createChooser(services, adopt) : null;
        choice.replaceChildren(chooser ? chooser.form : without());
        // What goes on, or was last over, is found again after a reload.
        const last = adoptions.find(one => one.state === 'running') ?? adoptions[0];
        const service = services.find(one => one.service === last?.service);
        if (last && service) follow(last, service);
    }

    async function arrive() {
        const { error, state } = server;
        if (!server.answers) {
            note.replaceChildren(...(error && ['lost', 'key'].includes(state) ? [drawError(error)] : []));
            return;
        }
        try {
            note.replaceChildren();
            draw(await api.services());
        } catch (failure) {
            if (!(failure instanceof ApiError)) throw failure;
            tell(failure);
        }
    }
    server.subscribe(arrive);
    arrive();
}
