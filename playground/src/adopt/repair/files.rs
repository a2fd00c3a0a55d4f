//! Files that a program looks for and the tree has, and directories that it wants to write to.

use super::words::quoted;
use super::{Repair, Situation, pattern};
use crate::adopt::decide::ROOM;
use crate::adopt::gomod::join;
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::tree::WorkingTree;
use regex::Regex;
use std::sync::LazyLock;

/// Endings of files of settings.
const SETTINGS: [&str; 9] = [
    "yaml",
    "yml",
    "toml",
    "json",
    "ini",
    "conf",
    "env",
    "hcl",
    "properties",
];

/// Where it writes by relative paths.
pub(super) const DATA: &str = "/data";

static MISSING: LazyLock<[Regex; 5]> = LazyLock::new(|| {
    [
        pattern(r#"pattern matches no files: [`"']?([^`"'\n]+?)[`"'\s]*(?:\n|$)"#),
        pattern(
            r#"(?:open|stat|lstat|read|chdir|readdirent|load|loading|find|reading) ["'`]?([^\s"'`:]+)["'`]?: (?:no such file or directory|file does not exist)"#,
        ),
        pattern(
            r#"["'`(]?([\w@./+-]*[\w]+\.[\w]{1,8}|/[\w@./+-]+|[\w@+-]+/[\w@./+-]+)["'`)]?:? (?:no such file or directory|does not exist|not found)"#,
        ),
        pattern(r#"(?i)Config File "([\w.-]+)" Not Found(?: in "\[([^\]"\n]*)\]")?"#),
        pattern(r"(?i)\b(?:load|read|find|open)\w*\s+(?:the\s+)?(\.env)\b"),
    ]
});
static UNWRITABLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(mkdir|open|create|creat|remove|rename|symlink|openat|write|touch|lock|chmod|stat)\w* ["'`]?([^\s"'`:]+)["'`]?: (?:read-only file system|permission denied)"#,
    )
});
static NO_DATABASE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"unable to open database file|attempt to write a readonly database"));

/// A file that is not there, and that the tree has.
pub(super) fn missing(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let output = &at.trial.output;
    let mut asked = MISSING.iter().flat_map(|regex| regex.captures_iter(output));
    asked.find_map(|found| {
        let path = found
            .get(1)?
            .as_str()
            .trim_start_matches("./")
            .trim_end_matches('/');
        let said = quoted(&found[0]);
        if path.is_empty() || path.contains("..") || path.starts_with("/proc") {
            return None;
        }
        let repair = match (path.strip_prefix('/'), found.get(2)) {
            (_, Some(folders)) => searched(at, plan, path, folders.as_str())?,
            (Some(_), None) => absolute(at, plan, path)?,
            (None, None) => relative(at, plan, path)?,
        };
        let page = Some("museum/files-left-behind.html");
        let otherwise = "go:embed, or a path given as an argument";
        decisions.set(Topic::Files, &repair, [said.clone()], otherwise, page);
        Some(Repair {
            what: repair,
            why: said,
            page: page.map(str::to_owned),
        })
    })
}

/// A relative path: the tree has it from its top, or from the command's or the module's folder.
fn relative(at: &mut Situation<'_>, plan: &mut Plan, path: &str) -> Option<String> {
    let plain = path.split(['*', '?', '[']).next().unwrap_or_default();
    let wanted = match plain.len() == path.len() {
        true => path,
        // Of a pattern, the folder before it.
        false => plain.rsplit_once('/').map_or("", |(folder, _)| folder),
    };
    if wanted.is_empty() {
        return None;
    }
    let workdir = plan.workdir.clone().unwrap_or_else(|| ROOM.into());
    for base in ["", at.dir, &plan.module_dir] {
        let from = join(if base == "." { "" } else { base }, wanted);
        if at.tree.has(&from) || at.tree.has_dir(&from) {
            // What lies beside it will be asked for next.
            let top = wanted.split('/').next().unwrap_or(wanted);
            let top_from = from.strip_suffix(wanted).map(|base| format!("{base}{top}"));
            let top_from = top_from.unwrap_or_else(|| from.clone());
            plan.files
                .insert(top_from.clone(), format!("{workdir}/{top}"));
            plan.workdir = Some(workdir.clone());
            return Some(format!(
                "{top_from} of the tree lies in {workdir}, the working directory"
            ));
        }
    }
    if let Some(sample) = sample(at.tree, wanted) {
        plan.files
            .insert(sample.clone(), format!("{workdir}/{wanted}"));
        plan.workdir = Some(workdir.clone());
        return Some(format!(
            "{sample} of the tree, a sample, lies at {workdir}/{wanted}"
        ));
    }
    writes(path).then(|| {
        let workdir = plan.workdir.clone().unwrap_or_else(|| DATA.into());
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        plan.writable.insert(join(&workdir, folder));
        plan.workdir = Some(workdir.clone());
        format!("{} can be written to", join(&workdir, folder))
    })
}

/// A file of settings of which only the name is told, with the folders in which it is looked for: its
/// ending says what it is, so it stays.
fn searched(at: &mut Situation<'_>, plan: &mut Plan, name: &str, folders: &str) -> Option<String> {
    let from = sample(at.tree, name)?;
    let last = from.rsplit('/').next().unwrap_or(&from);
    let ending = last.rsplit_once('.').map(|(_, ending)| ending);
    let name = match ending.filter(|ending| SETTINGS.contains(ending) && !name.contains('.')) {
        Some(ending) => format!("{name}.{ending}"),
        None => name.to_owned(),
    };
    let here = plan.workdir.clone().unwrap_or_else(|| "/".into());
    let mut listed = folders.split(' ').filter(|folder| folder.starts_with('/'));
    let to = match listed.next().unwrap_or("/").trim_end_matches('/') {
        folder if folder == here.trim_end_matches('/') => {
            let workdir = plan.workdir.clone().unwrap_or_else(|| ROOM.into());
            plan.workdir = Some(workdir.clone());
            format!("{workdir}/{name}")
        }
        folder if !folder.contains("..") => format!("{folder}/{name}"),
        _ => return None,
    };
    plan.files.insert(from.clone(), to.clone());
    Some(format!("{from} of the tree lies at {to}"))
}

/// An absolute path: the tree has a file of that end.
fn absolute(at: &mut Situation<'_>, plan: &mut Plan, path: &str) -> Option<String> {
    // A file that was copied already, looked for elsewhere, is not what is missing.
    if plan.files.values().any(|to| path == to) {
        return None;
    }
    if let Some(workdir) = &plan.workdir.clone()
        && let Some(below) = path.strip_prefix(&format!("{workdir}/"))
    {
        return relative(at, plan, below);
    }
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let ends = (0..parts.len()).map(|n| parts[n..].join("/"));
    let found = ends
        .into_iter()
        .find(|end| at.tree.has(end) || at.tree.has_dir(end));
    let found = found.or_else(|| sample(at.tree, path.rsplit('/').next()?));
    if let Some(from) = found {
        plan.files.insert(from.clone(), path.to_owned());
        return Some(format!("{from} of the tree lies at {path}"));
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    // The top itself can be nobody's.
    (writes(path) && !folder.is_empty()).then(|| {
        plan.writable.insert(folder.to_owned());
        format!("{folder} can be written to")
    })
}

/// Room to write for a program that goes on without it, and says so.
pub(in crate::adopt) fn room_all_the_same(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    // What is denied may be read only; what the system has is not the program's.
    let found = UNWRITABLE.captures(&at.trial.output)?;
    let systems = ["/dev", "/etc", "/proc", "/sys", "/usr", "/run"];
    let own = |path: &str| !systems.iter().any(|begin| path.starts_with(begin));
    if !found[0].ends_with("read-only file system") || !own(&found[2]) {
        return None;
    }
    let (mut changed, mut decided) = (plan.clone(), decisions.clone());
    let repair = unwritable(at, &mut changed, &mut decided)?;
    if changed == *plan {
        return None;
    }
    (*plan, *decisions) = (changed, decided);
    Some(repair)
}

/// A file of the tree that is given as a sample of one that is not committed, or the only one of
/// this name.
pub(super) fn sample(tree: &WorkingTree, wanted: &str) -> Option<String> {
    let name = wanted.rsplit('/').next()?;
    let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
    let mut names = Vec::new();
    for word in [
        "example",
        "sample",
        "dist",
        "default",
        "template",
        "defaults",
        "dev",
        "development",
        "local",
    ] {
        for gap in [".", "-", "_"] {
            names.push(format!("{name}{gap}{word}"));
            if !kind.is_empty() {
                names.push(format!("{stem}{gap}{word}.{kind}"));
                names.push(format!("{word}{gap}{stem}.{kind}"));
            }
        }
    }
    // viper looks for `config` with any ending.
    if kind.is_empty() {
        for kind in SETTINGS {
            names.push(format!("{name}.{kind}"));
            names.push(format!("{name}.example.{kind}"));
            names.push(format!("{name}.sample.{kind}"));
        }
    }
    names.push(name.to_owned());
    let usable = |path: &&str| !is_aside(path);
    // What tests start with is their own, as long as there is another.
    let tests = |path: &str| {
        let mut parts = path.split('/');
        parts.any(|part| matches!(part, "test" | "tests" | "e2e" | "integration" | "fixtures"))
    };
    let ranked = tree.paths().filter(usable).filter_map(|path| {
        let last = path.rsplit('/').next()?;
        let rank = names.iter().position(|name| name == last)?;
        let whole = !to_be_filled_in(tree.text(path).unwrap_or_default());
        whole.then_some((tests(path), path.matches('/').count(), rank, path))
    });
    ranked.min().map(|(.., path)| path.to_owned())
}

/// Whether a file lies where no settings of the program do: hidden folders are of editors and forges.
pub(super) fn is_aside(path: &str) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts = folder.split('/');
    parts
        .any(|part| matches!(part, "testdata" | "vendor" | "node_modules") || part.starts_with('.'))
}

/// Whether a text is a template that somebody else fills in before a program reads it: Helm's, gomplate's,
/// confd's. Settings may hold templates of their own, as values.
pub(super) fn to_be_filled_in(text: &str) -> bool {
    static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?m)^\s*\{\{-?\s|\{\{-?\s*(?:getenv|getv|env|include|required|\.Values|\.Env|\.Release|\.Chart)\b",
        )
    });
    TEMPLATE.is_match(text)
}

/// A file of settings that the tree has for this program, or a sample of one.
pub(super) fn settings_file(tree: &WorkingTree, program: &str) -> Option<String> {
    let kinds = ["yml", "yaml", "toml", "json", "hcl", "ini", "conf", "cfg"];
    let named = ["config", program].into_iter().flat_map(|name| {
        let names = kinds.iter().map(move |kind| format!("{name}.{kind}"));
        names.chain(
            [name.to_owned()]
                .into_iter()
                .filter(|name| name == "config"),
        )
    });
    let names: Vec<String> = named.collect();
    names.iter().find_map(|name| sample(tree, name))
}

/// Whether a path looks like something that a program makes itself.
fn writes(path: &str) -> bool {
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    [
        ".db", ".sqlite", ".sqlite3", ".log", ".pid", ".sock", ".lock", ".bolt", ".wal",
    ]
    .iter()
    .any(|kind| name.ends_with(kind))
}

/// A place that it cannot write to.
pub(super) fn unwritable(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let output = &at.trial.output;
    let (said, what) = if let Some(found) = UNWRITABLE.captures(output) {
        let said: String = found[0].chars().take(200).collect();
        let path = found[2].trim_start_matches("./").trim_end_matches('/');
        if path.contains("..") || path.contains("/proc/") || path.contains("/sys/") {
            return None;
        }
        let folder = match &found[1] {
            "mkdir" => path,
            _ => path.rsplit_once('/').map_or("", |(folder, _)| folder),
        };
        (said, make_room(plan, path, folder))
    } else {
        let said = NO_DATABASE.find(output)?.as_str().to_owned();
        let before = plan.clone();
        let mut what = make_room(plan, "", "");
        // Where it could write already, its path leads one up.
        let ours = plan.workdir.as_deref() == Some(DATA);
        if *plan == before
            && let Some(folder) = database_folder(at.tree)
        {
            what = make_room(plan, "", &folder);
            let room = join(plan.workdir.as_deref().unwrap_or(DATA), &folder);
            plan.writable.insert(room);
        }
        if *plan == before && ours && at.tried.insert("one below".into()) {
            plan.workdir = Some(format!("{DATA}/work"));
            what = format!("it works in {DATA}/work, and {DATA} above can be written to");
        }
        (said, what)
    };
    let page = Some("museum/volume-owner.html");
    let otherwise = "a program that keeps nothing, or another directory as an argument";
    decisions.set(Topic::Writable, &what, [said.clone()], otherwise, page);
    Some(Repair {
        what,
        why: said,
        page: page.map(str::to_owned),
    })
}

/// The folder of a database that the sources name, and that nobody makes.
fn database_folder(tree: &WorkingTree) -> Option<String> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r#"["'`=:](?:file:)?(?:\./)?((?:[\w-]+/)+)[\w.-]+\.(?:db|sqlite3?|bolt)\b"#)
    });
    let mut sources = tree
        .go_sources()
        .filter(|(path, _)| !path.contains("vendor/"));
    sources.find_map(|(_, text)| {
        let found = NAMED.captures(text)?;
        Some(found[1].trim_end_matches('/').to_owned())
    })
}

