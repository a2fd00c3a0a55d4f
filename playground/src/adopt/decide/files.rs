//! Files that the repository's own code reads by paths relative to the working directory.
//!
//! A program that cannot start without one says so, and is repaired. One that reads it for each
//! request starts, answers, and shows nothing: so calls that read files are looked for in the
//! sources, and their literal paths are checked against the tree. What is embedded as well is for
//! whoever works on it, and stays out.

use crate::adopt::facts::ModuleFacts;
use crate::adopt::gomod::join;
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::tree::WorkingTree;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Where they lie in the image.
pub(in crate::adopt) const ROOM: &str = "/srv";
/// Paths of one program; more is no list that anybody checks.
const MAX_PATHS: usize = 12;
/// Paths that are looked for in the tree.
const MAX_ASKED: usize = 2000;

/// A pattern of ours.
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

static READS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:http\.(?:Dir|ServeFile)|os\.(?:Open|OpenFile|ReadFile|ReadDir|DirFS)|ioutil\.(?:ReadFile|ReadDir)|\w*\.?(?:ParseFiles|ParseGlob|LoadHTMLGlob|LoadHTMLFiles)|\w+\.(?:Static|StaticFile|StaticFS|ServeFiles)|filepath\.(?:Glob|WalkDir|Walk))\(([^\n]*)",
    )
});
/// Calls with the default of a setting: a flag of any set of flags, a variable, a key of a
/// configuration. The setting's name and its description stand beside it.
static GIVES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\.(?:String|StringP|StringVar|StringVarP|Default|SetDefault|EnvOrDefault|GetEnv)|\b\w*[eE]nv\w*)\(([^\n]*)",
    )
});
/// Folders with these names are written to, whatever a tree has there.
const WRITTEN: [&str; 16] = [
    "data", "db", "database", "storage", "store", "state", "log", "logs", "tmp", "temp", "cache",
    "upload", "uploads", "backup", "backups", "output",
];
static DEFAULTS: LazyLock<Regex> =
    LazyLock::new(|| pattern("(?:default|envDefault|env-default):\"([^\"\n]+)\""));
static LITERAL: LazyLock<Regex> = LazyLock::new(|| pattern("\"([^\"\\\\\n]+)\"|`([^`\n]+)`"));
static JOIN: LazyLock<Regex> =
    LazyLock::new(|| pattern("filepath\\.Join\\(((?:\"[^\"\\\\\n]+\"(?:,\\s*)?)+)\\)"));

/// Lays them beside the program.
pub(super) fn relative_files(
    tree: &WorkingTree,
    module: &ModuleFacts,
    reached: &BTreeSet<&str>,
    dir: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) {
    let embedded = tree.embedded();
    let mut found: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut asked = BTreeSet::new();
    for file in own_files(module, reached) {
        let text = tree.text(&file).unwrap_or_default();
        for path in read_paths(text) {
            if asked.len() == MAX_ASKED || !asked.insert(path.clone()) {
                continue;
            }
            let Some(from) = in_tree(tree, &path, dir) else {
                continue;
            };
            let below = |inner: &str, outer: &str| {
                let rest = inner.strip_prefix(outer.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let held = embedded
                .iter()
                .any(|one| below(&from, one) || below(one, &from));
            if !held && found.len() < MAX_PATHS {
                found.entry(from).or_insert((path, file.clone()));
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let evidence = found
        .iter()
        .take(6)
        .map(|(from, (path, file))| format!("{file} reads {path}; the tree has {from}"));
    decisions.set(
        Topic::Files,
        format!("{} in {ROOM}, the working directory", names.join(", ")),
        evidence,
        "go:embed, or a path given as an argument",
        Some("museum/files-left-behind.html"),
    );
    for (from, (path, _)) in found {
        plan.files.insert(from, format!("{ROOM}/{path}"));
    }
    plan.workdir = Some(ROOM.into());
}

/// Go files of the repository's packages that a command is built of.
fn own_files<'a>(
    module: &'a ModuleFacts,
    reached: &'a BTreeSet<&str>,
) -> impl Iterator<Item = String> + 'a {
    let packages = reached.iter().filter_map(|path| module.packages.get(*path));
    let own = packages.filter(|package| !package.dep_only && !package.standard);
    own.flat_map(|package| {
        let below = package.import_path.strip_prefix(&module.module.path);
        let dir = join(
            &module.module.dir,
            below.unwrap_or_default().trim_start_matches('/'),
        );
        package.go_files.iter().map(move |file| join(&dir, file))
    })
}

/// Literal relative paths of calls that read files.
fn read_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.split("// ").next().unwrap_or_default();
        let defaults = DEFAULTS.captures_iter(line).map(|one| one[1].to_owned());
        found.extend(defaults.filter(|path| path.contains('/')));
        for call in READS.captures_iter(line) {
            let rest = &call[1];
            for joined in JOIN.captures_iter(rest) {
                let parts = LITERAL.captures_iter(&joined[1]);
                let parts: Vec<_> = parts.map(|one| literal(&one).to_owned()).collect();
                found.push(parts.join("/"));
            }
            let literals = JOIN.replace_all(rest, "");
            let literals = LITERAL.captures_iter(&literals);
            found.extend(literals.map(|one| literal(&one).to_owned()));
        }
        for call in GIVES.captures_iter(line) {
            let literals = LITERAL.captures_iter(call.get(1).map_or("", |rest| rest.as_str()));
            let values = literals.map(|one| literal(&one).to_owned());
            // The setting's name and its description are no paths.
            found.extend(values.filter(|value| {
                value.contains(['/', '.']) && !value.contains(' ') && !is_written(value)
            }));
        }
    }
    let relative = found
        .iter()
        .filter(|path| !path.starts_with(['/', '$', '~', '.']) || path.starts_with("./"));
    let relative = relative.map(|path| path.trim_start_matches("./").trim_end_matches('/'));
    let plain = relative.filter(|path| {
        !path.is_empty() && !path.contains([':', '\\', '%', '{', ' ']) && !path.contains("..")
    });
    plain
        .map(folder_of_pattern)
        .filter(|path| !path.is_empty())
        .collect()
}

fn literal<'a>(found: &regex::Captures<'a>) -> &'a str {
    let one = found.get(1).or_else(|| found.get(2));
    one.map_or("", |one| one.as_str())
}

