//! Flags and arguments that make a program serve, of one that ends without having been told to: found
//! in what it says when it is asked for help. Only for programs whose own code listens.

use super::files::DATA;
use super::settings::{complaint, laid_settings, made_up};
use super::words::quoted;
use super::{Repair, Situation, pattern};
use crate::adopt::plan::{Decisions, Plan, Topic};
use regex::Regex;
use std::sync::LazyLock;

/// A flag that is on or off and says that it serves: a value's type would stand behind one blank.
static MODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^\s*(?:-\w,\s+)?(--?(?:server|serve|web|http|api|listen))(?:\s{2,}|\t|\s*$)([^\n]*)",
    )
});
static SERVES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\bserv(?:e|es|er|ing)\b|listen|daemon|\bmode\b|\bstart|enable|\brun\b")
});
/// A flag that takes the address to listen on, and has none by itself.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^\s*(?:-\w,\s+)?(--?(?:(?:http|https|web|api|grpc|tcp|server|serve)[-_.]?)?(?:listen|bind|addr|address|port|listen[-_.]?addr|listen[-_.]?address|bind[-_.]?addr|http|serve))[ =](\S+)([^\n]*(?:\n\s{6,}[^-\s][^\n]*)?)",
    )
});
/// Words after a command that it cannot do without, in its complaint.
static WANTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)accepts (?:at least )?\d+ arg|requires (?:at least |exactly )?(?:\d+|one) arg|expected "<|required argument|missing (?:required |positional )?argument|(?:not enough|too few) arguments|no (?:\w+ ){1,3}(?:given|specified|provided|set)\b"#,
    )
});
/// It was given no settings.
static UNCONFIGURED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:open|stat|read) ["']{0,2}: no such file|\b(?:no|missing|empty|needs?|requires?|specify|provide|give)\b[^\n]{0,32}\bconf(?:ig)?\w*\b|\bconfig\w*\b[^\n,;]{0,40}(?:required|missing|not (?:given|specified|provided|set|found|exist)|no such file|empty)"#,
    )
});
static CONFIGURED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)(?:^|[\s,\[(])(--?(?:config[-_.]?file|config[-_.]?path|config|conf|cfg))(?:[\s=,\])]|$)",
    )
});
static PLACE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"<([a-z][\w -]*)>|\[([a-z][\w -]*)\]|\b([A-Z][A-Z_-]*\d?)\b"));

/// Whether it complains that a word is missing behind its name.
pub(super) fn lacks_words(output: &str) -> bool {
    complaint(output).lines().any(|line| WANTS.is_match(line))
}

/// A flag out of its help that makes it serve.
pub(super) fn mode(
    at: &mut Situation<'_>,
    help: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let known = |flag: &str| {
        let bare = flag.trim_start_matches('-');
        plan.args.iter().any(|arg| {
            let arg = arg.trim_start_matches('-');
            arg.split('=').next() == Some(bare)
        })
    };
    // One that says nothing of serving shows a page, or takes a value.
    let serves = |found: &regex::Captures<'_>| {
        let told = found[2].trim();
        told.is_empty() || SERVES.is_match(told)
    };
    let modes = MODE.captures_iter(help).filter(serves);
    let modes = modes.map(|found| found[1].to_owned());
    let addresses = ADDRESS.captures_iter(help).filter_map(|found| {
        let told = found[3].to_lowercase();
        let elsewhere = [
            "default",
            "proxy",
            "pprof",
            "debug",
            "upstream",
            "connect to",
        ];
        let serves = ["listen", "serve", "bind", "run on"];
        let fits = serves.iter().any(|word| told.contains(word))
            && !elsewhere.iter().any(|word| told.contains(word));
        let value = match found[1].ends_with("port") {
            true => "8080",
            false => ":8080",
        };
        fits.then(|| format!("{}={value}", &found[1]))
    });
    let mut all = modes
        .chain(addresses)
        .filter(|arg| !known(arg.split('=').next().unwrap_or(arg)));
    let arg = all.find(|arg| at.tried.insert(format!("mode {arg}")))?;
    plan.args.push(arg.clone());
    let why = format!("it ends without listening, and has {arg} among its flags");
    Some(given(&arg, why, plan, decisions))
}

