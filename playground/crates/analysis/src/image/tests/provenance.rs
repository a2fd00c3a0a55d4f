//! What an image was built from is known where its builder attested it, and only then.

use super::*;
use crate::image::provenance::{Material, Part, Pin, Provenance};

const GO: &str = "1f1b2e0f4c2c3e5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c";
const STATIC: &str = "2e114d20aa6371fd271f854aa3d6b2b7d2e70e797bb3ea44fb677afec60db22c";

/// As BuildKit writes it without `version=v1`.
fn v02(materials: Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{ "name": "pkg:docker/made@1", "digest": { "sha256": GO } }],
        "predicate": {
            "builder": { "id": "" }, "buildType": "https://mobyproject.org/buildkit@v1",
            "materials": materials,
            "invocation": {
                "configSource": { "entryPoint": "Dockerfile" },
                "parameters": { "frontend": "gateway.v0", "args": {
                    "cmdline": "docker/dockerfile:1", "source": "docker/dockerfile:1" } },
                "environment": { "platform": "linux/amd64" }
            },
            "metadata": { "completeness": { "materials": false } }
        }
    })
}

fn v1(dependencies: Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "externalParameters": { "configSource": { "path": "Dockerfile" },
                    "request": { "frontend": "gateway.v0",
                        "args": { "source": "docker.io/docker/dockerfile:1" } } },
                "resolvedDependencies": dependencies
            },
            "runDetails": { "builder": { "id": "" }, "metadata": null }
        }
    })
}

fn materials() -> Value {
    json!([
        { "uri": "pkg:docker/docker/dockerfile@1", "digest": { "sha256": GO } },
        { "uri": "pkg:docker/golang@1.23?platform=linux%2Famd64", "digest": { "sha256": GO } },
        { "uri": format!("pkg:docker/gcr.io/distroless/static-debian12?digest=sha256:{STATIC}&platform=linux%2Famd64"),
          "digest": { "sha256": STATIC } },
        { "uri": "https://github.com/moby/buildkit.git#refs/tags/v0.11.0", "digest": { "sha1": "4b22" } }
    ])
}

/// The members of `oci`, and an attestation manifest with these blobs about its only image.
fn attested(images: Vec<(String, Vec<u8>)>, blobs: &[Value]) -> Vec<(String, Vec<u8>)> {
    let mut members = images;
    let (_, index) = members.pop().expect("an index");
    let mut index: Value = serde_json::from_slice(&index).expect("JSON");
    let mut add = |json: &Value| {
        let bytes = json.to_string().into_bytes();
        let digest = digest(&bytes);
        members.push((format!("blobs/sha256/{}", hex(&bytes)), bytes));
        json!({ "mediaType": "application/vnd.in-toto+json", "digest": digest })
    };
    let layers: Vec<_> = blobs
        .iter()
        .map(|blob| {
            let mut layer = add(blob);
            layer["annotations"] = json!({ "in-toto.io/predicate-type": blob["predicateType"] });
            layer
        })
        .collect();
    let config = add(
        &json!({ "architecture": "unknown", "os": "unknown", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [GO] } }),
    );
    let mut manifest = add(&json!({ "schemaVersion": 2, "config": config, "layers": layers }));
    manifest["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": index["manifests"][0]["digest"],
    });
    manifest["platform"] = json!({ "architecture": "unknown", "os": "unknown" });
    let all = index["manifests"].as_array_mut().expect("a list");
    all.push(manifest);
    members.push(("index.json".into(), index.to_string().into_bytes()));
    members
}

fn provenance(blobs: &[Value]) -> Provenance {
    let layers = [files(&[("app", b"abc")])];
    let members = attested(oci(&[("made:1", "amd64", &layers)], <[u8]>::to_vec), blobs);
    plainly(&pack(&members)).expect("read").provenance
}

#[test]
fn bases_are_known_with_tag_digest_and_pin() {
    for statement in [v02(materials()), v1(materials())] {
        let found = provenance(&[
            json!({ "predicateType": "https://spdx.dev/Document" }),
            statement,
        ]);
        assert!(found.attested && found.error.is_none(), "{found:?}");
        let all: Vec<_> = found
            .materials
            .iter()
            .map(|it| (it.name.as_str(), it.part, it.pin))
            .collect();
        let expected = [
            ("docker/dockerfile", Part::Builder, Pin::Tag),
            ("golang", Part::Base, Pin::Tag),
            ("gcr.io/distroless/static-debian12", Part::Base, Pin::Digest),
        ];
        assert_eq!(all, expected);
        let [_, go, distroless] = &found.materials[..] else {
            panic!("three")
        };
        assert_eq!(go.tag.as_deref(), Some("1.23"));
        assert_eq!(go.digest, Some(format!("sha256:{GO}")));
        assert_eq!(go.platform.as_deref(), Some("linux/amd64"));
        assert_eq!(distroless.tag, None);
    }
}

