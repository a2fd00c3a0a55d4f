//! What a release promises: the same bytes twice, verified before it is used, and a workflow whose
//! steps are what runs here. Cargo is stood in for by a script that hands out the program under
//! test: what it compiles is no matter of packing.

#[path = "release/stand.rs"]
mod stand;

use stand::{Stand, root, sha256, unpacked};
use std::fs;
use std::path::Path;

const TARGETS: [&str; 2] = ["linux-amd64", "linux-arm64"];

#[test]
fn a_release_holds_programs_images_book_and_bill_with_checksums() {
    let stand = Stand::new();
    stand.succeeds(&["script/release", "--out", &stand.path("out")]);
    let sums = fs::read_to_string(stand.at("out/SHA256SUMS")).expect("checksums");
    let mut named: Vec<_> = sums
        .lines()
        .filter_map(|line| line.split_once("  "))
        .collect();
    named.sort_by_key(|(_, name)| *name);
    let names: Vec<_> = named.iter().map(|(_, name)| *name).collect();
    let version = env!("CARGO_PKG_VERSION");
    let mut expected = vec![
        format!("empty-room-{version}-book.tar.gz"),
        format!("empty-room-{version}.cdx.json"),
    ];
    for target in TARGETS {
        expected.push(format!("empty-room-{version}-{target}.tar.gz"));
        let arch = target.trim_start_matches("linux-");
        expected.push(format!("empty-room-{version}-image-{arch}.tar.gz"));
    }
    expected.sort();
    assert_eq!(names, expected);
    for (sum, name) in named {
        assert_eq!(sha256(&stand.at("out").join(name)), sum, "{name}");
    }

    let program = unpacked(&stand.at(&format!("out/empty-room-{version}-linux-amd64.tar.gz")));
    let inside = program
        .path()
        .join(format!("empty-room-{version}-linux-amd64"));
    for file in [
        "playground",
        "sbom.cdx.json",
        "completions/playground.bash",
        "completions/_playground",
        "completions/playground.fish",
        "man/man1/playground.1",
        "man/man1/playground-serve.1",
    ] {
        let size = fs::metadata(inside.join(file)).map_or(0, |file| file.len());
        assert!(size > 0, "{file}");
    }
    let book = unpacked(&stand.at(&format!("out/empty-room-{version}-book.tar.gz")));
    let page = book
        .path()
        .join(format!("empty-room-{version}-book/index.html"));
    assert!(
        fs::read_to_string(page)
            .expect("a page")
            .contains("Empty Room")
    );
    image_is_what_its_dockerfile_says(&stand);
}

#[test]
fn what_is_not_committed_is_no_release() {
    let stand = Stand::new();
    fs::write(stand.at("clone/book/src/new.md"), "# New\n").expect("written");
    let told = stand.fails(&["script/release", "--out", &stand.path("out")]);
    assert!(
        told.contains("book/src/new.md") && told.contains("next:"),
        "{told}"
    );
    assert!(!stand.at("out").exists());
    assert_eq!(stand.leftovers(), Vec::<String>::new());
}

/// Runs what stands behind `run:` in the workflow, job by job, as its machine would: among that is
/// a second release from another clone, which has the same bytes.
#[test]
fn the_workflows_steps_run() {
    let text = fs::read_to_string(root().join(".github/workflows/release.yml")).expect("there");
    let steps: Vec<_> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "))
        .collect();
    let [release, again, macos, join, publish] = steps[..] else {
        panic!("five steps: {steps:?}");
    };
    let stand = Stand::new();
    let shell = |step: &str| stand.succeeds(&["bash", "-euo", "pipefail", "-c", step]);
    let made = stand.at("clone/release");
    let parts = stand.at("parts");
    fs::create_dir(&parts).expect("made");
    shell(release);
    shell(again);
    fs::rename(&made, parts.join("linux")).expect("moved");
    // Each machine of the matrix makes what the others do not.
    shell(&macos.replace("$TARGET", "darwin-arm64"));
    fs::rename(&made, parts.join("darwin-arm64")).expect("moved");
    fs::rename(&parts, stand.at("clone/parts")).expect("moved");
    shell(join);
    let sums = fs::read_to_string(made.join("SHA256SUMS")).expect("checksums");
    assert_eq!(sums.lines().count(), 7, "{sums}");
    shell(&format!("GITHUB_REF_NAME=v1; {publish}"));
    let told = fs::read_to_string(stand.at("gh")).expect("it was called");
    assert!(told.starts_with("release create v1 --verify-tag"), "{told}");
    assert!(told.contains("release/SHA256SUMS"), "{told}");

    let book = format!("empty-room-{}-book.tar.gz", env!("CARGO_PKG_VERSION"));
    fs::write(stand.at("clone/parts/linux").join(book), "half").expect("written");
    let told = stand.fails(&["bash", "-c", join]);
    assert!(told.contains("is damaged"), "{told}");
}

#[test]
fn a_second_release_with_other_bytes_is_noticed() {
    let stand = Stand::new();
    let first = stand.at("first");
    fs::create_dir(&first).expect("made");
    fs::write(first.join("SHA256SUMS"), "of something else").expect("written");
    let only = format!("linux-amd64={}", stand.path("program"));
    let first = first.display().to_string();
    let told = stand.fails(&["script/releases/again", &first, "--binary", &only]);
    assert!(told.contains("The second release differs"), "{told}");
}

/// script/server, where a release lies beside it or is named.
mod server {
    use super::*;

