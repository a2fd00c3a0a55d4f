//! The first plan: what follows from sources alone, before anything of them is built. Pure.

mod files;
mod front;
mod notes;

pub(super) use files::{ROOM, is_data, is_written};
pub(super) use front::not_built;

use super::facts::{Facts, ModuleFacts, Package};
use super::gomod::{join, minor};
use super::hints::Hints;
use super::mains::Command;
use super::plan::{Decisions, GLIBC_BASE, Linkage, Plan, Topic, UID};
use super::report::Unmended;
use super::tree::WorkingTree;
use notes::{compiler, generated, their_tags, zones};
use std::collections::{BTreeMap, BTreeSet};

/// Packages that compile without C and then only say that they need it.
const STUBS: [&str; 2] = ["github.com/mattn/go-sqlite3", "github.com/mattn/go-oci8"];
/// Drivers of SQLite that are Go alone.
const PURE_DRIVERS: [&str; 4] = [
    "modernc.org/sqlite",
    "github.com/glebarez/sqlite",
    "github.com/glebarez/go-sqlite",
    "github.com/ncruces/go-sqlite3",
];

/// The Go image for a module: the newest that there is a base of. Older code compiles with it.
///
/// # Errors
/// The module asks for a newer Go.
pub(super) fn go_image(newest: &str, wanted: Option<&str>) -> Result<String, Unmended> {
    let too_new = wanted.and_then(minor).zip(minor(newest));
    if let (Some((wants, has)), Some(wanted)) = (too_new, wanted)
        && wants > has
    {
        return Err(Unmended {
            what: format!("go.mod asks for Go {wanted}; the newest base here is Go {newest}."),
            page: Some("museum/toolchain-too-old.html".into()),
            next: "set go_newest in playground/bases/bases.toml, or lower the go line".into(),
            said: Vec::new(),
        });
    }
    Ok(format!("golang:{newest}-bookworm"))
}

/// The plan to begin with, and its reasons.
pub(super) fn first_plan(
    tree: &WorkingTree,
    facts: &Facts,
    hints: &Hints,
    commands: &[Command],
    go_image: &str,
) -> Option<(Plan, Decisions)> {
    let command = commands.first()?;
    let module = facts.modules.get(command.module)?;
    let mut decisions = Decisions::default();
    choose_command(commands, &mut decisions);
    let go = module.module.go.as_deref().unwrap_or("no go line");
    decisions.set(
        Topic::Go,
        go_image,
        [
            format!("go.mod: go {go}; a newer Go compiles older code"),
            facts.go_version.clone(),
        ],
        "a go line newer than that, or code that only an older Go compiles",
        Some("museum/toolchain-too-old.html"),
    );
    let module_files = modules(tree, module, &mut decisions);
    let reached = module.reach(&command.import_path);
    let mut plan = Plan {
        go_image: go_image.to_owned(),
        module_dir: module.module.dir.clone(),
        package: match command.package_dir.as_str() {
            "" => ".".into(),
            dir => format!("./{dir}"),
        },
        name: command.name(),
        module_files,
        linkage: Linkage::Pure,
        tags: BTreeSet::new(),
        stamps: BTreeSet::new(),
        settings: BTreeMap::new(),
        certificates: false,
        passwd: false,
        tmp: false,
        zones: false,
        mime: false,
        files: BTreeMap::new(),
        workdir: None,
        writable: BTreeSet::new(),
        env: BTreeMap::new(),
        given: BTreeMap::new(),
        args: Vec::new(),
        ports: BTreeSet::new(),
    };
    linkage(tree, module, &reached, &mut plan, &mut decisions);
    zones(tree, module, &reached, &mut plan, &mut decisions);
    let dir = command.dir.as_str();
    files::relative_files(tree, module, &reached, dir, &mut plan, &mut decisions);
    compiler(hints, dir, &mut plan, &mut decisions);
    their_tags(hints, dir, &mut plan, &mut decisions);
    generated(hints, &mut decisions);
    if let Some(front) = not_built(tree) {
        decisions.set(
            Topic::Generate,
            format!(
                "the front end is not in the tree: {} is missing",
                front.folder
            ),
            [
                format!(
                    "{} has its build; git ignores what that makes",
                    front.package
                ),
                front.seen,
            ],
            "a tree with its output, or a stage of Node's before Go's",
            Some("museum/files-left-behind.html"),
        );
    }
    decisions.set(
        Topic::User,
        format!("{UID}:{UID}"),
        ["nothing that was seen needs root; a number, so that runAsNonRoot can tell".to_owned()],
        "a program that binds low ports on an old engine, or opens raw sockets",
        Some("museum/user-by-name.html"),
    );
    Some((plan, decisions))
}