/// The flag that takes its file of settings, where it complains that it was given none and the tree has
/// one, or a sample of one.
pub(super) fn configuration(
    at: &mut Situation<'_>,
    help: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let output = complaint(&at.trial.output);
    let said = output.lines().find(|line| UNCONFIGURED.is_match(line))?;
    let flag = CONFIGURED.captures(help)?.get(1)?.as_str().to_owned();
    let begin = format!("{flag}=");
    let given_before = plan
        .args
        .iter()
        .any(|arg| *arg == flag || arg.starts_with(&begin));
    if given_before || !at.tried.insert(format!("settings {flag}")) {
        return None;
    }
    let path = laid_settings(at, plan)?;
    plan.args.push(format!("{flag}={path}"));
    let why = quoted(said);
    Some(given(&format!("{flag}={path}"), why, plan, decisions))
}

/// What stands after its command in its own words about its use, where it complains that it is missing:
/// a directory, or a file that the tree has a sample of.
pub(super) fn positional(
    at: &mut Situation<'_>,
    help: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let output = at.trial.output.clone();
    let said = output.lines().find(|line| WANTS.is_match(line))?;
    let command = plan.args.iter().take_while(|arg| !arg.starts_with('-'));
    let command: Vec<String> = command.cloned().collect();
    let line = usage_line(help, &plan.name, &command)
        .or_else(|| usage_line(&output, &plan.name, &command))?;
    let places = PLACE.captures_iter(&line).filter_map(|found| {
        let whole = found.get(0)?;
        let name = found
            .iter()
            .skip(1)
            .flatten()
            .next()?
            .as_str()
            .to_lowercase();
        let options = [
            "flags",
            "options",
            "option",
            "args",
            "arguments",
            "command",
            "flag",
        ];
        let optional = line[..whole.start()].ends_with('[') || whole.as_str().starts_with('[');
        (!options.contains(&name.as_str())).then_some((optional, name))
    });
    let (optional, needed): (Vec<_>, Vec<_>) = places.partition(|(optional, _)| *optional);
    // It complains, so one of those that it calls optional is none.
    let names = match needed.is_empty() {
        true => optional.into_iter().take(1).collect(),
        false => needed,
    };
    let mut given_now = Vec::new();
    for (_, name) in names {
        given_now.push(value(at, plan, &name)?);
    }
    if given_now.is_empty() || !at.tried.insert(format!("words {}", given_now.join(" "))) {
        return None;
    }
    let place = command.len();
    plan.args.splice(place..place, given_now.iter().cloned());
    let why = quoted(said);
    Some(given(&given_now.join(" "), why, plan, decisions))
}

/// What may stand at a place of this name.
fn value(at: &Situation<'_>, plan: &mut Plan, name: &str) -> Option<String> {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["config", "conf", "file"]) {
        return laid_settings(at, plan);
    }
    if has(&[
        "dir", "path", "root", "folder", "data", "volume", "storage", "store", "bucket", "disk",
    ]) {
        plan.writable.insert(DATA.into());
        return Some(DATA.into());
    }
    if has(&["listen", "bind", "addr", "port"]) {
        return Some(made_up(&name.to_uppercase(), ""));
    }
    None
}

/// The line that tells what stands after these commands, from there.
fn usage_line(text: &str, program: &str, command: &[String]) -> Option<String> {
    let words = std::iter::once(program).chain(command.iter().map(String::as_str));
    let begin = words.collect::<Vec<_>>().join(" ");
    let mut lines = text.lines().filter_map(|line| {
        let at = line.find(&begin)?;
        let rest = &line[at + begin.len()..];
        (rest.is_empty() || rest.starts_with(' ')).then(|| rest.to_owned())
    });
    lines.find(|rest| PLACE.is_match(rest))
}

