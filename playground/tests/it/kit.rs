//! A kit made of this engine, taken to a machine without a network: a namespace that has nothing
//! but loopback, with an engine and a data folder of its own.

use super::support::root;
use playground::kit::Kit;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Stage 5a needs this base, the prober, and modules.
const BASE: &str = "golang:1.23-alpine";

/// On this one a lab installs musl, and another the C compiler for another CPU.
const DEBIAN: &str = "golang:1.23";

fn playground(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(arguments)
        .env("EMPTY_ROOM_ROOT", root())
        .env("EMPTY_ROOM_DATA", data)
        .output()
        .expect("it runs")
}

fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{err}")
}

/// A shell whose commands have no network but loopback, and find no engine but a private one, which
/// they start below `data`.
fn cut_off(data: &Path, script: &str) -> Output {
    Command::new(root().join("script/without-network"))
        .arg(data)
        .args(["sh", "-euc", script])
        .env("PLAYGROUND", env!("CARGO_BIN_EXE_playground"))
        .env("EMPTY_ROOM_ROOT", root())
        .env("EMPTY_ROOM_DATA", data)
        .env("EMPTY_ROOM_CACHE", data.join("cache"))
        .output()
        .expect("this test needs unshare, of util-linux, and root")
}

/// A kit with what stage 5a and labs on Debian need, below `folder`.
fn kit(folder: &Path) -> PathBuf {
    let file = folder.join("room.kit");
    let name = file.display().to_string();
    let key = folder.join("key").display().to_string();
    let data = folder.join("made");
    let made = playground(
        &data,
        &[
            "kit", "make", &name, "--base", BASE, "--base", DEBIAN, "--sign", &key,
        ],
    );
    assert!(made.status.success(), "{}", said(&made));
    file
}

#[test]
fn labs_run_and_install_from_a_kit_where_there_is_no_network() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = kit(folder.path());
    let data = folder.path().join("room");
    fs::create_dir(&data).expect("made");
    let script = format!(
        "\"$PLAYGROUND\" kit load '{}'; \"$PLAYGROUND\" run stage-5a; \
         exec \"$PLAYGROUND\" check-content cgo-static/musl-gcc toolchain-too-old/auto",
        file.display()
    );
    let ran = cut_off(&data, &script);
    let told = said(&ran);
    assert!(ran.status.success(), "{told}");
    assert!(told.contains(&format!("loaded {BASE}")), "{told}");
    assert!(told.contains("1 of 1 variants as declared"), "{told}");
    let apart = "network that their builds are about: toolchain-too-old/auto";
    assert!(told.contains(apart), "{told}");
    assert!(
        data.join("kit/playground").is_file(),
        "the program lies there, too"
    );

    // A second load finds all of it there, and a damaged kit is told by what is lost.
    let kit = Kit::open(&file).expect("a kit");
    let mut images = kit.index().images.iter();
    let wheels = images.any(|image| image.name.starts_with("empty-room/modules:wheels-"));
    assert!(wheels, "what pip installs is in it");
    let layer = kit.index().images[0].layers[0].clone();
    let blob = kit.index().blob(&layer).expect("there").clone();
    let script = format!("exec \"$PLAYGROUND\" kit load '{}'", file.display());
    let again = said(&cut_off(&data, &script));
    assert!(again.contains(&format!("left alone {BASE}")), "{again}");
    let mut bytes = fs::read(&file).expect("read");
    bytes[usize::try_from(blob.at + blob.packed / 2).expect("small")] ^= 1;
    fs::write(&file, bytes).expect("written");
    let verified = playground(&data, &["kit", "verify", &file.display().to_string()]);
    assert!(!verified.status.success());
    assert!(
        said(&verified).contains(&format!("layer 1 of {BASE}")),
        "{}",
        said(&verified)
    );

    let other = folder.path().join("other");
    fs::create_dir(&other).expect("made");
    let refused = cut_off(&other, &script);
    let told = said(&refused);
    assert!(!refused.status.success() && told.contains(&layer), "{told}");
}
