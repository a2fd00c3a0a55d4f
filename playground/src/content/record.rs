//! Writes down what labs did, for readers without a server: bounded, and of no machine.

use super::running::Ran;
use crate::app_state::AppState;
use crate::bases::{BASE_LABEL, BaseState};
use crate::book::{ENGINES, RECORDED, Recorded, Recording, Recordings, column_folder};
use crate::event::Ending;
use catalog::Lab;
use engine::Engine;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The longest text of one speaker that is kept; its middle goes.
const MAX_TEXT: usize = 4096;

/// Where and when labs were run.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// A recording of nothing yet, here and today.
    pub recording: Recording,
    /// The Go that took the place of the one that Dockerfiles name; empty where none did.
    pub column: String,
    /// Paths and ids that mean something on this machine only.
    pub private: Vec<String>,
}

/// What a recording says of this book on this engine.
pub async fn circumstances(state: &AppState, engine: &Engine) -> Circumstances {
    let (mut go, mut bases) = (None, BaseState::Published);
    let quoted = |name: &str| match state.newest_go {
        true => state.bases.with_newest_go(name).to_owned(),
        false => name.to_owned(),
    };
    for name in state.bases.names().map(quoted) {
        if let Ok(Some(facts)) = engine.image(&name).await {
            // As runs have it: rebuilt as soon as one of them is.
            if facts.labels.contains_key(BASE_LABEL) {
                bases = BaseState::Rebuilt;
            }
            let mut values = facts.env.iter();
            let version = values.find_map(|e| e.strip_prefix("GOLANG_VERSION="));
            go = go.or(version.map(str::to_owned));
        }
    }
    // A short path such as /data may mean something else in a container.
    let paths = [&state.root, &state.data].into_iter();
    let paths = paths.filter(|path| path.components().count() > 3);
    let paths = paths.map(|path| path.display().to_string());
    let facts = engine.facts();
    Circumstances {
        recording: Recording {
            engine: facts.name.clone(),
            version: facts.version.clone(),
            arch: facts.arch.clone(),
            go,
            date: jiff::Timestamp::now().strftime("%F").to_string(),
            bases: bases.name().to_owned(),
            variants: BTreeMap::new(),
        },
        column: state.column().to_owned(),
        private: paths.chain([state.owner.id().to_owned()]).collect(),
    }
}

/// Writes `book/recorded/<lab>.json` of every lab whose variants all ran as declared.
/// Returns the labs that were recorded.
///
/// # Errors
/// A file that cannot be written.
pub fn record(
    root: &Path,
    labs: &[Lab],
    ran: &[Ran],
    circumstances: &Circumstances,
) -> io::Result<Vec<String>> {
    let dir = match circumstances.column.as_str() {
        "" => root.join(RECORDED),
        go => root.join(RECORDED).join(column_folder(go)),
    };
    let mut recorded = Vec::new();
    for (lab, recording) in recordings(labs, ran, circumstances) {
        write(&dir, lab, &recording)?;
        recorded.push(lab.id.clone());
    }
    Ok(recorded)
}

/// Writes `book/recorded/engines/<family>/<lab>.json` of every lab of which a variant does or says
/// something else on this engine than `quoted` has, and removes what was there of the others.
/// Returns the labs that differ.
///
/// # Errors
/// A file that cannot be written.
pub fn record_differences(
    root: &Path,
    labs: &[Lab],
    ran: &[Ran],
    circumstances: &Circumstances,
    quoted: &Recordings,
) -> io::Result<Vec<String>> {
    let dir = root.join(ENGINES).join(circumstances.recording.family());
    let mut differ = Vec::new();
    for (lab, recording) in recordings(labs, ran, circumstances) {
        let other = quoted.of(&lab.id).and_then(|of| recording.other_than(of));
        match other {
            Some(other) => {
                write(&dir, lab, &other)?;
                differ.push(lab.id.clone());
            }
            None => match std::fs::remove_file(dir.join(format!("{}.json", lab.id))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            },
        }
    }
    Ok(differ)
}

/// What there is to be written of every lab whose variants all ran as declared.
fn recordings<'l>(
    labs: &'l [Lab],
    ran: &[Ran],
    circumstances: &Circumstances,
) -> Vec<(&'l Lab, Recording)> {
    let of_lab = |lab: &Lab| {
        let variants: Option<BTreeMap<String, Recorded>> = lab
            .variants
            .iter()
            .map(|variant| {
                ran.iter()
                    .find(|r| r.lab == lab.id && r.variant == variant.id)
                    .filter(|r| r.finished.ending == Ending::AsDeclared)
                    .map(|r| (variant.id.clone(), presentable(r, &circumstances.private)))
            })
            .collect();
        Some(Recording {
            variants: variants?,
            ..circumstances.recording.clone()
        })
    };
    let found = labs.iter().filter_map(|lab| Some((lab, of_lab(lab)?)));
    found.collect()
}

fn write(dir: &Path, lab: &Lab, recording: &Recording) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let mut text = serde_json::to_string_pretty(recording)?;
    text.push('\n');
    std::fs::write(dir.join(format!("{}.json", lab.id)), text)
}

/// A run's record, short enough and without what is this machine's own.
fn presentable(ran: &Ran, private: &[String]) -> Recorded {
    let mut recorded = ran.recorded.clone();
    let tidy = |text: &mut String| {
        for secret in private.iter().chain([&ran.run]).filter(|s| s.len() > 1) {
            *text = text.replace(secret.as_str(), "…");
        }
        *text = bounded(text);
    };
    let said = recorded.transcript.iter_mut().map(|said| &mut said.text);
    let acts = recorded.acts.iter_mut().map(|act| &mut act.reply.text);
    let answers = recorded.answers.iter_mut().map(|answer| &mut answer.body);
    let texts = said.chain(acts).chain(answers);
    texts.chain(&mut recorded.message).for_each(tidy);
    recorded
}

/// Beginning and end of a long text, cut between lines where there are some.
fn bounded(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let half = MAX_TEXT / 2;
    let head = &text[..text.floor_char_boundary(half)];
    let tail = &text[text.floor_char_boundary(text.len() - half)..];
    let head = head.rsplit_once('\n').map_or(head, |(head, _)| head);
    let tail = tail.split_once('\n').map_or(tail, |(_, tail)| tail);
    format!("{head}\n…\n{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let text: String = (0..2000).map(|n| format!("line {n}\n")).collect();
        let short = bounded(&text);
        assert!(short.len() <= MAX_TEXT + 8, "{}", short.len());
        assert!(short.starts_with("line 0\n") && short.ends_with("line 1999\n"));
        assert!(short.contains("\n…\n"));
        assert_eq!(bounded("ä"), "ä");
    }
}
