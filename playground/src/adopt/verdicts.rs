//! What a build that failed says, as a change of the plan or as a sentence. Pure.
//!
//! The Go tool's words are read here and nowhere else, with real examples as tests.

mod absent;
mod fetched;
mod musl;
mod newer;
mod tags;

use super::decide::set_linkage;
use super::gomod::{GoMod, join};
use super::hints::Hints;
use super::mains::system_of;
use super::plan::{Linkage, Plan};
use super::repair::Repair;
use super::report::Unmended;
use super::tree::WorkingTree;
pub(super) use fetched::why_not_fetched;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
pub(super) use tags::custom;
use tags::{defined_by_tag, without_embed};

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

static EMBED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:([\w./@+-]+\.go):\d+:\d+: )?pattern (\S+): (?:no matching files found|cannot embed)",
    )
});
static ABSENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:no required module provides package (\S+?)[;:\s]|package (\S+) is not in std|cannot find (?:package|module providing package) (\S+))",
    )
});
static LIBRARY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?:fatal error: (\S+\.h\S*): No such file|cannot find -l(\S+)|Package '?(\S+?)'?,? (?:required by|was not found|not found)|"(\S+?)": executable file not found|No package '(\S+)' found)"#,
    )
});
static NEEDS_C: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"build constraints exclude all Go files|undefined: C\.|requires cgo|cgo is (?:disabled|required)|CGO_ENABLED=1",
    )
});
static TOO_NEW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"invalid array length -delta|go:linkname must refer|link: .*: invalid reference to|invalid reference to runtime\.|requires go1\.\d+ or earlier|unsupported version of go|build constraint.*!go1\.",
    )
});

/// A tag of the repository's own for building without what it generates, and the file that stands in
/// for that then.
pub(super) fn stand_in(said: &str, tree: &WorkingTree) -> Option<(String, String)> {
    defined_by_tag(said, tree).or_else(|| without_embed(said, tree))
}

/// What is said of a program that works without what its build generates.
pub(super) fn stood_in(tag: &str, file: &str, said: &str, hints: &Hints) -> Unmended {
    let how = match hints.generates.first() {
        Some((file, command)) => format!(" ({file}: go:generate {command})"),
        None => String::new(),
    };
    Unmended {
        what: format!(
            "What its own build generates is not in the image: {file} stands in for it (-tags {tag})."
        ),
        page: Some("museum/files-left-behind.html".into()),
        next: format!(
            "generate it as its README or Makefile says{how}, and adopt the tree with its output"
        ),
        said: vec![telling(said)],
    }
}

/// The plan that it began with, without tags of the repository's own build that do not compile from
/// this tree; what is left to say of that goes with it.
pub(super) fn without_theirs(
    said: &str,
    first: &Plan,
    plan: &mut Plan,
    (from, tags): (&str, &BTreeSet<String>),
) -> Option<(Repair, Unmended)> {
    let taken: Vec<String> = plan.tags.intersection(tags).cloned().collect();
    if taken.is_empty() {
        return None;
    }
    *plan = first.clone();
    plan.tags.retain(|tag| !tags.contains(tag));
    let taken = taken.join(",");
    let repair = Repair {
        what: format!("-tags {taken} is taken back"),
        why: telling(said),
        page: None,
    };
    let unmended = Unmended {
        what: format!(
            "{from} builds it with -tags {taken}, and so this tree does not compile: it is built without."
        ),
        page: Some("museum/files-left-behind.html".into()),
        next: "make what its build makes first, and adopt the tree with its output".into(),
        said: vec![telling(said)],
    };
    Some((repair, unmended))
}

