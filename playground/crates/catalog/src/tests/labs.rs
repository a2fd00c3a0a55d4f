//! What is declared is what is read, by its name.

use super::project::{FAILURE, Project, STAGE};
use crate::{Catalog, Outcome, Role, context, peer_context};
use std::path::Path;

#[test]
fn what_is_declared_is_what_is_read() {
    let catalog = Project::new().load();
    let ids: Vec<_> = catalog.labs.iter().map(|lab| lab.id.as_str()).collect();
    assert_eq!(ids, ["stage-5a", "x509"]);
    let (lab, variant) = catalog.resolve("stage-5a").expect("a stage");
    assert_eq!(lab.sources, ["_service"]);
    let stage = lab.stage.as_ref().expect("a place on the journey");
    assert_eq!(
        (stage.number.as_str(), stage.order, stage.claimed_mb_max),
        ("5a", 5, Some(5.0))
    );
    assert_eq!(variant.show, ["Dockerfile", "main.go"]);
    assert_eq!(variant.editable, ["Dockerfile"]);
    assert_eq!(
        variant.run.command.as_deref(),
        Some(&["/app".to_owned(), "-v".into()][..])
    );
    assert_eq!(
        variant.run.env,
        [
            ("TZ".to_owned(), "Europe/Berlin".to_owned()),
            ("EMPTY".into(), String::new())
        ]
    );
    assert_eq!(variant.run.memory_mib, Some(64));
    assert_eq!(variant.probes[0].status, 200);
    assert_eq!(variant.expect.outcome, Outcome::Serves);
    let (lab, variant) = catalog.resolve("x509/bundle").expect("a repair");
    assert_eq!(lab.peers[0].alias, "upstream.test");
    assert_eq!(variant.provides[0].path, "/ca.pem");
    assert_eq!(variant.role, Role::Fixed);
}

/// Content is checked like code: what ships is in order, down to each build context.
#[test]
fn the_books_own_labs_are_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let catalog = Catalog::load(&root).unwrap_or_else(|problems| panic!("{problems}"));
    for lab in &catalog.labs {
        for variant in &lab.variants {
            let context = context(
                &root,
                lab,
                variant,
                &Default::default(),
                &Default::default(),
            );
            let context = context.unwrap_or_else(|t| panic!("{}/{}: {t}", lab.id, variant.id));
            assert!(
                !analysis::dockerfile::dockerfile_bases(context.dockerfile()).is_empty(),
                "{}",
                lab.id
            );
        }
        for peer in &lab.peers {
            let context = peer_context(lab, peer);
            context.unwrap_or_else(|error| panic!("{}/{}: {error}", lab.id, peer.id));
        }
    }
}

#[test]
fn unknown_names_get_the_nearest_one() {
    let catalog = Project::new().load();
    let error = catalog.lab("x590").expect_err("no such lab");
    assert_eq!(error.what, "there is no lab `x590`");
    assert_eq!(error.cause, "did you mean `x509`?");
    assert_eq!(error.next, "playground list");
    let error = catalog.resolve("x509/bundel").expect_err("no such variant");
    assert_eq!(error.what, "the lab `x509` has no variant `bundel`");
    assert_eq!(error.cause, "did you mean `bundle`?");
    let error = catalog.resolve("../../etc").expect_err("no such lab");
    assert_eq!(error.cause, "there are `stage-5a`, `x509`");
}

#[test]
fn places_on_the_journey_are_taken_once() {
    let project = Project::new();
    project.write("stage-9/lab.toml", STAGE);
    project.write("stage-9/image/Dockerfile", "FROM scratch\n");
    assert_eq!(
        project.problems(),
        [
            "book/labs/stage-9/lab.toml:7: `number` 5a is taken by book/labs/stage-5a/lab.toml",
            "book/labs/stage-9/lab.toml:8: `order` 5 is taken by book/labs/stage-5a/lab.toml",
        ]
    );
}

#[test]
fn problems_of_all_files_come_at_once() {
    let project = Project::new();
    project.write(
        "stage-5a/lab.toml",
        STAGE.replace("5a", "?").replace("8080", "0"),
    );
    project.write("x509/lab.toml", FAILURE.replace("\"failure", "\"failur"));
    let problems = Catalog::load(project.root())
        .expect_err("problems")
        .to_string();
    assert_eq!(
        problems,
        "3 problems in labs and claims\n\
         book/labs/stage-5a/lab.toml:7: `number` is `?`; it looks like 3 or 5a\n\
         book/labs/stage-5a/lab.toml:24: `port` is 0; it must be 1 to 65535\n\
         book/labs/x509/lab.toml:1: `kind` cannot be `failur`; did you mean `failure`?"
    );
}
