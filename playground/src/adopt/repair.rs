//! From what a trial showed to the next plan: one repair at a time, each with its reason and page.
//!
//! What a program says when it ends is read for what it lacks: a file that the tree has, a directory
//! to write to, a variable, a flag, a subcommand. What only somebody outside can give is said plainly.
//! Pure: a plan and a trial in, a plan out.

mod commands;
mod examples;
mod files;
mod named;
mod platform;
mod serving;
mod settings;
mod theirs;
mod told;
mod unmended;
mod variables;
mod words;

use super::hints::{Hints, TheirImage};
use super::plan::{Decisions, Linkage, Plan, Topic};
use super::tree::WorkingTree;
use super::trial::Trial;
use regex::Regex;
use serde::Serialize;
use std::collections::BTreeSet;

pub(super) use commands::told_about_itself;
pub(super) use commands::{listens_elsewhere, usage};
pub(super) use examples::{by_example, may_be_tool};
pub(super) use files::room_all_the_same;
pub(super) use named::by_settings;
pub(super) use theirs::as_their_image;
pub(super) use told::by_help;
pub(super) use unmended::{outside, why_not};

/// Something that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// What is different now.
    pub what: String,
    /// What was seen that asked for it.
    pub why: String,
    /// The page of the book about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// All that a repair may look at.
pub(super) struct Situation<'a> {
    /// What happened.
    pub trial: &'a Trial,
    /// The tree.
    pub tree: &'a WorkingTree,
    /// What the repository says of itself.
    pub hints: &'a Hints,
    /// The command's folder, from the tree's top.
    pub dir: &'a str,
    /// What the repository's own Dockerfile makes of the command.
    pub image: Option<&'a TheirImage>,
    /// Labs of the book that know what was said, the likeliest first, each with its page.
    pub known: &'a [(String, Option<String>)],
    /// What has been tried and did not help.
    pub tried: &'a mut BTreeSet<String>,
}

/// A pattern of ours.
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