/// Of `templates/*.html`, the folder.
fn folder_of_pattern(path: &str) -> String {
    match path.find(['*', '?', '[']) {
        None => path.to_owned(),
        Some(at) => {
            let folder = path[..at].rsplit_once('/');
            folder.map_or("", |(folder, _)| folder).to_owned()
        }
    }
}

/// Where the tree has it: from its top, or from the command's folder. Folders that hold Go are
/// sources, and no data.
fn in_tree(tree: &WorkingTree, path: &str, dir: &str) -> Option<String> {
    let bases = ["", if dir == "." { "" } else { dir }];
    let mut places = bases.into_iter().map(|base| join(base, path));
    places.find(|from| is_data(tree, from))
}

/// Whether the tree has a file or a folder there that is no source.
pub(in crate::adopt) fn is_data(tree: &WorkingTree, from: &str) -> bool {
    let file = tree.has(from) && !from.ends_with(".go") && !from.ends_with("go.mod");
    file || (tree.has_dir(from) && !tree.has_go_below(from))
}

/// Whether a folder is called like one that programs write to.
pub(in crate::adopt) fn is_written(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    WRITTEN.contains(&path.rsplit('/').next().unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_paths_of_calls_that_read_files_are_found() {
        for (line, paths) in [
            (
                "http.Handle(\"/s/\", http.FileServer(http.Dir(\"./static\")))",
                vec!["static"],
            ),
            (
                "t := template.Must(template.ParseGlob(\"web/tpl/*.html\"))",
                vec!["web/tpl"],
            ),
            ("router.LoadHTMLGlob(\"templates/**/*\")", vec!["templates"]),
            ("r.Static(\"/assets\", \"assets\")", vec!["assets"]),
            (
                "os.ReadFile(filepath.Join(\"conf\", \"app.ini\"))",
                vec!["conf/app.ini"],
            ),
            (
                "c := flag.String(\"config\", \"conf/app.json\", \"the file to read\")",
                vec!["conf/app.json"],
            ),
            ("flag.String(\"port\", \"8080\", \"a port\")", vec![]),
            (
                "\tfs.String(\"ui-path\", \"./ui\", \"UI local path\")",
                vec!["ui"],
            ),
            (
                "cmd.Flags().StringVarP(&file, \"config\", \"c\", \"conf/x.yml\", \"see docs/x.md.\")",
                vec!["conf/x.yml"],
            ),
            (
                "kingpin.Flag(\"config.file\", \"Path to it.\").Default(\"snmp.yml\").Strings()",
                vec!["snmp.yml"],
            ),
            (
                "dir := getEnvOr(\"TEMPLATES_DIR\", \"web/templates\")",
                vec!["web/templates"],
            ),
            (
                "fs.String(\"storage\", \"./data/\", \"kept there\")",
                vec![],
            ),
            ("os.Open(\"/etc/hosts\")", vec![]),
            (
                "Page string `required:\"true\" default:\"ui/hi.html\"`",
                vec!["ui/hi.html"],
            ),
            ("Level string `default:\"info\"`", vec![]),
            ("os.Open(\"../x\")", vec![]),
            ("// os.Open(\"old\")", vec![]),
            ("fmt.Println(\"static\")", vec![]),
        ] {
            assert_eq!(read_paths(line), paths, "{line}");
        }
    }

    #[test]
    fn only_data_of_the_tree_is_taken() {
        use super::super::super::tree::testing::tree;
        let tree = tree(&[
            ("static/x.css", ""),
            ("pkg/x.go", ""),
            ("cmd/a/tpl/x.html", ""),
        ]);
        assert_eq!(in_tree(&tree, "static", "cmd/a").as_deref(), Some("static"));
        assert_eq!(in_tree(&tree, "tpl", "cmd/a").as_deref(), Some("cmd/a/tpl"));
        assert_eq!(in_tree(&tree, "pkg", "."), None);
        assert_eq!(in_tree(&tree, "absent", "."), None);
    }
}
