//! Archives made to deceive or to exhaust end in a clear error, and in no panic.

use super::*;
use crate::image::EntryId;
use crate::image::limits::*;
use crate::image::tree::Tree;
use std::io::{self, Read};

/// The error's words, which always say what and why.
pub(super) fn refused(bytes: &[u8]) -> String {
    let error = plainly(bytes).expect_err("refused");
    let (cause, next) = (error.cause(), error.next());
    format!(
        "{error}\ncause: {}\nnext: {}",
        cause.unwrap_or("-"),
        next.unwrap_or("-")
    )
}

pub(super) fn refused_layers(layers: &[Vec<u8>]) -> String {
    refused(&legacy(&[("made:1", layers)]))
}

#[test]
fn names_that_no_engine_takes_are_refused() {
    for entry in [
        Make::File("a/.wh...", b""),
        Make::File(".wh..", b""),
        Make::File(".wh.", b""),
        Make::File("/", b"x"),
        Make::Link("x", ""),
    ] {
        let words = refused_layers(&[tar(std::slice::from_ref(&entry))]);
        assert!(
            words.contains("cause: an archive made to deceive"),
            "{entry:?}: {words}"
        );
    }
}

/// They mean the same as relative ones, to engines as well.
#[test]
fn absolute_names_stay_in_the_root() {
    let image = of_layers(&[tar(&[
        Make::File("/etc/passwd", b"x"),
        Make::Link("/outside", "/etc/../../../etc/passwd"),
    ])]);
    let image = image.expect("read");
    let tree = Tree::of(&image).expect("merged");
    let found = tree.lookup("/outside").expect("there");
    assert_eq!(tree.path(found), "/etc/passwd");
}

#[test]
fn hard_links_to_nothing_and_to_each_other_are_refused() {
    for entries in [
        vec![Make::Hard("a", "nothing")],
        vec![Make::Hard("a", "b"), Make::Hard("b", "a")],
        vec![Make::Dir("d"), Make::Hard("a", "d")],
        vec![Make::Hard("a", "a")],
    ] {
        let image = of_layers(&[tar(&entries)]).expect("read");
        let error = Tree::of(&image).expect_err("refused").to_string();
        assert!(error.contains("is a hard link to"), "{error}");
    }
}

#[test]
fn long_names_and_deep_paths_are_refused() {
    let (long, deep) = ("n".repeat(5000), "d/".repeat(1001));
    let words = refused_layers(&[files(&[(&long, b"")])]);
    assert!(
        words.contains("longer than any path") && words.len() < 400,
        "{words}"
    );
    assert!(refused_layers(&[files(&[(&deep, b"")])]).contains("deeper"));
    let words = refused_layers(&[tar(&[Make::Link("a", &long)])]);
    assert!(words.contains("longer path than can be"), "{words}");
}

/// `zstd --long=28` asks for 256 MiB, and engines give them.
#[test]
fn zstd_windows_may_be_as_large_as_engines_take_them() {
    let read = |exponent: u8| {
        let layers = [files(&[("a", b"x")])];
        let mut members = oci(&[("1", "amd64", &layers)], <[u8]>::to_vec);
        for (_, bytes) in &mut members {
            if *bytes == layers[0] {
                // One block, as it is, the last.
                let block = (bytes.len() << 3 | 1) as u32;
                let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (exponent - 10) << 3];
                frame.extend(&block.to_le_bytes()[..3]);
                frame.append(bytes);
                *bytes = frame;
            }
        }
        // The blob's own digest is another now; the diff id tells what it is.
        plainly(&pack(&members))
    };
    assert_eq!(read(28).expect("read").layers[0].entries.len(), 1);
    let error = read(31).expect_err("refused").to_string();
    assert!(error.contains("layer 1"), "{error}");
}

/// A zstd frame may ask for a window of terabytes.
#[test]
fn zstd_windows_are_bounded() {
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0, 0, 0];
    let layers = [files(&[("a", b"x")])];
    let mut members = oci(&[("1", "amd64", &layers)], <[u8]>::to_vec);
    let at = digest(&layers[0]);
    for (name, bytes) in &mut members {
        if name.ends_with(&at[7..]) {
            *bytes = frame.to_vec();
        }
    }
    let words = refused(&pack(&members));
    assert!(
        words.contains("layer 1") && words.contains("is damaged"),
        "{words}"
    );
}

#[test]
fn lying_sizes_and_wrong_checksums_are_refused() {
    let mut layer = files(&[("a", &[1; 600]), ("b", b"x")]);
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes().copy_from_slice(&layer[..512]);
    for size in [700_000, u64::MAX >> 1, 1] {
        header.set_size(size);
        header.set_cksum();
        layer[..512].copy_from_slice(header.as_bytes());
        let words = refused_layers(&[layer.clone()]);
        assert!(words.contains("layer 1"), "{size}: {words}");
    }
    layer[100] ^= 1;
    assert!(refused_layers(&[layer]).contains("checksum"));
}

