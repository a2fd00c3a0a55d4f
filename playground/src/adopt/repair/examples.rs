//! The way in which the repository tells people to start its program, where it does not come up so.

use super::files::DATA;
use super::{Repair, Situation, commands};
use crate::adopt::decide::ROOM;
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::trial::{How, Trial};

/// Ways that are tried.
const MAX_TRIES: usize = 2;

/// The likeliest line that starts the program with other arguments; those that serve come first.
pub(in crate::adopt) fn by_example(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let names = [plan.name.as_str(), at.dir];
    let fits = at.hints.examples.iter().filter(|one| {
        let ours = names.contains(&&*one.program)
            || at.image.is_some_and(|image| image.program == one.program);
        ours && one.args != plan.args
    });
    let mut fits: Vec<_> = fits.collect();
    fits.sort_by_key(|one| {
        let (command, flag) = serves(&one.args);
        (!command, !flag, one.args.len())
    });
    // One that ended well had nothing to do, unless it told how it is used instead.
    if super::settings::settled(at) && !super::usage(&at.trial.output) {
        return None;
    }
    let tries = at.tried.iter().filter(|one| one.starts_with("example "));
    if tries.count() >= MAX_TRIES {
        return None;
    }
    let one = fits
        .into_iter()
        .find(|one| at.tried.insert(format!("example {}", one.args.join(" "))))?;
    plan.args.clone_from(&one.args);
    // Files that it names lie in the tree, and are looked for in the working directory.
    for arg in &one.args {
        let path = arg.rsplit('=').next().unwrap_or(arg);
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let relative = !path.is_empty() && !path.starts_with(['/', '-', '.']);
        if relative && (at.tree.has(path) || at.tree.has_dir(path)) {
            let workdir = plan.workdir.clone().unwrap_or_else(|| ROOM.into());
            plan.files
                .insert(path.to_owned(), format!("{workdir}/{path}"));
            plan.workdir = Some(workdir);
        }
    }
    room_for_data(plan);
    let why = super::last(&at.trial.output);
    let args = plan.args.join(" ");
    decisions.set(
        Topic::Arguments,
        &args,
        [format!("{} starts it so", one.from)],
        "other arguments, named after the image in docker run",
        None,
    );
    Some(Repair {
        what: format!("it is started as {} does: {args}", one.from),
        why,
        page: None,
    })
}

/// A directory of somebody's own machine that it keeps its data in is one of the image's.
fn room_for_data(plan: &mut Plan) {
    let keeps = [
        "dir", "path", "data", "root", "store", "storage", "volume", "folder",
    ];
    for at in 0..plan.args.len() {
        let (flag, value) = match plan.args[at].split_once('=') {
            Some((flag, value)) => (flag.to_owned(), value.to_owned()),
            None if at > 0 => (plan.args[at - 1].clone(), plan.args[at].clone()),
            None => continue,
        };
        let flag = flag.to_lowercase();
        let words = flag.trim_start_matches('-').split(['-', '_', '.']);
        let kept = flag.starts_with('-') && words.into_iter().any(|word| keeps.contains(&word));
        let file = value
            .rsplit('/')
            .next()
            .is_some_and(|name| name.contains('.'));
        if kept && value.starts_with('/') && !file {
            let given = plan.args[at].trim_end_matches(&value).to_owned();
            plan.args[at] = format!("{given}{DATA}");
            plan.writable.insert(DATA.to_owned());
        }
    }
}

/// What says that these arguments make a program serve: its command, a flag.
fn serves(args: &[String]) -> (bool, bool) {
    let first = args.first().map(String::as_str).unwrap_or_default();
    let listens = ["listen", "addr", "port", "bind", "http", "serve"];
    let flag = |arg: &String| {
        arg.starts_with('-') && listens.iter().any(|word| arg.to_lowercase().contains(word))
    };
    (commands::serves(first), args.iter().any(flag))
}

/// Whether these arguments make a service of a program.
fn makes_a_service(args: &[String]) -> bool {
    let (command, flag) = serves(args);
    command || flag
}

/// Whether a program that is about to get these arguments may be a tool all the same: it ended well and
/// they make no service of it, or it only told how it is used, and they are no more than an example.
pub(in crate::adopt) fn may_be_tool(trial: &Trial, by_help: bool, args: &[String]) -> bool {
    let How::Exited { code, .. } = trial.how else {
        return false;
    };
    match code {
        0 => by_help || !makes_a_service(args),
        _ => !by_help && commands::usage(&trial.output) && !makes_a_service(args),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::hints::Hints;
    use super::super::super::plan::testing::plan;
    use super::super::super::tree::testing::tree;
    use super::super::testing::{ended, mended, situation};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_program_that_only_complains_is_started_as_its_readme_does() {
        let readme = "```\napp --quick\napp -backend memory -listen :9000 -c conf/x.yml\n```\n";
        let files = [("README.md", readme), ("conf/x.yml", "")];
        let (plan, repair) = mended(&files, "fatal: choose a backend");
        assert_eq!(
            plan.args,
            ["-backend", "memory", "-listen", ":9000", "-c", "conf/x.yml"],
            "{repair:?}"
        );
        assert_eq!(plan.files["conf/x.yml"], "/srv/conf/x.yml");
        assert_eq!(plan.workdir.as_deref(), Some("/srv"));
    }

    #[test]
    fn a_program_that_told_its_use_stays_a_tool_where_an_example_did_not_help() {
        let usage = ended("usage:\n  app [options] <source>\napp: no source");
        let source = ["profile.gz".to_owned()];
        assert!(may_be_tool(&usage, false, &source));
        assert!(!may_be_tool(&usage, true, &source), "its help told more");
        assert!(!may_be_tool(&usage, false, &["serve".into()]));
        assert!(!may_be_tool(&ended("fatal: no key"), false, &source));
        let mut well = ended("");
        well.how = How::Exited {
            code: 0,
            out_of_memory: false,
        };
        assert!(may_be_tool(&well, false, &source) && may_be_tool(&well, true, &["serve".into()]));
    }

    #[test]
    fn a_directory_of_somebodys_own_machine_is_a_room_in_the_image() {
        let readme = "```\napp --path /user/home/backup --data-dir=/srv/x --file-path /a/b.key --no-auth\n```\n";
        let (plan, _) = mended(&[("README.md", readme)], "fatal: no password file");
        let wanted = [
            "--path",
            "/data",
            "--data-dir=/data",
            "--file-path",
            "/a/b.key",
            "--no-auth",
        ];
        assert_eq!(plan.args, wanted);
        assert!(plan.writable.contains("/data"));
    }

    #[test]
    fn one_that_ends_well_is_started_so_where_it_told_how_it_is_used_and_not_where_it_was_done() {
        let readme = "```\napp -s 'ss://KIND:word@:8488' -verbose\n```\n";
        let tree = tree(&[("README.md", readme)]);
        for (output, args) in [
            ("Usage of app:\n  -s string\n", 3),
            ("42 files checked\n", 0),
        ] {
            let mut trial = ended(output);
            trial.how = How::Exited {
                code: 0,
                out_of_memory: false,
            };
            let (mut plan, mut decisions) = (plan(), Decisions::default());
            let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
            let mut at = situation(&trial, &tree, &hints, &mut tried);
            by_example(&mut at, &mut plan, &mut decisions);
            assert_eq!(plan.args.len(), args, "{output}");
        }
        assert!(makes_a_service(&["serve".into()]) && makes_a_service(&["-listen=:1".into()]));
        assert!(!makes_a_service(&["-s".into(), "x".into()]));
    }
}
