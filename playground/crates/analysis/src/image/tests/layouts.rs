//! Every layout and compression gives the same image, and the right one.

use super::*;
use crate::image::{EntryId, Mislabelled, Platform, read_layout};

fn two_layers() -> Vec<Vec<u8>> {
    vec![
        tar(&[Make::Dir("bin/"), Make::Mode("bin/sh", 0o4755, &[7; 5000])]),
        tar(&[
            Make::File("app", b"abc"),
            Make::Hard("again", "app"),
            Make::Fifo("pipe"),
        ]),
    ]
}

fn shape(image: &Image) -> Vec<(String, u64, usize)> {
    let of = |layer: &crate::image::Layer| {
        (
            layer.created_by.clone(),
            layer.unpacked_bytes,
            layer.entries.len(),
        )
    };
    image.layers.iter().map(of).collect()
}

/// As builders write beside an image what they know of it, where they leave out its mark.
#[test]
fn an_image_for_an_unknown_cpu_is_no_choice() {
    let layers = two_layers();
    let about = [files(&[("attestation", b"{}")])];
    let both = [
        ("", "unknown", &about[..]),
        ("made:1", "amd64", &layers[..]),
    ];
    let image = plainly(&pack(&oci(&both, gzip))).expect("read");
    assert_eq!(image.config.platform.architecture, "amd64");
    let alone = plainly(&pack(&oci(&both[..1], gzip))).expect("read");
    assert_eq!(alone.config.platform.architecture, "unknown");
}

#[test]
fn every_layout_and_compression_reads_the_same() {
    let layers = two_layers();
    let members = oci(&[("made:1", "amd64", &layers)], <[u8]>::to_vec);
    let podman: Vec<(String, Vec<u8>)> = {
        let config = config("amd64", &layers);
        let name = format!("{}.json", &digest(&config)[7..]);
        let tars: Vec<_> = layers
            .iter()
            .map(|l| format!("{}.tar", &digest(l)[7..]))
            .collect();
        let manifest =
            json!([{ "Config": name, "RepoTags": ["localhost/made:1"], "Layers": tars }]);
        let mut members: Vec<_> = tars.into_iter().zip(layers.clone()).collect();
        members.push((name, config));
        members.push(("manifest.json".into(), manifest.to_string().into_bytes()));
        members
    };
    // As crane and Kaniko write: names without a path, layers compressed.
    let crane: Vec<(String, Vec<u8>)> = {
        let config = config("amd64", &layers);
        let name = digest(&config);
        let tars: Vec<_> = layers
            .iter()
            .map(|l| format!("{}.tar.gz", &digest(l)[7..]))
            .collect();
        let manifest = json!([{ "Config": name, "RepoTags": null, "Layers": tars }]);
        let mut members: Vec<_> = tars
            .into_iter()
            .zip(layers.iter().map(|l| gzip(l)))
            .collect();
        members.push((name, config));
        members.insert(
            0,
            ("manifest.json".into(), manifest.to_string().into_bytes()),
        );
        members
    };
    let dotted: Vec<_> = members
        .iter()
        .map(|(n, b)| (format!("./{n}"), b.clone()))
        .collect();
    let saved = legacy(&[("made:1", &layers)]);
    let all = [
        ("legacy", saved.clone()),
        ("legacy, gzip", gzip(&saved)),
        ("legacy, zstd", zstd(&saved)),
        ("podman", pack(&podman)),
        ("crane", pack(&crane)),
        ("oci", pack(&members)),
        ("oci with dots", pack(&dotted)),
        (
            "oci, gzip",
            pack(&oci(&[("made:1", "amd64", &layers)], gzip)),
        ),
        (
            "oci, zstd",
            pack(&oci(&[("made:1", "amd64", &layers)], zstd)),
        ),
        (
            "oci, gzip in zstd",
            zstd(&pack(&oci(&[("1", "amd64", &layers)], gzip))),
        ),
    ];
    let expected = [("COPY 1".to_owned(), 5000, 2), ("COPY 2".to_owned(), 3, 3)];
    for (layout, bytes) in all {
        let image = plainly(&bytes).unwrap_or_else(|error| panic!("{layout}: {error}"));
        assert_eq!(shape(&image), expected, "{layout}");
        assert_eq!(
            image.identity.id,
            digest(&config("amd64", &layers)),
            "{layout}"
        );
        assert_eq!(image.layers[0].entries[1].mode, 0o4755);
        assert_eq!(image.config.runtime.cmd, ["/app"]);
        let stored = layout.starts_with("oci, ") || layout == "crane";
        assert_eq!(
            image.layers[0].compressed_bytes.is_some(),
            stored,
            "{layout}"
        );
    }
}