/// The builder could not finish: what is changed before it is tried again.
pub(super) fn mend_build(
    said: &str,
    plan: &mut Plan,
    module: &GoMod,
    tree: &WorkingTree,
    quoted_go: &str,
    with_c: &BTreeMap<String, String>,
) -> Option<Repair> {
    let go = plan.go_image.clone();
    let why = telling(said);
    if let Some((tag, because)) = newer::keeping(said)
        && plan.tags.insert(tag.to_owned())
    {
        return Some(Repair {
            what: format!("it is built with -tags {tag}: {because}"),
            why,
            page: Some("museum/toolchain-too-old.html".into()),
        });
    }
    if let Some((tag, file)) = stand_in(said, tree)
        && plan.tags.insert(tag.clone())
    {
        return Some(Repair {
            what: format!("it is built with -tags {tag}: {file} stands in for what is generated"),
            why,
            page: None,
        });
    }
    let old_enough = module
        .minor()
        .is_none_or(|minor| super::gomod::minor(quoted_go).is_some_and(|quoted| minor <= quoted));
    let too_new = TOO_NEW.is_match(said) || newer::of_a_module(said).is_some();
    if too_new && old_enough && !needs_c(said, with_c) && !go.contains(quoted_go) {
        plan.go_image = format!("golang:{quoted_go}");
        return Some(Repair {
            what: format!("it is compiled by Go {quoted_go}"),
            why,
            page: Some("museum/toolchain-too-old.html".into()),
        });
    }
    if plan.linkage == Linkage::Pure && needs_c(said, with_c) && foreign(said, tree).is_none() {
        set_linkage(plan, Linkage::Musl, &go);
        return Some(Repair {
            what: "cgo is on, linked statically against musl".into(),
            why,
            page: Some("c/cgo.html".into()),
        });
    }
    if let Some(repair) = musl::asked_for(said, plan, &why) {
        return Some(repair);
    }
    if plan.linkage == Linkage::Musl && musl::may_be_at_fault(said) {
        musl::no_more(plan);
        set_linkage(plan, Linkage::Glibc, &go);
        for tag in ["netgo", "osusergo"] {
            plan.tags.remove(tag);
        }
        return Some(Repair {
            what: "cgo is on, with glibc in the image: musl did not do".into(),
            why,
            page: Some("museum/missing-libc.html".into()),
        });
    }
    None
}

/// Whether it is C that is missing: Go says so, or does not find a name of a package that has C. These
/// are by import path, each with the name that it has in code.
fn needs_c(said: &str, with_c: &BTreeMap<String, String>) -> bool {
    // The command itself says CGO_ENABLED, too.
    let commands = ["executor failed running", "process \"/bin/sh"];
    let mut lines = said.lines().filter(|line| {
        !commands
            .iter()
            .any(|begin| line.trim_start().starts_with(begin))
    });
    let mut of_such = false;
    lines.any(|line| {
        if let Some(package) = line.trim_start().strip_prefix("# ") {
            of_such = with_c.contains_key(package.trim());
        }
        let lacks = line.contains("undefined: ");
        let named = || {
            let mut names = with_c.values();
            names.any(|name| line.contains(&format!("undefined: {name}.")))
        };
        NEEDS_C.is_match(line) || (lacks && (of_such || named()))
    })
}

/// A folder of the tree that holds code for another system alone, and that system.
fn foreign(said: &str, tree: &WorkingTree) -> Option<(String, &'static str)> {
    static EXCLUDED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"build constraints exclude all Go files in /src(?:/([\w./@+~-]+))?")
    });
    let folder = EXCLUDED.captures(said)?;
    let folder = folder.get(1).map_or("", |found| found.as_str());
    let mut files = tree
        .go_sources()
        .filter(|(file, _)| file.rsplit_once('/').map_or("", |(above, _)| above) == folder);
    let (file, text) = files.next()?;
    let system = system_of(file, text)?;
    let all = files.all(|(file, text)| system_of(file, text).is_some());
    all.then(|| (folder.to_owned(), system))
}

