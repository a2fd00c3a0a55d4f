//! A new lab is in order from the start, and costs nobody anything.

use super::lab::{listed, plan, with_row};
use crate::content;
use catalog::Kind;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A copy of a small book that is in order.
fn book() -> TempDir {
    let book = tempfile::tempdir().expect("a folder");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/content");
    for (path, text) in files(&fixture) {
        let file = book.path().join(path);
        fs::create_dir_all(file.parent().expect("a folder above")).expect("a folder");
        fs::write(file, text).expect("written");
    }
    book
}

/// Every file below a folder, with its text.
fn files(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a text");
            files.insert(path.strip_prefix(root).expect("below").to_owned(), text);
        }
    }
    files
}

#[test]
fn a_new_lab_and_its_page_have_no_problem() {
    for kind in [Kind::Failure, Kind::Stage] {
        let book = book();
        let plan = plan(book.path(), "one-more", kind).expect("a plan");
        let written = plan.write(book.path()).expect("written");
        assert!(
            written.contains(&"book/labs/one-more/lab.toml".to_owned()),
            "{written:?}"
        );
        let content = content::read(book.path()).expect("labs that can be read");
        assert_eq!(content.problems, [], "{kind:?}");
        let lab = content.catalog.lab("one-more").expect("the lab");
        assert_eq!((lab.kind, lab.title.as_str()), (kind, "One more"));
        assert_eq!(content.pages.len(), 2);
        // The small book has no museum's index to put a row into.
        assert_eq!(plan.by_hand.is_empty(), kind == Kind::Stage);
    }
}

#[test]
fn a_second_stage_comes_after_the_first() {
    let book = book();
    for name in ["first", "second"] {
        let plan = plan(book.path(), name, Kind::Stage).expect("a plan");
        plan.write(book.path()).expect("written");
    }
    let content = content::read(book.path()).expect("labs that can be read");
    assert_eq!(content.problems, []);
    let stages: Vec<&str> = content
        .catalog
        .stages()
        .map(|lab| lab.id.as_str())
        .collect();
    assert_eq!(stages, ["first", "second"]);
}

#[test]
fn what_fails_half_way_leaves_nothing_and_the_name_free() {
    let book = book();
    let at = |path: &str| book.path().join(path);
    let (page, summary) = (at("book/src/museum/one-more.md"), at("book/src/SUMMARY.md"));
    let labs = || fs::read_dir(at("book/labs")).expect("labs").count();
    let (before, labs_before) = (files(book.path()), labs());

    let half = plan(book.path(), "one-more", Kind::Failure).expect("a plan");
    fs::create_dir_all(page.parent().expect("a folder above")).expect("a folder");
    fs::write(&page, "mine").expect("written");
    half.write(book.path()).expect_err("somebody took the page");
    assert_eq!(fs::read_to_string(&page).expect("the page"), "mine");
    fs::remove_file(&page).expect("removed");
    assert_eq!((files(book.path()), labs()), (before.clone(), labs_before));

    // No file can be moved to where a folder is: that is told last, behind lab and page.
    let half = plan(book.path(), "one-more", Kind::Failure).expect("a plan");
    let text = fs::read_to_string(&summary).expect("the summary");
    fs::remove_file(&summary).expect("removed");
    fs::create_dir(&summary).expect("a folder");
    half.write(book.path())
        .expect_err("the summary is a folder");
    fs::remove_dir(&summary).expect("removed");
    fs::write(&summary, text).expect("written");
    assert_eq!((files(book.path()), labs()), (before, labs_before));

    let whole = plan(book.path(), "one-more", Kind::Failure).expect("a free name");
    whole.write(book.path()).expect("written");
}

#[test]
fn a_name_that_is_none_or_taken_is_refused_and_nothing_is_touched() {
    let book = book();
    fs::create_dir_all(book.path().join("book/src/museum")).expect("a folder");
    fs::write(book.path().join("book/src/museum/written.md"), "mine").expect("written");
    let before = files(book.path());
    for (name, what) in [
        ("Not Kebab", "`Not Kebab` cannot be the name of a lab"),
        ("../out", "`../out` cannot be the name of a lab"),
        ("", "`` cannot be the name of a lab"),
        ("small", "book/labs/small is there already"),
        ("written", "book/src/museum/written.md is there already"),
    ] {
        let refused = plan(book.path(), name, Kind::Failure).err().expect(name);
        assert_eq!(refused.what, what);
    }
    fs::write(book.path().join("book/labs/small/lab.toml"), "kind = 5").expect("written");
    let refused = plan(book.path(), "other", Kind::Failure).err();
    assert!(refused.expect("broken labs").cause.contains("lab.toml:1"));
    fs::write(
        book.path().join("book/labs/small/lab.toml"),
        &before[Path::new("book/labs/small/lab.toml")],
    )
    .expect("written");
    assert_eq!(files(book.path()), before);
}

/// The real book's lists keep their order, and get one line more.
#[test]
fn a_new_page_stands_at_the_end_of_its_part() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/src");
    let after = |text: &str, line: &str| {
        let before = text.lines().take_while(|one| *one != line).last();
        before.unwrap_or_default().to_owned()
    };
    let summary = fs::read_to_string(root.join("SUMMARY.md")).expect("a text");
    let entry = "[One more](museum/one-more.md)";
    let more = listed(&summary, entry, "museum");
    assert_eq!(more.lines().count(), summary.lines().count() + 1);
    assert!(after(&more, &format!("    - {entry}")).contains("(museum/"));
    let more = listed(&summary, "[7 · More](journey/more.md)", "journey");
    assert!(after(&more, "- [7 · More](journey/more.md)").contains("(journey/stage-"));
    let index = fs::read_to_string(root.join("museum/index.md")).expect("a text");
    let more = with_row(&index, "| row |").expect("a table");
    assert!(after(&more, "| row |").starts_with("| ["), "{more}");
    assert_eq!(more.replace("| row |\n", ""), index);
}