fn given(what: &str, why: String, plan: &Plan, decisions: &mut Decisions) -> Repair {
    decisions.set(
        Topic::Arguments,
        plan.args.join(" "),
        [why.clone()],
        "other arguments, named after the image in docker run",
        None,
    );
    Repair {
        what: format!("it gets {what}"),
        why,
        page: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::hints::Hints;
    use super::super::super::plan::testing::plan;
    use super::super::super::tree::testing::tree;
    use super::super::testing::{ended, situation};
    use super::*;
    use std::collections::BTreeSet;

    fn told(
        attempt: fn(&mut Situation<'_>, &str, &mut Plan, &mut Decisions) -> Option<Repair>,
        args: &[&str],
        output: &str,
        help: &str,
    ) -> Plan {
        let tree = tree(&[("deploy/config.example.yaml", "")]);
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        plan.args = args.iter().map(|arg| (*arg).to_owned()).collect();
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let trial = ended(output);
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        attempt(&mut at, help, &mut plan, &mut decisions);
        plan
    }

    #[test]
    fn a_flag_that_turns_serving_on_is_given() {
        let cobra = "Flags:\n  -b, --bundle            load as bundles\n      --format string    x\n  -s, \
                     --server            start the runtime in server mode\n";
        assert_eq!(told(mode, &["run"], "", cobra).args, ["run", "--server"]);
        let empty = "Usage of x:\n  -listen string\n        address to listen on\n  -debug-addr string\n        \
                     address to listen on\n";
        assert_eq!(told(mode, &[], "", empty).args, ["-listen=:8080"]);
        for help in [
            "      --server string   the server to connect to\n",
            "      --http string     listens there (default \":80\")\n",
            "    -web               Visualize graph through web browser\n",
            "      --port int        port of the upstream that is called\n",
            "no flags at all",
        ] {
            assert!(told(mode, &[], "", help).args.is_empty(), "{help}");
        }
    }

    #[test]
    fn settings_of_the_tree_are_given_where_it_complains_that_there_are_none() {
        let help = "Usage of app:\n  -config string\n    \tpath of the settings\n";
        for output in [
            "panic: open : no such file or directory",
            "you must provide a config file",
            "fatal: configuration file not found: app.yml",
            "{\"level\":\"fatal\",\"msg\":\"configuration error\",\"error\":\"no retriever available in the configuration\"}",
        ] {
            let plan = told(configuration, &[], output, help);
            assert_eq!(
                plan.args,
                ["-config=/etc/app/config.example.yaml"],
                "{output}"
            );
            assert!(plan.files.contains_key("deploy/config.example.yaml"));
        }
        for (args, output, help) in [
            (vec!["-config=x"], "no config", help),
            (vec![], "no config", "  -configure  asks\n"),
            (vec![], "config loaded, key missing", help),
        ] {
            assert_eq!(
                told(configuration, &args, output, help).files.len(),
                0,
                "{output}"
            );
        }
    }

    #[test]
    fn words_that_a_command_cannot_do_without_are_given_where_one_knows_them() {
        for (args, output, help, wanted) in [
            (
                vec!["serve"],
                "app: error: expected \"<path>\"",
                "Usage: app serve <path> [flags]\n",
                vec!["serve", "/data"],
            ),
            (
                vec!["server", "--quiet"],
                "Error: requires at least 1 arg(s), only received 0",
                "USAGE:\n  app server [FLAGS] DIR1 [DIR2..]\n",
                vec!["server", "/data", "--quiet"],
            ),
            (
                vec!["serve"],
                "Error: accepts 1 arg(s), received 0",
                "Usage:\n  app serve [flags] [config file]\n",
                vec!["serve", "/etc/app/config.example.yaml"],
            ),
            (
                vec!["serve"],
                "Error: accepts 1 arg(s), received 0",
                "Usage:\n  app serve <certificate> [flags]\n",
                vec!["serve"],
            ),
            (
                vec!["serve"],
                "panic: oh no",
                "app serve <path>",
                vec!["serve"],
            ),
        ] {
            assert_eq!(
                told(positional, &args, output, help).args,
                wanted,
                "{output}"
            );
        }
    }
}
