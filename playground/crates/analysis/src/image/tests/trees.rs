//! Layers merged, and paths looked up in what they make.

use super::*;
use crate::image::changes::changes;
use crate::image::tree::Tree;

fn paths(layers: &[Vec<u8>]) -> Vec<String> {
    let image = of_layers(layers).expect("read");
    let tree = Tree::of(&image).expect("merged");
    tree.walk()
        .map(|id| match tree.node(id).is_directory() {
            true => format!("{}/", tree.path(id)),
            false => format!("{} {}", tree.path(id), tree.node(id).bytes),
        })
        .collect()
}

#[test]
fn whiteouts_hide_lower_layers_only_in_any_order() {
    let base = tar(&[
        Make::Dir("d/"),
        Make::File("d/old", b"12345"),
        Make::File("gone", b"1"),
        Make::File("e/x", b"1"),
        Make::File("replaced", b"123"),
    ]);
    let hiding = [
        Make::File("d/new", b"12"),
        Make::File("d/.wh..wh..opq", b""),
        Make::File(".wh.gone", b""),
        Make::File("replaced", b"1"),
        Make::File(".wh.replaced", b""),
        Make::File(".wh.e", b""),
        Make::File(".wh.never", b""),
        Make::File(".wh..wh.aufs", b""),
    ];
    let mut reversed = hiding.clone();
    reversed.reverse();
    for hiding in [hiding, reversed] {
        let found = paths(&[base.clone(), tar(&hiding)]);
        assert_eq!(found, ["/d/", "/d/new 2", "/replaced 1"]);
    }
}

#[test]
fn directories_become_files_and_files_directories() {
    let base = tar(&[
        Make::File("a/b/c", b"1"),
        Make::File("f", b"1"),
        Make::Link("l", "a"),
    ]);
    let upper = tar(&[
        Make::File("a", b"22"),
        Make::Dir("f/"),
        Make::File("l/x", b"3"),
    ]);
    assert_eq!(paths(&[base, upper]), ["/a 2", "/f/", "/l/", "/l/x 1"]);
}

