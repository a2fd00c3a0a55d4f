// What stands out in an image: tools for whoever gets in, and what programs look for.
'use strict';

(room => {
    const { h } = room;
    const { code } = room.xray;
    const SECRET = { 'private-key': 'a private key', environment: 'an .env with values', cloud: 'cloud credentials', tool: 'credentials of a tool' };

    // tone: 'quiet' (nothing to see), 'note', 'bad'; have: what the program may need is there.
    function card(role, title, count, none, items, tone = 'note', first = 4) {
        const number = items ? items.length : count;
        return h('section', { class: 'xray-card', 'data-role': 'xray-card', 'data-card': role, 'data-count': number, 'data-tone': number ? tone : 'quiet' },
            h('h3', { class: 'xray-card-title' }, h('span', {}, title), h('span', { class: 'xray-card-count' }, room.count(number))),
            number && items ? h('div', { class: 'xray-card-body' }, ...room.xray.most(items, first)) : h('p', {}, none));
    }

    const paths = list => list.map(one => () => h('li', {}, code(typeof one === 'string' ? one : one.path),
        one.file && one.file !== one.path ? h('span', {}, ' → ', code(one.file)) : null));

    room.xray.standout = ({ stands_out: out }) => h('div', { class: 'xray-part', 'data-role': 'xray-standout' },
        h('p', { class: 'xray-lead' }, 'What somebody who gets in could use, and what programs reach for and may not find.'),
        h('div', { class: 'xray-cards' },
            card('shells', 'Shells', 0, 'None. Nobody can ask for a prompt, nor can a shell-form command.', paths(out.shells)),
            card('package-managers', 'Package managers', 0, 'None. Nothing is installed later.', paths(out.package_managers)),
            card('setuid', 'Setuid files', 0, 'None. No program runs with more rights than its user.',
                out.setuid.map(file => () => h('li', {}, code(file.path), ` ${file.mode}, ${room.bytes(file.bytes)}`))),
            card('secrets', 'Secrets', 0, 'Nothing that looks like one.',
                out.secrets.map(one => () => h('li', {}, code(one.path), ` ${SECRET[one.kind] || room.xray.name(one.kind)}${one.layer ? `, layer ${one.layer}` : ''}${one.visible === false ? ', hidden and still there' : ''}`)), 'bad'),
            card('git', '.git directories', 0, 'None.', out.git.map(one => () => h('li', {}, code(one.path),
                ` ${room.bytes(one.bytes)}`, one.visible === false ? ', hidden and still there' : null)), 'bad'),
            card('packages', 'Packages', 0, 'No package database.', out.packages.map(one => () => h('li', {}, code(`${one.name} ${one.version}`), ` ${one.database}`)), 'note', 6),
            h('section', { class: 'xray-card', 'data-role': 'xray-card', 'data-card': 'executables', 'data-tone': 'quiet' },
                h('h3', { class: 'xray-card-title' }, h('span', {}, 'Executables'), h('span', { class: 'xray-card-count' }, room.count(out.executables.count))),
                h('p', {}, `${room.bytes(out.executables.bytes)} in all.`)),
            card('users', 'Users', 0, 'No /etc/passwd: users are numbers here.',
                (out.users || []).map(user => () => h('li', {}, code(user.name), ` ${user.uid}`, user.shell ? h('span', {}, ' ', code(user.shell)) : null)), 'have'),
            card('ca', 'Certificate authorities', 0, 'None. A TLS client will trust nobody.', paths(out.ca_bundles), 'have'),
            card('zones', 'Time zones', 0, 'None. Only UTC, unless the program brings its own.', paths(out.zoneinfo), 'have'),
            h('section', { class: 'xray-card', 'data-role': 'xray-card', 'data-card': 'tmp', 'data-tone': out.tmp ? 'have' : 'quiet' },
                h('h3', { class: 'xray-card-title' }, h('span', {}, '/tmp'), h('span', { class: 'xray-card-count' }, out.tmp ? String(out.tmp) : '–')),
                h('p', {}, out.tmp ? (/1?777$/.test(out.tmp) ? 'There, for everybody.' : 'There, but not for everybody.') : 'Not there. Temporary files will fail.'))));
})(window.emptyRoom);
