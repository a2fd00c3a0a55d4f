//! A file of an image that is sound: whatever it holds, wherever it lies. The first byte chooses
//! its path.
#![no_main]

use analysis::inspect::Program;
use libfuzzer_sys::fuzz_target;
use playground_fuzz::{layers, promises, seeds};

const MOST: usize = 8 << 20;
const PATHS: [&str; 9] = [
    "app",
    "etc/passwd",
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d/base",
    "lib/apk/db/installed",
    "root/.ssh/id_rsa",
    "usr/lib/libc.so.6",
    ".env",
    "root/.docker/config.json",
];

fuzz_target!(init: seeds::plant("inspect"), |bytes: &[u8]| {
    let Some((choice, content)) = bytes.split_first() else {
        return;
    };
    let path = PATHS[usize::from(*choice) % PATHS.len()];
    let layer = layers::tar_of_files([(path, 0o755, content)]);
    let Some(seen) = promises::archive(&layers::archive_of(&[layer]), MOST + 8 * bytes.len()) else {
        return;
    };
    promises::xray(&seen, &seen);
    let facts = seen.seen.get(analysis::image::EntryId { layer: 0, entry: 0 });
    let program = facts.and_then(|facts| facts.program.as_deref());
    let alone = Program::of(content);
    assert_eq!(format!("{program:?}"), format!("{:?}", Some(alone)), "in an image as alone");
});
