//! Progress and work as one file, for another machine; and as lines for an instructor's tools.

use super::{Act, Detail, Progress, Verb};
use crate::exercises::{NotSaved, Workspace};
use catalog::Catalog;
use policy::UserError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Version of the file.
const VERSION: u32 = 1;

/// All that a learner has, to be carried elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portable {
    /// Version of this format: 1.
    pub empty_room_progress: u32,
    /// Everything that was done, in order.
    pub acts: Vec<Act>,
    /// Files that are handed in, by exercise and path, as they lie there.
    pub work: BTreeMap<String, BTreeMap<String, String>>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Acts that were not known yet.
    pub acts: usize,
    /// Files that were laid down, as `exercise/path`.
    pub files: Vec<String>,
    /// Files that are different here, and stay as they are.
    pub kept: Vec<String>,
    /// Exercises, and files of exercises, that this book does not have.
    pub unknown: Vec<String>,
}

impl Portable {
    /// Gathers progress and work.
    ///
    /// # Errors
    /// Either cannot be read.
    pub fn gather(
        progress: &Progress,
        workspace: &Workspace,
        catalog: &Catalog,
    ) -> Result<Portable, UserError> {
        let mut work = BTreeMap::new();
        for exercise in &catalog.exercises {
            if workspace.is_begun(exercise) {
                work.insert(exercise.id.clone(), workspace.submission(exercise)?);
            }
        }
        Ok(Portable {
            empty_room_progress: VERSION,
            acts: progress.acts()?,
            work,
        })
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It is none, or of a newer version.
    pub fn parse(text: &str) -> Result<Portable, UserError> {
        let refused = |why: String| UserError {
            what: format!("This is no export of progress: {why}"),
            cause: "it is another file, it was cut off, or a newer playground wrote it".into(),
            next: "take a file that `playground exercises export FILE` wrote".into(),
        };
        let portable: Portable =
            serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
        match portable.empty_room_progress {
            VERSION => Ok(portable),
            other => Err(refused(format!("it is of version {other}"))),
        }
    }

    /// Lays it down here. What is here already stays; what differs is named.
    ///
    /// # Errors
    /// The disk is full, or a folder cannot be written to.
    pub fn lay_down(
        &self,
        progress: &Progress,
        workspace: &Workspace,
        catalog: &Catalog,
    ) -> Result<Imported, UserError> {
        let mut imported = Imported::default();
        for (id, files) in &self.work {
            let Ok(exercise) = catalog.exercise(id) else {
                imported.unknown.push(id.clone());
                continue;
            };
            for (path, text) in files {
                let name = format!("{id}/{path}");
                if !exercise.edit.contains(path) {
                    imported.unknown.push(name);
                    continue;
                }
                match workspace.save(exercise, path, text, None) {
                    Ok(_) => imported.files.push(name),
                    Err(NotSaved::Changed(Some(here))) if here.text == *text => {}
                    Err(NotSaved::Changed(_)) => imported.kept.push(name),
                    Err(NotSaved::Failed(error)) => return Err(error),
                }
            }
        }
        // Last, so that an import that was broken off can be done again.
        imported.acts = progress.insert(&self.acts)?;
        Ok(imported)
    }
}

impl Act {
    /// The act as an xAPI statement; `learner` is a name that the instructor knows.
    pub fn statement(&self, learner: &str) -> Value {
        let verb = match self.verb {
            Verb::Initialized => "http://adlnet.gov/expapi/verbs/initialized",
            Verb::Passed => "http://adlnet.gov/expapi/verbs/passed",
            Verb::Failed => "http://adlnet.gov/expapi/verbs/failed",
            Verb::Requested => "http://adlnet.gov/expapi/verbs/asked",
            Verb::Answered => "http://adlnet.gov/expapi/verbs/answered",
        };
        let shown = verb.rsplit('/').next().unwrap_or_default();
        let kind = match self.verb {
            Verb::Answered => "question",
            _ => "exercise",
        };
        let mut statement = json!({
            "id": uuid(&self.key),
            "timestamp": self.at,
            "actor": {
                "objectType": "Agent",
                "account": { "homePage": "urn:empty-room", "name": learner },
            },
            "verb": { "id": verb, "display": { "en": shown } },
            "object": {
                "objectType": "Activity",
                "id": format!("urn:empty-room:{kind}:{}", self.object),
            },
        });
        if let Some(result) = self.detail.result(self.verb) {
            statement["result"] = result;
        }
        statement
    }
}

impl Detail {
    fn result(&self, verb: Verb) -> Option<Value> {
        let mut result = serde_json::Map::new();
        match verb {
            Verb::Passed => drop(result.insert("success".into(), json!(true))),
            Verb::Failed => drop(result.insert("success".into(), json!(false))),
            _ => {}
        }
        if let Some(right) = self.right {
            result.insert("success".into(), json!(right));
        }
        if let Some((passed, all)) = self.score {
            result.insert(
                "score".into(),
                json!({ "raw": passed, "min": 0, "max": all }),
            );
        }
        if let Some(answer) = &self.answer {
            result.insert("response".into(), json!(answer));
        }
        if let Some(ms) = self.ms {
            let seconds = ms as f64 / 1000.0;
            result.insert("duration".into(), json!(format!("PT{seconds:.2}S")));
        }
        let mut more = serde_json::Map::new();
        let extension = |name: &str| format!("urn:empty-room:{name}");
        if let Some(check) = &self.check {
            more.insert(extension("check"), json!(check));
        }
        if let Some(level) = self.level {
            more.insert(extension("hint-level"), json!(level));
        }
        if let Some(bytes) = self.unpacked_bytes {
            more.insert(extension("unpacked-bytes"), json!(bytes));
        }
        if let Some(when) = self.when {
            more.insert(extension("when"), json!(when));
        }
        if !more.is_empty() {
            result.insert("extensions".into(), Value::Object(more));
        }
        (!result.is_empty()).then_some(Value::Object(result))
    }
}

/// A key in the form that xAPI asks of ids.
pub(crate) fn uuid(key: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(key.as_bytes());
    let hex = engine::hex(&hash[..16]);
    // Version 8: made by a rule of one's own (RFC 9562).
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..],
    );
    format!("{a}-{b}-8{c}-8{d}-{e}")
}