#[test]
fn what_is_said_about_another_image_is_not_taken() {
    let layers = [files(&[("app", b"abc")])];
    let other = [files(&[("app", b"abcd")])];
    let members = attested(
        oci(
            &[("other:1", "amd64", &other), ("made:1", "amd64", &layers)],
            <[u8]>::to_vec,
        ),
        &[v02(materials())],
    );
    let of = |name| {
        let archive = pack(&members);
        let read = read_archive(
            archive.as_slice(),
            &wanted(name),
            Compressed::AsStored,
            |_| Ok(None::<()>),
        );
        read.expect("read").0.provenance
    };
    assert_eq!(of("other:1").materials.len(), 3);
    let other = of("made:1");
    assert!(!other.attested && other.materials.is_empty() && other.error.is_none());
}

#[test]
fn labels_tell_where_nobody_attested() {
    let layers = [files(&[("app", b"abc")])];
    let mut config: Value = serde_json::from_slice(&config("amd64", &layers)).expect("JSON");
    config["config"]["Labels"] = json!({
        "org.opencontainers.image.base.name": "localhost:5000/library/debian:12-slim",
        "org.opencontainers.image.base.digest": format!("sha256:{STATIC}"),
    });
    let manifest = json!([{ "Config": "c.json", "RepoTags": null, "Layers": ["l/layer.tar"] }]);
    let archive = pack(&[
        ("l/layer.tar".into(), layers[0].clone()),
        ("c.json".into(), config.to_string().into_bytes()),
        ("manifest.json".into(), manifest.to_string().into_bytes()),
    ]);
    let found = plainly(&archive).expect("read").provenance;
    let expected = Material {
        name: "localhost:5000/library/debian".into(),
        tag: Some("12-slim".into()),
        digest: Some(format!("sha256:{STATIC}")),
        pin: Pin::Unknown,
        platform: None,
        part: Part::Base,
    };
    assert_eq!((found.attested, found.materials), (false, vec![expected]));
}

#[test]
fn a_damaged_attestation_is_told_and_the_image_still_read() {
    let layers = [files(&[("app", b"abc")])];
    let mut members = attested(
        oci(&[("made:1", "amd64", &layers)], <[u8]>::to_vec),
        &[v02(materials())],
    );
    let blob = members
        .iter_mut()
        .find(|(_, bytes)| bytes.windows(9).any(|part| part == b"materials"));
    let bytes = &mut blob.expect("the statement").1;
    let at = bytes
        .windows(4)
        .position(|part| part == b"1.23")
        .expect("there");
    bytes[at] = b'2';
    let image = plainly(&pack(&members)).expect("read");
    assert_eq!(image.layers[0].entries.len(), 1);
    let error = image.provenance.error.expect("told");
    assert!(
        matches!(&*error, ReadError::Damaged { why, .. } if why == "its digest is another"),
        "{error}"
    );
    assert!(image.provenance.materials.is_empty());
}

#[test]
fn materials_made_to_deceive_are_left_out() {
    let long = format!("pkg:docker/{}@1", "x".repeat(5000));
    let many: Vec<_> = (0..3000)
        .map(|n| json!({ "uri": format!("pkg:docker/x{n}@1"), "digest": null }))
        .collect();
    let odd = json!([
        { "uri": long }, { "uri": "" }, {}, { "uri": "pkg:docker/" }, { "uri": "pkg:docker/%ff@%" },
        { "uri": "pkg:docker/a%0ab@1", "digest": { "sha256": "../../etc/passwd" } },
        { "uri": "pkg:docker/a?digest=sha256:zz" }
    ]);
    let found = provenance(&[v02(odd), v02(json!(many))]);
    assert_eq!(
        found.materials.len(),
        crate::image::provenance::MAX_MATERIALS
    );
    let odd: Vec<_> = found.materials.iter().take(2).collect();
    assert_eq!(odd[0].name, "a\\nb");
    assert!(
        odd.iter()
            .all(|it| it.digest.is_none() && it.pin == Pin::Tag),
        "{odd:?}"
    );
}