/// One way to repair: changes a plan where it knows how.
type Attempt = fn(&mut Situation<'_>, &mut Plan, &mut Decisions) -> Option<Repair>;

/// Changes the plan so that what happened does not happen again; `None` where nothing is known that
/// would.
pub(super) fn repair(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let attempts: [Attempt; 9] = [
        settings::unknown,
        by_symptom,
        settings::home,
        as_their_image,
        files::missing,
        files::unwritable,
        settings::flag,
        variables::variable,
        commands::subcommand,
    ];
    // What it lacks then is no file and no setting: one made up would lead it astray.
    let fits = match platform::looked_for(&at.trial.output) {
        Some(_) => 4,
        None => attempts.len(),
    };
    attempts[..fits].iter().find_map(|attempt| {
        let (mut changed, mut decided) = (plan.clone(), decisions.clone());
        let repair = attempt(at, &mut changed, &mut decided)?;
        if changed == *plan {
            return None;
        }
        (*plan, *decisions) = (changed, decided);
        Some(repair)
    })
}

/// What the book's own symptoms know.
fn by_symptom(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    at.known.iter().find_map(|(lab, page)| {
        let (topic, what, otherwise) = match lab.as_str() {
            "x509" => {
                plan.certificates = true;
                (
                    Topic::Certificates,
                    "CA certificates are copied in",
                    "a pool of its own",
                )
            }
            "unknown-time-zone" | "timezone-file" | "silent-utc" => {
                plan.tags.insert("timetzdata".into());
                (
                    Topic::Zones,
                    "time zones are built in (-tags timetzdata)",
                    "UTC alone",
                )
            }
            "no-tmp" => {
                plan.tmp = true;
                (Topic::Temporary, "/tmp is there", "no temporary files")
            }
            "user-lookup" | "user-by-name" => {
                plan.passwd = true;
                (
                    Topic::Users,
                    "a passwd and a group file are there",
                    "nobody asks",
                )
            }
            "cgo-driver" if plan.linkage == Linkage::Pure => {
                let go = plan.go_image.clone();
                super::decide::set_linkage(plan, Linkage::Musl, &go);
                (
                    Topic::Cgo,
                    "on, linked statically against musl",
                    "a driver that is Go alone",
                )
            }
            "missing-libc" | "pie-dynamic" if plan.linkage == Linkage::Musl => {
                let go = plan.go_image.clone();
                super::decide::set_linkage(plan, Linkage::Glibc, &go);
                (Topic::Cgo, "on, with glibc in the image", "a static build")
            }
            _ => return None,
        };
        let why = last(&at.trial.output);
        decisions.set(topic, what, [why.clone()], otherwise, page.as_deref());
        Some(Repair {
            what: what.to_owned(),
            why,
            page: page.clone(),
        })
    })
}

/// The telling end of an output: its last line that says something.
pub(super) fn last(output: &str) -> String {
    words::last(output)
}

/// Whether it wants to be told something by whoever calls it: a complaint about its arguments.
pub(super) fn wants_words(output: &str) -> bool {
    usage(output)
        || settings::wants_flag(output)
        || serving::lacks_words(output)
        || platform::wants_terminal(output)
}

#[cfg(test)]
mod testing {
    use super::super::plan::testing::plan;
    use super::super::tree::testing::tree;
    use super::*;
    use crate::adopt::trial::How;

    /// A trial that ended with 1 after these words.
    pub(super) fn ended(output: &str) -> Trial {
        Trial {
            how: How::Exited {
                code: 1,
                out_of_memory: false,
            },
            output: output.to_owned(),
            ..Trial::default()
        }
    }

    /// Where a trial leaves a tree's only command, of which nothing else is known.
    pub(super) fn situation<'a>(
        trial: &'a Trial,
        tree: &'a WorkingTree,
        hints: &'a Hints,
        tried: &'a mut BTreeSet<String>,
    ) -> Situation<'a> {
        Situation {
            trial,
            tree,
            hints,
            dir: ".",
            image: None,
            known: &[],
            tried,
        }
    }

    /// The plan after what the program said, and what was repaired.
    pub(super) fn mended(files: &[(&str, &str)], output: &str) -> (Plan, Option<Repair>) {
        let tree = tree(files);
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let trial = ended(output);
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        at.image = hints.image(".", &["app"], true);
        let repair = repair(&mut at, &mut plan, &mut decisions)
            .or_else(|| by_example(&mut at, &mut plan, &mut decisions));
        (plan, repair)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{ended, mended, situation};
    use super::*;
    use crate::adopt::trial::How;

    #[test]
    fn nothing_is_repaired_that_nobody_understands() {
        for output in [
            "",
            "panic: oh no",
            "error: license expired",
            "exit status 2",
        ] {
            assert_eq!(mended(&[("main.go", "")], output).1, None, "{output}");
        }
    }

    #[test]
    fn a_flag_that_it_does_not_know_is_taken_back() {
        let tree = super::super::tree::testing::tree(&[]);
        let mut plan = super::super::plan::testing::plan();
        plan.args = vec!["serve".into(), "-secret=x".into()];
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let trial = ended("unknown shorthand flag: 's' in -secret=x\nUsage of x:");
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        assert!(repair(&mut at, &mut plan, &mut Decisions::default()).is_some());
        assert_eq!(plan.args, ["serve"]);
    }

    #[test]
    fn what_only_others_can_give_is_said_with_their_name() {
        for (output, whom) in [
            (
                "dial tcp 127.0.0.1:5432: connect: connection refused",
                "127.0.0.1:5432",
            ),
            ("dial tcp: lookup db on 127.0.0.11:53: no such host", "db"),
            ("failed to connect to database: x", "database"),
        ] {
            let unmended = why_not(&ended(output), &[], &[]);
            assert!(unmended.what.contains(whom), "{output}: {}", unmended.what);
        }
    }

    #[test]
    fn a_platform_that_is_not_there_is_told_and_nothing_is_made_up_for_it() {
        for (output, whom) in [
            (
                "unable to get kubeconfig: invalid configuration: no configuration has been provided, try \
                 setting KUBERNETES_MASTER environment variable",
                "Kubernetes",
            ),
            (
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
                "Docker engine",
            ),
            (
                "google: could not find default credentials. See https://x.test",
                "Google Cloud",
            ),
        ] {
            let (plan, repair) = mended(&[("config/x.yaml", "")], output);
            assert_eq!(repair, None, "{output}");
            assert!(plan.given.is_empty() && plan.files.is_empty());
            let unmended = why_not(&ended(output), &[], &[]);
            assert!(unmended.what.contains(whom), "{}", unmended.what);
        }
    }

    #[test]
    fn programs_and_interfaces_that_are_not_there_are_told() {
        for (output, told) in [
            (
                "x: exec: \"git\": executable file not found in $PATH",
                "it starts git",
            ),
            (
                "create memberlist: Failed to get final advertise address: No private IP address found",
                "network interface",
            ),
        ] {
            let unmended = why_not(&ended(output), &[], &[]);
            assert!(unmended.what.contains(told), "{}", unmended.what);
        }
    }

    #[test]
    fn a_service_that_waits_for_somebody_else_says_for_whom() {
        let trial = Trial {
            how: How::Silent,
            ..ended("retry: dial tcp 127.0.0.1:6379: connect: connection refused")
        };
        assert!(
            why_not(&trial, &[], &[])
                .what
                .contains("waits for 127.0.0.1:6379")
        );
    }

    #[test]
    fn whom_it_is_given_as_an_argument_is_told_as_such() {
        let said = "Failed to dial target host \"localhost:9019\": connection error: desc = \"transport: error while \
                    dialing: dial tcp 127.0.0.1:9019: connect: connection refused\"";
        let args = ["-port=:9019", "-plaintext", "localhost:9019"].map(str::to_owned);
        let told = why_not(&ended(said), &[], &args);
        assert!(
            told.what.contains("localhost:9019, which it is given"),
            "{told:?}"
        );
        assert!(told.next.contains("docker run"), "{told:?}");
        let told = why_not(&ended(said), &[], &args[..2]);
        assert!(
            told.what.contains("cannot reach 127.0.0.1:9019"),
            "{told:?}"
        );
    }
}
