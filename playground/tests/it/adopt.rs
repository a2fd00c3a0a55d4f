//! A repository with needs becomes an image that answers, and stays as it was; a hostile one gets
//! nowhere.

use crate::support::{LastingFolder, copy_folder, engine, fixture, leftovers, root};
use engine::{BuildNetwork, BuildRequest, Engine, Patience, StoppedBuilds, build_context};
use playground::adopt::{Extent, Outcome, Report, Request, Topic, adopt_as, report, write};
use playground::app_state::AppState;
use playground::run::RunLog;
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Everything below a folder: names, modes of links, and bytes.
fn fingerprint(root: &Path) -> String {
    let mut hash = Sha256::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        let mut entries: Vec<_> = fs::read_dir(&dir)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        entries.sort();
        for path in entries {
            let meta = fs::symlink_metadata(&path).expect("there");
            hash.update(path.to_string_lossy().as_bytes());
            if meta.is_symlink() {
                let target = fs::read_link(&path).expect("a link");
                hash.update(target.to_string_lossy().as_bytes());
            } else if meta.is_dir() {
                open.push(path);
            } else {
                hash.update(fs::read(&path).expect("a file"));
            }
        }
    }
    format!("{:x}", hash.finalize())
}

async fn adopted(engine: &Engine, path: &Path) -> Report {
    let data = TempDir::new().expect("a folder");
    let state = AppState::open_on(&root(), data.path(), engine.clone()).expect("opened");
    let owner = state.owner.id().to_owned();
    let request = Request {
        path: path.to_owned(),
        main: None,
    };
    let log: Arc<RunLog> = Arc::default();
    let mut kept = None;
    let keep = |report: &Report| {
        assert!(!log.is_finished(), "whoever reads the end finds the report");
        kept = Some(report.json());
    };
    let (state, never) = (Arc::new(state), CancellationToken::new());
    let done = adopt_as(&state, &request, Extent::Image, &log, &never, keep).await;
    assert!(log.is_finished(), "the log ends");
    assert_eq!(leftovers(&owner).await, Vec::<String>::new());
    let report = done.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(kept, Some(report.json()));
    report
}