#[test]
fn a_directory_that_comes_again_keeps_what_it_holds() {
    let base = tar(&[Make::DirMode("tmp/", 0o755), Make::File("tmp/x", b"1")]);
    let image = of_layers(&[base, tar(&[Make::DirMode("tmp/", 0o1777)])]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    let tmp = tree.lookup("/tmp").expect("there");
    assert_eq!((tree.node(tmp).mode(), tree.node(tmp).bytes), (0o1777, 1));
    assert_eq!(changes(&image, &tree).layers[1].changed.len(), 1);
}

#[test]
fn hard_links_count_once_and_outlive_their_first_name() {
    let base = tar(&[
        Make::Hard("second", "third"),
        Make::Hard("third", "first"),
        Make::Mode("first", 0o755, b"12345"),
    ]);
    assert_eq!(
        paths(std::slice::from_ref(&base)),
        ["/first 5", "/second 0", "/third 0"]
    );
    let upper = tar(&[
        Make::File(".wh.first", b""),
        Make::Hard("dir/fourth", "second"),
    ]);
    let image = of_layers(&[base, upper]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    let fourth = tree.lookup("/dir/fourth").expect("there");
    assert_eq!(
        (tree.node(fourth).bytes, tree.node(fourth).mode()),
        (5, 0o755)
    );
    assert_eq!(changes(&image, &tree).wasted_bytes, 0);
}

#[test]
fn layers_tell_what_they_add_change_remove_and_waste() {
    let base = tar(&[
        Make::Dir("etc/"),
        Make::File("etc/a", &[1; 100]),
        Make::File("etc/b", &[1; 50]),
        Make::File("big/x", &[1; 700]),
    ]);
    let upper = tar(&[
        Make::Dir("etc/"),
        Make::File("etc/a", &[2; 100]),
        Make::File("etc/c", &[2; 50]),
        Make::File(".wh.big", b""),
    ]);
    let image = of_layers(&[base, upper]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    let all = changes(&image, &tree);
    let path = |id| image.entry(id).map(|entry| &*entry.path);
    let upper = &all.layers[1];
    assert_eq!(
        upper.added.iter().map(|id| path(*id)).collect::<Vec<_>>(),
        [Some("etc/c")]
    );
    assert_eq!(
        upper.changed.iter().map(|id| path(*id)).collect::<Vec<_>>(),
        [Some("etc/a")]
    );
    let removed = upper.removed.iter();
    let removed: Vec<_> = removed.map(|(path, gone)| (&**path, gone.bytes)).collect();
    assert_eq!(removed, [("/big", 700)]);
    assert_eq!((all.total_bytes, all.wasted_bytes), (1000, 800));
    assert_eq!(all.layers[0].wasted_bytes, 800);
    assert_eq!(
        (path(all.wasted[0].id), all.wasted[0].by),
        (Some("big/x"), 1)
    );
    assert!((all.efficiency() - 0.2).abs() < 1e-9);
}

#[test]
fn the_same_layer_twice_wastes_the_first() {
    let layer = files(&[("a", b"123")]);
    let image = of_layers(&[layer.clone(), layer]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    let all = changes(&image, &tree);
    assert_eq!(
        (all.wasted_bytes, all.wasted[0].id.layer, all.total_bytes),
        (3, 0, 6)
    );
}

#[test]
fn paths_are_looked_up_as_the_kernel_would() {
    let image = of_layers(&[tar(&[
        Make::Dir("usr/bin/"),
        Make::Mode("usr/bin/dash", 0o755, b"#"),
        Make::Link("usr/bin/sh", "dash"),
        Make::Link("bin", "usr/bin"),
        Make::Link("abs", "/bin/../bin/./sh"),
        Make::Link("up", "../../../../../../usr/bin/dash"),
        Make::Link("round", "about"),
        Make::Link("about", "round"),
        Make::Link("dangling", "/nowhere/x"),
        Make::Link("usr/back", ".."),
    ])])
    .expect("read");
    let tree = Tree::of(&image).expect("merged");
    let found = |path: &str| match tree.lookup(path) {
        Ok(id) => tree.path(id),
        Err(error) => error.to_string(),
    };
    for path in [
        "/bin/sh",
        "bin/sh",
        "//bin//sh",
        "/abs",
        "/up",
        "/../../bin/sh",
        "/usr/back/usr/back/bin/sh",
    ] {
        assert_eq!(found(path), "/usr/bin/dash", "{path}");
    }
    assert_eq!(found("/"), "/");
    assert_eq!(found("/bin/sh/"), "/usr/bin/dash is no directory");
    assert_eq!(found("/bin/sh/../x"), "/usr/bin/dash is no directory");
    assert_eq!(found("/dangling"), "/nowhere is not there");
    assert!(found("/round").contains("without end"));
    assert_eq!(
        found(&"x/".repeat(3000)),
        "the path is longer than 4096 bytes"
    );
    let link = tree.lookup_link("/bin/sh").expect("there");
    assert_eq!(
        (tree.path(link), tree.node(link).target()),
        ("/usr/bin/sh".into(), Some("dash"))
    );
}

/// Bazel's tars have `bin → usr/bin` and `bin/sh` in one layer: engines write through the link.
#[test]
fn a_link_of_the_same_layer_is_written_through() {
    let image = of_layers(&[tar(&[
        Make::Link("bin", "usr/bin"),
        Make::File("bin/sh", b"1"),
    ])]);
    let image = image.expect("read");
    let tree = Tree::of(&image).expect("merged");
    let sh = tree.lookup("/bin/sh").expect("there");
    assert_eq!(tree.path(sh), "/usr/bin/sh");
    let round = of_layers(&[tar(&[Make::Link("a", "a"), Make::File("a/b", b"1")])]);
    let round = round.expect("read");
    assert!(matches!(Tree::of(&round), Err(ReadError::BadName { .. })));
}

#[test]
fn names_of_one_layer_are_placed_in_the_order_of_its_tar() {
    let of = |entries: &[Make<'_>]| paths(&[tar(entries)]);
    let first = [Make::File("a", b"1"), Make::Hard("b", "a")];
    let with = |last: Make<'static>| of(&[first[0].clone(), first[1].clone(), last]);
    assert_eq!(with(Make::File("a", b"22")), ["/a 2", "/b 1"]);
    assert_eq!(with(Make::File("b", b"22")), ["/a 1", "/b 2"]);
    assert_eq!(with(Make::Dir("a")), ["/a/", "/b 1"]);
    assert_eq!(with(Make::Link("a", "b")), ["/a 0", "/b 1"]);
}

#[test]
fn a_hard_link_s_header_counts_for_the_file() {
    let mode = |first: u32, second: u32| {
        let layer = tar(&[
            Make::Mode("bin/app", first, b"1"),
            Make::HardMode("zz", second, "bin/app"),
        ]);
        let image = of_layers(&[layer]).expect("read");
        let tree = Tree::of(&image).expect("merged");
        ["/bin/app", "/zz"].map(|path| tree.node(tree.lookup(path).expect("there")).mode())
    };
    assert_eq!(mode(0o755, 0o4755), [0o4755; 2]);
    assert_eq!(mode(0o755, 0o644), [0o644; 2]);
    assert_eq!(mode(0o644, 0o755), [0o755; 2]);
}

#[test]
fn a_whiteout_s_directory_is_made_where_it_is_none() {
    let base = tar(&[
        Make::File("d/keep", b"1"),
        Make::Link("link", "d"),
        Make::File("file", b"1"),
    ]);
    let over = |entries: &[Make<'_>]| paths(&[base.clone(), tar(entries)]);
    let kept = ["/d/", "/d/keep 1", "/file 1", "/link 0"];
    assert_eq!(over(&[]), kept);
    assert_eq!(
        over(&[Make::File("link/.wh.keep", b"")]),
        ["/d/", "/d/keep 1", "/file 1", "/link/"]
    );
    assert_eq!(
        over(&[Make::File("file/.wh.x", b"")]),
        ["/d/", "/d/keep 1", "/file/", "/link 0"]
    );
    assert_eq!(
        over(&[Make::File("none/.wh.x", b"")]),
        ["/d/", "/d/keep 1", "/file 1", "/link 0", "/none/"]
    );
    // Through a link of the same layer.
    for hides in ["to/.wh.keep", "to/.wh..wh..opq"] {
        let found = over(&[Make::Link("to", "d"), Make::File(hides, b"")]);
        assert_eq!(found, ["/d/", "/file 1", "/link 0", "/to 0"], "{hides}");
    }
    let found = over(&[
        Make::Link("to", "d"),
        Make::File("d/new", b"22"),
        Make::File("to/.wh..wh..opq", b""),
    ]);
    assert_eq!(found, ["/d/", "/d/new 2", "/file 1", "/link 0", "/to 0"]);
}

/// The specification hides it; overlayfs, which both engines unpack to, shows it.
#[test]
fn a_directory_that_comes_behind_its_whiteout_shows_what_lies_below() {
    let base = tar(&[Make::Dir("d"), Make::Mode("d/su", 0o4755, b"1")]);
    let over = |entries: &[Make<'_>]| paths(&[base.clone(), tar(entries)]);
    let both = [Make::File(".wh.d", b""), Make::Dir("d")];
    assert_eq!(over(&both), ["/d/", "/d/su 1"]);
    assert_eq!(over(&both[..1]), [""; 0]);
    let opaque = [Make::Dir("d"), Make::File("d/.wh..wh..opq", b"")];
    assert_eq!(over(&opaque), ["/d/"]);
}

/// Overlayfs does not look for it there, and neither does Docker 20.10 show anything hidden.
#[test]
fn an_opaque_mark_at_a_layer_s_own_root_hides_nothing() {
    let base = tar(&[Make::File("a", b"1"), Make::Dir("b")]);
    let over = tar(&[Make::File(".wh..wh..opq", b""), Make::File("c", b"1")]);
    assert_eq!(paths(&[base, over]), ["/a 1", "/b/", "/c 1"]);
}

#[test]
fn what_lies_below_a_file_of_the_same_layer_is_refused() {
    let layer = tar(&[Make::File("a", b"1"), Make::File("a/b", b"1")]);
    let image = of_layers(&[layer]).expect("read");
    let error = Tree::of(&image).expect_err("refused").to_string();
    assert!(error.contains("no directory"), "{error}");
}

proptest::proptest! {
    /// Whatever the layers, all bytes are either in the tree or wasted.
    #[test]
    fn bytes_are_reachable_or_wasted(layers in proptest::collection::vec(
        proptest::collection::vec((0usize..6, 0usize..6, 0usize..4), 0..12), 0..5)) {
        const NAMES: [&str; 6] = ["a", "b", "a/b", "a/c", "b/a", "a/b/c"];
        const HIDES: [&str; 6] = [".wh.a", ".wh.b", "a/.wh.b", "a/.wh..wh..opq", ".wh..wh..opq", "b/.wh.a"];
        let layers: Vec<_> = layers.iter().map(|entries| {
            let made: Vec<_> = entries.iter().map(|&(name, size, kind)| match kind {
                0 => Make::File(NAMES[name], &[7; 8][..size]),
                1 => Make::Dir(NAMES[name]),
                2 => Make::Link(NAMES[name], NAMES[size]),
                _ => Make::File(HIDES[name], b""),
            }).collect();
            tar(&made)
        }).collect();
        let image = of_layers(&layers).expect("read");
        // Links that lead round are an error; all else merges.
        if let Ok(tree) = Tree::of(&image) {
            let all = changes(&image, &tree);
            let root = tree.node(crate::image::tree::NodeId::ROOT).bytes;
            proptest::prop_assert_eq!(all.total_bytes, all.wasted_bytes + root);
            for id in tree.walk() {
                proptest::prop_assert_eq!(tree.lookup_link(&tree.path(id)), Ok(id));
            }
        }
    }
}
