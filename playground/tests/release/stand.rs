//! A clone of this checkout as it is now, with stand-ins for what compiles and publishes.

use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use tempfile::TempDir;

/// The repository's top folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A folder with a `clone`, and programs that stand in for others, first in the `PATH`.
#[derive(Clone)]
pub(crate) struct Stand {
    folder: Arc<TempDir>,
    env: Vec<(String, String)>,
}

/// What scripts/releases/compile.sh calls. Each says in the stand's folder that it was called.
const CARGO: &str = r#"
echo "$@" >>"$STAND/cargo"
target= previous=
for argument; do
    [ "$previous" != --target ] || target=$argument
    previous=$argument
done
mkdir -p "target/$target/dist"
cp "$STAND_PROGRAM" "target/$target/dist/playground"
"#;
const BILL: &str = r#"echo '{"bomFormat":"CycloneDX"}' >playground/release-bill.json"#;

impl Stand {
    pub(crate) fn new() -> Stand {
        let folder = tempfile::tempdir().expect("a folder");
        let stand = Stand {
            env: vec![
                ("STAND".into(), folder.path().display().to_string()),
                (
                    "STAND_PROGRAM".into(),
                    folder.path().join("program").display().to_string(),
                ),
                (
                    "EMPTY_ROOM_CACHE".into(),
                    folder.path().join("cache").display().to_string(),
                ),
                // It names an engine, so none is looked for or installed; nobody calls it.
                ("DOCKER_HOST".into(), "unix:///nonexistent".into()),
            ],
            folder: Arc::new(folder),
        };
        // A program for tests weighs hundreds of megabytes, and packing is what is tried here.
        let program = format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_playground"));
        stand.script(&stand.at("program"), &program);
        let programs = stand.at("programs");
        stand.script(&programs.join("cargo"), CARGO);
        stand.script(&programs.join("rustup"), "");
        stand.script(&programs.join("rustc"), "echo /rust");
        stand.script(&programs.join("gh"), "echo \"$@\" >>\"$STAND/gh\"");
        let compile = fs::read_to_string(root().join("script/releases/compile.sh")).expect("there");
        let version = |of: &str| {
            let mut lines = compile.lines();
            lines
                .find_map(|line| line.strip_prefix(of))
                .unwrap_or_else(|| panic!("{of}"))
                .to_owned()
        };
        let zig = format!(
            "cache/tools/ziglang-{}/ziglang/zig",
            version("zig_version=")
        );
        stand.script(&stand.at(&zig), "exit 1");
        let bill = format!(
            "cache/tools/cyclonedx-{}/bin/cargo-cyclonedx",
            version("cyclonedx_version=")
        );
        stand.script(&stand.at(&bill), BILL);
        stand.clone_checkout();
        stand
    }

    /// What git tracks here or would, as one commit: also what is not committed yet.
    fn clone_checkout(&self) {
        let listed = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root())
            .output()
            .expect("git runs");
        let names = String::from_utf8(listed.stdout).expect("names");
        for name in names.split_terminator('\0') {
            let (from, to) = (root().join(name), self.at("clone").join(name));
            if from.is_file() {
                fs::create_dir_all(to.parent().expect("a folder")).expect("made");
                fs::copy(from, to).expect("copied");
            }
        }
        for arguments in [
            &["init", "--quiet"][..],
            &["add", "--all", "--force"],
            &["commit", "--quiet", "--message", "As it is now"],
        ] {
            self.succeeds(
                &[
                    &["git", "-c", "user.name=A", "-c", "user.email=a@example.org"],
                    arguments,
                ]
                .concat(),
            );
        }
    }

    /// The same stand with a variable of the environment more.
    pub(crate) fn with(&self, name: &str, value: &str) -> Stand {
        let mut stand = self.clone();
        stand.env.push((name.into(), value.into()));
        stand
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.at(name).display().to_string()
    }

    /// A shell script that can be executed.
    pub(crate) fn script(&self, path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        // Another program does the writing: what a test beside this one forks has our open files
        // until it executes something else, and no kernel executes what is open for writing.
        let written = Command::new("sh")
            .args([
                "-c",
                "printf '#!/bin/sh\\nset -eu\\n%s\\n' \"$1\" >\"$0\" && chmod 755 \"$0\"",
            ])
            .arg(path)
            .arg(text)
            .status();
        assert!(written.expect("sh runs").success(), "{}", path.display());
    }

    fn run(&self, command: &[&str]) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new(command[0])
            .args(&command[1..])
            .current_dir(self.at("clone"))
            .env("PATH", format!("{}:{path}", self.path("programs")))
            .env_remove("EMPTY_ROOM_RELEASE")
            .env_remove("EMPTY_ROOM_ROOT")
            .env_remove("CARGO_TARGET_DIR")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Runs it in the clone; returns all that it said.
    pub(crate) fn succeeds(&self, command: &[&str]) -> String {
        let output = self.run(command);
        let said = said(&output);
        assert!(output.status.success(), "{command:?}: {said}");
        said
    }

    /// The same for what must fail.
    pub(crate) fn fails(&self, command: &[&str]) -> String {
        let output = self.run(command);
        let said = said(&output);
        assert!(!output.status.success(), "{command:?}: {said}");
        said
    }

    /// What a stopped release leaves in the clone's target folder.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let entries = fs::read_dir(self.at("clone/target")).into_iter().flatten();
        let names = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        names
            .filter(|name| name.starts_with("release-work"))
            .collect()
    }
}

fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{err}")
}

pub(crate) fn sha256(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    format!("{:x}", Sha256::digest(bytes))
}

/// An archive's content in a folder of its own.
pub(crate) fn unpacked(archive: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let file =
        fs::File::open(archive).unwrap_or_else(|error| panic!("{}: {error}", archive.display()));
    let archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    { archive }.unpack(folder.path()).expect("unpacked");
    folder
}