#[test]
fn what_a_manifest_says_of_a_blob_is_held_against_it() {
    let layers = two_layers();
    let of = |members: &[(String, Vec<u8>)]| {
        let image = plainly(&pack(members)).expect("read");
        image
            .layers
            .iter()
            .map(|l| l.mislabelled)
            .collect::<Vec<_>>()
    };
    let as_it_says = Mislabelled::default();
    let plain = oci(&[("made:1", "amd64", &layers)], <[u8]>::to_vec);
    assert_eq!(of(&plain), [as_it_says; 2]);
    // A gzip blob that is labelled as a plain tar.
    let gzipped = oci(&[("made:1", "amd64", &layers)], gzip);
    let packed = Mislabelled {
        plain: true,
        ..as_it_says
    };
    assert_eq!(of(&gzipped), [packed; 2]);
    // The same content under the digest of another blob, packed or not.
    for store in [zstd as Pack, <[u8]>::to_vec] {
        let mut swapped = gzipped.clone();
        let blob = swapped
            .iter_mut()
            .find(|(_, blob)| *blob == gzip(&layers[1]));
        blob.expect("there").1 = store(&layers[1]);
        let found = of(&swapped);
        assert_eq!(found[0], packed);
        assert!(found[1].digest, "{found:?}");
    }
}

/// zstd:chunked, as Podman pushes it: several frames, and frames to be skipped.
#[test]
fn frames_of_a_zstd_make_one_layer() {
    let chunked: Pack = |bytes| {
        let skip = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        [skip.clone(), zstd(&bytes[..700]), zstd(&bytes[700..]), skip].concat()
    };
    let layers = two_layers();
    let archive = pack(&oci(&[("1", "amd64", &layers)], chunked));
    assert_eq!(plainly(&archive).expect("read").layers.len(), 2);
}

#[test]
fn layers_are_compressed_where_that_is_asked_for() {
    let layers = two_layers();
    let archive = legacy(&[("made:1", &layers)]);
    let asked = read_archive(
        archive.as_slice(),
        &ImageSelector::default(),
        Compressed::Measured,
        |_| Ok(None::<()>),
    );
    let (image, _) = asked.expect("read");
    assert_eq!(
        image.layers[0].compressed_bytes,
        Some(gzip(&layers[0]).len() as u64)
    );
}

#[test]
fn a_layout_in_a_directory_reads_the_same_and_only_what_it_needs() {
    let layers = two_layers();
    let other = vec![files(&[("other", b"x")])];
    let images: [(&str, &str, &[Vec<u8>]); 2] = [("a", "amd64", &layers), ("b", "arm64", &other)];
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in oci(&images, gzip) {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("made");
        std::fs::write(path, bytes).expect("written");
    }
    // A blob that is a link to a pipe or to a file outside is not opened.
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("blobs/sha256/0")).expect("linked");
    let mut visited = Vec::new();
    let (image, _) = read_layout(dir.path(), &wanted("a"), Compressed::AsStored, |content| {
        visited.push(content.entry().path.to_string());
        Ok(None::<()>)
    })
    .expect("read");
    assert_eq!(image.layers.len(), 2);
    assert_eq!(visited, ["bin/sh", "app"]);
    let empty = tempfile::tempdir().expect("a folder");
    let none = read_layout(empty.path(), &wanted(""), Compressed::AsStored, |_| {
        Ok(None::<()>)
    });
    assert!(matches!(none, Err(ReadError::NoImage)));
}

#[test]
fn an_image_is_chosen_by_name_by_id_and_by_platform() {
    let (one, two) = (two_layers(), vec![files(&[("b", b"x")])]);
    let archive = legacy(&[("docker.io/library/one:latest", &one), ("two:2", &two)]);
    let choose = |archive: &[u8], wanted: &ImageSelector| {
        let read = read_archive(archive, wanted, Compressed::AsStored, |_| Ok(None::<()>));
        read.map(|(image, _)| image.layers.len())
    };
    assert_eq!(choose(&archive, &wanted("one")).expect("found"), 2);
    assert_eq!(choose(&archive, &wanted("two:2")).expect("found"), 1);
    let id = digest(&config("amd64", &two));
    assert_eq!(choose(&archive, &wanted(&id[..19])).expect("found"), 1);
    let error = choose(&archive, &ImageSelector::default())
        .expect_err("two")
        .to_string();
    assert!(
        error.contains("2 images") && error.contains("two:2 (linux/amd64)"),
        "{error}"
    );
    let error = choose(&archive, &wanted("three"))
        .expect_err("none")
        .to_string();
    assert!(
        error.contains("no image in it fits three; there is: docker.io"),
        "{error}"
    );

    let archive = pack(&oci(&[("x", "amd64", &one), ("x", "arm64", &two)], gzip));
    let on = |platform: &str| ImageSelector {
        name: Some("x:latest".into()),
        platform: Some(Platform::parse(platform).expect("a platform")),
        ..ImageSelector::default()
    };
    assert_eq!(choose(&archive, &on("linux/arm64")).expect("found"), 1);
    let error = choose(&archive, &on("linux/arm/v7"))
        .expect_err("none")
        .to_string();
    assert!(
        error.contains("x (linux/amd64), x (linux/arm64)"),
        "{error}"
    );
    assert!(matches!(
        choose(&archive, &wanted("x")),
        Err(ReadError::SeveralImages { .. })
    ));
}

