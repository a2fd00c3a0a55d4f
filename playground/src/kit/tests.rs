//! The file of a kit: what is written is read, what is damaged is named, what was copied in part
//! is gone on with.

use super::signature::Signed;
use super::*;
use ed25519_dalek::SigningKey;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes that do not pack well, so that blobs have some length in the file.
fn noise(seed: u32, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

/// A kit of one image of three layers, two of them alike, and a file.
fn kit(folder: &Path, key: Option<&SigningKey>) -> PathBuf {
    let path = folder.join("kit");
    let mut writer = Writer::begin(&path, VERSION, "recipe", "amd64").expect("begun");
    let mut layers = Vec::new();
    for seed in [1, 2, 1] {
        layers.push(
            writer
                .add(&mut noise(seed, 300_000).as_slice())
                .expect("added"),
        );
    }
    let config = writer.add(&mut &b"{}"[..]).expect("added");
    writer.image(KitImage {
        name: "golang:1.23".into(),
        role: Role::Base,
        config,
        layers,
    });
    writer
        .file("book.tar.gz", false, &mut noise(9, 1000).as_slice())
        .expect("added");
    writer.finish(key).expect("finished");
    path
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// With Docker alone, it is read by a program that runs as another user.
#[cfg(unix)]
#[test]
fn a_kit_is_for_all_who_may_read_what_its_maker_writes() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let other = folder.path().join("other");
    fs::write(&other, "").expect("written");
    assert_eq!(mode(&kit(folder.path(), None)), mode(&other));
}

/// Turns one bit of the file around.
fn damage(path: &Path, at: u64) {
    let mut bytes = fs::read(path).expect("read");
    bytes[usize::try_from(at).expect("small")] ^= 1;
    fs::write(path, bytes).expect("written");
}

#[test]
fn what_goes_in_comes_out_and_equal_bytes_lie_there_once() {
    let folder = folder();
    let kit = Kit::open(&kit(folder.path(), None)).expect("a kit");
    assert_eq!(
        kit.index().blobs.len(),
        4,
        "two layers, a configuration, a file"
    );
    let image = &kit.index().images[0];
    assert_eq!(image.layers[0], image.layers[2]);
    for (layer, seed) in image.layers.iter().zip([1, 2, 1]) {
        let mut bytes = Vec::new();
        kit.blob(layer)
            .expect("there")
            .read_to_end(&mut bytes)
            .expect("whole");
        assert_eq!(bytes, noise(seed, 300_000));
    }
    assert!(
        kit.small_blob(&image.layers[0], 1000).is_err(),
        "larger than asked for"
    );
    kit.verify(|_| {}).expect("whole");
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "nothing but the kit: {left:?}");
}

#[test]
fn a_damaged_blob_is_named_with_all_that_is_lost_and_its_bytes_are_not_given_out() {
    let folder = folder();
    let path = kit(folder.path(), None);
    let second = Kit::open(&path).expect("a kit").index().blobs[1].clone();
    damage(&path, second.at + second.packed / 2);
    let kit = Kit::open(&path).expect("its index is whole");
    let Err(KitError::Damaged(damages)) = kit.verify(|_| {}) else {
        panic!("it is damaged");
    };
    let [damage] = &damages[..] else {
        panic!("one blob: {damages:?}");
    };
    assert_eq!(
        (damage.digest.as_str(), damage.at),
        (second.digest.as_str(), second.at)
    );
    assert_eq!(damage.uses, ["layer 2 of golang:1.23"]);
    let read = kit
        .blob(&second.digest)
        .expect("there")
        .read_to_end(&mut Vec::new());
    let told = read.expect_err("damaged").to_string();
    assert!(told.contains(&second.digest), "{told}");
}

#[test]
fn a_bit_anywhere_is_noticed() {
    let folder = folder();
    let whole = kit(folder.path(), Some(&SigningKey::from_bytes(&[7; 32])));
    let length = fs::metadata(&whole).expect("there").len();
    let copy = folder.path().join("copy");
    for at in (0..length).step_by(4001).chain(length - 400..length) {
        fs::copy(&whole, &copy).expect("copied");
        damage(&copy, at);
        let verified = Kit::open(&copy).and_then(|kit| kit.verify(|_| {}));
        assert!(verified.is_err(), "byte {at} of {length}");
    }
}

