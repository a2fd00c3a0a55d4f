//! The way in which the repository tells people to start its program, where it does not come up so.

use super::{Repair, Situation, commands};
use crate::adopt::decide::ROOM;
use crate::adopt::plan::{Decisions, Plan, Topic};

/// Ways that are tried.
const MAX_TRIES: usize = 2;

/// The likeliest line that starts the program with other arguments; those that serve come first.
pub(in crate::adopt) fn by_example(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let serves = |args: &[String]| {
        let first = args.first().map(String::as_str).unwrap_or_default();
        let listens = ["listen", "addr", "port", "bind", "http", "serve"];
        let flag = |arg: &String| {
            arg.starts_with('-') && listens.iter().any(|word| arg.to_lowercase().contains(word))
        };
        (commands::serves(first), args.iter().any(flag))
    };
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
    if super::settings::settled(at) {
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
    let why = super::last_words(&at.trial.output);
    let args = one.args.join(" ");
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

#[cfg(test)]
mod tests {
    use super::super::testing::mended;

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
}
