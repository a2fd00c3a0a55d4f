//! The program's own code makes a file or directory at a place that it names, and cannot: the
//! directory is not there, is not its user's to write to, or a manifest makes the root read-only.
//!
//! Where the command or a variable gives the program a place for its data that its user may not write to,
//! that is a question: something may be mounted there.
//!
//! Only calls with a constant path count, to which `main` leads. Files right in `/tmp` are the
//! business of `no-tmp` and `tmp-not-writable`, what lies below a volume or a mount is nobody's.
//!
//! Source: open(2), mkdir(2); the engine makes a missing WORKDIR, for root, with mode 0755.

use super::prelude::*;
use crate::binary::called::{MAKE, MAKE_ALL, Use};
use crate::entrypoint::Identity;
use crate::preflight::given::data_places;

pub(super) static RULE: Rule = Rule {
    order: 195,
    id: "path-not-writable",
    title: "It writes where it cannot",
    page: Some("museum/volume-owner.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check), Check::Each(given)],
};

/// What the kernel makes up.
const KERNEL: [&str; 3] = ["/proc/", "/sys/", "/dev/"];

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let uses = go.does(Ability::WriteFiles);
    let (one, path, why) = uses.iter().find_map(|one| {
        let path = image.absolute(&one.with);
        let made = |missing: &str| makes(image, go, missing);
        let why = lacks(image, one, &path, &made)?;
        Some((one, path, why))
    })?;
    let mut evidence = vec![one.to_string(), why.seen];
    if !one.with.starts_with('/') {
        let directory = Some(image.runtime.working_dir.as_str()).filter(|it| !it.is_empty());
        evidence.push(format!("WORKDIR {}", directory.unwrap_or("is not set: /")));
    }
    evidence.extend(
        image
            .identity
            .as_ref()
            .map(|user| format!("uid {}", user.uid)),
    );
    let parent = parent(&path);
    Some(Explanation::will_fail(
        format!("writes {path}"),
        format!("{} writes {path}: {}.", go.path, why.says),
        evidence,
        format!(
            "RUN mkdir -p /room{parent} in the builder, then COPY --from=build --chown=UID /room/ / \
             with the uid of USER; or mount a volume at {parent}"
        ),
    ))
}

/// What the program is told to use, and may not.
fn given(context: &RuleContext<'_>) -> Vec<Explanation> {
    let image = &context.image;
    let Some(user) = image.identity.as_ref().filter(|user| user.uid != 0) else {
        return Vec::new();
    };
    let told = data_places(image.runtime).into_iter().filter_map(|place| {
        let path = place.path;
        let elsewhere = KERNEL.iter().any(|at| path.starts_with(at)) || image.volume_at(&path);
        // Other rules are about temporary files.
        let temporary = parent(&path) == "/tmp" || path == "/tmp" || place.said.starts_with("TMP");
        if elsewhere || image.touched(&path) || temporary {
            return None;
        }
        // It, or the deepest directory on the way that is there.
        let mut at = path.as_str();
        let id = loop {
            match image.tree.lookup(at) {
                Ok(id) => break id,
                Err(_) if at == "/" || is_workdir(image, at) => return None,
                Err(_) => at = parent(at),
            }
        };
        let may = |right| user.may(image.tree, id, right);
        let enters = !image.tree.node(id).is_directory() || may(Right::Execute);
        if may(Right::Write) && enters && user.stopped_at(image.tree, at).is_none() {
            return None;
        }
        let seen = denied(image, id, user).seen;
        Some(Explanation::asks(
            format!(
                "The program is given {path} for its data, and uid {} may not write to {at}. Is a \
                 volume mounted there at run time? Else: permission denied.",
                user.uid
            ),
            vec![place.said, seen],
            format!(
                "RUN mkdir -p /room{path} in the builder, then COPY --from=build --chown={} /room/ /",
                user.uid
            ),
        ))
    });
    told.collect()
}

/// Why it cannot be made.
struct Lacks {
    /// The error that the program gets.
    says: &'static str,
    /// What of the image says so.
    seen: String,
}

