//! Where the engine lays something of its own, or begins, the image has what is in its way: WORKDIR is
//! no directory, or `/etc/hosts` is one.
//!
//! Source: moby makes WORKDIR when it creates a container (`Cannot mkdir: … is not a directory`), and
//! the runtime mounts files over these three.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 8,
    id: "engine-path-taken",
    title: "The image has something else where the engine needs its place",
    page: None,
    severity: Severity::WillNotStart,
    checks: &[Check::Each(check)],
};

/// Files that every engine mounts.
const MOUNTED: [&str; 3] = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let image = &context.image;
    let tree = image.tree;
    let directories = MOUNTED.iter().filter_map(|path| {
        let id = tree.lookup_link(path).ok()?;
        tree.node(id).is_directory().then(|| {
            let told = Explanation::new(
                format!(
                    "{path} is a directory, and the engine mounts a file there: not a directory."
                ),
                vec![format!("{path} is a directory")],
                format!("leave {path} out: the engine makes it"),
            );
            told.at(image.location(id))
        })
    });
    directories.chain(working_directory(image)).collect()
}

/// A file in the place of the working directory, or on the way to it.
fn working_directory(image: &ImageContext<'_>) -> Option<Explanation> {
    let path = image.absolute(&image.runtime.working_dir);
    if image.hidden_by(&path).is_some() || image.volume_at(&path) {
        return None;
    }
    let ends = path.match_indices('/').map(|(at, _)| at);
    let ways = ends.chain([path.len()]).map(|end| &path[..end]);
    let mut ways = ways.filter(|way| !way.is_empty() && !way.ends_with('/'));
    let (way, id) = ways.find_map(|way| {
        let id = image.tree.lookup(way).ok()?;
        (!image.tree.node(id).is_directory()).then_some((way, id))
    })?;
    let told = Explanation::new(
        format!(
            "WORKDIR is {path}, and {way} is a file: the engine cannot make the directory there: {way} \
             is not a directory."
        ),
        vec![
            format!("WORKDIR {}", image.runtime.working_dir),
            format!("{way} is no directory"),
        ],
        "name another WORKDIR, or put the file elsewhere",
    );
    Some(told.at(image.location(id)))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    const TAKEN: [&str; 1] = ["will not start: engine-path-taken"];

    #[test]
    fn what_the_engine_mounts_or_makes_must_have_its_place() {
        let elf = elf();
        let run = |directory: &str, more: Make<'_>| {
            let config = json!({ "Entrypoint": ["/app"], "WorkingDir": directory });
            found(&config, &[Make::Mode("app", 0o755, &elf), more])
        };
        let file = || Make::File("work", b"x");
        assert_eq!(run("/work", file()), TAKEN);
        assert_eq!(run("/work/deeper", file()), TAKEN);
        assert_eq!(run("/elsewhere", file()), NOTHING);
        assert_eq!(run("", file()), NOTHING);
        assert_eq!(run("/", file()), NOTHING);
        assert_eq!(run("/work", Make::Dir("work")), NOTHING);
        assert_eq!(run("", Make::Dir("etc/hosts")), TAKEN);
        assert_eq!(run("", Make::File("etc/hosts", b"")), NOTHING);
        assert_eq!(run("", Make::Link("etc/hosts", "/gone")), NOTHING);
    }
}