#[test]
fn half_a_kit_and_what_is_none_are_told_apart_from_a_damaged_one() {
    let folder = folder();
    let path = kit(folder.path(), None);
    let bytes = fs::read(&path).expect("read");
    for half in [0, 16, 100, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..half]).expect("written");
        assert!(
            matches!(Kit::open(&path), Err(KitError::NoKit)),
            "{half} bytes"
        );
    }
    let mut other = bytes.clone();
    other[14] = b'9';
    fs::write(&path, other).expect("written");
    assert!(matches!(Kit::open(&path), Err(KitError::OtherLayout(layout)) if layout == "9"));
    let error = Kit::open(&folder.path().join("none")).expect_err("not there");
    assert!(error.user_error(&path).next.contains("ls -l"), "{error}");
}

#[test]
fn a_kit_says_who_signed_it_and_others_are_refused() {
    let folder = folder();
    let key = SigningKey::from_bytes(&[7; 32]);
    let signed = Kit::open(&kit(folder.path(), Some(&key))).expect("a kit");
    let public = key.verifying_key().to_bytes();
    assert_eq!(
        signed.signed().map(Signed::key_in_hex),
        Some(engine::hex(&public))
    );
    signed.must_be_signed_by(&public).expect("it is");
    let refused = |kit: &Kit| match kit.must_be_signed_by(&[8; 32]) {
        Err(KitError::Signature(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&signed), SignatureError::OtherKey);
    let unsigned = Kit::open(&kit(folder.path(), None)).expect("a kit");
    assert_eq!(refused(&unsigned), SignatureError::Missing);
}

/// A blob that unpacks to more than it says fills no disk.
#[test]
fn a_bomb_is_stopped_where_it_becomes_larger_than_it_said() {
    let folder = folder();
    let path = folder.path().join("kit");
    let mut writer = Writer::begin(&path, VERSION, "recipe", "amd64").expect("begun");
    writer
        .file("zeros", false, &mut std::io::repeat(0).take(64 << 20))
        .expect("added");
    writer.lie_about_sizes();
    writer.finish(None).expect("finished");
    let kit = Kit::open(&path).expect("a kit");
    let digest = kit.index().files[0].digest.clone();
    let mut bytes = Vec::new();
    let read = kit.blob(&digest).expect("there").read_to_end(&mut bytes);
    assert!(read.is_err());
    assert!(bytes.len() < 1 << 20, "{} bytes came out", bytes.len());
}

/// An index whose only blob, which all that it names is, claims this size.
fn index(bytes: u64) -> Index {
    let digest = format!("sha256:{}", "0".repeat(64));
    let blob = Blob {
        digest: digest.clone(),
        bytes,
        at: 16,
        packed: 9,
    };
    Index {
        version: VERSION.into(),
        recipe: crate::bases::recipe(),
        architecture: "amd64".into(),
        blobs: vec![blob],
        images: Vec::new(),
        files: Vec::new(),
    }
}

#[test]
fn an_index_that_names_small_bytes_often_fills_no_disk() {
    let file = |n: u32| KitFile {
        name: format!("f{n}"),
        digest: index(0).blobs[0].digest.clone(),
        executable: false,
    };
    let mut one = index(4 << 30);
    one.files = (0..2).map(file).collect();
    one.check(16, 25).expect("large, and bearable");
    one.files = (0..40).map(file).collect();
    assert!(one.check(16, 25).is_err(), "one blob as forty files");
    let mut many = index(1);
    many.files = (0..1000).map(file).collect();
    assert!(many.check(16, 25).is_err(), "a thousand files");
    let mut deep = index(1);
    deep.images.push(KitImage {
        name: "golang:1.23".into(),
        role: Role::Base,
        config: deep.blobs[0].digest.clone(),
        layers: vec![deep.blobs[0].digest.clone(); 1000],
    });
    assert!(deep.check(16, 25).is_err(), "a thousand layers");
}

#[test]
fn a_kit_says_nothing_that_commands_a_terminal() {
    for hostile in [
        "\u{1b}[2J",
        "a\nb",
        "\u{9b}31m",
        "\u{202e}46dma",
        &"x".repeat(999),
    ] {
        let lies: [fn(&mut Index) -> &mut String; 3] = [
            |index| &mut index.version,
            |index| &mut index.recipe,
            |index| &mut index.architecture,
        ];
        for lie in lies {
            let mut index = index(1);
            *lie(&mut index) = hostile.into();
            let error = index.check(16, 25).expect_err(hostile);
            policy::sanitize::testing::assert_harmless(&error.to_string());
        }
    }
}

/// What is no base is loaded under the name that the kit gives it.
#[test]
fn a_kit_brings_no_image_under_a_name_that_is_not_ours() {
    let with = |role: Role, name: &str| {
        let mut index = index(1);
        index.images.push(KitImage {
            name: name.into(),
            role,
            config: index.blobs[0].digest.clone(),
            layers: Vec::new(),
        });
        index.check(16, 25).expect("sound");
        must_fit(&index, "amd64")
    };
    with(Role::Prober, "empty-room/prober:0123456789ab").expect("ours");
    with(Role::Modules, "empty-room/modules:0123456789ab").expect("ours");
    with(Role::Modules, "empty-room/modules:wheels-0123456789ab").expect("ours");
    with(Role::Base, "golang:1.23").expect("named by a rule");
    for (role, name) in [
        (Role::Prober, "ubuntu:24.04"),
        (Role::Prober, "empty-room/modules:1"),
        (Role::Modules, "registry.test/company/app:1"),
        (Role::Modules, "empty-room/trust:0123456789ab"),
    ] {
        assert!(with(role, name).is_err(), "{name}");
    }
}

mod copying {
    use super::*;

    #[test]
    fn a_copy_that_was_stopped_is_gone_on_with_behind_the_last_whole_blob() {
        let folder = folder();
        let from = kit(folder.path(), None);
        let (to, part) = (folder.path().join("to"), folder.path().join("to.part"));
        let bytes = fs::read(&from).expect("read");
        let blobs = Kit::open(&from).expect("a kit").index().blobs.clone();
        let second = &blobs[1];
        // Stopped within the second blob.
        fs::write(
            &part,
            &bytes[..usize::try_from(second.at + 9).expect("small")],
        )
        .expect("written");
        let copied = copy(&from, &to, |_| {}).expect("copied");
        assert_eq!(
            copied,
            Copied {
                kept: second.at,
                bytes: bytes.len() as u64
            }
        );
        assert_eq!(fs::read(&to).expect("read"), bytes);
        assert!(!part.exists());
    }

    #[test]
    fn what_a_stopped_copy_left_wrong_comes_again() {
        let folder = folder();
        let from = kit(folder.path(), None);
        let (to, part) = (folder.path().join("to"), folder.path().join("to.part"));
        let bytes = fs::read(&from).expect("read");
        let first = Kit::open(&from).expect("a kit").index().blobs[0].clone();
        for (at, kept) in [
            (0, 0),
            (first.at + 5, 0),
            (first.at + first.packed + 5, first.at + first.packed),
        ] {
            fs::write(&part, &bytes).expect("written");
            damage(&part, at);
            assert_eq!(
                copy(&from, &to, |_| {}).expect("copied").kept,
                kept,
                "byte {at}"
            );
            assert_eq!(fs::read(&to).expect("read"), bytes);
        }
    }

    #[test]
    fn a_damaged_kit_is_not_passed_on() {
        let folder = folder();
        let from = kit(folder.path(), None);
        let last = Kit::open(&from).expect("a kit").index().blobs[3].clone();
        damage(&from, last.at + last.packed - 9);
        let to = folder.path().join("to");
        let error = copy(&from, &to, |_| {}).expect_err("damaged");
        assert!(
            matches!(&error, KitError::Damaged(damages) if damages[0].uses == ["book.tar.gz"]),
            "{error}"
        );
        assert!(!to.exists());
    }

    #[test]
    fn two_copies_to_one_place_do_not_mix() {
        let folder = folder();
        let from = kit(folder.path(), None);
        let to = folder.path().join("to");
        let part = fs::File::create(folder.path().join("to.part")).expect("made");
        part.lock().expect("locked");
        let told = copy(&from, &to, |_| {}).expect_err("busy").to_string();
        assert!(told.contains("somebody else"), "{told}");
    }
}