/// Whether the program's own code may make this directory: it does somewhere, or makes some of
/// which it is not told where they lie.
fn makes(image: &ImageContext<'_>, go: &GoBinary<'_>, missing: &str) -> bool {
    let mut uses = go.program.uses(Ability::WriteFiles);
    uses.any(|one| {
        let path = image.absolute(&one.with);
        let below = path.strip_prefix(missing);
        match one.call {
            MAKE | MAKE_ALL if one.with.is_empty() => true,
            MAKE_ALL => below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            MAKE => below.is_some_and(str::is_empty),
            _ => false,
        }
    })
}

fn lacks(
    image: &ImageContext<'_>,
    one: &Use,
    path: &str,
    made: &dyn Fn(&str) -> bool,
) -> Option<Lacks> {
    let all = one.call == MAKE_ALL;
    let makes_directory = all || one.call == MAKE;
    let elsewhere = KERNEL.iter().any(|at| path.starts_with(at)) || image.volume_at(path);
    if elsewhere || image.touched(path) || !all && parent(path) == "/tmp" {
        return None;
    }
    let tree = image.tree;
    let there = tree.lookup(path).ok();
    if there.is_some_and(|id| tree.node(id).is_directory()) {
        // Made already, or no place for a file, which nobody means.
        return None;
    }
    if image.container.is_some_and(|container| container.read_only) {
        return Some(Lacks {
            says: "read-only file system",
            seen: format!("the root file system is read-only, and nothing is mounted at {path}"),
        });
    }
    if let Some(id) = there {
        let user = image.identity.as_ref()?;
        let may = makes_directory || user.may(tree, id, Right::Write);
        return (!may).then(|| denied(image, id, user));
    }
    // The deepest directory on the way that is there.
    let mut at = parent(path);
    let missing = at;
    let id = loop {
        match tree.lookup(at) {
            Ok(id) => break Some(id),
            Err(_) if at == "/" || is_workdir(image, at) => break None,
            Err(_) => at = parent(at),
        }
    };
    if at != missing && !all && !made(missing) {
        return Some(Lacks {
            says: "no such file or directory",
            seen: format!("the image has no {missing}"),
        });
    }
    let user = image.identity.as_ref().filter(|user| user.uid != 0)?;
    let Some(id) = id else {
        let seen = format!("the image has no {at}: the engine makes it root's");
        return Some(Lacks {
            says: "permission denied",
            seen,
        });
    };
    if !tree.node(id).is_directory() {
        return None;
    }
    let stopped = user.stopped_at(tree, at).is_some();
    let may = |right| user.may(tree, id, right);
    let may = !stopped && may(Right::Write) && may(Right::Execute);
    (!may).then(|| denied(image, id, user))
}

fn denied(image: &ImageContext<'_>, id: NodeId, user: &Identity) -> Lacks {
    let node = image.tree.node(id);
    let (owner, group) = node.owner();
    let path = Some(image.tree.path(id)).filter(|path| !path.is_empty());
    let path = path.unwrap_or_else(|| "/".to_owned());
    Lacks {
        says: "permission denied",
        seen: format!(
            "{path} has mode {:04o} and belongs to {owner}:{group}, not to {}",
            node.mode(),
            user.uid
        ),
    }
}

fn is_workdir(image: &ImageContext<'_>, path: &str) -> bool {
    image.runtime.working_dir.trim_end_matches('/') == path
}

