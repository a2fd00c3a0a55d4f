//! Follows a run on the terminal: progress bars for people, lines where it is piped.

use crate::event::{
    Ending, Event, Finished, Sizes, StepFinished, StepLog, StepProgress, StepStatus,
};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use policy::Megabytes;
use policy::ansi::plain;
use policy::sanitize::line as no_command;
use std::collections::{HashMap, VecDeque};
use std::io::IsTerminal;
use std::time::Duration;

/// Lines of a failed step that are shown without `--verbose`: a compiler's first error and its place.
const LAST_WORDS: usize = 15;

/// A run's events, drawn.
pub(super) struct Watch {
    bars: MultiProgress,
    open: HashMap<String, (ProgressBar, String)>,
    /// The last lines of each open step, in case it fails.
    last_words: HashMap<String, VecDeque<String>>,
    label: String,
    terminal: bool,
    verbose: bool,
}

impl Watch {
    /// `label` is put before each line where several runs are watched at once.
    pub(super) fn new(bars: MultiProgress, label: &str, verbose: bool) -> Watch {
        let terminal = std::io::stderr().is_terminal();
        if !terminal {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        Watch {
            bars,
            open: HashMap::new(),
            last_words: HashMap::new(),
            label: label.to_owned(),
            terminal,
            verbose,
        }
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::StepStarted { step, title, .. } => {
                let bar = self.bars.add(ProgressBar::new_spinner());
                let style = ProgressStyle::with_template("{spinner} {prefix}{wide_msg} {elapsed}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                bar.set_prefix(self.label.clone());
                bar.set_message(one_line(title));
                bar.enable_steady_tick(Duration::from_millis(100));
                self.open.insert(step.clone(), (bar, title.clone()));
            }
            Event::StepProgress(StepProgress {
                step,
                what,
                current,
                total,
            }) => {
                if let Some((bar, title)) = self.open.get(step) {
                    let so_far = match total {
                        Some(total) => format!("{} of {}", mb(*current), mb(*total)),
                        None => mb(*current),
                    };
                    bar.set_message(one_line(&format!("{title} · {what} {so_far}")));
                }
            }
            Event::StepLog(StepLog { step, text, .. }) => {
                for line in text.lines().filter(|l| !l.trim().is_empty()) {
                    let words = self.last_words.entry(step.clone()).or_default();
                    words.push_back(line.to_owned());
                    if words.len() > LAST_WORDS {
                        words.pop_front();
                    }
                    if self.verbose || step.starts_with("base:") {
                        self.say(&format!("    {line}"));
                    } else if let Some((bar, title)) = self.open.get(step) {
                        bar.set_message(one_line(&format!("{title} · {line}")));
                    }
                }
            }
            Event::StepFinished(StepFinished {
                step,
                status,
                ms,
                error,
            }) => {
                let Some((bar, title)) = self.open.remove(step) else {
                    return;
                };
                bar.finish_and_clear();
                let mark = match status {
                    StepStatus::Done => "done    ",
                    StepStatus::Cached => "cached  ",
                    StepStatus::Failed => "failed  ",
                    StepStatus::Canceled => "canceled",
                };
                let words = self.last_words.remove(step).unwrap_or_default();
                self.say(&format!("{mark} {:>7}  {title}", seconds(*ms)));
                // With every line already shown there is nothing to repeat.
                if *status == StepStatus::Failed && !self.verbose {
                    words
                        .iter()
                        .for_each(|line| self.say(&format!("    {line}")));
                }
                if let Some(error) = error {
                    let line = error
                        .line
                        .map_or(String::new(), |l| format!(" (Dockerfile:{l})"));
                    self.say(&format!("    {}{line}", error.message));
                }
            }
            Event::Output { text, .. } => {
                for line in text.lines() {
                    self.say(&format!("  | {line}"));
                }
            }
            Event::Probed(probed) => {
                let status = probed
                    .status
                    .map_or("no answer".to_owned(), |s| s.to_string());
                let body = probed.body.lines().next().unwrap_or("");
                self.say(&format!("  ? GET {} → {status} {body}", probed.get));
            }
            Event::Acted(result) => {
                self.say(&format!("  $ {}", result.command));
                let status = result.reply.status.as_deref();
                for line in status.into_iter().chain(result.reply.text.lines()) {
                    self.say(&format!("  | {line}"));
                }
            }
            Event::Looked(observation) => {
                self.say(&format!("  = {}: {}", observation.title, observation.seen));
            }
            Event::Memory { bytes } => self.say(&format!("  = holds {} in memory", mb(*bytes))),
            Event::Notice { text } => self.say(&format!("  note: {text}")),
            Event::Round { n, what } => self.say(&format!("{n}: {what}")),
            Event::Repaired { what, why, .. } => {
                self.say(&format!("  → {what} (because: {why})"));
            }
            Event::Remark(remark) => self.say(&format!("  note: {remark}")),
            Event::RunStarted { .. } | Event::Sizes(_) | Event::Finished(_) => {}
        }
    }

    fn say(&self, line: &str) {
        let text = harmless(&format!("{}{line}", self.label));
        if self.terminal {
            let _ = self.bars.println(text);
        } else {
            eprintln!("{text}");
        }
    }
}

/// Text of builders and programs as a terminal and a CI runner may get it.
fn harmless(text: &str) -> String {
    let text = plain(text);
    let lines: Vec<_> = text.split('\n').map(no_command).collect();
    lines.join("\n")
}

/// The same on the line of a bar, which is drawn again and again.
fn one_line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}