fn decided(report: &Report, topic: Topic) -> &str {
    let found = report.decisions.0.iter().find(|one| one.topic == topic);
    found.map_or("", |one| one.value.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_needs_answers_from_scratch_and_its_tree_stays_as_it_was() {
    let engine = engine().await;
    let dir = LastingFolder::new("shop");
    let tree = dir.path().join("shop");
    copy_folder(&fixture("adopt"), &tree);
    let before = fingerprint(&tree);
    let report = adopted(&engine, &tree).await;
    let told = report::text::text(&report);
    assert_eq!(report.outcome, Outcome::Answers, "{told}");
    assert_eq!(fingerprint(&tree), before, "the tree was changed");
    let command = report.command.as_ref().expect("a command");
    assert_eq!(command.dir, "cmd/shop", "{told}");
    assert_eq!(report.others.len(), 3, "{told}");
    let plan = report.plan.as_ref().expect("a plan");
    assert_eq!(plan.base(), "scratch");
    assert!(
        plan.certificates && plan.tmp && plan.tags.contains("timetzdata"),
        "{told}"
    );
    assert_eq!(
        plan.files.get("templates").map(String::as_str),
        Some("/srv/templates")
    );
    assert_eq!(
        plan.writable.iter().map(String::as_str).collect::<Vec<_>>(),
        ["/srv/store"]
    );
    assert_eq!(plan.ports.iter().copied().collect::<Vec<_>>(), [8090]);
    assert_eq!(
        decided(&report, Topic::Health),
        "GET /internal/healthz on 8090"
    );
    assert_eq!(decided(&report, Topic::Signals), "SIGTERM ends it");
    for (topic, page) in [
        (Topic::Certificates, "museum/x509.html"),
        (Topic::Zones, "museum/unknown-time-zone.html"),
        (Topic::Files, "museum/files-left-behind.html"),
        (Topic::Writable, "museum/volume-owner.html"),
    ] {
        let decision = report.decisions.0.iter().find(|one| one.topic == topic);
        let named = decision.and_then(|decision| decision.page.as_deref());
        assert_eq!(named, Some(page), "{topic:?}");
    }
    // What it names are pages of the book.
    for page in report
        .decisions
        .0
        .iter()
        .filter_map(|one| one.page.as_deref())
    {
        let source = page.replace(".html", ".md");
        assert!(root().join("book/src").join(&source).is_file(), "{page}");
    }
    let text = report.dockerfile.as_deref().expect("a Dockerfile");
    assert!(text.contains("\nEXPOSE 8090\n"), "{text}");
    // Written down, the files are the repository's, and adopting it again says the same.
    let names = write::write(&report, &tree).expect("written");
    assert_eq!(names, ["Dockerfile", ".dockerignore"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_repository_gets_nothing_run_read_or_printed() {
    let engine = engine().await;
    let dir = LastingFolder::new("hostile");
    let (tree, secret) = (dir.path().join("tree"), dir.path().join("secret.go"));
    fs::write(&secret, "package main\n\nconst Secret = \"s3cret\"\n").expect("written");
    let evil = "cmd/\u{1b}[2J\u{1b}]0;owned\u{7}";
    for folder in [".git/hooks", "cmd/app", evil] {
        fs::create_dir_all(tree.join(folder)).expect("made");
    }
    let put = |path: &str, text: &str| fs::write(tree.join(path), text).expect("written");
    // Another Go would be fetched and run.
    put(
        "go.mod",
        "module evil.test/evil\n\ngo 1.22\n\ntoolchain go1.99.9\n",
    );
    // Both would run a program of the tree's; each ends the build where it is obeyed.
    put("go.env", "GOFLAGS=-toolexec=/src/evil.sh\n");
    put(
        ".git/config",
        "[core]\n\tfsmonitor = /src/evil.sh\n\tbare = false\n",
    );
    put("evil.sh", "#!/bin/sh\nexit 1\n");
    put(
        "cmd/app/main.go",
        "package main\n\n//go:generate /src/evil.sh\n\nimport \"net/http\"\n\nfunc main() {\n\t\
         _ = http.ListenAndServe(\":8070\", http.NotFoundHandler())\n}\n",
    );
    put(
        "cmd/app/main_test.go",
        "package main\n\nfunc init() { panic(\"tests were run\") }\n",
    );
    put(
        &format!("{evil}/main.go"),
        "package main\n\nfunc main() {}\n",
    );
    symlink(&secret, tree.join("cmd/app/secret.go")).expect("linked");
    let before = fingerprint(&tree);
    let report = adopted(&engine, &tree).await;
    let told = report::text::text(&report);
    assert_eq!(report.outcome, Outcome::Answers, "{told}");
    assert_eq!(fingerprint(&tree), before, "the tree was changed");
    assert_eq!(
        report.command.as_ref().map(|one| one.dir.as_str()),
        Some("cmd/app"),
        "{told}"
    );
    assert!(
        report
            .left_out
            .iter()
            .any(|left| left.contains("cmd/app/secret.go")),
        "{told}"
    );
    for text in [told, report.json(), report::html::html(&report)] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}') && !text.contains("s3cret"));
    }
}

#[tokio::test]
async fn a_tree_without_a_module_gets_a_sentence() {
    let engine = engine().await;
    let dir = TempDir::new().expect("a folder");
    let report = adopted(&engine, dir.path()).await;
    assert_eq!(report.outcome, Outcome::Nothing);
    let unmended = report.unmended.expect("told");
    assert_eq!(unmended.what, "There is no go.mod in it, and no Go.");
}

#[tokio::test]
async fn a_build_without_a_network_has_loopback_alone() {
    let engine = crate::support::engine_with("golang:1.23").await;
    for (network, succeeds) in [
        (BuildNetwork::Nothing, true),
        (BuildNetwork::Engines, false),
    ] {
        let dockerfile = "FROM golang:1.23\nRUN [ \"$(ls /sys/class/net)\" = lo ]\n";
        let context =
            build_context([("Dockerfile", 0o644, dockerfile.as_bytes())]).expect("packed");
        let tag = "empty-room/run:adopt-network-test".to_owned();
        let request = BuildRequest {
            context: context.into(),
            dockerfile: dockerfile.to_owned(),
            tag: tag.clone(),
            aliases: Vec::new(),
            labels: vec![(engine::LABEL.to_owned(), "lab".to_owned())],
            cache_namespace: None,
            no_cache: true,
            network,
            prefix: String::new(),
            limit: Duration::from_secs(120),
            patience: Patience::default(),
            stopped: StoppedBuilds::default(),
        };
        let built = engine.build(&request, &mut |_| {}).await;
        assert_eq!(built.is_ok(), succeeds, "{network:?}: {built:?}");
        engine.remove_image(&tag).await.expect("removed");
    }
}
