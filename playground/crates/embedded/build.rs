//! Packs the book for programs that carry it (feature `embed`).

// The same source as the crate's: what is packed here is what its tests unpack.
#[path = "src/pack.rs"]
#[allow(
    unreachable_pub,
    reason = "the crate hands it on; a build script has nobody to"
)]
mod pack;

use sha2::{Digest, Sha256};
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/pack.rs");
    if env::var_os("CARGO_FEATURE_EMBED").is_none() {
        return Ok(());
    }
    let variable = |name| env::var(name).map_err(io::Error::other);
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../..");
    for part in pack::CONTENT {
        println!("cargo::rerun-if-changed={}", root.join(part).display());
    }
    let archive = pack::pack(&root)?;
    let digest = format!("{:x}", Sha256::digest(&archive));
    println!("cargo::rustc-env=EMPTY_ROOM_CONTENT={digest}");
    fs::write(Path::new(&variable("OUT_DIR")?).join("content"), archive)
}