/// Why there is no image, in a sentence.
pub(super) fn why_not_built(said: &str, tree: &WorkingTree, hints: &Hints) -> Unmended {
    let tell = |what: String, page: Option<&str>, next: String| Unmended {
        what,
        page: page.map(str::to_owned),
        next,
        said: last_lines(said),
    };
    if let Some(found) = EMBED.captures(said) {
        let (file, asked) = (
            found.get(1).map_or("a file", |file| file.as_str()),
            &found[2],
        );
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let plain = asked.strip_prefix("all:").unwrap_or(asked);
        let plain = plain.split(['*', '?', '[']).next().unwrap_or_default();
        let path = join(folder, plain.trim_end_matches('/'));
        let (why, next) = match absent::why(&path, tree, hints) {
            Some(why) => (why.told, why.next),
            None => (
                String::new(),
                "make the files that the repository generates, and run adopt again".to_owned(),
            ),
        };
        let what = format!("{file} embeds {asked}, and the tree has no such files{why}.");
        return tell(what, Some("museum/copy-missing.html"), next);
    }
    if let Some((folder, system)) = foreign(said, tree) {
        return tell(
            format!(
                "It is built of {folder}, which is for {system} alone: no Linux image can hold it."
            ),
            None,
            format!("build it on {system}, or adopt another command with --main"),
        );
    }
    if said.contains("missing go.sum entry")
        || said.contains("updates to go.mod needed")
        || said.contains("checksum mismatch")
    {
        return tell(
            "go.mod and go.sum do not fit together.".into(),
            None,
            "go mod tidy, and run adopt again".into(),
        );
    }
    if said.contains("inconsistent vendoring") {
        return tell(
            "vendor does not hold what go.mod asks for.".into(),
            None,
            "go mod vendor, and run adopt again".into(),
        );
    }
    if said.contains("(running go ") || said.contains("requires go >=") {
        return tell(
            format!("It asks for another Go: {}", telling(said)),
            Some("museum/toolchain-too-old.html"),
            "set go_newest in playground/bases/bases.toml, or lower the go line".into(),
        );
    }
    if let Some(found) = LIBRARY.captures(said) {
        let library = found
            .iter()
            .skip(1)
            .flatten()
            .next()
            .map_or("", |one| one.as_str());
        return tell(
            format!("Its C code needs {library}, which no base here has."),
            Some("c/cgo.html"),
            "install it in the build stage, and copy what it needs at run time; or build without that package".into(),
        );
    }
    if let Some(found) = ABSENT.captures(said) {
        let package = found
            .iter()
            .skip(1)
            .flatten()
            .next()
            .map_or("", |one| one.as_str());
        let folder = absent::folder(package, tree);
        if let Some(why) = folder.and_then(|at| absent::why(&format!("{at}/x.go"), tree, hints)) {
            return tell(
                format!("The package {package} is not there{}.", why.told),
                None,
                why.next,
            );
        }
        let generated = match hints.generates.first() {
            Some((file, _)) => format!("; {file} has a go:generate line, which is never run here"),
            None => String::new(),
        };
        return tell(
            format!("The package {package} is not there{generated}."),
            None,
            "generate or commit what is missing, and run adopt again".into(),
        );
    }
    if let Some((file, told)) = newer::of_a_module(said) {
        return tell(
            format!("A module that it is built of does not compile with this Go: {file}: {told}"),
            Some("museum/toolchain-too-old.html"),
            "update that module (go get MODULE@latest), or build it with the Go that its go.mod names"
                .into(),
        );
    }
    tell(
        format!("Go does not build it: {}", telling(said)),
        None,
        "see that go build works in a fresh clone".into(),
    )
}

/// What to do about a build that was stopped because it took too long: once more, where that may help.
pub(super) fn in_time(again: bool) -> Result<Repair, Unmended> {
    let why = "it was not compiled in the time that a build gets here".to_owned();
    if again {
        return Ok(Repair {
            what: "the same once more: packages that are compiled already are kept".into(),
            why,
            page: None,
        });
    }
    Err(Unmended {
        what: "It is not compiled in the time that a build gets here, not even in two goes.".into(),
        page: None,
        next: "run adopt again, on a machine with less to do: what is compiled already is kept"
            .into(),
        said: Vec::new(),
    })
}