    /// A release whose program prints its arguments.
    fn release(stand: &Stand, folder: &str) -> String {
        let name = format!(
            "empty-room-{}-{}",
            env!("CARGO_PKG_VERSION"),
            this_machine()
        );
        let inside = stand.at("made").join(&name);
        fs::create_dir_all(&inside).expect("made");
        stand.script(&inside.join("playground"), "echo released \"$@\"");
        fs::create_dir_all(stand.at(folder)).expect("made");
        let archive = format!("{folder}/{name}.tar.gz");
        stand.succeeds(&[
            "tar",
            "-czf",
            &stand.path(&archive),
            "-C",
            &stand.path("made"),
            &name,
        ]);
        let sum = sha256(&stand.at(&archive));
        fs::write(
            stand.at(folder).join("SHA256SUMS"),
            format!("{sum}  {name}.tar.gz\n"),
        )
        .expect("written");
        archive
    }

    fn this_machine() -> String {
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        let system = std::env::consts::OS.replace("macos", "darwin");
        format!("{system}-{arch}")
    }

    #[test]
    fn it_is_used_and_nothing_is_compiled() {
        let stand = Stand::new();
        release(&stand, "clone/release");
        let told = stand.succeeds(&["script/server", "--port", "4242"]);
        assert!(
            told.contains("released serve --prepare --port 4242"),
            "{told}"
        );
        assert!(!stand.at("cargo").exists(), "cargo was called");
    }

    #[test]
    fn one_that_is_named_is_used_as_folder_and_as_archive() {
        let stand = Stand::new();
        let archive = release(&stand, "elsewhere");
        for named in ["elsewhere", &archive] {
            let stand = stand.with("EMPTY_ROOM_RELEASE", &stand.path(named));
            let told = stand.succeeds(&["script/server"]);
            assert!(told.contains("released serve --prepare"), "{told}");
        }
    }

    #[test]
    fn one_that_is_damaged_or_not_verified_is_refused_and_not_compiled_over() {
        let stand = Stand::new();
        let archive = stand.at(&release(&stand, "clone/release"));
        let whole = fs::read(&archive).expect("read");
        fs::write(&archive, &whole[..whole.len() - 9]).expect("written");
        let told = stand.fails(&["script/server"]);
        assert!(
            told.contains("is damaged") && told.contains("next:"),
            "{told}"
        );
        fs::write(&archive, whole).expect("written");
        fs::remove_file(stand.at("clone/release/SHA256SUMS")).expect("removed");
        let told = stand.fails(&["script/server"]);
        assert!(told.contains("cannot be verified"), "{told}");
        assert!(!stand.at("cargo").exists(), "cargo was called");
    }

    #[test]
    fn a_folder_without_one_for_this_machine_is_told() {
        let stand = Stand::new();
        fs::create_dir(stand.at("elsewhere")).expect("made");
        let stand = stand.with("EMPTY_ROOM_RELEASE", &stand.path("elsewhere"));
        let told = stand.fails(&["script/server"]);
        assert!(told.contains("no release for this machine"), "{told}");
    }
}

fn image_is_what_its_dockerfile_says(stand: &Stand) {
    let dockerfile = fs::read_to_string(root().join("script/releases/Dockerfile")).expect("there");
    let archive = format!(
        "out/empty-room-{}-image-arm64.tar.gz",
        env!("CARGO_PKG_VERSION")
    );
    let image = unpacked(&stand.at(&archive));
    let read = |name: &str| fs::read(image.path().join(name)).expect("in the archive");
    let json = |name: &str| serde_json::from_slice::<serde_json::Value>(&read(name)).expect("JSON");
    let manifest = json("manifest.json");
    let config = json(manifest[0]["Config"].as_str().expect("a name"));
    assert_eq!(config["architecture"], "arm64");
    let diff_id = format!("sha256:{}", sha256(&image.path().join("layer.tar")));
    assert_eq!(config["rootfs"]["diff_ids"], serde_json::json!([diff_id]));

    let line = |word: &str| {
        let mut lines = dockerfile.lines();
        lines
            .find_map(|line| line.strip_prefix(word))
            .unwrap_or_else(|| panic!("{word}"))
            .trim()
    };
    let config = &config["config"];
    assert_eq!(config["User"], line("USER"));
    assert_eq!(config["Entrypoint"].to_string(), line("ENTRYPOINT"));
    assert_eq!(config["Cmd"].to_string(), line("CMD").replace(", ", ","));
    let env: Vec<_> = line("ENV").split(' ').collect();
    assert_eq!(config["Env"], serde_json::json!(env));
    assert_eq!(
        config["ExposedPorts"],
        serde_json::json!({ format!("{}/tcp", line("EXPOSE")): {} })
    );

    let layer = read("layer.tar");
    let mut layer = tar::Archive::new(layer.as_slice());
    let mut inside = Vec::new();
    for entry in layer.entries().expect("entries") {
        let entry = entry.expect("an entry");
        let header = entry.header();
        let path = entry.path().expect("a name").display().to_string();
        let (uid, mode) = (header.uid().expect("uid"), header.mode().expect("mode"));
        inside.push((path.trim_end_matches('/').to_owned(), uid, mode & 0o7777));
    }
    let expected = [
        ("playground", 0, 0o755),
        ("data", 65532, 0o755),
        ("tmp", 0, 0o1777),
    ];
    assert_eq!(
        inside,
        expected.map(|(path, uid, mode)| (path.to_owned(), uid, mode))
    );
    for (path, ..) in &inside {
        assert!(dockerfile.contains(&format!("{path} /{path}\n")), "{path}");
    }
    assert!(Path::new(line("ENTRYPOINT").trim_matches(['[', ']', '"'])).is_absolute());
}
