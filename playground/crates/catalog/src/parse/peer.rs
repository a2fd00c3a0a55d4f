//! `[[peer]]`, and the files that peers hand to a variant's build.

use crate::folder::Folder;
use crate::lab::{Peer, Provide};
use crate::names::{is_kebab_case, is_plain_path};
use crate::parse::surroundings::Surroundings;
use crate::toml::reader::{At, Need};
use crate::toml::rules::{context_path, image_folder, kebab_case};
use crate::toml::table::Table;
use policy::suggest::hint;

/// What a run calls its own containers and its image; peers stand beside them by their ids.
const RESERVED: [&str; 3] = ["app", "prober", "image"];

pub(crate) fn read_peer<'r>(
    table: Table<'r>,
    folder: &Folder,
    earlier: &[Peer],
) -> (Option<At<'r, String>>, Option<Peer>) {
    let id = table.text("id", Need::Required);
    let alias = table.text("alias", Need::Required);
    let ready = table.regex("ready", Need::Required);
    if let Some(id) = &id {
        kebab_case("peer", id);
        if RESERVED.contains(&id.value.as_str()) {
            id.report(format!(
                "`{id}` cannot name a peer: a run has one of its own"
            ));
        }
        let shown = format!("{}/peers", folder.shown);
        image_folder("peer", id, &shown, &folder.peers);
    }
    if let Some(alias) = &alias {
        if !is_host_name(&alias.value) {
            alias.report(format!("`{alias}` is not a host name"));
        }
        if alias.value == "app" {
            alias.report("`app` cannot name a peer: the lab's own container is called so");
        }
        if earlier.iter().any(|peer| peer.alias == alias.value) {
            alias.report(format!("another peer is called `{alias}` already"));
        }
    }
    table.finish();
    let peer = (|| {
        Some(Peer {
            id: id.clone()?.value,
            alias: alias?.value,
            ready: ready?.value,
        })
    })();
    (id, peer)
}

pub(crate) fn read_provides(table: &Table<'_>, around: &Surroundings<'_>) -> Vec<Provide> {
    let mut provides: Vec<Provide> = Vec::new();
    for provide in table.tables("provide") {
        let file = provide.text("file", Need::Required);
        let peer = provide.text("peer", Need::Required);
        let path = provide.text("path", Need::Required);
        if let Some(file) = &file {
            context_path(file);
            if provides.iter().any(|earlier| earlier.file == file.value) {
                file.report(format!("`{file}` is provided twice"));
            }
        }
        if let Some(peer) = &peer
            && !around.peers.contains(&peer.value.as_str())
        {
            let hint = hint(&peer.value, around.peers.iter().copied(), "there are");
            peer.report(format!("the lab has no peer `{peer}`{hint}"));
        }
        if let Some(path) = &path
            && !path.value.strip_prefix('/').is_some_and(is_plain_path)
        {
            path.report(format!("`{path}` is not an absolute path to a file"));
        }
        provide.finish();
        if let (Some(file), Some(peer), Some(path)) = (file, peer, path) {
            provides.push(Provide {
                file: file.value,
                peer: peer.value,
                path: path.value,
            });
        }
    }
    provides
}

fn is_host_name(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_kebab_case)
}