fn choose_command(commands: &[Command], decisions: &mut Decisions) {
    let [first, others @ ..] = commands else {
        return;
    };
    let mut evidence: Vec<String> = first
        .reasons
        .iter()
        .map(|reason| format!("{:+}: {}", reason.points, reason.why))
        .collect();
    evidence.extend(others.iter().take(5).map(|other| {
        let worst = other.reasons.iter().min_by_key(|reason| reason.points);
        let why = worst.map_or(String::new(), |reason| format!(", {}", reason.why));
        format!(
            "{} has {} points against {}{why}",
            other.dir, other.score, first.score
        )
    }));
    let at = match first.dir.as_str() {
        "." => ".".to_owned(),
        dir => format!("./{dir}"),
    };
    let otherwise = "--main DIR names another";
    decisions.set(Topic::Command, at, evidence, otherwise, None);
}

fn modules(tree: &WorkingTree, module: &ModuleFacts, decisions: &mut Decisions) -> Vec<String> {
    let go_mod = &module.module;
    let (value, files, mut evidence) = if go_mod.vendored {
        let seen = "vendor/modules.txt is there".to_owned();
        ("from vendor, nothing is fetched", Vec::new(), vec![seen])
    } else {
        let files = go_mod.files(tree);
        let seen = format!(
            "{} required modules, in {}",
            go_mod.requires.len(),
            files.join(", ")
        );
        ("fetched in a layer of their own", files, vec![seen])
    };
    if go_mod.workspace {
        evidence.push("go.work joins several modules of the tree".into());
    }
    if !go_mod.local.is_empty() && !go_mod.workspace {
        evidence.push(format!("replace points into {}", go_mod.local.join(", ")));
    }
    decisions.set(
        Topic::Modules,
        value,
        evidence,
        "go mod vendor, or private modules: those need a secret at build time",
        Some("museum/private-modules.html"),
    );
    files
}

