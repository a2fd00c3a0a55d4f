//! The journey: every stage's claim beside what was last measured here.
//!
//! Owns how the two are put together. Refuses to know how either came about.

use crate::journal::{Journal, Measured};
use catalog::Catalog;
use policy::UserError;
use serde::Serialize;

/// One stage of the journey, as chart and command line show it.
#[derive(Clone, Debug, Serialize)]
pub struct JourneyStage {
    /// The lab's id.
    pub stage: String,
    /// The lab's title.
    pub title: String,
    /// As the book prints it.
    pub number: String,
    /// Position on the chart.
    pub order: u32,
    /// Claimed size in MB, lower end.
    pub claimed_mb: f64,
    /// Upper end of a range.
    pub claimed_mb_max: Option<f64>,
    /// The claim's source.
    pub claimed_by: String,
    /// What the final image stands on.
    pub base_label: String,
    /// The last unedited measurement on this machine.
    pub measured: Option<Measured>,
}

/// All stages in the journey's order, with their last measurements.
///
/// # Errors
/// The journal cannot be read.
pub fn stages(catalog: &Catalog, journal: &Journal) -> Result<Vec<JourneyStage>, UserError> {
    let mut measured = journal.latest_per_lab()?;
    let stages = catalog.stages().filter_map(|lab| {
        let stage = lab.stage.as_ref()?;
        Some(JourneyStage {
            stage: lab.id.clone(),
            title: lab.title.clone(),
            number: stage.number.clone(),
            order: stage.order,
            claimed_mb: stage.claimed_mb,
            claimed_mb_max: stage.claimed_mb_max,
            claimed_by: stage.claimed_by.clone(),
            base_label: stage.base.clone(),
            measured: measured.remove(&lab.id),
        })
    });
    Ok(stages.collect())
}
