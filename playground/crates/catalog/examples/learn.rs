//! Makes `book/likeness.tsv` of the reports and of what labs say of themselves.

use catalog::Catalog;
use catalog::likeness::{Lesson, Likeness};
use report::Report;
use std::error::Error;
use std::fs;

#[path = "../tests/report/mod.rs"]
#[allow(dead_code)]
mod report;

fn main() -> Result<(), Box<dyn Error>> {
    let root = report::root();
    let catalog = Catalog::load_to_learn(&root).map_err(|problems| problems.to_string())?;
    let reports = report::read(&report::own());
    let reports = reports.iter().map(Report::lesson);
    let lessons: Vec<Lesson> = catalog.lessons().into_iter().chain(reports).collect();
    let likeness = Likeness::learn(&lessons).to_string();
    // Beside the old one, which others may be reading, and put in its place at once.
    let file = root.join("book/likeness.tsv");
    let beside = root.join("book/.likeness.tsv.new");
    fs::write(&beside, &likeness)?;
    fs::rename(&beside, &file)?;
    println!(
        "book/likeness.tsv: {} bytes, of {} texts",
        likeness.len(),
        lessons.len()
    );
    Ok(())
}
