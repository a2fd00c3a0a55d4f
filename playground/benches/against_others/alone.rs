//! What nobody else does, so that times stand by themselves: two images of a million files each,
//! laid over each other, and preflight of a service's image.

use super::process::{Took, run};
use super::{Bench, IMAGE};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const ROUNDS: usize = 3;
const PREFLIGHTS: usize = 21;
const PACKAGES: u32 = 1000;
const FILES_EACH: u32 = 1000;
/// One file in so many differs between the two.
const CHANGED: u32 = 1000;
const BLOCK: u64 = 512;

impl Bench {
    pub(crate) fn alone(&self) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let [old, new] = ["old.tar", "new.tar"].map(|name| folder.path().join(name));
        write_image(&old, 0)?;
        write_image(&new, 1)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
        command.args(["xray", "--json"]).arg(&old);
        command.arg("--against").arg(&new);
        let (time, peak) = measured(&mut command, ROUNDS)?;
        println!(
            "two images of a million files each, --against: {time:.1} s (aim ≤ 17.5 s), peak memory {:.0} MB (aim ≤ 430 MB), {ROUNDS} times",
            peak as f64 / 1e6
        );
        Ok(())
    }

    /// Of the image that was built last.
    pub(crate) fn preflight(&self, of: &str) -> anyhow::Result<()> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
        command
            .env("DOCKER_HOST", self.cli.socket())
            .args(["preflight", IMAGE]);
        let (time, peak) = measured(&mut command, PREFLIGHTS)?;
        println!(
            "preflight of {of}: {time:.3} s (aim ≤ 0.4 s), peak memory {:.1} MB, {PREFLIGHTS} times",
            peak as f64 / 1e6
        );
        Ok(())
    }
}

/// The median in seconds and the highest peak, after one run that nobody measures.
fn measured(command: &mut Command, rounds: usize) -> anyhow::Result<(f64, u64)> {
    let took: Vec<Took> = (0..=rounds)
        .map(|_| run(command))
        .collect::<anyhow::Result<_>>()?;
    let failed = took.iter().any(|took| !took.status.success());
    anyhow::ensure!(!failed, "{command:?} failed");
    let mut times: Vec<Duration> = took[1..].iter().map(|took| took.time).collect();
    times.sort();
    let peak = took.iter().map(|took| took.peak).max();
    Ok((times[rounds / 2].as_secs_f64(), peak.unwrap_or_default()))
}

/// An archive as `docker save` writes it, with one layer that looks like npm's: many small files.
fn write_image(to: &Path, generation: u32) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(to)?);
    let bytes = u64::from(PACKAGES) * (BLOCK + u64::from(FILES_EACH) * 2 * BLOCK) + 2 * BLOCK;
    file.write_all(header("layer.tar", bytes, 0o644).as_bytes())?;
    let mut hashed = Hashed {
        to: file,
        hash: Sha256::new(),
    };
    write_layer(&mut hashed, generation)?;
    let Hashed { to: file, hash } = hashed;
    let config = json!({
        "os": "linux", "architecture": "amd64", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{:x}", hash.finalize())] },
    });
    let manifest = json!([{ "Config": "config.json", "RepoTags": null, "Layers": ["layer.tar"] }]);
    let mut rest = tar::Builder::new(file);
    for (name, text) in [("config.json", config), ("manifest.json", manifest)] {
        let text = text.to_string();
        rest.append(&header(name, text.len() as u64, 0o644), text.as_bytes())?;
    }
    rest.into_inner()?.flush()
}

fn write_layer(to: impl Write, generation: u32) -> io::Result<()> {
    let mut layer = tar::Builder::new(to);
    for package in 0..PACKAGES {
        let folder = format!("app/node_modules/package-{package:04}/");
        let mut directory = header(&folder, 0, 0o755);
        directory.set_entry_type(tar::EntryType::Directory);
        directory.set_cksum();
        layer.append(&directory, io::empty())?;
        for file in 0..FILES_EACH {
            let number = package * FILES_EACH + file;
            let differs = number.is_multiple_of(CHANGED);
            let generation = if differs { generation } else { 0 };
            let text = format!("module.exports = [{number}, {generation}];\n");
            let name = format!("{folder}lib-{file:03}.js");
            layer.append(&header(&name, text.len() as u64, 0o644), text.as_bytes())?;
        }
    }
    layer.into_inner().map(drop)
}

fn header(name: &str, bytes: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).expect("a short path");
    header.set_size(bytes);
    header.set_mode(mode);
    header.set_cksum();
    header
}

/// Hashes what it hands on.
struct Hashed<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
