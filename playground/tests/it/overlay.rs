//! Layers out of noise, as the engine merges them, held against what is read from their archive.
//!
//! `script/nightly` tries many more of them, by `EMPTY_ROOM_MADE_IMAGES` and `EMPTY_ROOM_MADE_FROM`.

use super::support::engine;
use analysis::image::testing::generated::{layers, tar_of_steps};
use analysis::image::testing::image_named;
use analysis::image::testing::reference::{Listing, Seen, difference, listed};
use analysis::image::tree::{Refusal, Tree};
use analysis::image::{Compressed, ImageSelector, read_archive};
use bytes::Bytes;
use engine::{Attachment, ContainerRequest, Engine, Owner, run_tag};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use std::io::Read;

/// Images that are tried where nobody says how many.
const IMAGES: u64 = 24;
/// Names of what layers are made of; all else in a container is the engine's.
const NAMES: [&str; 5] = ["a", "b", "x", "y", "z"];

fn number(name: &str, otherwise: u64) -> u64 {
    let named = std::env::var(name).ok();
    named.map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Always the same numbers (xorshift), so that a failure can be met again.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    // Little of it is more often sound.
    let bytes = 8 + seed as usize % 40;
    std::iter::repeat_with(next).take(bytes).collect()
}

/// What was read of an archive.
enum Reading {
    /// The engine refuses it, this says.
    Refused,
    /// Only the classic store refuses it.
    Twice(Listing),
    Merged(Listing),
}

fn read(archive: &[u8]) -> Reading {
    let selector = ImageSelector::default();
    let read = read_archive(archive, &selector, Compressed::AsStored, |_| Ok(None::<()>));
    let Ok((image, _)) = read else {
        return Reading::Refused;
    };
    let Ok(tree) = Tree::of(&image) else {
        return Reading::Refused;
    };
    let twice = |why: &Refusal<'_>| matches!(why, Refusal::Twice | Refusal::LeadsOut);
    let why: Vec<_> = tree.refused().iter().map(|one| one.why).collect();
    match () {
        () if !why.iter().all(twice) => Reading::Refused,
        () if !why.is_empty() => Reading::Twice(listed(&tree)),
        () => Reading::Merged(listed(&tree)),
    }
}

/// The same as the engine has it; an error where it refuses.
async fn merged(
    engine: &Engine,
    owner: &Owner,
    tag: &str,
    archive: Vec<u8>,
) -> Result<Listing, String> {
    let whole = Bytes::from(archive);
    let stream = futures_util::stream::once(async move { std::io::Result::Ok(whole) });
    engine
        .load(stream)
        .await
        .map_err(|error| error.to_string())?;
    let name = format!("empty-room-{}-overlay", owner.id());
    let request = ContainerRequest::new(name, tag, Attachment::Isolated);
    let container = engine.create(owner, &request).await.expect("created");
    let pieces: Vec<Bytes> = engine
        .export(&container)
        .boxed()
        .try_collect()
        .await
        .expect("exported");
    engine.remove(&container).await.expect("removed");
    engine.remove_image(tag).await.expect("removed");
    Ok(exported(&pieces.concat()))
}

fn exported(tar: &[u8]) -> Listing {
    let mut listing = Listing::new();
    let mut same = Vec::new();
    for entry in tar::Archive::new(tar).entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        let path = entry
            .path()
            .expect("a path")
            .to_string_lossy()
            .trim_matches('/')
            .to_owned();
        if !NAMES.contains(&path.split('/').next().unwrap_or_default()) {
            continue;
        }
        let target = entry.link_name().expect("a name");
        let target = target
            .map(|to| to.to_string_lossy().into_owned())
            .unwrap_or_default();
        let kind = entry.header().entry_type();
        if kind.is_hard_link() {
            same.push((path, target.trim_matches('/').to_owned()));
            continue;
        }
        let mode = entry.header().mode().expect("a mode") & 0o7777;
        let seen = match () {
            () if kind.is_dir() => Seen::Dir(Some(mode)),
            () if kind.is_symlink() => Seen::Link(target),
            () => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content).expect("content");
                Seen::File(mode, content.len() as u64)
            }
        };
        listing.insert(path, seen);
    }
    for (path, target) in same {
        let seen = listing.get(&target).cloned().expect("the file comes first");
        listing.insert(path, seen);
    }
    listing
}

/// Of directories that only a path implies, each store has its own mode.
fn without_modes(mut listing: Listing) -> Listing {
    for seen in listing.values_mut() {
        if let Seen::Dir(mode) = seen {
            *mode = None;
        }
    }
    listing
}

#[tokio::test]
async fn layers_are_read_as_the_engine_merges_them() {
    let engine = engine().await;
    let data = tempfile::tempdir().expect("a folder");
    let owner = Owner::register(data.path()).expect("registered");
    let tag = run_tag(&owner, "overlay");
    let cpu = engine.facts().arch.clone();
    let from = number("EMPTY_ROOM_MADE_FROM", 0);
    let count = number("EMPTY_ROOM_MADE_IMAGES", IMAGES);
    let (mut same, mut refused) = (0, 0);
    for seed in from..from + count {
        let layers = layers(&noise(seed));
        let tars: Vec<_> = layers.iter().map(|steps| tar_of_steps(steps)).collect();
        let archive = image_named(&tag, &cpu, &json!({ "Cmd": ["/a"] }), &tars);
        let read = read(&archive);
        let merged = merged(&engine, &owner, &tag, archive).await;
        match (read, merged) {
            (Reading::Merged(found) | Reading::Twice(found), Ok(wanted)) => {
                let said = difference(&without_modes(wanted), &without_modes(found));
                assert!(
                    said.is_empty(),
                    "image {seed}, wanted is the engine's:\n{said}{layers:#?}"
                );
                same += 1;
            }
            (Reading::Refused | Reading::Twice(_), Err(_)) => refused += 1,
            (Reading::Refused, Ok(_)) => panic!("image {seed}: the engine takes it: {layers:#?}"),
            (Reading::Merged(_), Err(error)) => {
                panic!("image {seed}: the engine refuses it: {error}\n{layers:#?}")
            }
        }
    }
    println!("{count} images: {same} read as the engine has them, {refused} refused by both");
    assert!(same > 0 || count < IMAGES, "nothing could be compared");
}
