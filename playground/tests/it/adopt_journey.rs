//! The book's journey with a strange program, and its own Dockerfile against the book.

use crate::services::small_service;
use crate::support::{LastingFolder, engine, leftovers, root};
use playground::adopt::{Extent, Outcome, Report, Request, adopt_as, report};
use playground::app_state::AppState;
use playground::run::RunLog;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

async fn adopted(path: &Path, extent: Extent) -> Report {
    let engine = engine().await;
    let data = TempDir::new().expect("a folder");
    let state = Arc::new(AppState::open_on(&root(), data.path(), engine).expect("opened"));
    let owner = state.owner.id().to_owned();
    let request = Request {
        path: path.to_owned(),
        main: None,
    };
    let log: Arc<RunLog> = Arc::default();
    let stop = CancellationToken::new();
    let mut kept = false;
    let done = adopt_as(&state, &request, extent, &log, &stop, |_| {
        kept = !log.is_finished();
    });
    let done = done.await.unwrap_or_else(|error| panic!("{error}"));
    assert!(kept, "the report is there before the end is told");
    assert_eq!(leftovers(&owner).await, Vec::<String>::new());
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn all_stages_are_made_with_the_readers_code_and_run() {
    let dir = LastingFolder::new("all-stages");
    let tree = small_service(dir.path());
    let report = adopted(&tree, Extent::Journey).await;
    let told = report::text::text(&report);
    let numbers: Vec<_> = report
        .journey
        .iter()
        .map(|one| one.number.as_str())
        .collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5a", "5b", "6"], "{told}");
    for stage in &report.journey {
        assert_eq!(stage.outcome, Outcome::Answers, "{}: {told}", stage.number);
        assert!(stage.page.is_some() && !stage.title.is_empty(), "{told}");
    }
    let bytes: Vec<u64> = report
        .journey
        .iter()
        .filter_map(|stage| stage.unpacked)
        .collect();
    assert_eq!(bytes.len(), 7, "{told}");
    // Each is smaller than the one before, as far as the first empty room; the last is the adopted image.
    assert!(
        bytes[..5].windows(2).all(|pair| pair[0] > pair[1]),
        "{told}"
    );
    let weight = report.weight.expect("weighed");
    assert_eq!(bytes[6], weight.unpacked, "{told}");
    assert!(bytes[0] > 50 * bytes[6], "{told}");
    // Small ones are packed to see how small.
    assert!(report.journey[4].compressed.is_some(), "{told}");
    assert!(told.contains("The journey, with this code"), "{told}");
    assert!(report::html::html(&report).contains("class=\"bar\""));
    assert!(
        report.current.is_none(),
        "there is no Dockerfile in it: {told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dockerfile_of_its_own_that_does_not_build_is_told_with_its_page() {
    let dir = LastingFolder::new("own-dockerfile");
    let tree = small_service(dir.path());
    fs::create_dir(tree.join("build")).expect("made");
    let put = |text: &str| fs::write(tree.join("build/Dockerfile"), text).expect("written");
    put("FROM scratch\nCOPY bin/hello /hello\nCMD [\"/hello\"]\n");
    let report = adopted(&tree, Extent::Current).await;
    let told = report::text::text(&report);
    let current = report.current.as_ref().expect("its own");
    assert_eq!(current.outcome, Outcome::Nothing, "{told}");
    // In the words of today's builders, and of those before.
    let words = ["not found", "no such file or directory"];
    assert!(words.iter().any(|one| current.said.contains(one)), "{told}");
    assert_eq!(
        current.why.as_deref(),
        Some("museum/copy-missing.html"),
        "{told}"
    );
    // One that is written for its own folder is sent that.
    fs::write(tree.join("build/hello.go"), "package main\n\nimport \"net/http\"\n\nfunc main() {\n\tpanic(http.ListenAndServe(\":8072\", nil))\n}\n").expect("written");
    put(
        "FROM golang:1.23-alpine\nCOPY hello.go /src/\nRUN go build -o /hello /src/hello.go\nENTRYPOINT [\"/hello\"]\n",
    );
    let report = adopted(&tree, Extent::Current).await;
    let told = report::text::text(&report);
    let current = report.current.as_ref().expect("its own");
    assert_eq!(
        (current.context.as_str(), current.outcome),
        ("build", Outcome::Answers),
        "{told}"
    );
    assert!(report.journey.is_empty(), "nobody asked for it: {told}");
}
