use super::*;
use crate::book::testing::sources;
use std::path::PathBuf;

fn part() -> ExercisePart {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let catalog = Catalog::load(&root).expect("sound");
    let mut catalog = Catalog {
        exercises: catalog.exercises,
        ..Catalog::default()
    };
    catalog.exercises.truncate(1);
    ExercisePart::new(&catalog, sources).expect("panels")
}

fn book(pages: &[&str]) -> Book {
    let mut book = Book::new();
    for page in pages {
        book.push_item(Chapter::new("Title", String::new(), page, Vec::new()));
    }
    book
}

#[test]
fn each_exercise_is_a_chapter_below_the_index() {
    let part = part();
    let mut problems = Vec::new();
    let mut book = book(&["journey/stage-3.md", INDEX]);
    part.add_to(&mut book, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    let titles = titles(&book);
    let page = "exercises/01-two-stages.md";
    assert_eq!(titles[page], "1 · Leave the workshop behind");
    let added = book.iter().find_map(|item| match item {
        BookItem::Chapter(one) if one.path.as_deref() == Some(Path::new(page)) => Some(one),
        _ => None,
    });
    let text = &added.expect("the chapter").content;
    assert!(text.starts_with("# Leave the workshop behind\n"), "{text}");
    assert!(text.contains("[Title](../journey/stage-3.md)"), "{text}");
    assert!(text.contains("\n{{#exercise 01-two-stages}}\n"), "{text}");
    assert!(text.contains("First images · about 10 minutes"), "{text}");
}

#[test]
fn a_page_that_the_book_does_not_have_and_a_missing_index_are_problems() {
    let part = part();
    let mut problems = Vec::new();
    part.add_to(&mut book(&["other.md"]), &mut problems);
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("exercises/01-two-stages/exercise.toml"));
    assert!(problems[0].contains("journey/stage-3.md"));
    assert!(problems[1].contains(INDEX));
}

#[test]
fn the_map_leads_to_every_exercise_from_wherever_it_stands() {
    let html = part().map(Path::new(INDEX));
    let link = r#"<a href="../exercises/01-two-stages.md">Leave the workshop behind</a>"#;
    assert!(html.contains(link), "{html}");
    assert!(html.contains(">First images</h2>"), "{html}");
    assert!(html.contains(r#"data-exercise="01-two-stages">"#));
}

#[test]
fn a_units_title_is_its_id_in_words() {
    for (unit, title) in [
        ("first-images", "First images"),
        ("beyond-go", "Beyond Go"),
        ("go", "Go"),
    ] {
        assert_eq!(map::unit_title(unit), title);
    }
}

/// A blank line would end the HTML block, and Markdown would take the rest for prose.
#[test]
fn a_panel_is_one_line_with_the_starter_and_how_to_run_it() {
    let part = part();
    let panel = part.panel("01-two-stages").expect("it");
    assert!(!panel.contains('\n'));
    assert!(panel.contains(r#"data-path="Dockerfile" data-language="dockerfile" data-editable"#));
    assert!(panel.contains("playground exercises start 01"));
    assert!(panel.contains("<li>The image is small</li>"));
    assert!(part.panel("02-nope").is_none());
}
