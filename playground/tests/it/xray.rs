//! Images read from their bytes are what the engine makes of them.

use super::support::{build_lab, engine_with};
use analysis::image::tree::Tree;
use analysis::image::{
    Compressed, Image, ImageSelector, Kind, Visited, notable, notes, read_archive,
};
use engine::{Attachment, ContainerRequest, Engine, Owner, Transfer};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::io::{StreamReader, SyncIoBridge};

/// What engines put into every container, whether or not its image has it.
const PUT_THERE: [&str; 13] = [
    ".dockerenv",
    "dev",
    "dev/console",
    "dev/pts",
    "dev/shm",
    "etc/hosts",
    "etc/hostname",
    "etc/mtab",
    "etc/resolv.conf",
    "proc",
    "run/.containerenv",
    "run/secrets",
    "sys",
];

/// Kind, mode, owner, size or target, by path.
type Files = BTreeMap<String, (char, u32, u64, u64, String)>;

async fn image(engine: &Engine, name: &str) -> (Image, Visited<notes::Note>) {
    let read = engine.read_archive(name, Transfer::quiet(u64::MAX), |archive| {
        let mut notes = notes::NoteTaker::default();
        let selector = ImageSelector::default();
        read_archive(archive, &selector, Compressed::AsStored, |file| {
            notes.note(file)
        })
    });
    read.await.expect("read")
}

/// The tests of one process run side by side: a number for each of their containers.
static EXPORTS: AtomicUsize = AtomicUsize::new(0);

/// The files of a container of it, as the engine exports them.
async fn exported(engine: &Engine, name: &str) -> Files {
    let data = tempfile::tempdir().expect("a folder");
    let owner = Owner::register(data.path()).expect("registered");
    let request = ContainerRequest {
        name: format!(
            "empty-room-it{}-{}-export",
            std::process::id(),
            EXPORTS.fetch_add(1, Ordering::Relaxed)
        ),
        image: name.to_owned(),
        command: Some(vec!["/never-started".to_owned()]),
        env: Vec::new(),
        attachment: Attachment::Isolated,
        peers: Vec::new(),
        memory_bytes: None,
        nano_cpus: None,
        mounts: Default::default(),
    };
    let container = engine.create(&owner, &request).await.expect("created");
    let stream = Box::pin(engine.export(&container));
    let reader = SyncIoBridge::new(StreamReader::new(stream));
    let files = tokio::task::spawn_blocking(move || files_of(reader)).await;
    engine.remove(&container).await.expect("removed");
    files.expect("no panic")
}

fn files_of(reader: impl Read) -> Files {
    let mut files = Files::new();
    let mut links = Vec::new();
    let mut tar = tar::Archive::new(reader);
    for entry in tar.entries().expect("a tar") {
        let entry = entry.expect("an entry");
        let header = entry.header();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_matches('/').to_owned();
        let path = text(&entry.path_bytes());
        let target = entry.link_name_bytes().unwrap_or_default().into_owned();
        let (kind, more) = match header.entry_type() {
            tar::EntryType::Regular => ('f', entry.size().to_string()),
            tar::EntryType::Directory => ('d', String::new()),
            tar::EntryType::Symlink => ('l', String::from_utf8_lossy(&target).into_owned()),
            tar::EntryType::Link => {
                links.push((path, text(&target)));
                continue;
            }
            _ => ('o', String::new()),
        };
        let number = |n: std::io::Result<u64>| n.expect("a number");
        let (uid, gid) = (number(header.uid()), number(header.gid()));
        let mode = header.mode().expect("a mode") & 0o7777;
        files.insert(path, (kind, mode, uid, gid, more));
    }
    for (path, target) in links {
        let file = files.get(&target).cloned().expect("the link's file");
        files.insert(path, file);
    }
    files
}

fn merged(image: &Image) -> Files {
    let tree = Tree::of(image).expect("merged");
    let files = tree.walk().map(|id| {
        let node = tree.node(id);
        let path = tree.path(id)[1..].to_owned();
        let Some(entry) = node.entry else {
            return (path, ('d', 0o755, 0, 0, String::new()));
        };
        let (kind, more) = match &entry.kind {
            Kind::File => ('f', entry.size.to_string()),
            Kind::Directory => ('d', String::new()),
            Kind::Symlink(target) => ('l', target.to_string()),
            _ => ('o', String::new()),
        };
        (path, (kind, entry.mode, entry.uid, entry.gid, more))
    });
    files.collect()
}

/// The image's tree and the engine's, path for path.
async fn agree(engine: &Engine, name: &str) -> (Image, Visited<notes::Note>) {
    let read = image(engine, name).await;
    let (mut ours, mut theirs) = (merged(&read.0), exported(engine, name).await);
    assert!(!ours.is_empty());
    for path in PUT_THERE {
        ours.remove(path);
        theirs.remove(path);
    }
    // The directory of what was put there, where the image has none.
    for made in ["etc", "run"] {
        if !ours.contains_key(made) {
            theirs.remove(made);
        }
    }
    let differing: Vec<_> = ours
        .keys()
        .chain(theirs.keys())
        .filter(|path| ours.get(*path) != theirs.get(*path))
        .map(|path| (path, ours.get(path), theirs.get(path)))
        .take(10)
        .collect();
    assert!(differing.is_empty(), "{name}: {differing:#?}");
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn golangs_tree_is_what_the_engine_exports() {
    let engine = engine_with("golang:1.23").await;
    let (image, seen) = agree(&engine, "golang:1.23").await;
    let tree = Tree::of(&image).expect("merged");
    let shells = notable::shells(&tree);
    assert!(
        shells.iter().any(|shell| shell.path == "/bin/sh"),
        "{shells:?}"
    );
    assert!(notable::packages(&tree, &seen).len() > 100);
    assert_eq!(notable::tmp(&tree), Some(0o1777));
    assert_eq!(notable::secrets(&image, &tree, &seen), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn alpines_tree_is_what_the_engine_exports() {
    let engine = engine_with("alpine:3.20").await;
    agree(&engine, "alpine:3.20").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scratch_images_tree_is_what_the_engine_exports() {
    let engine = engine_with("golang:1.23").await;
    let tag = format!("empty-room/run:it{}-xray.image", std::process::id());
    build_lab(&engine, &tag, "no-tmp", "copied").await;
    let (image, _) = agree(&engine, &tag).await;
    engine.remove_image(&tag).await.expect("removed");
    let tree = Tree::of(&image).expect("merged");
    assert_eq!(notable::tmp(&tree), Some(0o1777));
    assert_eq!(notable::shells(&tree), []);
    assert_eq!(notable::executables(&tree).len(), 1);
    assert_eq!(image.config.runtime.entrypoint, ["/app"]);
}
