//! Archives made to deceive or to exhaust end in a clear error, and in no panic.

use super::*;
use crate::image::limits::*;
use crate::image::tree::Tree;
use std::io::{self, Read};

/// The error's words, which always say what and why.
fn refused(bytes: &[u8]) -> String {
    plainly(bytes).expect_err("refused").to_string()
}

fn refused_layers(layers: &[Vec<u8>]) -> String {
    refused(&legacy(&[("made:1", layers)]))
}

#[test]
fn names_and_links_that_leave_the_root_are_refused() {
    for entry in [
        Make::File("../../etc/passwd", b"x"),
        Make::File("a/../../b", b"x"),
        Make::Link("/../x", "y"),
        Make::Hard("shadow", "../../etc/shadow"),
        Make::Hard("shadow", "/../etc/shadow"),
        Make::File("a/.wh...", b""),
        Make::File(".wh..", b""),
        Make::File(".wh.", b""),
        Make::File("/", b"x"),
        Make::Link("x", ""),
    ] {
        let words = refused_layers(&[tar(&[entry.clone()])]);
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
    let (long, deep) = ("n".repeat(5000), "d/".repeat(300));
    let words = refused_layers(&[files(&[(&long, b"")])]);
    assert!(
        words.contains("longer than any path") && words.len() < 400,
        "{words}"
    );
    assert!(refused_layers(&[files(&[(&deep, b"")])]).contains("deeper"));
    let words = refused_layers(&[tar(&[Make::Link("a", &long)])]);
    assert!(words.contains("longer path than can be"), "{words}");
}

/// A description is held in memory by whoever reads it, so it must not be long.
#[test]
fn long_descriptions_are_refused_before_they_are_held() {
    for kind in [b'x', b'L', b'K'] {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_size(1 << 40);
        header.set_cksum();
        let layer = header
            .as_bytes()
            .as_slice()
            .chain(io::repeat(b'1').take(3 << 20));
        let mut bytes = Vec::new();
        layer
            .take(3 << 20)
            .read_to_end(&mut bytes)
            .expect("in memory");
        let words = refused_layers(&[bytes.clone()]);
        assert!(words.contains("described by more than 1024 KiB"), "{words}");
        // The same around the layers.
        assert!(refused(&bytes).contains("described by more"), "{words}");
    }
}

#[test]
fn entries_names_and_places_are_counted_over_all_layers() {
    let many: Vec<_> = (0..MOST_ENTRIES * 2 / 3).map(|n| format!("f{n}")).collect();
    let many: Vec<_> = many.iter().map(|name| Make::File(name, b"")).collect();
    let layer = tar(&many);
    assert!(of_layers(std::slice::from_ref(&layer)).is_ok());
    // Once as two layers, once as one that the image has twice.
    let mut reversed = many.clone();
    reversed.reverse();
    assert!(refused_layers(&[layer.clone(), tar(&reversed)]).contains("entries"));
    assert!(refused_layers(&[layer.clone(), layer]).contains("entries"));

    let names: Vec<_> = (0..3000)
        .map(|n| format!("{n}/{}", "n".repeat(4000)))
        .collect();
    let names: Vec<_> = names.iter().map(|name| Make::File(name, b"")).collect();
    assert!(refused_layers(&[tar(&names)]).contains("MiB of names"));

    let deep: Vec<_> = (0..400)
        .map(|n| format!("{n}{}", "/d".repeat(200)))
        .collect();
    let deep: Vec<_> = deep.iter().map(|name| Make::File(name, b"")).collect();
    let image = of_layers(&[tar(&deep)]).expect("read");
    assert!(matches!(Tree::of(&image), Err(ReadError::ManyEntries)));
}

#[test]
fn members_and_layers_are_counted() {
    let members: Vec<_> = (0..=MOST_MEMBERS)
        .map(|n| (format!("m{n}"), Vec::new()))
        .collect();
    assert!(refused(&pack(&members)).contains("members"));
    let layers = vec![files(&[("a", b"")]); MOST_LAYERS + 1];
    assert!(refused_layers(&layers).contains("layers"));
}

#[test]
fn bombs_are_refused_inside_and_around() {
    let zeros = vec![0; RATIO_GRACE as usize + (4 << 20)];
    let layers = [files(&[("zeros", &zeros)])];
    for store in [gzip as Pack, zstd] {
        let words = refused(&pack(&oci(&[("1", "amd64", &layers)], store)));
        assert!(words.contains("decompression bomb"), "{words}");
        let words = refused(&store(&legacy(&[("made:1", &layers)])));
        assert!(words.contains("decompression bomb"), "{words}");
    }
    // Bombs in a member that is nothing to us, too.
    let words = refused(&gzip(&files(&[("VERSION", &zeros)])));
    assert!(words.contains("decompression bomb"), "{words}");
    // The same bytes without compression are no bomb.
    assert!(of_layers(&layers).is_ok());
}

/// An endless stream of what does not repeat: no ratio tells it.
#[test]
fn endless_archives_are_refused() {
    let mut header = tar::Header::new_gnu();
    header.set_path("a/layer.tar").expect("short");
    header.set_size(1 << 50);
    header.set_cksum();
    let mut inner = tar::Header::new_gnu();
    inner.set_path("endless").expect("short");
    inner.set_size(1 << 49);
    inner.set_cksum();
    let stream = header
        .as_bytes()
        .as_slice()
        .chain(inner.as_bytes().as_slice())
        .chain(io::repeat(7));
    let read = read(stream, &Wanted::default(), Compressed::AsStored, |_| {
        Ok(None::<()>)
    });
    assert!(matches!(read, Err(ReadError::TooLarge)));
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
    assert!(refused(&archive).contains("or has it with other content"));
    let mut members = oci(&[("1", "amd64", &layers)], gzip);
    let config = members
        .iter_mut()
        .find(|(_, bytes)| bytes.starts_with(b"{\"arch"));
    config.expect("the config").1.push(b' ');
    assert!(refused(&pack(&members)).contains("its digest is another"));
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
    let large = format!("[{}1]", "1,".repeat(MOST_JSON as usize / 2));
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
    let half = format!("[{}1]", "1,".repeat(MOST_JSON as usize / 2 - 8));
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
    assert!(refused(b"").contains("no image in it"));
    assert!(refused(&[0xfd, b'7', b'z', b'X', b'Z', 0, 0]).contains("xz"));
    assert!(refused(b"BZh91AY&SY").contains("bzip2"));
    assert!(
        refused(b"\x7fELF").contains("could not be read")
            || refused(b"\x7fELF").contains("breaks off")
    );
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

/// Everything that is asked of an image, on one that may be damaged in any way.
fn all_of(bytes: &[u8]) {
    use crate::image::{changes, notes, stands_out};
    let read = read(bytes, &Wanted::default(), Compressed::AsStored, notes::note);
    if let Ok((image, seen)) = read
        && let Ok(tree) = Tree::of(&image)
    {
        let changes = changes::changes(&image, &tree);
        assert!(changes.wasted_bytes <= changes.total_bytes);
        let _ = (
            stands_out::shells(&tree),
            stands_out::packages(&tree, &seen),
        );
        let _ = (
            stands_out::ca_bundles(&tree),
            stands_out::zoneinfo(&tree),
            stands_out::tmp(&tree),
        );
        let _ = (
            stands_out::git_directories(&image, &tree),
            stands_out::secrets(&image, &tree, &seen),
        );
        for id in tree.walk() {
            let _ = tree.lookup(&tree.path(id));
        }
    }
}

fn corpus() -> Vec<Vec<u8>> {
    let layers = [
        tar(&[
            Make::Dir("usr/bin/"),
            Make::Link("bin", "usr/bin"),
            Make::Mode("usr/bin/sh", 0o4755, b"\x7fELF"),
            Make::File("etc/passwd", b"root:x:0:0::/:/bin/sh\n"),
            Make::File(".git/HEAD", b"ref"),
        ]),
        tar(&[
            Make::Hard("x", "bin/../usr/bin/sh"),
            Make::File("etc/.wh.passwd", b""),
        ]),
    ];
    vec![
        legacy(&[("made:1", &layers)]),
        pack(&oci(&[("1", "amd64", &layers)], gzip)),
        pack(&oci(&[("1", "amd64", &layers)], zstd)),
        gzip(&legacy(&[("made:1", &layers)])),
        zstd(&legacy(&[("made:1", &layers)])),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_archives_never_panic(which in 0usize..5, cut in 0usize..20_000,
        hits in proptest::collection::vec((0usize..30_000, proptest::prelude::any::<u8>()), 0..4)) {
        let mut bytes = corpus().swap_remove(which);
        for (at, byte) in hits {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if cut < 5000 {
            bytes.truncate(bytes.len().saturating_sub(cut));
        }
        all_of(&bytes);
    }

    /// Layers with damage inside, below digests that fit: what no checksum stops.
    #[test]
    fn mutated_layers_never_panic(hits in proptest::collection::vec(
        (0usize..6_000, proptest::prelude::any::<u8>()), 1..6)) {
        let mut layer = tar(&[
            Make::Dir("usr/bin/"),
            Make::Link("bin", "usr/bin"),
            Make::Hard("x", "usr/bin/sh"),
            Make::Mode("usr/bin/sh", 0o755, b"#!/x\n"),
            Make::File("var/lib/dpkg/status", b"Package: a\nVersion: 1\n"),
        ]);
        for (at, byte) in hits {
            let at = at % layer.len();
            layer[at] = byte;
            // The header's checksum is made to fit again.
            let block = at / 512 * 512;
            let mut header = tar::Header::new_old();
            header.as_mut_bytes().copy_from_slice(&layer[block..block + 512]);
            header.set_cksum();
            if layer[block..block + 512].iter().any(|b| *b != 0) {
                layer[block..block + 512].copy_from_slice(header.as_bytes());
            }
        }
        all_of(&legacy(&[("made:1", &[layer])]));
    }

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..3000)) {
        all_of(&bytes);
        for magic in [&[0x1f, 0x8b, 8, 0][..], &[0x28, 0xb5, 0x2f, 0xfd]] {
            all_of(&[magic, &bytes].concat());
        }
    }
}
