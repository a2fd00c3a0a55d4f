//! What a program that ended with a complaint says when it is asked for help: the commands that
//! serve, and the flags of settings that its complaint names without dashes.

use super::settings::{asks, made_up, settled};
use super::words::quoted;
use super::{Repair, Situation, commands, pattern, serving};
use crate::adopt::plan::{Decisions, Plan, Topic};
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static FLAG: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)(?:^|[\s,\[(])(--?[a-zA-Z][\w.-]*[\w])"));
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+"));

/// A setting of one word, right beside what is wrong with it.
static SINGLE: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        pattern(
            r#"(?i)\b(?:missing|no|empty|specify|provide|give|set)(?: (?:a|an|the|your))? ["'`]?([a-z]{3,24})["'`]?(?:[^\w-]|$)"#,
        ),
        pattern(
            r#"(?i)(?:^|[^\w-])([a-z]{3,24})["'`]? (?:is |was |are |must be |cannot be )?(?:required|missing|empty|not set|not specified|not provided|not given|set)\b"#,
        ),
    ]
});

/// Settings given at once; more is a configuration that only somebody who knows it can write.
const MAX_SETTINGS: usize = 6;

/// A repair out of what it says of its flags and commands; `listens` where its own code does.
pub(in crate::adopt) fn by_help(
    at: &mut Situation<'_>,
    help: &str,
    listens: bool,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let attempts: [(Attempt, bool); 5] = [
        (serving::configuration, !settled(at)),
        (named, !settled(at)),
        (command, !settled(at)),
        (serving::positional, listens && !settled(at)),
        (
            serving::mode,
            listens && (settled(at) || super::usage(&at.trial.output)),
        ),
    ];
    let mut attempts = attempts.into_iter().filter(|(_, fits)| *fits);
    attempts.find_map(|(attempt, _)| {
        let (mut changed, mut decided) = (plan.clone(), decisions.clone());
        let repair = attempt(at, help, &mut changed, &mut decided)?;
        (*plan, *decisions) = (changed, decided);
        Some(repair)
    })
}

