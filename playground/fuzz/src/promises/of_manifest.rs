//! What reading a manifest promises, and what comes of an image that it starts.

use super::of_preflight::sound;
use crate::{layers, memory};
use analysis::image::{Compressed, ImageSelector};
use analysis::inspect::{Inspection, inspect};
use analysis::manifest::Manifest;
use analysis::preflight::{TargetPlatform, preflight_as};
use std::sync::LazyLock;

/// Bytes that a manifest may take: values are counted, with what aliases repeat.
const MOST: usize = 256 << 20;
/// Characters of an error at most.
const LONGEST: usize = 1201;
/// Containers of one manifest that an image is judged as.
const JUDGED: usize = 4;

/// A small image, to be started in every way.
static IMAGE: LazyLock<Inspection> = LazyLock::new(|| {
    let archive = layers::image_of(
        "E /app\nC serve\nU app\nW /srv\nP 80/tcp\nx app=#!/bin/sh\nexec \"$@\"\nx bin/sh=#!\nf \
         etc/passwd=app:x:7:7::/:/bin/sh\nd tmp/\n",
    );
    inspect(&*archive, &ImageSelector::default(), Compressed::AsStored).expect("sound")
});

/// Reads a manifest and holds the answer to all that is promised.
pub fn manifest(bytes: &[u8]) {
    let read = memory::within(MOST, || Manifest::read(bytes));
    assert_eq!(
        read,
        Manifest::read(bytes),
        "the same bytes, another answer"
    );
    let manifest = match read {
        Ok(manifest) => manifest,
        Err(error) => {
            // YAML ends a line at either of them.
            let ends = bytes.iter().filter(|byte| b"\r\n".contains(byte));
            let lines = ends.count() + 2;
            assert!(
                error.line.is_none_or(|line| line as usize <= lines),
                "{error:?}"
            );
            let chars = error.what.chars().count();
            assert!((1..=LONGEST).contains(&chars), "{error:?}");
            return;
        }
    };
    for (image, name) in [(None, None), (Some("a"), None), (None, Some("a"))] {
        if let Err(error) = manifest.choose(image, name) {
            assert!(
                !error.what.is_empty() && !error.next.is_empty(),
                "{error:?}"
            );
        }
    }
    for container in manifest.containers.iter().take(JUDGED) {
        let found = preflight_as(&IMAGE, &TargetPlatform::default(), container);
        found.expect("a tree").iter().for_each(sound);
    }
}
