//! `playground xray` on the engine's images, on archives of every kind, and on damaged ones,
//! always from a folder that is not the book's.

mod made;

use super::support::{self, engine};
use engine::Engine;
use flate2::read::GzDecoder;
use futures_util::TryStreamExt;
use made::{gzip, oci, tar};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::process::Command;

/// Code, stdout, stderr of `playground xray` with this on its stdin.
fn fed(folder: &Path, args: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
    command
        .arg("xray")
        .args(args)
        .current_dir(folder)
        .env_remove("EMPTY_ROOM_ROOT")
        .env("EMPTY_ROOM_DATA", folder.join("data"));
    support::fed(&mut command, input)
}

fn xray(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    fed(folder, args, b"")
}

fn told(folder: &Path, args: &[&str]) -> Value {
    let (code, stdout, stderr) = xray(folder, args);
    assert_eq!(code, Some(0), "{args:?}: {stderr}");
    serde_json::from_str(&stdout).expect("JSON")
}

fn app() -> Vec<u8> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/analysis/tests/corpus/binaries");
    let packed = std::fs::File::open(folder.join("go1.23-amd64-symbols.gz"));
    let mut bytes = Vec::new();
    let mut reader = GzDecoder::new(packed.expect("in the corpus"));
    reader.read_to_end(&mut bytes).expect("gzip");
    bytes
}

/// Builds an image from scratch; its name.
async fn built(engine: &Engine, name: &str, dockerfile: &str, files: &[(&str, &[u8])]) -> String {
    let name = format!("empty-room/run:it{}-xray.{name}", std::process::id());
    // Named first of all, so that no two tests share a layer: one would remove it while the
    // other builds on it.
    let (from, lines) = dockerfile.split_once('\n').expect("more than FROM");
    let dockerfile = format!("{from}\nLABEL org.emptyroom=lab name={name}\n{lines}\n");
    let mut all = vec![("Dockerfile", dockerfile.as_bytes())];
    all.extend(files);
    engine.build_classic(tar(&all), &name).await.expect("built");
    name
}

/// An image whose second layer overwrites a file of the first.
async fn wasteful(engine: &Engine, name: &str) -> String {
    let app = app();
    let files: [(&str, &[u8]); 4] = [
        ("app", &app),
        ("one", &[1; 40_000]),
        ("two", &[2; 10]),
        ("sh", b"\x7fELF and no more"),
    ];
    let dockerfile = "FROM scratch\nCOPY one /data/file\nCOPY sh /bin/\nCOPY two /data/file\n\
                      COPY app /\nENTRYPOINT [\"/app\"]";
    built(engine, name, dockerfile, &files).await
}

async fn saved(engine: &Engine, name: &str) -> Vec<u8> {
    let stream = engine.save(name);
    let pieces: Vec<_> = stream.try_collect().await.expect("saved");
    pieces.concat()
}