/// What `docker buildx build -o type=oci` writes: an index in the index, attestations beside
/// the image, and one platform that the archive does not have.
#[test]
fn attestations_and_absent_platforms_are_no_choice() {
    let layers = two_layers();
    let mut members = oci(&[("made:1", "amd64", &layers)], gzip);
    let (_, index) = members.pop().expect("the index");
    let mut index: Value = serde_json::from_slice(&index).expect("JSON");
    let statement = b"{\"_type\":\"https://in-toto.io/Statement/v0.1\"}".to_vec();
    let attestation = json!({ "config": { "digest": digest(&statement) }, "layers": [] });
    let attestation = attestation.to_string().into_bytes();
    let listed = index["manifests"].as_array_mut().expect("a list");
    listed.push(json!({ "digest": digest(&attestation), "annotations": {
        "vnd.docker.reference.type": "attestation-manifest" } }));
    listed.push(json!({ "digest": digest(b"elsewhere") }));
    let chart = json!({ "config": { "digest": digest(&statement), "mediaType": "application/vnd.cncf.helm" } });
    let chart = chart.to_string().into_bytes();
    listed.push(json!({ "digest": digest(&chart) }));
    let nested = index.to_string().into_bytes();
    let outer = json!({ "manifests": [{ "digest": digest(&nested) }] })
        .to_string()
        .into_bytes();
    for blob in [statement, attestation, chart, nested] {
        members.push((format!("blobs/sha256/{}", &digest(&blob)[7..]), blob));
    }
    members.push(("index.json".into(), outer));
    let image = plainly(&pack(&members)).expect("read");
    assert_eq!(
        (image.layers.len(), image.identity.names),
        (2, vec!["made:1".to_owned()])
    );
}

#[test]
fn images_without_layers_and_with_one_and_with_the_same_twice() {
    assert_eq!(of_layers(&[]).expect("read").layers.len(), 0);
    let one = files(&[("hello", b"hi")]);
    assert_eq!(
        of_layers(std::slice::from_ref(&one))
            .expect("read")
            .layers
            .len(),
        1
    );
    // Docker's empty layer is 1,024 zero bytes.
    let twice = of_layers(&[one.clone(), vec![0; 1024], one]).expect("read");
    assert_eq!(
        shape(&twice)
            .iter()
            .map(|layer| layer.2)
            .collect::<Vec<_>>(),
        [1, 0, 1]
    );
}

#[test]
fn layers_repeated_by_link_are_found() {
    let layer = files(&[("app", b"x")]);
    let config = config("amd64", &[layer.clone(), layer.clone()]);
    let manifest = json!([{ "Config": "c.json", "Layers": ["a/layer.tar", "b/layer.tar"] }]);
    let manifest = manifest.to_string();
    let archive = tar(&[
        Make::Link("a/layer.tar", "../b/layer.tar"),
        Make::File("b/layer.tar", &layer),
        Make::File("c.json", &config),
        Make::File("manifest.json", manifest.as_bytes()),
    ]);
    assert_eq!(plainly(&archive).expect("read").layers.len(), 2);
}

#[test]
fn a_visitor_sees_each_file_once_and_as_far_as_it_asks() {
    let layers = [files(&[("a", b"0123456789"), ("b", &[1; 100]), ("c", b"")])];
    let archive = legacy(&[("made:1", &layers)]);
    let mut order = Vec::new();
    let visit = |content: &mut crate::image::EntryContent<'_>| {
        order.push(content.entry().path.to_string());
        assert_eq!(content.prefix(0)?, b"");
        let four = content.prefix(4)?.to_vec();
        let two = content.prefix(2)?.to_vec();
        assert!(four.starts_with(&two));
        let whole = content.whole(10)?.map(<[u8]>::to_vec);
        Ok(whole.filter(|whole| !whole.is_empty()))
    };
    let (_, seen) = read_archive(
        archive.as_slice(),
        &ImageSelector::default(),
        Compressed::AsStored,
        visit,
    )
    .expect("read");
    assert_eq!(order, ["a", "b", "c"]);
    let at = |entry| EntryId { layer: 0, entry };
    assert_eq!(seen.get(at(0)).map(Vec::as_slice), Some(&b"0123456789"[..]));
    assert_eq!((seen.get(at(1)), seen.get(at(2))), (None, None));
}