/// The result card of one run.
pub(super) fn card(lab: &str, sizes: Option<&Sizes>, finished: &Finished) -> String {
    let ending = match finished.ending {
        Ending::AsDeclared => "as declared",
        Ending::NotAsDeclared => "not as declared",
        Ending::Stopped => "stopped",
        Ending::Error => "could not be carried out",
    };
    let mut lines = vec![format!("{lab}: {ending} after {}", seconds(finished.ms))];
    for check in &finished.checks {
        let (title, expected, seen) = (&check.title, &check.expected, &check.seen);
        lines.push(match check.passed {
            true => format!("  ✓ {title}: {seen}"),
            false => format!("  ✗ {title}: expected {expected}, saw {seen}"),
        });
    }
    if let Some(note) = &finished.note {
        lines.push(format!("  note: {note}"));
    }
    if let Some(error) = &finished.error {
        lines.push(format!("  {error}").replace('\n', "\n  "));
    }
    if let Some(sizes) = sizes {
        lines.push(format!(
            "  unpacked {}, compressed {}, on this engine {}",
            mb(sizes.unpacked_bytes),
            mb(sizes.compressed_bytes),
            mb(sizes.engine_bytes)
        ));
    }
    harmless(&lines.join("\n"))
}

/// Bytes in MB (10⁶), as docker prints them.
pub(super) fn mb(bytes: u64) -> String {
    Megabytes(bytes).to_string()
}

pub(super) fn seconds(ms: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "tenths are shown")]
    let seconds = ms as f64 / 1e3;
    format!("{seconds:.1} s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::sanitize::testing::{ATTACKS, assert_harmless};

    #[test]
    fn what_a_build_or_a_program_says_commands_neither_terminal_nor_runner() {
        for attack in ATTACKS {
            // What only hides something is for those who look at logs; it commands nothing.
            let attack = attack.replace('\u{202e}', "");
            assert_harmless(&harmless(&format!("    {attack}")));
            assert_harmless(&harmless(&attack));
            let drawn = one_line(&format!("RUN make · {attack}"));
            assert!(!drawn.contains(char::is_control), "{drawn:?}");
        }
        assert_eq!(harmless("    ## a\n\u{1b}[31mb"), "    ## a\nb");
    }
}
