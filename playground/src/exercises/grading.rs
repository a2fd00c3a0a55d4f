//! What a run of a submission has to tell those who choose the hint.

use crate::event::{Entry, Event, StepStatus};
use std::collections::BTreeMap;

/// What builder, engine and program wrote in a run: of the builder, the steps that failed.
pub fn said(entries: &[Entry]) -> String {
    let mut said = String::new();
    let mut logs: BTreeMap<&str, String> = BTreeMap::new();
    for Entry { event, .. } in entries {
        match event {
            Event::StepLog { step, text, .. } => logs.entry(step).or_default().push_str(text),
            Event::StepFinished {
                step,
                status: StepStatus::Failed,
                error,
                ..
            } => {
                said.push_str(logs.get(step.as_str()).map_or("", String::as_str));
                if let Some(error) = error {
                    said.push('\n');
                    said.push_str(&error.message);
                }
                said.push('\n');
            }
            Event::Output { text, .. } => said.push_str(text),
            Event::Acted(acted) => {
                said.push('\n');
                said.push_str(&acted.reply.text);
                said.push('\n');
            }
            Event::Finished(finished) => {
                said.push('\n');
                said.push_str(finished.message.as_deref().unwrap_or_default());
            }
            _ => {}
        }
    }
    said
}