#[test]
fn layers_that_are_not_what_the_config_says_are_refused() {
    let layers = [files(&[("a", b"x")])];
    let mut archive = legacy(&[("made:1", &layers)]);
    let at = archive
        .windows(4)
        .position(|w| w == b"x\0\0\0")
        .expect("the content");
    archive[at] = b'y';
    assert!(refused(&archive).contains("and the config says"));
    let mut members = oci(&[("1", "amd64", &layers)], gzip);
    let config = members
        .iter_mut()
        .find(|(_, bytes)| bytes.starts_with(b"{\"arch"));
    config.expect("the config").1.push(b' ');
    assert!(refused(&pack(&members)).contains("its digest is another"));
}

#[test]
fn layers_that_do_not_come_as_the_config_lists_them_are_refused() {
    let layers = [files(&[("a", b"x")]), files(&[("b", b"y")])];
    let archive = |order: &[usize]| {
        let paths: Vec<_> = layers
            .iter()
            .map(|l| format!("{}/layer.tar", hex(l)))
            .collect();
        let listed: Vec<_> = order.iter().map(|at| &paths[*at]).collect();
        let manifest = json!([{ "Config": "c.json", "RepoTags": ["made:1"], "Layers": listed }]);
        let mut members: Vec<_> = paths.iter().cloned().zip(layers.clone()).collect();
        members.push(("c.json".into(), config("amd64", &layers)));
        members.push(("manifest.json".into(), manifest.to_string().into_bytes()));
        pack(&members)
    };
    assert!(plainly(&archive(&[0, 1])).is_ok());
    assert!(refused(&archive(&[1, 0])).contains("and the config says"));
    assert!(refused(&archive(&[0])).contains("2 layers, and its manifest of 1"));
}

#[test]
fn damage_of_a_compressed_layer_is_told_in_our_words() {
    let odd: Vec<u8> = (0_u32..9_000).flat_map(u32::to_le_bytes).collect();
    let layers = [files(&[("a", &odd)])];
    let with = |change: fn(&mut Vec<u8>), store: Pack| {
        let mut members = oci(&[("1", "amd64", &layers)], store);
        let stored = store(&layers[0]);
        let at = members.iter_mut().find(|(_, bytes)| *bytes == stored);
        change(&mut at.expect("the layer").1);
        refused(&pack(&members))
    };
    for (store, name) in [(gzip as Pack, "gzip"), (zstd, "zstd")] {
        let words = with(|bytes| bytes.truncate(bytes.len() / 2), store);
        assert!(words.contains("breaks off"), "{words}");
        let words = with(|bytes| bytes[9..20].fill(0xff), store);
        let told = format!("its {name} compression is damaged");
        assert!(words.contains(&told), "{words}");
    }
    // The checksum behind the last block.
    let words = with(|bytes| *bytes.last_mut().expect("there") ^= 1, zstd);
    assert!(words.contains("zstd compression is damaged"), "{words}");
    let words = with(|bytes| *bytes = b"\xfd7zXZ\0\0".to_vec(), gzip);
    assert!(words.contains("compressed with xz"), "{words}");
}

#[test]
fn documents_that_contradict_each_other_are_refused() {
    let layers = [files(&[("a", b"x")])];
    let archive = legacy(&[("made:1", &layers)]);
    let end = archive.len() - 1024;
    let twice = |manifest: &[u8]| {
        let second = files(&[("manifest.json", manifest)]);
        [&archive[..end], &second].concat()
    };
    let words = refused(&twice(b"[]"));
    assert!(words.contains("manifest.json twice"), "{words}");
}

#[test]
fn json_of_silly_size_depth_or_content_is_refused() {
    let deep = "[".repeat(100_000);
    let large = format!("[{}1]", "1,".repeat(MAX_JSON as usize / 2));
    let deep_index = format!("{{\"manifests\":{deep}");
    let climbing = format!(
        "{{\"manifests\":[{{\"digest\":\"sha256:../../{}\"}}]}}",
        "0".repeat(40)
    );
    for (name, json, words) in [
        ("manifest.json", deep.as_str(), "damaged"),
        ("manifest.json", large.as_str(), "larger than a manifest"),
        (
            "manifest.json",
            "[{\"Config\":\"c\"}]",
            "lacks the config c",
        ),
        ("manifest.json", "[]", "no image in it"),
        ("index.json", deep_index.as_str(), "damaged"),
        ("index.json", climbing.as_str(), "is no digest"),
        ("index.json", "{}", "no image in it"),
    ] {
        let said = refused(&files(&[(name, json.as_bytes())]));
        assert!(said.contains(words), "{name}: {said}");
    }
    let config = format!("{{\"rootfs\":{{\"diff_ids\":{deep}");
    let said = refused(&files(&[
        ("c.json", config.as_bytes()),
        ("manifest.json", b"[{\"Config\":\"c.json\"}]"),
    ]));
    assert!(said.contains("c.json is damaged"), "{said}");
    let half = format!("[{}1]", "1,".repeat(MAX_JSON as usize / 2 - 8));
    let names: Vec<_> = (0..4).map(|n| format!("{n}.json")).collect();
    let many: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), half.as_bytes()))
        .collect();
    assert!(refused(&files(&many)).contains("in all"));
}

