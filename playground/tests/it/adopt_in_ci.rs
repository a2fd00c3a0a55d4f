//! What hangs in a repository's CI and in its git, tried as it is: the workflow's steps as a runner
//! would carry them out, and the hook in a repository.

use crate::services::small_service;
use crate::support::{LastingFolder, engine, root, write_script};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A machine with a playground, a repository, and nothing else of ours.
struct Machine {
    dir: TempDir,
    tree: PathBuf,
    _place: LastingFolder,
}

impl Machine {
    /// `name` is nobody else's.
    async fn new(name: &str) -> Machine {
        engine().await;
        let dir = TempDir::new().expect("a folder");
        let place = LastingFolder::new(name);
        let tree = small_service(place.path());
        for folder in ["runner", "programs", "home"] {
            fs::create_dir(dir.path().join(folder)).expect("made");
        }
        let machine = Machine {
            dir,
            tree,
            _place: place,
        };
        machine.program("programs/playground");
        machine
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn path(&self, name: &str) -> String {
        self.at(name).display().to_string()
    }

    /// The program under test; it weighs too much to be copied about.
    fn program(&self, at: &str) {
        let program = env!("CARGO_BIN_EXE_playground");
        let text = format!(
            "#!/bin/sh\necho called >>'{}'\nexec '{program}' \"$@\"\n",
            self.path("calls")
        );
        write_script(&self.at(at), &text);
    }

    fn calls(&self) -> usize {
        fs::read_to_string(self.at("calls")).map_or(0, |calls| calls.lines().count())
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.tree.join(name), text).expect("written");
    }