fn linkage(
    tree: &WorkingTree,
    module: &ModuleFacts,
    reached: &BTreeSet<&str>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) {
    let with_c = module.with_c(reached);
    let mut needs: Vec<String> = Vec::new();
    let mut does_without: Vec<String> = Vec::new();
    for package in &with_c {
        let path = &package.import_path;
        if let Some(why) = module.without_c.get(path) {
            let why = why.lines().next().unwrap_or_default();
            needs.push(format!("{path} has no version without C: {why}"));
        } else if STUBS.contains(&path.as_str()) {
            needs.push(format!(
                "{path} compiles without C, and then only says that it needs it"
            ));
        } else {
            does_without.push(format!("{path} has C files and does without them"));
        }
    }
    if let Some((tag, driver, file)) = pure_driver(tree, module, reached)
        && !needs.is_empty()
    {
        let how = match &tag {
            Some(tag) => format!("with -tags {tag}"),
            None => "where cgo is off".to_owned(),
        };
        let told = format!("{file} is built {how}, and imports {driver}, which is Go alone");
        if let Some(tag) = tag {
            let otherwise = "the C driver, where its speed is worth a C compiler";
            decisions.set(
                Topic::Tags,
                &tag,
                [told],
                otherwise,
                Some("museum/cgo-driver.html"),
            );
            plan.tags.insert(tag);
        } else {
            does_without.push(told);
        }
        needs.retain(|need| !STUBS.iter().any(|stub| need.starts_with(stub)));
    }
    let libraries: Vec<&str> = with_c
        .iter()
        .flat_map(|one| &one.pkg_config)
        .map(String::as_str)
        .collect();
    let page = Some("c/cgo.html");
    if needs.is_empty() {
        let mut evidence = does_without;
        if evidence.is_empty() {
            evidence.push(format!(
                "none of its {} packages outside of the standard library has C",
                others(module, reached)
            ));
        }
        decisions.set(
            Topic::Cgo,
            "off",
            evidence,
            "a package that is C alone",
            page,
        );
    } else {
        set_linkage(plan, Linkage::Musl, &plan.go_image.clone());
        let mut evidence = needs;
        if !libraries.is_empty() {
            evidence.push(format!("pkg-config is asked for {}", libraries.join(", ")));
        }
        let value = "on, linked statically against musl";
        let otherwise = "a driver or library that is Go alone; or glibc in the image";
        decisions.set(Topic::Cgo, value, evidence, otherwise, page);
    }
    decide_base(plan, decisions);
}

/// How a plan is linked, with the Go image that it takes.
pub(super) fn set_linkage(plan: &mut Plan, linkage: Linkage, go_image: &str) {
    plan.linkage = linkage;
    let go = go_image
        .trim_end_matches("-bookworm")
        .trim_end_matches("-alpine");
    plan.go_image = match linkage {
        Linkage::Musl => format!("{go}-alpine"),
        // The quoted Go's image has no suffix.
        _ if !go_image.contains('-') => go.to_owned(),
        _ => format!("{go}-bookworm"),
    };
    if linkage == Linkage::Musl {
        // Lookups of users and hosts in Go: C's want libraries at run time.
        plan.tags
            .extend(["netgo".to_owned(), "osusergo".to_owned()]);
    }
}

/// The base follows from how the program is linked.
pub(super) fn decide_base(plan: &Plan, decisions: &mut Decisions) {
    let (evidence, otherwise) = match plan.linkage {
        Linkage::Pure => (
            "the program is static: an empty image holds all it is known to need",
            "a program that starts others, or needs a C library",
        ),
        Linkage::Musl => (
            "musl is linked in: nothing has to lie beside the program",
            "a C library that cannot be linked statically",
        ),
        Linkage::Glibc => ("the program wants glibc and its loader", "a static build"),
    };
    let value = match plan.linkage {
        Linkage::Glibc => GLIBC_BASE,
        _ => "scratch",
    };
    decisions.set(
        Topic::Base,
        value,
        [evidence.to_owned()],
        otherwise,
        Some("images/choosing.html"),
    );
}

fn others(module: &ModuleFacts, reached: &BTreeSet<&str>) -> usize {
    let packages = reached.iter().filter_map(|path| module.packages.get(*path));
    packages.filter(|package| !package.standard).count()
}

/// What makes the repository's own code take a driver that is Go alone: a tag, or no more than cgo
/// off; the driver, and the file that a constraint leaves out otherwise.
fn pure_driver(
    tree: &WorkingTree,
    module: &ModuleFacts,
    reached: &BTreeSet<&str>,
) -> Option<(Option<String>, String, String)> {
    let packages = reached.iter().filter_map(|path| module.packages.get(*path));
    let own = packages.filter(|package| !package.dep_only && !package.standard);
    let own: Vec<&Package> = own.collect();
    own.iter().find_map(|package| {
        let below = package
            .import_path
            .strip_prefix(&module.module.path)?
            .trim_start_matches('/');
        let dir = join(&module.module.dir, below);
        package.ignored_go_files.iter().find_map(|file| {
            let path = join(&dir, file);
            let text = tree.text(&path)?;
            let driver = PURE_DRIVERS
                .iter()
                .find(|driver| text.contains(&format!("\"{driver}")))?;
            let constraint = text
                .lines()
                .find_map(|line| line.strip_prefix("//go:build "))?;
            let tag = match constraint.contains("!cgo") {
                true => None,
                false => Some(single_tag(constraint)?),
            };
            Some((tag, (*driver).to_owned(), path))
        })
    })
}

