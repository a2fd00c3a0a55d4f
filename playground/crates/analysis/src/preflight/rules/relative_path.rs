//! A word of the command is a relative path that leads nowhere from the working directory, and the file
//! lies elsewhere in the image.
//!
//! Source: WORKDIR, or the root where it is not set. A file that lies nowhere may come at run time, or
//! be written: nothing is said of it.

use super::prelude::*;
use crate::entrypoint::shell_line;

pub(super) static RULE: Rule = Rule {
    order: 25,
    id: "relative-path",
    title: "A relative path leads nowhere from WORKDIR",
    page: Some("museum/files-left-behind.html"),
    severity: Severity::Advice,
    checks: &[Check::Each(check)],
};

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let image = &context.image;
    let starts = context.entrypoint.of(Role::Command);
    // What a shell reads is its own business, and it may go elsewhere first.
    let Some(start) = starts
        .into_iter()
        .next()
        .filter(|start| shell_line(&start.words).is_none())
    else {
        return Vec::new();
    };
    let directory = match image.runtime.working_dir.as_str() {
        "" => "/",
        set => set,
    };
    let words = start.words.iter().skip(1);
    let told = words.filter_map(|word| {
        let path = relative(word)?;
        let from_here = image.absolute(path);
        if image.tree.lookup(&from_here).is_ok() || image.volume_at(&from_here) {
            return None;
        }
        let lies = elsewhere(image, path)?;
        Some(Explanation::new(
            format!(
                "{path} is relative, and is not there in the working directory, {directory}; a file \
                 of this name lies at {lies}. Is that the one?"
            ),
            vec![format!("the command's word {word:?}"), format!("WORKDIR {directory}")],
            format!("name it whole, {lies}; or set WORKDIR to where it begins"),
        ))
    });
    told.collect()
}

/// The path in a word: `./a.yml`, `conf/a.yml`, `--config=a.yml`.
fn relative(word: &str) -> Option<&str> {
    let path = match word.split_once('=') {
        Some((option, value)) if option.starts_with('-') => value,
        _ => word,
    };
    let odd = |byte: u8| !byte.is_ascii_alphanumeric() && !b"._-/".contains(&byte);
    let path = path.strip_prefix("./").unwrap_or(path);
    let name = path.rsplit('/').next()?;
    let (stem, kind) = name.rsplit_once('.')?;
    let file = !stem.is_empty() && !kind.is_empty() && kind.len() <= 10;
    (file && !path.starts_with(['/', '-', '.']) && !path.bytes().any(odd)).then_some(path)
}

/// The one file that a path like this could mean.
fn elsewhere(image: &ImageContext<'_>, path: &str) -> Option<String> {
    let tree = image.tree;
    let named = image.named(path.rsplit('/').next()?).iter();
    let files = named
        .filter(|id| tree.node(**id).is_file())
        .map(|id| tree.path(*id));
    let mut files = files.filter(|at| at.ends_with(&format!("/{path}")));
    let first = files.next()?;
    files.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn a_relative_path_is_held_against_the_working_directory() {
        let elf = elf();
        let run = |word: &str, directory: &str| {
            let files = [
                Make::Mode("srv/app", 0o755, &elf),
                Make::File("srv/conf/app.yml", b"a: 1\n"),
                Make::File("usr/share/a/README.md", b"x"),
                Make::File("usr/share/b/README.md", b"x"),
            ];
            let config =
                json!({ "Entrypoint": ["/srv/app"], "Cmd": [word], "WorkingDir": directory });
            found(&config, &files)
        };
        let told = ["advice: relative-path"];
        for word in [
            "conf/app.yml",
            "./conf/app.yml",
            "--config=conf/app.yml",
            "app.yml",
        ] {
            assert_eq!(run(word, ""), told, "{word}");
        }
        assert_eq!(run("conf/app.yml", "/srv"), NOTHING);
        assert_eq!(run("app.yml", "/srv"), told);
        for word in [
            "/conf/app.yml",
            "serve",
            "other.yml",
            "README.md",
            "https://a.test/app.yml",
            "-f",
            "../conf/app.yml",
            "app.yml:ro",
        ] {
            assert_eq!(run(word, ""), NOTHING, "{word}");
        }
    }

    #[test]
    fn what_comes_at_run_time_is_not_asked_about() {
        let elf = elf();
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::File("srv/app.yml", b"a: 1\n"),
        ];
        let config = json!({ "Cmd": ["/app", "app.yml"], "WorkingDir": "/data",
            "Volumes": { "/data": {} } });
        assert_eq!(found(&config, &files), NOTHING);
        let shell = json!({ "Cmd": ["/bin/sh", "-c", "cd /srv && /app app.yml"] });
        let mut files = files.to_vec();
        files.push(Make::Mode("bin/sh", 0o755, &elf));
        assert_eq!(found(&shell, &files), ["advice: shell"]);
    }
}