    fn run(&self, path: &str, command: &[&str]) -> Output {
        let ours = std::env::var("PATH").unwrap_or_default();
        Command::new(command[0])
            .args(&command[1..])
            .current_dir(&self.tree)
            .env("PATH", format!("{path}:{ours}"))
            .env("HOME", self.at("home"))
            .env("EMPTY_ROOM_ROOT", root())
            .env("EMPTY_ROOM_DATA", self.at("data"))
            .env("RUNNER_TEMP", self.at("runner"))
            .env("GITHUB_PATH", self.at("github-path"))
            .env("RELEASES", format!("file://{}", self.path("releases")))
            .env("VERSION", "1.2.3")
            .env_remove("GIT_DIR")
            .output()
            .expect("it starts")
    }
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{:?}\n{}\n{}",
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// What stands behind `run:`, each as the script that it is.
fn steps(workflow: &str) -> Vec<String> {
    let lines: Vec<&str> = workflow.lines().collect();
    let mut steps = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let begin = line.trim_start().trim_start_matches("- ");
        let Some(script) = begin.strip_prefix("run: ") else {
            continue;
        };
        if script != "|" {
            steps.push(script.to_owned());
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let below = lines[at + 1..].iter();
        let below = below.take_while(|line| line.len() - line.trim_start().len() > indent);
        steps.push(below.map(|line| line.trim()).collect::<Vec<_>>().join("\n"));
    }
    steps
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflows_steps_hold_an_image_against_its_budget() {
    let text = root().join("playground/deploy/ci/adopt.yml");
    let text = fs::read_to_string(text).expect("the workflow");
    let steps = steps(&text);
    let [fetch, check] = &steps[..] else {
        panic!("two steps: {steps:?}");
    };
    let machine = Machine::new("workflow").await;
    let name = "empty-room-1.2.3-linux-amd64";
    fs::create_dir_all(machine.at("releases/v1.2.3")).expect("made");
    fs::create_dir(machine.at(name)).expect("made");
    machine.program(&format!("{name}/playground"));
    let pack = format!(
        "cd '{0}' && tar -czf releases/v1.2.3/{name}.tar.gz {name} && cd releases/v1.2.3 && \
         sha256sum {name}.tar.gz > SHA256SUMS",
        machine.path("")
    );
    let shell =
        |path: &str, step: &str| machine.run(path, &["bash", "-euo", "pipefail", "-c", step]);
    let packed = shell("/usr/bin", &pack);
    assert!(packed.status.success(), "{}", told(&packed));
    let fetched = shell("/usr/bin", fetch);
    assert!(fetched.status.success(), "{}", told(&fetched));
    let path = fs::read_to_string(machine.at("github-path")).expect("named to the runner");
    let path = path.trim();

    machine.put(".adopt.toml", "unpacked_mb = 50\nfindings = 0\n");
    let within = shell(path, check);
    assert_eq!(within.status.code(), Some(0), "{}", told(&within));
    assert_eq!(machine.calls(), 1, "the released program was called");
    machine.put(".adopt.toml", "# tight\nunpacked_mb = 0.5\n");
    let over = shell(path, check);
    assert_eq!(over.status.code(), Some(1), "{}", told(&over));
    let sarif = fs::read_to_string(machine.at("runner/adopt.sarif")).expect("findings");
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let found = results
        .iter()
        .find(|one| one["ruleId"] == "adopt-over-budget");
    let place = &found.expect("the complaint")["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], ".adopt.toml");
    assert_eq!(place["region"]["startLine"], 2);
    machine.put(".adopt.toml", "unpacked = 1\nfindings = -1\n");
    let wrong = shell(path, check);
    assert_eq!(wrong.status.code(), Some(2), "{}", told(&wrong));
    for line in [
        ".adopt.toml:1: there is no key `unpacked`",
        ".adopt.toml:2: `findings` is -1",
    ] {
        assert!(told(&wrong).contains(line), "{}", told(&wrong));
    }

    fs::write(
        machine.at(&format!("releases/v1.2.3/{name}.tar.gz")),
        "half",
    )
    .expect("written");
    fs::remove_file(machine.at("github-path")).expect("removed");
    let damaged = shell("/usr/bin", fetch);
    assert!(!damaged.status.success(), "{}", told(&damaged));
    assert!(
        !machine.at("github-path").exists(),
        "what is damaged is not used"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hook_checks_what_is_committed_and_leaves_prose_alone() {
    let machine = Machine::new("hook").await;
    let programs = machine.path("programs");
    let git = |arguments: &[&str]| {
        let named = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"];
        machine.run(&programs, &[&named, arguments].concat())
    };
    let commit = |what: &str| git(&["commit", "--quiet", "--message", what]);
    assert!(git(&["init", "--quiet"]).status.success());
    let hook = machine.tree.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().expect("a folder")).expect("made");
    let text = fs::read_to_string(root().join("playground/deploy/ci/pre-commit"));
    write_script(&hook, &text.expect("the hook"));

    machine.put(".adopt.toml", "unpacked_mb = 50\n");
    assert!(git(&["add", "--all"]).status.success());
    // What lies around the index is not what is committed.
    machine.put(".adopt.toml", "unpacked_mb = 0.1\n");
    let first = commit("A service");
    assert!(first.status.success(), "{}", told(&first));
    assert_eq!(machine.calls(), 1);

    machine.put("README.md", "# Hello\n");
    assert!(git(&["add", "README.md"]).status.success());
    let prose = commit("Tell what it is");
    assert!(prose.status.success(), "{}", told(&prose));
    assert_eq!(machine.calls(), 1, "prose makes no image");

    assert!(git(&["add", "--all"]).status.success());
    let over = commit("Be strict");
    assert_eq!(over.status.code(), Some(1), "{}", told(&over));
    assert!(
        told(&over).contains(".adopt.toml:1: the image has"),
        "{}",
        told(&over)
    );
    assert_eq!(machine.calls(), 2);
    let left = machine.tree.join(".git/adopt-staged");
    assert!(!left.exists(), "nothing of it stays");
    let log = git(&["log", "--format=%s"]);
    assert!(!told(&log).contains("Be strict"), "{}", told(&log));
    let past = git(&["commit", "--quiet", "--no-verify", "--message", "Be strict"]);
    assert!(past.status.success(), "{}", told(&past));
}

#[test]
fn a_machine_without_a_playground_or_an_engine_keeps_nobody_from_committing() {
    let place = LastingFolder::new("no-playground");
    let machine = Machine {
        dir: TempDir::new().expect("a folder"),
        tree: small_service(place.path()),
        _place: place,
    };
    fs::create_dir(machine.at("programs")).expect("made");
    let programs = machine.path("programs");
    let git = |arguments: &[&str]| {
        let named = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"];
        machine.run(&programs, &[&named, arguments].concat())
    };
    assert!(git(&["init", "--quiet"]).status.success());
    let hook = machine.tree.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().expect("a folder")).expect("made");
    let text = fs::read_to_string(root().join("playground/deploy/ci/pre-commit"));
    write_script(&hook, &text.expect("the hook"));
    // As it says where no engine answers.
    let put = |code: u8| {
        let text = format!("#!/bin/sh\necho 'error: no engine answers' >&2\nexit {code}\n");
        write_script(&machine.at("programs/playground"), &text);
    };
    for (n, (code, goes_on)) in [(3, true), (130, true), (1, false), (2, false)]
        .into_iter()
        .enumerate()
    {
        put(code);
        machine.put("more.go", &format!("package main\n\nconst more = {n}\n"));
        assert!(git(&["add", "--all"]).status.success());
        let done = git(&["commit", "--quiet", "--message", "More"]);
        assert_eq!(done.status.success(), goes_on, "{code}: {}", told(&done));
        assert!(
            told(&done).contains("adopt: "),
            "it says so: {}",
            told(&done)
        );
    }
}

#[test]
fn a_step_of_several_lines_is_one_script() {
    let text =
        "steps:\n  - run: one\n  - name: x\n    run: |\n      two\n      three\n  - uses: y\n";
    assert_eq!(steps(text), ["one", "two\nthree"]);
}
