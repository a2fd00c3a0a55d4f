// "Look inside": from the choice of an image to its scan, and to the difference to another.

import { announce } from '../lib/announce.js';
import { find, h } from '../lib/dom.js';
import { drawError, NO_ENGINE } from '../lib/error.js';
import { formatBytes, plural } from '../lib/format.js';
import { api, ApiError } from '../server/api.js';
import { server } from '../server/server.js';
import { askedImage, askedPlace, isSame, rememberedScans, writeAddress } from './address.js';
import { createChooser } from './chooser.js';
import { drawDifference } from './difference.js';
import { drawUnanswered, followScan } from './scan.js';
import { createScanView } from './view.js';

/** @import { Subject, Lab, UserError } from '../server/wire.js' */
/** @import { End, Scan } from './scan.js' */
/** @import { ScanView } from './view.js' */
/** @typedef {'first' | 'second'} Which of two images that are compared; the first stands alone, else */

export function start() {
    const host = find(document, 'section.xray[data-xray]');
    const still = [...host.childNodes];
    const note = h('div', { class: 'lab-note', 'data-role': 'note' });
    const place = h('div', { class: 'xray-result' });
    const progress = h('div', { class: 'xray-wait' });
    const chooser = createChooser({ title: 'What do you want to look into?', onchoose: chosen, onrefresh: () => known(true), oncancel: cancel });
    /** @type {Lab[]} */
    let catalog = [];
    /** @type {Scan | null} */
    let first = null;
    /** @type {Scan | null} */
    let second = null;
    /** @type {Which} */
    let choosing = 'first';
    /** @type {ReturnType<typeof followScan> | null} */
    let following = null;
    /** @type {ScanView | null} */
    let shown = null;

    /** @param {boolean} push */
    const remember = push => writeAddress(first, second, shown?.at, push);

    async function known(again = false) {
        try {
            const [{ images, error }, labs] = await Promise.all([api.images(), api.labs()]);
            catalog = labs;
            chooser.fill({ images, labs, error });
            if (again) announce(`${plural(images.length, 'image')} on the engine`);
            return true;
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (again || error.kind === 'refused') note.replaceChildren(drawError(error));
            server.check();
            return false;
        }
    }

    /** @param {{ what: Subject, label: string }} choice */
    function chosen({ what, label }) {
        // The second press of a double click: the first is under way.
        if (!following) open(choosing, what, { label });
    }

    function cancel() {
        choosing = 'first';
        draw();
        (shown?.other ?? chooser).focus();
    }

    /**
     * @param {Which} which
     * @param {Subject} what
     * @param {{ label?: string, id?: string | null, at?: string, push?: boolean }} [options] id: a scan that the server may still have
     */
    function open(which, what, { label = chooser.label(what), id = null, at = '/', push = true } = {}) {
        leave();
        const start = async () => id || (await api.startScan(what)).xray;
        const follow = followScan(start, label, (end, { report, error }) => {
            if (following !== follow) return;
            following = null;
            progress.replaceChildren();
            if (end === 'ready' && follow.id && report) return ready(which, { id: follow.id, what, label, report, at }, push);
            // The server has it no more: read again.
            if (end === 'lost' && id && error instanceof ApiError && error.status === 404) return open(which, what, { label, at, push });
            failed(end, error, label);
        });
        following = follow;
        progress.replaceChildren(follow.node);
        draw();
        if (host.contains(document.activeElement) || document.activeElement === document.body) follow.stop.focus({ preventScroll: true });
    }

    // What is being read is wanted no more.
    function leave() {
        note.replaceChildren();
        progress.replaceChildren();
        following?.leave();
        following = null;
    }

    // What the server dropped is read anew, what it has is taken: both images of a comparison.
    function again() {
        if (first && shown) open('first', first.what, { label: first.label, id: first.id, at: shown.at, push: false });
    }

    /**
     * @param {End} end
     * @param {UserError | null} error
     * @param {string} label
     */
    function failed(end, error, label) {
        draw();
        if (end === 'stopped') {
            note.replaceChildren(h('p', { class: 'xray-none' }, `Stopped. Nothing was kept of ${label}.`));
            announce('Stopped');
        } else {
            const said = error || { what: `${label} could not be read.`, next: 'Try it again.' };
            note.replaceChildren(drawError(said));
            announce(said.what);
        }
        if (chooser.node.hidden) shown?.compare.focus();
        else chooser.focus();
    }

    /**
     * @param {Which} which
     * @param {Scan} scan
     * @param {boolean} push
     */
    function ready(which, scan, push) {
        choosing = 'first';
        if (which === 'second' && first && shown) {
            second = scan;
            remember(push);
            compare(first, scan, shown);
            return;
        }
        // What the address wants besides, before it is written anew.
        const other = push ? null : askedImage(catalog, 'with-');
        const had = rememberedScans().second;
        first = scan;
        second = null;
        const view = shown = show(scan);
        remember(push);
        announce(`${scan.label}: ${formatBytes(scan.report.sizes.unpacked_bytes)} in ${plural(scan.report.layers.length, 'layer')}`);
        view.title.focus({ preventScroll: true });
        if (other) open('second', other, { id: had, push: false });
    }

    /**
     * @param {Scan} from
     * @param {Scan} to
     * @param {ScanView} view
     */
    async function compare(from, to, view) {
        // An answer that comes late is for images that nobody looks at any more.
        const late = () => first !== from || second !== to;
        try {
            const difference = await api.difference(from.id, to.id);
            if (late()) return;
            view.showDifference(drawDifference(from, to, difference, again));
            draw();
            announce(`From ${formatBytes(difference.bytes.from)} to ${formatBytes(difference.bytes.to)}: ${plural(difference.left.files, 'file')} left`);
            view.tabs.focus('difference');
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (late()) return;
            failed('refused', error, to.label);
            if (error.status === 404) note.replaceChildren(drawUnanswered(error, null, again));
        }
    }

    function chooseSecond() {
        choosing = 'second';
        draw();
        chooser.node.scrollIntoView({ block: 'nearest' });
        chooser.focus();
    }

    /** @param {Scan} scan */
    function show(scan) {
        const view = createScanView(scan, {
            again,
            onmove() { if (shown === view) remember(true); },
            oncompare: chooseSecond,
            onother: () => anew(true),
        });
        shown = view;
        place.replaceChildren(...view.nodes);
        draw();
        view.fill();
        return view;
    }

    /** @param {boolean} push not for a reader who goes back, and is at the right address already */
    function anew(push) {
        leave();
        choosing = 'first';
        first = null;
        second = null;
        shown = null;
        remember(push);
        draw();
        known();
        chooser.focus();
    }

    // Everything that depends on state, in one place.
    function draw() {
        const { state, error, isDown } = server;
        const alone = state === 'static';
        host.dataset.state = alone ? 'static' : following ? 'reading' : first ? 'ready' : 'idle';
        host.classList.toggle('is-live', !alone && state !== 'checking');
        if (alone) return host.replaceChildren(...still);
        if (!place.isConnected) host.replaceChildren(chooser.node, progress, note, place);
        chooser.title = first && choosing === 'second' ? `Compare ${first.label} with what?` : 'What do you want to look into?';
        chooser.cancellable = choosing === 'second';
        chooser.node.hidden = Boolean(following) || (Boolean(first) && choosing === 'first');
        place.hidden = !first;
        if (!first) place.replaceChildren();
        if (isDown && !first) note.replaceChildren(drawError(error || NO_ENGINE));
        else if (note.dataset.of === 'server') note.replaceChildren();
        note.dataset.of = isDown ? 'server' : 'page';
    }

    // mdBook turns pages with the arrow keys and searches on S and /; not from in here.
    host.addEventListener('keydown', event => {
        if (event.key.startsWith('Arrow') || event.target instanceof HTMLInputElement) event.stopPropagation();
    });

    // Shows what the address asks for.
    function follow() {
        const what = askedImage(catalog);
        if (!what) {
            if (first || following) anew(false);
            return;
        }
        const had = rememberedScans();
        if (!first || !shown || !isSame(first.what, what)) return open('first', what, { id: had.first, at: askedPlace(), push: false });
        const at = askedPlace();
        if (shown.at !== at) {
            shown.at = at;
            shown.tabs.select('map');
            shown.map.go(at, { quiet: true, focus: true });
        }
        const wanted = askedImage(catalog, 'with-');
        if (wanted && !isSame(second?.what, wanted)) return open('second', wanted, { id: had.second, push: false });
        leave();
        choosing = 'first';
        if (second && !wanted) {
            second = null;
            shown.offerComparison();
        }
        draw();
    }

    // The address asks once there is somebody to ask.
    let arrived = false;
    async function arrive() {
        draw();
        if (arrived || !server.answers) return;
        arrived = await known();
        if (arrived) follow();
    }
    window.addEventListener('popstate', () => { if (arrived) follow(); });
    server.subscribe(arrive);
}
