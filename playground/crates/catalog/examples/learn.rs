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
    let file = report::root().join("book/likeness.tsv");
    // Of a lab that is gone it would tell, and not be read.
    let before = fs::read(&file).ok();
    if before.is_some() {
        fs::remove_file(&file)?;
    }
    let catalog = Catalog::load(&report::root()).map_err(|problems| {
        let kept = before.map(|before| fs::write(&file, before));
        format!(
            "{problems}{}",
            if matches!(kept, Some(Err(_))) {
                "\nthe old file is lost"
            } else {
                ""
            }
        )
    })?;
    let reports = report::read(&report::own());
    let reports = reports.iter().map(Report::lesson);
    let lessons: Vec<Lesson> = catalog.lessons().into_iter().chain(reports).collect();
    let likeness = Likeness::learn(&lessons).to_string();
    fs::write(&file, &likeness)?;
    println!(
        "book/likeness.tsv: {} bytes, of {} texts",
        likeness.len(),
        lessons.len()
    );
    Ok(())
}