/// `/` of what lies right below it.
fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::{Value, json};

    fn run(call: &'static str, path: &str, config: Value, files: &[Make<'_>]) -> Vec<String> {
        go_does(config, &[(Ability::WriteFiles, call, path)], &[], files)
    }

    const NOT: [&str; 1] = ["will fail: path-not-writable"];
    const WRITE: &str = "os.WriteFile";

    #[test]
    fn a_file_needs_a_directory_that_its_user_may_write_to() {
        let data = |owner| [Make::DirOwned("data", 0o755, owner)];
        let user = |uid: &str| json!({ "User": uid });
        assert_eq!(run(WRITE, "/data/x.db", user("7"), &data((7, 7))), NOTHING);
        assert_eq!(run(WRITE, "/data/x.db", user("8"), &data((7, 7))), NOT);
        assert_eq!(run(WRITE, "/data/x.db", user(""), &data((7, 7))), NOTHING);
        // Not even root makes the directories on the way.
        assert_eq!(run(WRITE, "/data/x.db", user(""), &[]), NOT);
        assert_eq!(run("os.MkdirAll", "/data/x", user(""), &[]), NOTHING);
        assert_eq!(run("os.MkdirAll", "/data/x", user("7"), &[]), NOT);
        assert_eq!(run("os.Mkdir", "/data/x", user(""), &[]), NOT);
        let own = [Make::Owned("log", 0o644, (7, 7), b"")];
        assert_eq!(run(WRITE, "/log", user("7"), &own), NOTHING);
        assert_eq!(run(WRITE, "/log", user("8"), &own), NOT);
        for other in ["/dev/null", "/proc/self/oom_score_adj"] {
            assert_eq!(run(WRITE, other, user("7"), &[]), NOTHING);
        }
        let volume = json!({ "User": "0", "Volumes": { "/data": {} } });
        assert_eq!(run(WRITE, "/data/x.db", volume, &[]), NOTHING);
    }

    #[test]
    fn what_its_own_code_makes_is_not_missing() {
        let run = |user: &str, makes: (&'static str, &'static str), writes: &'static str| {
            let uses = [
                (Ability::WriteFiles, makes.0, makes.1),
                (Ability::WriteFiles, WRITE, writes),
            ];
            go_does(json!({ "User": user }), &uses, &[], &[])
        };
        assert_eq!(run("", ("os.MkdirAll", "/data/x"), "/data/y"), NOTHING);
        assert_eq!(run("", ("os.MkdirAll", ""), "/data/y"), NOTHING);
        assert_eq!(run("", ("os.Mkdir", ""), "/data/y"), NOTHING);
        assert_eq!(run("", ("os.Mkdir", "/data"), "/data/y"), NOTHING);
        assert_eq!(run("", ("os.MkdirAll", "/database"), "/data/y"), NOT);
        assert_eq!(run("7", ("os.MkdirAll", "/data"), "/data/y"), NOT);
    }

    #[test]
    fn the_working_directory_is_root_s_where_only_the_engine_makes_it() {
        let config = |user: &str| json!({ "User": user, "WorkingDir": "/work" });
        let work = |owner| [Make::DirOwned("work", 0o755, owner)];
        assert_eq!(run(WRITE, "x.db", config("7"), &work((0, 0))), NOT);
        assert_eq!(run(WRITE, "x.db", config("7"), &work((7, 7))), NOTHING);
        assert_eq!(run(WRITE, "x.db", config("7"), &[]), NOT);
        assert_eq!(run(WRITE, "x.db", config("0"), &[]), NOTHING);
        assert_eq!(run(WRITE, "x.db", json!({ "User": "7" }), &[]), NOT);
    }

    #[test]
    fn a_place_for_data_that_is_given_and_closed_is_a_question() {
        let run = |user: &str, files: &[Make<'_>]| {
            let config = json!({ "Cmd": ["--data-path", "/data"], "User": user });
            go_does(config, &[], &[], files)
        };
        let asked = ["advice: path-not-writable"];
        assert_eq!(run("7", &[]), asked);
        assert_eq!(run("7", &[Make::Dir("data")]), asked);
        assert_eq!(run("7", &[Make::DirOwned("data", 0o755, (7, 7))]), NOTHING);
        assert_eq!(run("0", &[]), NOTHING);
    }

    #[test]
    fn nothing_is_written_to_a_read_only_root() {
        let elf = elf();
        let files = [Make::Mode("app", 0o755, &elf), Make::Dir("data")];
        let mut inspection = image(&app(), &files);
        make_go(&mut inspection, "/app", "0", &[]);
        make_use(
            &mut inspection,
            "/app",
            Ability::WriteFiles,
            WRITE,
            "/data/x",
        );
        let as_pod = |more: &str| {
            let pod = format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n  - name: a\n    \
                 image: a\n    securityContext: {{readOnlyRootFilesystem: true}}\n{more}"
            );
            said_as(&inspection, &pod)
        };
        let fails = |said: Vec<String>| said.iter().any(|one| one == NOT[0]);
        assert!(fails(as_pod("")));
        let mounted = "    volumeMounts: [{name: d, mountPath: /data}]\n  volumes: [{name: d, emptyDir: {}}]\n";
        assert!(!fails(as_pod(mounted)));
    }
}