#[tokio::test]
async fn an_image_is_seen_through_from_layer_to_package() {
    let engine = engine().await;
    let folder = tempfile::tempdir().expect("a folder");
    let name = wasteful(&engine, "whole").await;
    let report = told(folder.path(), &[&name, "--json"]);
    let (code, text, stderr) = xray(folder.path(), &[&name, "--layers"]);
    let (_, from_within, _) = xray(folder.path(), &[&name, "--path", "/app"]);
    engine.remove_image(&name).await.expect("removed");

    assert_eq!(report["subject"]["kind"], "image");
    let layers = report["layers"].as_array().expect("layers");
    assert_eq!(layers.len(), 4);
    assert_eq!(layers[2]["changed"], json!({ "files": 1, "bytes": 10 }));
    assert_eq!(report["wasted"][0]["path"], "/data/file");
    assert_eq!(report["sizes"]["wasted_bytes"], 40_000);
    assert!(
        report["sizes"]["compressed_bytes"].as_u64() > Some(1000),
        "small images are measured"
    );
    assert_eq!(report["stands_out"]["shells"][0]["path"], "/bin/sh");
    assert_eq!(report["config"]["Entrypoint"], json!(["/app"]));
    let program = &report["programs"][0];
    assert_eq!(
        (&program["path"], &program["started"]),
        (&json!("/app"), &json!(true))
    );
    assert_eq!(program["go"]["build"]["go_version"], "go1.23.9");
    let totals = &program["go"]["code"]["totals"];
    let number = |key: &str| totals[key].as_u64().expect("a number");
    assert!(
        number("go") * 100 >= (number("go") + number("unattributed")) * 95,
        "{totals}"
    );
    assert_eq!(report["tree"]["bytes"], report["sizes"]["merged_bytes"]);

    assert_eq!(code, Some(0), "{stderr}");
    for said in [
        "COPY file:",
        "wastes 40.0 kB",
        "which the image starts",
        "standard library",
    ] {
        assert!(text.contains(said), "{said:?} in:\n{text}");
    }
    assert!(!text.contains("#(nop)"), "{text}");
    assert!(
        from_within.contains("go1.23.9") && !from_within.contains("Layers"),
        "{from_within}"
    );
}

#[tokio::test]
async fn every_kind_of_archive_tells_what_the_engine_tells() {
    let engine = engine().await;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let name = wasteful(&engine, "kinds").await;
    let archive = saved(&engine, &name).await;
    let from_engine = told(folder.path(), &[&name, "--json"]);
    engine.remove_image(&name).await.expect("removed");

    let zstd =
        ruzstd::encoding::compress_to_vec(&*archive, ruzstd::encoding::CompressionLevel::Fastest);
    let layout = oci(&archive);
    let all: Vec<_> = layout
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    for (file, bytes) in [
        ("plain.tar", archive.clone()),
        ("packed.tar.gz", gzip(&archive)),
        ("packed-with-zstd", zstd),
        ("oci.tar", tar(&all)),
    ] {
        std::fs::write(at(file), bytes).expect("written");
    }
    for (name, bytes) in &layout {
        let path = at("layout").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, bytes).expect("written");
    }
    let told_by = |report: &Value| {
        let layers = report["layers"].as_array().expect("layers").iter();
        let layers: Vec<_> = layers
            .map(|layer| {
                [
                    &layer["diff_id"],
                    &layer["instruction"],
                    &layer["unpacked_bytes"],
                ]
                .map(Value::clone)
            })
            .collect();
        json!([
            layers,
            report["stands_out"],
            report["wasted"],
            report["programs"],
            report["tree"]
        ])
    };
    let expected = told_by(&from_engine);
    for file in [
        "plain.tar",
        "packed.tar.gz",
        "packed-with-zstd",
        "oci.tar",
        "layout",
    ] {
        let report = told(folder.path(), &[file, "--json"]);
        assert_eq!(report["subject"]["kind"], "archive", "{file}");
        assert!(report["sizes"]["compressed_bytes"].is_u64(), "{file}");
        assert!(told_by(&report) == expected, "{file}: {report}");
    }
    let (code, piped, stderr) = fed(folder.path(), &["-", "--json"], &archive);
    assert_eq!(code, Some(0), "{stderr}");
    let piped: Value = serde_json::from_str(&piped).expect("JSON");
    assert!(told_by(&piped) == expected, "stdin: {piped}");
}

