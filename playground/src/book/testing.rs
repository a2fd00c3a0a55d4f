//! A small lab for the tests of this module.

use super::Source;
use anyhow::Result;
use catalog::{Expect, Kind, Lab, Outcome, Reporter, Role, Stage, Symptom, Variant};
use regex::Regex;

/// A lab with one variant; ids that begin with `stage-` make stages.
pub(super) fn lab(id: &str) -> Lab {
    let number = id.strip_prefix("stage-");
    Lab {
        id: id.to_owned(),
        kind: if number.is_some() {
            Kind::Stage
        } else {
            Kind::Failure
        },
        title: format!("Title of <{id}>"),
        summary: "What to watch for.".to_owned(),
        stage: number.map(|number| Stage {
            number: number.to_owned(),
            order: number.parse().unwrap_or(9),
            claimed_mb: 4.0,
            claimed_mb_max: Some(5.5),
            claimed_by: "C".to_owned(),
            base: "scratch".to_owned(),
        }),
        sources: Vec::new(),
        peers: Vec::new(),
        symptoms: match number {
            Some(_) => Vec::new(),
            None => vec![Symptom {
                pattern: Some(Regex::new("unknown").unwrap_or_else(|e| unreachable!("{e}"))),
                telling: None,
                before: Vec::new(),
                example: format!("{id}: <unknown> authority"),
                says: "What it means.".to_owned(),
                unless: None,
                tell: None,
                second: false,
            }],
        },
        ballast: Vec::new(),
        metrics: Vec::new(),
        unpinned: false,
        variants: vec![Variant {
            id: "broken".to_owned(),
            title: "Broken".to_owned(),
            role: Role::Broken,
            show: vec!["Dockerfile".to_owned()],
            editable: vec!["Dockerfile".to_owned()],
            expect: Expect {
                outcome: Outcome::Exits,
                exit_code: Some(1),
                reporter: Some(Reporter::Program),
                message: None,
                moment: None,
                unsaid: None,
                differs: Vec::new(),
            },
            ..Variant::default()
        }],
        dir: std::path::PathBuf::new(),
    }
}

/// One Dockerfile with a blank line and markup in it.
pub(super) fn sources(_: &Lab, _: &Variant) -> Result<Vec<Source>> {
    Ok(vec![Source {
        path: "Dockerfile".to_owned(),
        text: "FROM scratch\n\nCOPY <x> /\n".to_owned(),
    }])
}