/// An index that names itself, through a digest that nobody could compute.
#[test]
fn indexes_in_a_circle_end() {
    let index = json!({ "manifests": [{ "digest": format!("none:{}", "0".repeat(64)) }] });
    let index = index.to_string().into_bytes();
    let blob = format!("blobs/none/{}", "0".repeat(64));
    let words = refused(&pack(&[
        (blob, index.clone()),
        ("index.json".into(), index),
    ]));
    assert!(words.contains("no image in it"), "{words}");
}

#[test]
fn what_is_no_image_archive_is_told() {
    assert!(refused(&files(&[("bin/sh", b"x")])).contains("docker export"));
    assert!(refused(b"").contains("not one byte"));
    assert!(refused(b"package main\n\nfunc main() {}\n").contains("looks like text"));
    assert!(refused(b"PK\x03\x04").contains("a zip archive"));
    assert!(refused(b"\x89PNG\r\n\x1a\n\0\0").contains("begins as no archive does"));
    assert!(refused(&[0xfd, b'7', b'z', b'X', b'Z', 0, 0]).contains("xz"));
    assert!(refused(b"BZh91AY&SY").contains("bzip2"));
    assert!(plainly(&[7; 4096]).is_err());
}

/// Cut anywhere, an archive is an error; behind its last document stands only padding.
#[test]
fn archives_that_break_off_are_told() {
    let layers = [files(&[("a", &[1; 900]), ("b", b"c")])];
    for (archive, end) in [
        (legacy(&[("made:1", &layers)]), 1024 + 512 + 510),
        (pack(&oci(&[("1", "amd64", &layers)], gzip)), 1024 + 512),
    ] {
        for cut in (0..archive.len() - end).step_by(37) {
            assert!(
                plainly(&archive[..cut]).is_err(),
                "{cut} of {}",
                archive.len()
            );
        }
        let whole = gzip(&archive);
        let words = refused(&whole[..whole.len() - 9]);
        assert!(words.contains("breaks off"), "{words}");
    }
}

/// What was seen of it must not be taken for what was seen of the next one.
/// A stream that fails at some byte, as an engine's does.
struct Fails<'a>(&'a [u8], Option<io::Error>);

impl Read for Fails<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match (self.0.read(buf)?, self.1.take()) {
            (0, Some(error)) => Err(error),
            (n, error) => {
                self.1 = error;
                Ok(n)
            }
        }
    }
}

#[test]
fn a_stream_that_fails_is_told_in_its_own_words_wherever_it_does() {
    let archive = legacy(&[("made:1", &[files(&[("app", &[7; 3000])])])]);
    for end in [0, 100, 600, 1500, 3000, archive.len() - 2000] {
        let read = |error| {
            let stream = Fails(&archive[..end], Some(error));
            let selector = ImageSelector::default();
            let read = read_archive(stream, &selector, Compressed::Measured, |_| Ok(None::<()>));
            read.map(|_| ()).expect_err("it failed")
        };
        let error = read(io::Error::other("the engine went away"));
        assert!(
            matches!(&error, ReadError::Source(why) if why.to_string() == "the engine went away"),
            "{end}: {error}"
        );
        let error = read(ReadError::LargeArchive { max: 1 << 30 }.into());
        assert!(
            matches!(error, ReadError::LargeArchive { .. }),
            "{end}: {error}"
        );
    }
}

#[test]
fn a_layer_that_breaks_off_lends_nothing_to_the_next_one() {
    let odd: Vec<u8> = (0_u32..90_000).flat_map(u32::to_le_bytes).collect();
    let broken = gzip(&files(&[("a", b"1"), ("b", &odd)]));
    let broken = pack(&[("broken".into(), broken[..broken.len() / 2].to_vec())]);
    let layer = files(&[("x", b"2"), ("y", b"")]);
    let whole = legacy(&[("made:1", &[layer.clone(), layer])]);
    let archive = [&broken[..broken.len() - 1024], &whole].concat();
    let (image, seen) = read_archive(
        archive.as_slice(),
        &ImageSelector::default(),
        Compressed::AsStored,
        |content| Ok((content.prefix(9)? == b"1").then_some("of the broken one")),
    )
    .expect("read");
    assert_eq!(image.layers.len(), 2);
    let ids = (0..2).flat_map(|layer| (0..2).map(move |entry| EntryId { layer, entry }));
    assert!(ids.clone().all(|id| image.entry(id).is_some()));
    let lent: Vec<_> = ids.filter_map(|id| seen.get(id)).collect();
    assert!(lent.is_empty(), "{lent:?}");
}