fn make_room(plan: &mut Plan, path: &str, folder: &str) -> String {
    if path.starts_with("/tmp") {
        plan.tmp = true;
        return "/tmp can be written to".into();
    }
    // Homes of somebody whom no passwd file knows lie at the top.
    if path.starts_with("/.") || path.starts_with("/home/") || path.starts_with("/root") {
        plan.env.insert("HOME".into(), DATA.into());
        plan.writable.insert(DATA.into());
        return format!("HOME is {DATA}, which can be written to");
    }
    let room = match folder {
        "" => plan.workdir.clone().unwrap_or_else(|| DATA.into()),
        folder if folder.starts_with('/') => folder.to_owned(),
        folder => join(plan.workdir.as_deref().unwrap_or(DATA), folder),
    };
    // What lies beneath one that can be written to is made by the program.
    let held = plan
        .writable
        .iter()
        .any(|known| room.starts_with(&format!("{known}/")));
    if !held {
        plan.writable.insert(room.clone());
    }
    if !path.starts_with('/') && plan.workdir.is_none() {
        plan.workdir = Some(DATA.into());
    }
    format!("{room} can be written to")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ended, mended, situation};
    use super::*;
    use crate::adopt::hints::Hints;
    use crate::adopt::plan::testing::plan;
    use crate::adopt::tree::testing::tree;
    use crate::adopt::trial::How;
    use std::collections::BTreeSet;

    #[test]
    fn files_that_the_tree_has_are_copied_to_where_they_are_looked_for() {
        let files = [
            ("templates/a/index.html", ""),
            ("config.example.yml", ""),
            ("migrations/1.sql", ""),
            ("deploy/app.toml", ""),
            (".env.example", ""),
            ("store.dev.toml", ""),
        ];
        for (output, from, to) in [
            (
                "panic: open templates/a/index.html: no such file or directory",
                "templates",
                "/srv/templates",
            ),
            (
                "panic: html/template: pattern matches no files: `templates/a/*.html`\n",
                "templates",
                "/srv/templates",
            ),
            (
                "open ./migrations: no such file or directory",
                "migrations",
                "/srv/migrations",
            ),
            (
                "fatal: open config.yml: no such file or directory",
                "config.example.yml",
                "/srv/config.yml",
            ),
            (
                "stat /etc/app/app.toml: no such file or directory",
                "deploy/app.toml",
                "/etc/app/app.toml",
            ),
            (
                "Config File \"config\" Not Found in \"[/ /etc/x]\"",
                "config.example.yml",
                "/srv/config.yml",
            ),
            (
                "Config File \"app\" Not Found in \"[/etc/x /]\"",
                "deploy/app.toml",
                "/etc/x/app.toml",
            ),
            (
                "open /etc/a/store.toml: no such file or directory",
                "store.dev.toml",
                "/etc/a/store.toml",
            ),
            (
                "2026/11/30 09:00:00 Error loading .env file",
                ".env.example",
                "/srv/.env",
            ),
        ] {
            let (plan, repair) = mended(&files, output);
            let told = plan
                .files
                .iter()
                .next()
                .map(|(from, to)| (from.as_str(), to.as_str()));
            assert_eq!(told, Some((from, to)), "{output}: {repair:?}");
        }
    }

    #[test]
    fn what_tests_start_with_is_not_taken_where_there_is_another() {
        let files = [("tests/app.yml", ""), ("cmd/app/etc/app.yml", "")];
        let (plan, _) = mended(&files, "ERROR: missing --config");
        assert_eq!(plan.args, ["--config=/etc/app/app.yml"]);
        assert!(plan.files.contains_key("cmd/app/etc/app.yml"), "{plan:?}");
        let (plan, _) = mended(&files[..1], "ERROR: missing --config");
        assert!(plan.files.contains_key("tests/app.yml"), "{plan:?}");
    }

    #[test]
    fn a_template_that_something_else_fills_in_is_no_file_of_settings() {
        let gomplate = "{{- /* an example */ -}}\nissuer: {{ getenv \"ISSUER\" \"http://127.0.0.1:5556/x\" }}\n";
        let helm = "listen: {{ .Values.listen | quote }}\n";
        let alert = "summary: \"{{ $labels.instance }} is down\"\n";
        for (text, template) in [(gomplate, true), (helm, true), (alert, false)] {
            assert_eq!(to_be_filled_in(text), template, "{text}");
        }
        let files = [
            (
                ".github/ISSUE_TEMPLATE/config.yml",
                "blank_issues_enabled: false\n",
            ),
            ("chart/templates/app.yml", helm),
            ("deploy/local/run/app.yml.dist", "listen: :80\n"),
        ];
        let (plan, _) = mended(&files, "ERROR: missing --config");
        assert_eq!(plan.args, ["--config=/etc/app/app.yml.dist"]);
    }

    #[test]
    fn a_program_that_goes_on_without_room_to_write_gets_it_once() {
        let tree = tree(&[]);
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        let says =
            "level=INFO msg=up\nERROR: cannot open store: mkdir /var/lib/x: read-only file system";
        let mut trial = ended(says);
        trial.how = How::Listens;
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        assert!(room_all_the_same(&mut at, &mut plan, &mut decisions).is_some());
        assert!(plan.writable.contains("/var/lib/x"), "{plan:?}");
        assert!(room_all_the_same(&mut at, &mut plan, &mut decisions).is_none());
        for others in [
            "open /var/run/x.sock: permission denied",
            "open /dev/kmsg: read-only file system",
            "open /etc/x.yml: read-only file system",
            "up and running",
        ] {
            trial.output = others.to_owned();
            let mut at = situation(&trial, &tree, &hints, &mut tried);
            assert!(
                room_all_the_same(&mut at, &mut plan, &mut decisions).is_none(),
                "{others}"
            );
        }
    }

    #[test]
    fn places_to_write_to_belong_to_the_user() {
        for (output, room) in [
            ("mkdir /var/lib/app: read-only file system", "/var/lib/app"),
            ("open /var/lib/app/x.db: permission denied", "/var/lib/app"),
            ("open app.db: read-only file system", "/data"),
            ("mkdir ./store: read-only file system", "/data/store"),
            ("unable to open database file: out of memory (14)", "/data"),
            ("mkdir /.config: read-only file system", "/data"),
        ] {
            let (plan, repair) = mended(&[], output);
            let rooms: Vec<_> = plan.writable.iter().map(String::as_str).collect();
            assert_eq!(rooms, [room], "{output}: {repair:?}");
        }
        assert!(mended(&[], "mkdir /tmp/x: read-only file system").0.tmp);
        // Nobody gets the top of the file system.
        let (plan, _) = mended(&[], "open /app.db: no such file or directory");
        assert!(plan.writable.is_empty(), "{:?}", plan.writable);
    }

    #[test]
    fn a_database_that_lies_one_up_lies_where_it_can_be_written_to() {
        let below = tree(&[("m.go", "var path = \"./store/x/app.db\"\n")]);
        let tree = tree(&[]);
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        let trial = ended("db err: unable to open database file: no such file or directory");
        let mut deeper = plan.clone();
        let mut at = situation(&trial, &below, &hints, &mut tried);
        unwritable(&mut at, &mut deeper, &mut decisions);
        unwritable(&mut at, &mut deeper, &mut decisions);
        let rooms: Vec<_> = deeper.writable.iter().map(String::as_str).collect();
        assert_eq!(rooms, ["/data", "/data/store/x"]);
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        for workdir in ["/data", "/data/work", "/data/work"] {
            unwritable(&mut at, &mut plan, &mut decisions);
            assert_eq!(plan.workdir.as_deref(), Some(workdir));
        }
        assert_eq!(plan.writable, BTreeSet::from(["/data".to_owned()]));
    }

    #[test]
    fn no_path_leads_out_of_the_tree_or_into_the_kernel() {
        for output in [
            "open ../../etc/passwd: no such file or directory",
            "open /proc/self/mem: permission denied",
            "open /etc/shadow: no such file or directory",
        ] {
            assert_eq!(mended(&[("main.go", "")], output).1, None, "{output}");
        }
    }
}