#[tokio::test]
async fn damaged_archives_end_with_3_a_cause_and_the_next_step() {
    let engine = engine().await;
    let folder = tempfile::tempdir().expect("a folder");
    let name = wasteful(&engine, "damaged").await;
    let archive = saved(&engine, &name).await;
    engine.remove_image(&name).await.expect("removed");
    let at = memchr::memmem::find(&archive, &[1; 4000]).expect("the file's content");
    let mut changed = archive.clone();
    changed[at] = 7;
    let packed = gzip(&archive);
    for (file, bytes, why) in [
        ("cut", &archive[..archive.len() / 2], "breaks off"),
        ("cut.gz", &packed[..packed.len() / 2], "breaks off"),
        ("changed", &changed, "its digest is"),
        (
            "text",
            b"this is no archive, whatever its name may say",
            "archive",
        ),
        ("empty", b"", "not one byte"),
        (
            "other.tar",
            &tar(&[("hello", b"world")]),
            "neither manifest.json nor index.json",
        ),
    ] {
        std::fs::write(folder.path().join(file), bytes).expect("written");
        let (code, stdout, stderr) = xray(folder.path(), &[file]);
        assert_eq!((code, &*stdout), (Some(3), ""), "{file}: {stderr}");
        for said in [why, "cause:", "next:"] {
            assert!(stderr.contains(said), "{file}: {said:?} in:\n{stderr}");
        }
    }
}

#[tokio::test]
async fn what_left_the_room_is_told_between_an_image_and_an_archive() {
    let engine = engine().await;
    let folder = tempfile::tempdir().expect("a folder");
    let big = wasteful(&engine, "big").await;
    let app = app();
    let small = built(
        &engine,
        "small",
        "FROM scratch\nCOPY app /srv\nCMD [\"/srv\"]",
        &[("app", &app)],
    )
    .await;
    std::fs::write(
        folder.path().join("small.tar"),
        saved(&engine, &small).await,
    )
    .expect("written");
    std::fs::write(folder.path().join("binary"), &app).expect("written");
    let difference = told(folder.path(), &[&big, "--against", "small.tar", "--json"]);
    let (_, text, _) = xray(folder.path(), &[&big, "--against", "small.tar"]);
    let (code, inside, stderr) = xray(
        folder.path(),
        &[&big, "--path", "/app", "--against", "binary"],
    );
    let two = ["binary", "--path", "/app", "--against", "binary"];
    let (neither, _, _) = xray(folder.path(), &two);
    for name in [&big, &small] {
        engine.remove_image(name).await.expect("removed");
    }
    assert_eq!(neither, Some(2), "no tree on either side");
    assert_eq!(
        difference["counts"]["shells"],
        json!({ "from": 1, "to": 0 })
    );
    assert_eq!(difference["from"]["kind"], "image");
    assert_eq!(difference["to"]["kind"], "archive");
    let pair = &difference["programs"][0];
    assert_eq!(
        (&pair["from"]["path"], &pair["to"]["path"]),
        (&json!("/app"), &json!("/srv"))
    );
    assert_eq!(pair["packages"], json!([]), "it is the same program");
    assert!(
        text.contains("shells            1 → 0") && text.contains("Left"),
        "{text}"
    );
    assert_eq!(code, Some(0), "{stderr}");
    assert!(inside.contains("the same"), "{inside}");
}

#[tokio::test]
async fn what_is_not_there_is_answered_with_what_is() {
    engine().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = xray(folder.path(), &["./missing.tar"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(
        stderr.contains("./missing.tar") && stderr.contains("next:"),
        "{stderr}"
    );
    let (code, _, stderr) = xray(folder.path(), &["empty-room/never-built:1"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert!(
        stderr.contains("empty-room/never-built:1") && stderr.contains("next:"),
        "{stderr}"
    );
    let (code, _, _) = xray(folder.path(), &["x.tar", "--platform", "linux"]);
    assert_eq!(code, Some(2));
}

#[test]
fn a_binary_needs_neither_book_nor_engine() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("service"), app()).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(["xray", "service"])
        .current_dir(folder.path())
        .env_remove("EMPTY_ROOM_ROOT")
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .env("EMPTY_ROOM_DATA", "/nonexistent/none is needed")
        .output()
        .expect("the playground runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for said in [
        "go1.23.9", "linkage", "static", ".text", "runtime", "the rest",
    ] {
        assert!(text.contains(said), "{said:?} in:\n{text}");
    }
}
