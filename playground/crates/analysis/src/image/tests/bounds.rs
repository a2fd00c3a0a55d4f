//! What would exhaust memory or time ends at its bound; in unit tests most bounds are smaller.

use super::hostile::{refused, refused_layers};
use super::*;
use crate::image::limits::*;
use crate::image::tree::Tree;
use std::io::{self, Read};

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
    let many: Vec<_> = (0..MAX_ENTRIES * 2 / 3).map(|n| format!("f{n}")).collect();
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
    let members: Vec<_> = (0..=MAX_MEMBERS)
        .map(|n| (format!("m{n}"), Vec::new()))
        .collect();
    assert!(refused(&pack(&members)).contains("members"));
    let layers = vec![files(&[("a", b"")]); MAX_LAYERS + 1];
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
    let read = read_archive(
        stream,
        &ImageSelector::default(),
        Compressed::AsStored,
        |_| Ok(None::<()>),
    );
    assert!(matches!(read, Err(ReadError::TooLarge)));
}

/// Links that lead through links cost time, not memory; hard links in a chain that is
/// written backwards cost a quadratic amount of it where each is tried again and again.
#[test]
fn merging_takes_bounded_time() {
    let through = "x/../".repeat(300);
    let mut entries = vec![Make::Dir("x"), Make::Link("l0", "x")];
    let names: Vec<_> = (0..39)
        .map(|n| (format!("l{}", n + 1), format!("{through}l{n}")))
        .collect();
    entries.extend(names.iter().map(|(name, target)| Make::Link(name, target)));
    let files: Vec<_> = (0..5000).map(|n| format!("l39/f{n}")).collect();
    entries.extend(files.iter().map(|name| Make::File(name, b"")));
    let image = of_layers(&[tar(&entries)]).expect("read");
    assert!(matches!(Tree::of(&image), Err(ReadError::ManyEntries)));

    let names: Vec<_> = (0..19_000).map(|n| format!("h{n}")).collect();
    let mut entries: Vec<_> = names.windows(2).map(|n| Make::Hard(&n[0], &n[1])).collect();
    entries.push(Make::File("h18999", b"1"));
    let image = of_layers(&[tar(&entries)]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    assert_eq!(tree.node(crate::image::tree::NodeId::ROOT).bytes, 1);
}

/// Links that lead into each other's ends make paths that no name in the tar has: a report that
/// writes them out for every file would take gigabytes.
#[test]
fn paths_that_links_make_are_no_longer_than_paths_can_be() {
    let deep = format!("{}/", "n".repeat(200)).repeat(15);
    let with_links = |count: usize| {
        let names: Vec<_> = (1..=count).map(|n| "l/".repeat(n)).collect();
        let mut entries: Vec<_> = names
            .iter()
            .map(|name| Make::Link(name.trim_end_matches('/'), &deep))
            .collect();
        let file = format!("{}file", "l/".repeat(count));
        entries.push(Make::File(&file, b"1"));
        of_layers(&[tar(&entries)]).expect("read")
    };
    let error = Tree::of(&with_links(2))
        .expect_err("6000 bytes")
        .to_string();
    assert!(error.contains("deeper than any path"), "{error}");
    let image = with_links(1);
    let tree = Tree::of(&image).expect("3000 bytes");
    assert!(tree.walk().all(|id| tree.path(id).len() <= MAX_NAME));
}

/// Each of these names is short, and each of their paths as long as a path can be.
#[test]
fn all_paths_that_a_link_makes_are_counted_together() {
    let deep = format!("{}/", "n".repeat(200)).repeat(19);
    let names: Vec<_> = (0..10_000).map(|n| format!("l/{n}")).collect();
    let of = |target: &str| {
        let mut entries = vec![Make::Dir(target), Make::Link("l", target)];
        entries.extend(names.iter().map(|name| Make::Mode(name, 0o4755, b"")));
        of_layers(&[tar(&entries)]).expect("read")
    };
    assert!(Tree::of(&of("short")).is_ok());
    let error = Tree::of(&of(&deep)).expect_err("38 MB").to_string();
    assert!(error.contains("MiB of paths"), "{error}");
}

#[test]
fn what_is_noted_is_counted_over_all_layers() {
    let passwd = "a:x:0:0:::\n".repeat(10_000);
    let layers: Vec<_> = (0..8)
        .map(|n| {
            tar(&[
                Make::File("etc/passwd", passwd.as_bytes()),
                Make::Mode("n", n, b""),
            ])
        })
        .collect();
    let mut noting = crate::image::notes::NoteTaker::default();
    let archive = legacy(&[("made:1", &layers)]);
    let read = read_archive(
        archive.as_slice(),
        &ImageSelector::default(),
        Compressed::AsStored,
        |content| noting.note(content),
    );
    assert!(matches!(read, Err(ReadError::MuchNoted)));
}
