//! Archives with damage anywhere: an error or an image, never a panic.

use super::*;
use crate::image::tree::Tree;

/// Everything that is asked of an image, on one that may be damaged in any way.
fn all_of(bytes: &[u8]) {
    use crate::image::{changes, notable, notes};
    let mut noting = notes::NoteTaker::default();
    let read = read_archive(
        bytes,
        &ImageSelector::default(),
        Compressed::AsStored,
        |content| noting.note(content),
    );
    if let Ok((image, seen)) = read
        && let Ok(tree) = Tree::of(&image)
    {
        let changes = changes::changes(&image, &tree);
        assert!(changes.wasted_bytes <= changes.total_bytes);
        let _ = (notable::shells(&tree), notable::packages(&tree, &seen));
        let _ = (
            notable::ca_bundles(&tree, &seen),
            notable::zoneinfo(&tree),
            notable::tmp(&tree),
        );
        let _ = (
            notable::git_directories(&image, &tree),
            notable::secrets(&image, &tree, &seen),
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