/// The one tag of ours that makes a constraint true: `sqlite_modernc`, `!cgo || pure`.
fn single_tag(constraint: &str) -> Option<String> {
    let words = constraint.split(|c: char| c.is_whitespace() || "()|&".contains(c));
    let mut words = words.filter(|word| !word.is_empty() && !word.starts_with('!'));
    let tag = words.find(|word| {
        let known = [
            "cgo", "linux", "darwin", "windows", "amd64", "arm64", "ignore", "unix", "js", "wasm",
        ];
        !known.contains(word)
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
    });
    tag.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::facts::testing::{module, package};
    use super::super::mains::commands;
    use super::super::tree::testing::tree;
    use super::*;

    fn planned(packages: Vec<Package>, files: &[(&str, &str)]) -> (Plan, Decisions) {
        let tree = tree(files);
        let hints = Hints::of(&tree);
        let facts = Facts {
            go_version: "go version go1.27.3 linux/amd64".into(),
            modules: vec![module(packages)],
        };
        let commands = commands(&facts.modules, &hints);
        first_plan(&tree, &facts, &hints, &commands, "golang:1.27-bookworm").expect("a command")
    }

    fn c(path: &str) -> Package {
        Package {
            cgo_files: vec!["x.go".into()],
            ..package(path, "x", &["C"])
        }
    }

    fn told(decisions: &Decisions, topic: Topic) -> &super::super::plan::Decision {
        let found = decisions.0.iter().find(|one| one.topic == topic);
        found.unwrap_or_else(|| panic!("{topic:?} in {decisions:#?}"))
    }

    #[test]
    fn go_alone_ends_on_scratch_and_c_of_the_standard_library_counts_for_nothing() {
        let mut net = package("net", "net", &[]);
        net.cgo_files = vec!["cgo_unix.go".into()];
        let (plan, decisions) = planned(vec![package("a.test/m", "main", &["net"]), net], &[]);
        assert_eq!((plan.linkage, plan.base()), (Linkage::Pure, "scratch"));
        assert_eq!(told(&decisions, Topic::Cgo).value, "off");
    }

    #[test]
    fn a_driver_in_c_is_linked_statically_against_musl() {
        let sqlite = "github.com/mattn/go-sqlite3";
        let (plan, _) = planned(vec![package("a.test/m", "main", &[sqlite]), c(sqlite)], &[]);
        assert_eq!(plan.linkage, Linkage::Musl);
        assert_eq!(plan.go_image, "golang:1.27-alpine");
    }

    #[test]
    fn a_tag_for_a_driver_in_go_is_taken_where_the_repository_has_one() {
        let sqlite = "github.com/mattn/go-sqlite3";
        let mut main = package("a.test/m", "main", &[sqlite]);
        main.ignored_go_files = vec!["pure.go".into()];
        let text =
            "//go:build linux && pure_sqlite\n\npackage main\n\nimport _ \"modernc.org/sqlite\"\n";
        let (plan, decisions) = planned(vec![main, c(sqlite)], &[("pure.go", text)]);
        assert_eq!(plan.linkage, Linkage::Pure);
        assert!(plan.tags.contains("pure_sqlite"));
        assert!(told(&decisions, Topic::Tags).evidence[0].contains("modernc.org/sqlite"));
    }

    #[test]
    fn files_that_own_code_reads_by_relative_paths_lie_beside_the_program() {
        let main = || vec![package("a.test/m", "main", &[])];
        let code = "package main\n\nvar h = http.FileServer(http.Dir(\"./static\"))\n";
        let page = ("static/index.html", "");
        let (plan, decisions) = planned(main(), &[("main.go", code), page]);
        assert_eq!(plan.files["static"], "/srv/static");
        assert_eq!(plan.workdir.as_deref(), Some("/srv"));
        let evidence = &told(&decisions, Topic::Files).evidence[0];
        assert_eq!(evidence, "main.go reads static; the tree has static");
        // What is embedded as well is for those who work on it.
        let embeds = format!("{code}\n//go:embed static/*\nvar f embed.FS\n");
        let (plan, _) = planned(main(), &[("main.go", &embeds), page]);
        assert!(plan.files.is_empty() && plan.workdir.is_none());
    }

    #[test]
    fn a_driver_in_go_that_is_there_without_cgo_needs_no_more_than_that() {
        let sqlite = "github.com/mattn/go-sqlite3";
        let mut main = package("a.test/m", "main", &[sqlite]);
        main.ignored_go_files = vec!["nocgo.go".into()];
        let text = "//go:build !cgo\n\npackage main\n\nimport _ \"modernc.org/sqlite\"\n";
        let (plan, decisions) = planned(vec![main, c(sqlite)], &[("nocgo.go", text)]);
        assert_eq!((plan.linkage, plan.tags.len()), (Linkage::Pure, 0));
        assert!(told(&decisions, Topic::Cgo).evidence[0].contains("where cgo is off"));
    }

    #[test]
    fn a_newer_go_than_any_base_is_told_and_not_fetched() {
        assert!(go_image("1.27", Some("1.27.9")).is_ok());
        assert!(go_image("1.27", None).is_ok());
        let unmended = go_image("1.27", Some("1.99")).expect_err("too new");
        assert!(unmended.what.contains("Go 1.99"));
    }

    #[test]
    fn zones_that_own_code_loads_are_built_in_from_the_first_build_on() {
        let main = || {
            vec![
                package("a.test/m", "main", &["time"]),
                package("time", "time", &[]),
            ]
        };
        let loads = [(
            "main.go",
            "package main\nvar z, _ = time.LoadLocation(\"Asia/Tokyo\")\n",
        )];
        assert!(planned(main(), &loads).0.tags.contains("timetzdata"));
        assert!(
            planned(main(), &[("main.go", "package main\n")])
                .0
                .tags
                .is_empty()
        );
    }

    #[test]
    fn tags_and_the_version_are_as_the_repositorys_own_image_has_them() {
        let text =
            "FROM golang\nRUN go build -tags sqlite -ldflags \"-X main.version=$V\" -o /x .\n";
        let main = || package("a.test/m", "main", &[]);
        let (plan, decisions) = planned(vec![main()], &[("Dockerfile", text)]);
        assert!(plan.tags.contains("sqlite") && plan.stamps.contains("main.version"));
        let evidence = &told(&decisions, Topic::Tags).evidence[0];
        assert_eq!(evidence, "Dockerfile builds it with -tags sqlite");
        assert!(told(&decisions, Topic::Compiler).value.contains("VERSION"));
        let (plan, _) = planned(vec![main()], &[("Makefile", text)]);
        assert!(plan.tags.is_empty() && plan.stamps.is_empty());
    }

    #[test]
    fn a_newer_cpu_is_not_asked_for_and_fips_is_kept() {
        let makefile = "build:\n\tGOAMD64=v3 GOFIPS140=v1.0.0 go build .\n";
        let main = package("a.test/m", "main", &[]);
        let (plan, decisions) = planned(vec![main], &[("Makefile", makefile)]);
        assert_eq!(
            plan.settings.get("GOFIPS140").map(String::as_str),
            Some("v1.0.0")
        );
        assert!(!plan.settings.contains_key("GOAMD64"));
        assert_eq!(told(&decisions, Topic::Compiler).evidence.len(), 2);
    }
}
