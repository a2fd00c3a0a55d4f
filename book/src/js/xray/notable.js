// What stands out in an image: tools for whoever gets in, and what programs look for.

import { h } from '../lib/dom.js';
import { formatBytes, formatCount } from '../lib/format.js';
import { code, printable, shortList } from './text.js';

/** @import { Called, Report } from '../server/wire.js' */

/** @type {Record<string, string>} */
const SECRETS = { 'private-key': 'a private key', environment: 'an .env with values', cloud: 'cloud credentials', tool: 'credentials of a tool' };

/**
 * @param {string} role
 * @param {string} title
 * @param {string} none
 * @param {(() => HTMLElement)[]} items
 * @param {'note' | 'bad' | 'have'} [tone] where there are any; have: what the program may need is there
 * @param {number} [first]
 */
function card(role, title, none, items, tone = 'note', first = 4) {
    const number = items.length;
    return h('section', { class: 'xray-card', 'data-role': 'xray-card', 'data-card': role, 'data-count': number, 'data-tone': number ? tone : 'quiet' },
        h('h3', { class: 'xray-card-title' }, h('span', {}, title), h('span', { class: 'xray-card-count' }, formatCount(number))),
        number ? h('div', { class: 'xray-card-body' }, ...shortList(items, first)) : h('p', {}, none));
}

/** @param {(string | Called)[]} list */
const paths = list => list.map(one => () => h('li', {}, code(typeof one === 'string' ? one : one.path),
    typeof one !== 'string' && one.file && one.file !== one.path ? h('span', {}, ' → ', code(one.file)) : null));

/** @param {Report} report */
export const drawNotable = ({ stands_out: out }) => h('div', { class: 'xray-part', 'data-role': 'xray-standout' },
    h('p', { class: 'xray-lead' }, 'What somebody who gets in could use, and what programs reach for and may not find.'),
    h('div', { class: 'xray-cards' },
        card('shells', 'Shells', 'None. Nobody can ask for a prompt, nor can a shell-form command.', paths(out.shells)),
        card('package-managers', 'Package managers', 'None. Nothing is installed later.', paths(out.package_managers)),
        card('setuid', 'Setuid files', 'None. No program runs with more rights than its user.',
            out.setuid.map(file => () => h('li', {}, code(file.path), ` ${file.mode}, ${formatBytes(file.bytes)}`))),
        card('secrets', 'Secrets', 'Nothing that looks like one.',
            out.secrets.map(one => () => h('li', {}, code(one.path), ` ${SECRETS[one.kind] || printable(one.kind)}${one.layer ? `, layer ${one.layer}` : ''}${one.visible === false ? ', hidden and still there' : ''}`)), 'bad'),
        card('git', '.git directories', 'None.', out.git.map(one => () => h('li', {}, code(one.path),
            ` ${formatBytes(one.bytes)}`, one.visible === false ? ', hidden and still there' : null)), 'bad'),
        card('packages', 'Packages', 'No package database.', out.packages.map(one => () => h('li', {}, code(`${one.name} ${one.version}`), ` ${one.database}`)), 'note', 6),
        h('section', { class: 'xray-card', 'data-role': 'xray-card', 'data-card': 'executables', 'data-tone': 'quiet' },
            h('h3', { class: 'xray-card-title' }, h('span', {}, 'Executables'), h('span', { class: 'xray-card-count' }, formatCount(out.executables.count))),
            h('p', {}, `${formatBytes(out.executables.bytes)} in all.`)),
        card('users', 'Users', 'No /etc/passwd: users are numbers here.',
            (out.users || []).map(user => () => h('li', {}, code(user.name), ` ${user.uid}`, user.shell ? h('span', {}, ' ', code(user.shell)) : null)), 'have'),
        card('ca', 'Certificate authorities', 'None. A TLS client will trust nobody.', paths(out.ca_bundles), 'have'),
        card('zones', 'Time zones', 'None. Only UTC, unless the program brings its own.', paths(out.zoneinfo), 'have'),
        h('section', { class: 'xray-card', 'data-role': 'xray-card', 'data-card': 'tmp', 'data-tone': out.tmp ? 'have' : 'quiet' },
            h('h3', { class: 'xray-card-title' }, h('span', {}, '/tmp'), h('span', { class: 'xray-card-count' }, out.tmp ? String(out.tmp) : '–')),
            h('p', {}, out.tmp ? (/1?777$/.test(out.tmp) ? 'There, for everybody.' : 'There, but not for everybody.') : 'Not there. Temporary files will fail.'))));
