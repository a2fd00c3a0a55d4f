//! Files and folders of the tree that settings name, where these settings lie in the image already.
//!
//! A program that is given a file of settings looks for what that names: templates, static files,
//! migrations. Some say so and end; others answer, and their pages are missing. Pure.

use super::Repair;
use crate::adopt::decide::{ROOM, is_data, is_written};
use crate::adopt::gomod::is_plain;
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::tree::WorkingTree;
use regex::Regex;
use std::sync::LazyLock;

/// A file of settings, in bytes.
const MAX_SETTINGS: usize = 64 << 10;
/// Things that are laid because settings name them; more is no list that anybody checks.
const MAX_NAMED: usize = 12;

/// Lays what settings in the image name by relative paths where the program looks for it.
pub(in crate::adopt) fn by_settings(
    tree: &WorkingTree,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let workdir = plan.workdir.clone().unwrap_or_else(|| ROOM.into());
    let mut evidence = Vec::new();
    let mut laid = Vec::new();
    for settings in plan.files.keys().cloned().collect::<Vec<_>>() {
        let kinds = [
            "yml", "yaml", "toml", "json", "ini", "conf", "cfg", "hcl", "env",
        ];
        let samples = ["dist", "example", "sample", "default", "template"];
        let text = tree.text(&settings).unwrap_or_default();
        let mut ends = settings.rsplit('.');
        let kind = ends.next().filter(|end| !samples.contains(end));
        let kind = kind.or_else(|| ends.next()).unwrap_or_default();
        if text.len() > MAX_SETTINGS || !kinds.contains(&kind) {
            continue;
        }
        for (key, path) in named(text) {
            let to = format!("{workdir}/{path}");
            let below = |place: &String| {
                let rest = to.strip_prefix(place.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let known = plan.files.contains_key(&path) || plan.files.values().any(below);
            if !known && is_data(tree, &path) && laid.len() < MAX_NAMED {
                evidence.push(format!("{settings} has {path} as {key}; the tree has it"));
                plan.files.insert(path.clone(), to);
                laid.push(path);
            }
        }
    }
    let why = evidence.first()?.clone();
    plan.workdir = Some(workdir.clone());
    let what = format!("{} in {workdir}, the working directory", laid.join(", "));
    let page = "museum/files-left-behind.html";
    let all: Vec<&str> = plan.files.keys().map(String::as_str).collect();
    let otherwise = "go:embed, or a path given as an argument";
    decisions.set(
        Topic::Files,
        all.join(", "),
        evidence,
        otherwise,
        Some(page),
    );
    Some(Repair {
        what,
        why,
        page: Some(page.into()),
    })
}

/// Keys and values that may be relative paths of something to read.
fn named(text: &str) -> Vec<(String, String)> {
    static PAIR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?m)^[ \t{]*(?:-\s+)?["']?([\w.-]+)["']?\s*[:=]\s*["']?((?:\./)?[\w@-][\w@./-]*)["']?\s*(?:[,}#;].*)?$"#,
        )
        .unwrap_or_else(|error| unreachable!("{error}"))
    });
    let places = [
        "dir",
        "path",
        "folder",
        "file",
        "template",
        "static",
        "root",
        "asset",
        "public",
        "migration",
    ];
    let pairs = PAIR.captures_iter(text).map(|found| {
        let path = found[2].trim_start_matches("./").trim_end_matches('/');
        (found[1].to_owned(), path.to_owned(), found[2].contains('/'))
    });
    let told = pairs.filter(|(key, path, deep)| {
        let key = key.to_ascii_lowercase();
        let place = places.iter().any(|word| key.contains(word));
        is_plain(path) && !is_written(path) && (*deep || place)
    });
    told.map(|(key, path, _)| (key, path)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::plan::testing::plan;
    use super::super::super::tree::testing::tree;
    use super::*;

    #[test]
    fn what_settings_in_the_image_name_is_laid_where_the_program_looks_for_it() {
        let ini = "[server]\ntemplates_parent_dir =\npages_dir = pages\nhost=http://localhost:8080\n\
                   [app]\ntheme = ./web/theme ; of the blog\neditor = pad\nkeys_dir = data\nmode = docs\n";
        let tree = tree(&[
            ("config.ini.example", ini),
            ("pages/a.tmpl", ""),
            ("web/theme/x.css", ""),
            ("data/keys", ""),
            ("docs/a.md", ""),
            ("pad/pad.go", "package pad\n"),
        ]);
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        assert_eq!(by_settings(&tree, &mut plan, &mut decisions), None);
        plan.files
            .insert("config.ini.example".into(), "/srv/config.ini".into());
        let repair = by_settings(&tree, &mut plan, &mut decisions).expect("a repair");
        assert_eq!(plan.files["pages"], "/srv/pages");
        assert_eq!(plan.files["web/theme"], "/srv/web/theme");
        assert_eq!(
            (plan.files.len(), plan.workdir.as_deref()),
            (3, Some("/srv"))
        );
        assert!(repair.why.contains("pages_dir"), "{repair:?}");
        assert_eq!(by_settings(&tree, &mut plan, &mut decisions), None);
    }

    #[test]
    fn paths_are_found_in_yaml_and_json_and_words_are_none() {
        let text =
            "web:\n  static: public\n  url: http://x/y\n  - file: \"conf/users.yml\" # who\n";
        let told =
            |text| -> Vec<String> { named(text).into_iter().map(|(_, path)| path).collect() };
        assert_eq!(told(text), ["public", "conf/users.yml"]);
        assert_eq!(
            told("{\n  \"migrations\": \"./db/up\",\n  \"log\": \"info\"\n}\n"),
            ["db/up"]
        );
        assert!(told("path: /etc/x\nfile: ../up\ndir: logs\n").is_empty());
    }
}