/// The line that tells, of what a builder said.
fn telling(said: &str) -> String {
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.collect();
    let noise = |line: &str| {
        [
            "executor failed",
            "process \"/bin/sh",
            "go: downloading",
            "# ",
            "note:",
            "exit code",
            "did not complete",
        ]
        .iter()
        .any(|begin| line.starts_with(begin))
    };
    let line = lines
        .iter()
        .skip(1)
        .find(|line| !noise(line))
        .or(lines.first());
    line.map_or(String::new(), |line| line.chars().take(300).collect())
}

fn last_lines(said: &str) -> Vec<String> {
    let lines = said.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<&str> = lines
        .filter(|line| !line.starts_with("go: downloading"))
        .collect();
    let from = lines.len().saturating_sub(12);
    lines[from..]
        .iter()
        .map(|line| line.chars().take(300).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::plan::testing::plan;
    use super::super::tree::testing::tree;
    use super::*;

    /// As [`mend_build`], with Go 1.23 as the quoted one and nothing that needs C.
    fn mend(said: &str, plan: &mut Plan, module: &GoMod, tree: &WorkingTree) -> Option<Repair> {
        mend_build(said, plan, module, tree, "1.23", &BTreeMap::new())
    }

    fn sentence(said: &str, files: &[(&str, &str)]) -> String {
        let tree = tree(files);
        let said = format!("executor failed running [/bin/sh -c go build]: exit code: 1\n{said}\n");
        why_not_built(&said, &tree, &Hints::of(&tree)).what
    }

    #[test]
    fn a_build_that_cannot_work_gets_a_sentence_that_says_why() {
        let embed = "web/web.go:9:12: pattern all:dist: no matching files found";
        assert_eq!(
            sentence(embed, &[("web/ui/package.json", "{}")]),
            "web/web.go embeds all:dist, and the tree has no such files; web/ui/package.json says that \
             it comes from a build of its own."
        );
        for (said, told) in [
            (
                "main.go:3:8: missing go.sum entry for module providing package a.test/x",
                "do not fit together",
            ),
            (
                "go: inconsistent vendoring in /src:",
                "vendor does not hold",
            ),
            (
                "go: go.mod requires go >= 1.99 (running go 1.27.3; GOTOOLCHAIN=local)",
                "another Go",
            ),
            (
                "./x.h:1:10: fatal error: pcap.h: No such file or directory",
                "needs pcap.h",
            ),
            (
                "main.go:5:2: no required module provides package a.test/m/gen; to add it:",
                "a.test/m/gen is not there",
            ),
            ("./main.go:7:2: undefined: oops", "undefined: oops"),
        ] {
            assert!(
                sentence(said, &[]).contains(told),
                "{said}: {}",
                sentence(said, &[])
            );
        }
    }

    #[test]
    fn what_musl_took_away_is_asked_for_before_glibc_is_taken() {
        let said = "executor failed running [/bin/sh -c go build]: exit code: 1\n# github.com/mattn/go-sqlite3\n\
                    sqlite3-binding.c:33723:42: error: 'pread64' undeclared here (not in a function); did you mean \
                    'pread'?\nsqlite3-binding.c:33727:49: error: unknown type name 'off64_t'; did you mean 'off_t'?\n";
        let (tree, module) = (tree(&[]), GoMod::default());
        let mut plan = plan();
        set_linkage(&mut plan, Linkage::Musl, "golang:1.27-alpine");
        let repair = mend(said, &mut plan, &module, &tree).expect("a repair");
        assert!(repair.what.contains("musl"), "{repair:?}");
        assert_eq!(plan.linkage, Linkage::Musl);
        let asks = "CGO_CFLAGS=\"-O2 -D_LARGEFILE64_SOURCE\" CGO_ENABLED=1 go build";
        let text = super::super::dockerfile::dockerfile(&plan);
        assert!(
            text.contains(asks) && text.contains("# musl has names"),
            "{text}"
        );
        mend(said, &mut plan, &module, &tree).expect("another");
        assert_eq!(plan.linkage, Linkage::Glibc);
        assert!(plan.settings.is_empty());
    }

    #[test]
    fn what_no_compiler_said_is_no_fault_of_musls() {
        let (tree, module) = (tree(&[]), GoMod::default());
        let mended = |said: &str| {
            let mut plan = plan();
            set_linkage(&mut plan, Linkage::Musl, "golang:1.27-alpine");
            mend(said, &mut plan, &module, &tree);
            plan.linkage
        };
        for said in [
            "failed to compute cache key: \"/etc/mime.types\" not found: not found",
            "# github.com/dexidp/dex/server/apiserver\n\
             server/apiserver/identities.go:13:60: undefined: api.UserIdentity\n\
             server/apiserver/mfa.go:68:75: too many errors\n",
        ] {
            assert_eq!(mended(said), Linkage::Musl, "{said}");
        }
        for said in [
            "./x.go:9:3: could not determine what C.strerrorname_np refers to\n",
            "b.test/c/c.go:7:2: undefined: C.backtrace\n",
            "# b.test/c\nx.c:3:10: fatal error: execinfo.h: No such file or directory\n\
             ./y.go:1:2: undefined: z\n",
        ] {
            assert_eq!(mended(said), Linkage::Glibc, "{said}");
        }
    }

    #[test]
    fn a_build_that_took_too_long_goes_on_once_and_then_gets_a_sentence() {
        assert!(in_time(true).expect("again").what.contains("kept"));
        let over = in_time(false).expect_err("a sentence");
        assert!(over.what.contains("in the time"), "{over:?}");
    }

    #[test]
    fn tags_of_their_own_build_that_do_not_compile_are_taken_back_with_all_that_they_brought() {
        let tags = BTreeSet::from(["embedweb".to_owned(), "absent".to_owned()]);
        let mut first = plan();
        first.tags = BTreeSet::from(["embedweb".to_owned(), "timetzdata".to_owned()]);
        let mut now = first.clone();
        set_linkage(&mut now, Linkage::Glibc, "golang:1.27-bookworm");
        let said = "x\nweb.go:3:12: pattern dist: no matching files found\n";
        let theirs = ("Dockerfile", &tags);
        let (repair, unmended) =
            without_theirs(said, &first, &mut now, theirs).expect("taken back");
        assert_eq!(repair.what, "-tags embedweb is taken back");
        assert!(unmended.what.contains("Dockerfile") && unmended.said[0].contains("pattern dist"));
        assert_eq!(now.linkage, Linkage::Pure);
        assert_eq!(now.tags, BTreeSet::from(["timetzdata".to_owned()]));
        assert!(without_theirs(said, &first, &mut now, theirs).is_none());
    }

    #[test]
    fn what_stands_in_for_generated_files_is_told_with_what_makes_them() {
        let tree = tree(&[("gen.go", "package m\n\n//go:generate go run ./assets\n")]);
        let said = "x\nlib/api.go:7:2: undefined: auto.Assets\n";
        let told = stood_in("noassets", "auto/none.go", said, &Hints::of(&tree));
        assert!(told.what.contains("auto/none.go") && told.what.contains("-tags noassets"));
        assert!(told.next.contains("go run ./assets"), "{}", told.next);
    }

    #[test]
    fn c_is_turned_on_step_by_step() {
        let mut plan = plan();
        let module = GoMod::default();
        let said =
            "imports b.test/c: build constraints exclude all Go files in /go/pkg/mod/b.test/c";
        assert!(mend(said, &mut plan, &module, &tree(&[])).is_some());
        assert_eq!(
            (plan.linkage, &*plan.go_image),
            (Linkage::Musl, "golang:1.27-alpine")
        );
        let said = "fatal error: linux/x.h: No such file or directory";
        assert!(mend(said, &mut plan, &module, &tree(&[])).is_some());
        assert_eq!(
            (plan.linkage, &*plan.go_image),
            (Linkage::Glibc, "golang:1.27-bookworm")
        );
        assert_eq!(mend(said, &mut plan, &module, &tree(&[])), None);
    }

    #[test]
    fn a_name_that_is_missing_is_no_reason_for_c_unless_its_package_has_some() {
        let said = "executor failed running [/bin/sh -c CGO_ENABLED=0 go build]: exit code: 1\n# a.test/m/db\n\
                    db/db.go:7:2: undefined: fast.Open\n";
        let (module, tree) = (GoMod::default(), tree(&[]));
        let none = mend(said, &mut plan(), &module, &tree);
        assert_eq!(none, None);
        let slow = BTreeMap::from([("b.test/fast".to_owned(), "slow".to_owned())]);
        let none = mend_build(said, &mut plan(), &module, &tree, "1.23", &slow);
        assert_eq!(none, None, "paths are no names");
        for (path, name) in [("b.test/go-fast/v2", "fast"), ("a.test/m/db", "db")] {
            let with_c = BTreeMap::from([(path.to_owned(), name.to_owned())]);
            let mut changed = plan();
            assert!(mend_build(said, &mut changed, &module, &tree, "1.23", &with_c).is_some());
            assert_eq!(changed.linkage, Linkage::Musl, "{path}");
        }
    }

    #[test]
    fn a_module_that_only_an_older_go_compiles_is_told_by_its_name() {
        let said = "# b.test/x\n/go/pkg/mod/b.test/x@v1.0.0/y.go:7:2: undefined: reflect.Odd\n";
        assert!(sentence(said, &[]).contains("b.test/x@v1.0.0/y.go: undefined: reflect.Odd"));
        let old = GoMod {
            go: Some("1.20".into()),
            ..GoMod::default()
        };
        let mut changed = plan();
        assert!(mend(said, &mut changed, &old, &tree(&[])).is_some());
        assert_eq!(changed.go_image, "golang:1.23");
    }

    #[test]
    fn code_for_another_system_is_told_and_c_is_not_tried() {
        let said = "package a.test/m\n\timports a.test/m/elevate: build constraints exclude all Go files in /src/elevate";
        let files = [
            ("elevate/a_windows.go", "package elevate\n"),
            ("elevate/b.go", "//go:build windows\n\npackage elevate\n"),
        ];
        assert!(sentence(said, &files).contains("for Windows alone"));
        let tree = tree(&files);
        let module = GoMod::default();
        assert_eq!(mend(said, &mut plan(), &module, &tree), None);
    }

    #[test]
    fn a_tag_for_builds_without_generated_code_is_taken() {
        let files = [
            (
                "auto/none.go",
                "//go:build noassets\n\npackage auto\n\nfunc Assets() {}\n",
            ),
            (
                "auto/other.go",
                "//go:build windows\n\npackage auto\n\nfunc Assets() {}\n",
            ),
        ];
        let said = "lib/api/api.go:7:2: undefined: auto.Assets";
        let mut changed = plan();
        let tree = tree(&files);
        let module = GoMod::default();
        assert!(mend(said, &mut changed, &module, &tree).is_some());
        assert!(changed.tags.contains("noassets"));
        // Once is enough.
        assert_eq!(mend(said, &mut changed, &module, &tree), None);
        let other = "a.go:7:2: undefined: somethingElse";
        assert_eq!(mend(other, &mut plan(), &module, &tree), None);
    }

    #[test]
    fn an_older_go_is_taken_where_a_newer_one_refuses_and_the_module_allows_it() {
        let said = "tokeninternal.go:64:9: invalid array length -delta * delta";
        let old = |go: &str| GoMod {
            go: Some(go.into()),
            ..GoMod::default()
        };
        let mut changed = plan();
        assert!(mend(said, &mut changed, &old("1.20"), &tree(&[])).is_some());
        assert_eq!(changed.go_image, "golang:1.23");
        assert_eq!(mend(said, &mut plan(), &old("1.25"), &tree(&[])), None);
    }
}