/// One way to repair with the help.
type Attempt = fn(&mut Situation<'_>, &str, &mut Plan, &mut Decisions) -> Option<Repair>;

/// A command that serves, of a program that only complains.
fn command(
    at: &mut Situation<'_>,
    help: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let fits = super::usage(help) && plan.args.is_empty();
    fits.then(|| commands::serving(at, help, plan, decisions))?
}

/// Settings that a complaint names as they are called in a file, and that are flags, too.
fn named(
    at: &mut Situation<'_>,
    help: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let flags: BTreeSet<&str> = FLAG
        .captures_iter(help)
        .filter_map(|found| Some(found.get(1)?.as_str()))
        .collect();
    let output = at.trial.output.clone();
    let (mut given, mut added) = (Vec::new(), Vec::new());
    let mut said: Option<String> = None;
    for line in output.lines().filter(|line| asks(line)) {
        let single = SINGLE.iter().flat_map(|regex| regex.captures_iter(line));
        let single = single.map(|found| found[1].to_lowercase());
        let words = WORD.find_iter(line).map(|word| word.as_str().to_owned());
        for word in words.chain(single) {
            let flag = ["--", "-"].iter().find_map(|dashes| {
                let bare = format!("{dashes}{word}");
                let kebab = format!("{dashes}{}", word.replace('_', "-"));
                flags
                    .get(&*bare)
                    .or_else(|| flags.get(&*kebab))
                    .map(|flag| (*flag).to_owned())
            });
            let Some(flag) = flag else { continue };
            let bare = flag.trim_start_matches('-').to_owned();
            let name = bare.to_ascii_uppercase().replace(['-', '.'], "_");
            let value = made_up(&name, line);
            // Given, and not what it takes: a key of another length.
            let begin = format!("{flag}=");
            if let Some(arg) = plan.args.iter_mut().find(|arg| arg.starts_with(&begin)) {
                if arg[begin.len()..] != value && at.tried.insert(format!("flag {bare} again")) {
                    *arg = format!("{begin}{value}");
                    given.push(arg.clone());
                    said.get_or_insert_with(|| quoted(line));
                }
                continue;
            }
            let file = bare.contains("file") || bare.contains("config");
            if file || given.len() == MAX_SETTINGS || !at.tried.insert(format!("flag {bare}")) {
                continue;
            }
            added.push(format!("{flag}={value}"));
            given.push(format!("{flag}={value}"));
            said.get_or_insert_with(|| quoted(line));
        }
    }
    let why = said?;
    plan.args.append(&mut added);
    let evidence = [
        why.clone(),
        "the values are made up, for the trial: give your own after the image's name".to_owned(),
    ];
    decisions.set(
        Topic::Arguments,
        plan.args.join(" "),
        evidence,
        "a file with its settings",
        None,
    );
    Some(Repair {
        what: format!("it gets {}", given.join(" ")),
        why,
        page: None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::plan::testing::plan;
    use super::super::super::tree::testing::tree;
    use super::super::testing::{ended, situation};
    use super::*;
    use crate::adopt::hints::Hints;

    fn told(output: &str, help: &str) -> (Plan, Option<Repair>) {
        let tree = tree(&[]);
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let trial = ended(output);
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        let repair = by_help(&mut at, help, false, &mut plan, &mut decisions);
        (plan, repair)
    }

    #[test]
    fn settings_that_a_complaint_names_without_dashes_are_given_as_flags() {
        let output = "invalid configuration:\n  missing setting: cookie-secret\n  missing setting: \
                      client_id\n  missing setting: for somebody-else\n";
        let help = "Usage of x:\n      --client-id string   the id\n      --cookie-secret string\n      \
                    --port int\n      --for string\n";
        let (plan, repair) = told(output, help);
        let names: Vec<_> = plan
            .args
            .iter()
            .filter_map(|arg| arg.split('=').next())
            .collect();
        assert_eq!(names, ["--cookie-secret", "--client-id"], "{repair:?}");
        for (output, args) in [
            (
                "fatal: upstream is required",
                vec!["-upstream=http://127.0.0.1:1"],
            ),
            (
                "no token provided",
                vec!["-token=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
            ),
            ("the token that is set is required by upstream.test", vec![]),
            ("no other thing is missing", vec![]),
        ] {
            let help = "Usage of x:\n  -upstream string\n  -token string\n";
            assert_eq!(told(output, help).0.args, args, "{output}");
        }
    }

    #[test]
    fn a_key_of_the_wrong_length_is_given_again() {
        let tree = tree(&[]);
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        plan.args = vec![format!("--cookie-secret={}", "0".repeat(64))];
        let output = "cookie_secret must be 16, 24, or 32 bytes to create an AES cipher";
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let trial = ended(output);
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        let help = "  --cookie-secret string\n";
        assert!(by_help(&mut at, help, false, &mut plan, &mut decisions).is_some());
        let value = plan.args[0].split('=').nth(1).expect("a value");
        assert_eq!((plan.args.len(), value.len()), (1, 32));
        assert_eq!(
            by_help(&mut at, help, false, &mut plan, &mut decisions),
            None
        );
    }

    #[test]
    fn a_command_that_serves_is_found_in_the_help_of_a_program_that_only_complains() {
        let help = "Usage: tiles <command>\n\nFlags:\n  -h, --help\n\nCommands:\n  show <path> [flags]\n    \
                    Inspect one.\n\n  serve <path> [flags]\n    Run a server.\n";
        let (plan, _) = told("tiles: error: expected one of \"show\", \"serve\"\n", help);
        assert_eq!(plan.args, ["serve"]);
        assert_eq!(told("panic: oh no", "no help").1, None);
    }
}
