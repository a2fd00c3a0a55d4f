//! Every rule of the catalog, each broken once.

use super::*;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(super) const STAGE: &str = r#"kind = "stage"
title = "The empty room"
summary = "Two files."
sources = ["_service"]

[stage]
number = "5a"
order = 5
claimed_mb = 2.5
claimed_mb_max = 5
claimed_by = "C"
base = "scratch"

[[variant]]
id = "image"
title = "Scratch"
role = "stage"
show = ["Dockerfile", "main.go"]
editable = ["Dockerfile"]

[variant.run]
command = ["/app", "-v"]
env = { TZ = "Europe/Berlin", EMPTY = "" }
port = 8080
memory_mib = 64
seconds = 20

[[variant.probe]]
id = "health"
title = "Answers"
get = "/healthz"
status = 200
body = '"status":"ok"'

[variant.expect]
outcome = "serves"
"#;

pub(super) const FAILURE: &str = r#"kind = "failure"
title = "Unknown authority"
summary = "Whom does an empty room trust?"

[[peer]]
id = "upstream"
alias = "upstream.test"
ready = "listening"

[[variant]]
id = "broken"
title = "No authorities"
role = "broken"
show = ["Dockerfile"]

[variant.expect]
outcome = "exits"
exit_code = 1
reporter = "program"
message = 'x509: .* unknown authority'

[[variant]]
id = "bundle"
title = "With a bundle"
role = "fixed"
show = ["Dockerfile", "main.go"]
editable = ["main.go"]

[[variant.provide]]
file = "upstream-ca.pem"
peer = "upstream"
path = "/ca.pem"

[variant.expect]
outcome = "exits"
exit_code = 0

[[symptom]]
pattern = 'x509: .* unknown authority'
example = 'x509: certificate signed by unknown authority'
says = "The image trusts nobody."
"#;

/// A project folder with one stage and one failure lab.
pub(super) struct Project(TempDir);

impl Project {
    pub(super) fn new() -> Self {
        let project = Project(tempfile::tempdir().expect("a temporary folder"));
        project.write("_service/main.go", "package main\n");
        project.write("_service/go.mod", "module room\n");
        project.write("stage-5a/lab.toml", STAGE);
        project.write("stage-5a/image/Dockerfile", "FROM scratch\n");
        project.write("x509/lab.toml", FAILURE);
        project.write("x509/src/main.go", "package main\n");
        project.write("x509/broken/Dockerfile", "FROM scratch\n");
        project.write(
            "x509/bundle/Dockerfile",
            "FROM scratch\nCOPY upstream-ca.pem /\n",
        );
        project.write("x509/peers/upstream/Dockerfile", "FROM golang:1.23\n");
        project
    }

    pub(super) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn path(&self, below_labs: &str) -> PathBuf {
        self.root().join("book/labs").join(below_labs)
    }

    pub(super) fn write(&self, below_labs: &str, text: impl AsRef<[u8]>) {
        let path = self.path(below_labs);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub(super) fn load(&self) -> Catalog {
        Catalog::load(self.root()).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn problems(&self) -> Vec<String> {
        match Catalog::load(self.root()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(Diagnostic::to_string).collect(),
        }
    }
}

#[test]
fn what_is_declared_is_what_is_read() {
    let catalog = Project::new().load();
    let ids: Vec<_> = catalog.labs.iter().map(|lab| lab.id.as_str()).collect();
    assert_eq!(ids, ["stage-5a", "x509"]);
    let (lab, variant) = catalog.resolve("stage-5a").expect("a stage");
    assert_eq!(lab.sources, ["_service"]);
    let stage = lab.stage.as_ref().expect("a place on the journey");
    assert_eq!(
        (stage.number.as_str(), stage.order, stage.claimed_mb_max),
        ("5a", 5, Some(5.0))
    );
    assert_eq!(variant.show, ["Dockerfile", "main.go"]);
    assert_eq!(variant.editable, ["Dockerfile"]);
    assert_eq!(
        variant.run.command.as_deref(),
        Some(&["/app".to_owned(), "-v".into()][..])
    );
    assert_eq!(
        variant.run.env,
        [
            ("TZ".to_owned(), "Europe/Berlin".to_owned()),
            ("EMPTY".into(), String::new())
        ]
    );
    assert_eq!(variant.run.memory_mib, Some(64));
    assert_eq!(variant.probes[0].status, 200);
    assert_eq!(variant.expect.outcome, Outcome::Serves);
    let (lab, variant) = catalog.resolve("x509/bundle").expect("a repair");
    assert_eq!(lab.peers[0].alias, "upstream.test");
    assert_eq!(variant.provides[0].path, "/ca.pem");
    assert_eq!(variant.role, Role::Fixed);
}

/// Content is checked like code: what ships is in order, down to each build context.
#[test]
fn the_books_own_labs_are_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let catalog = Catalog::load(&root).unwrap_or_else(|problems| panic!("{problems}"));
    for lab in &catalog.labs {
        for variant in &lab.variants {
            let context = context(
                &root,
                lab,
                variant,
                &Default::default(),
                &Default::default(),
            );
            let context = context.unwrap_or_else(|t| panic!("{}/{}: {t}", lab.id, variant.id));
            assert!(
                !analysis::dockerfile::dockerfile_bases(context.dockerfile()).is_empty(),
                "{}",
                lab.id
            );
        }
        for peer in &lab.peers {
            let context = peer_context(lab, peer);
            context.unwrap_or_else(|error| panic!("{}/{}: {error}", lab.id, peer.id));
        }
    }
}

/// What to change in a `lab.toml`, and the whole report that must come of it.
fn check(file: &str, original: &str, cases: &[(&str, &str, &[&str])]) {
    let mut wrong = Vec::new();
    for (from, to, expected) in cases {
        assert!(original.contains(from), "the fixture has no {from:?}");
        let project = Project::new();
        project.write(file, original.replacen(from, to, 1));
        let full = |e: &&str| match e.starts_with("book/") {
            true => e.to_string(),
            false => format!("book/labs/{file}:{e}"),
        };
        let expected: Vec<_> = expected.iter().map(full).collect();
        let seen = project.problems();
        if seen != expected {
            wrong.push(format!("{from:?} became {to:?}:\n{}", seen.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_stage_breaks_rules_one_by_one() {
    check(
        "stage-5a/lab.toml",
        STAGE,
        &[
            (
                "title = \"The",
                "titel = \"The",
                &[
                    "1: the lab lacks `title`",
                    "2: the lab does not know the key `titel`; did you mean `title`?",
                ],
            ),
            (
                "title = \"The empty room\"",
                "title = 5",
                &["2: `title` must be a string, not a whole number"],
            ),
            (
                "title = \"The empty room\"",
                "title = \" \"",
                &["2: `title` must not be empty"],
            ),
            (
                "\"stage\"",
                "\"stag\"",
                &["1: `kind` cannot be `stag`; did you mean `stage`?"],
            ),
            (
                "_service",
                "_servise",
                &[
                    "4: there is no source folder book/labs/_servise; did you mean `_service`?",
                    "18: the build context has no file `main.go`; it holds `Dockerfile`",
                ],
            ),
            (
                "[\"_service\"]",
                "[\"_service\", \"_service\"]",
                &["4: `sources` names `_service` twice"],
            ),
            (
                "[\"_service\"]",
                "[7, \"_service\"]",
                &["4: `sources` holds a whole number, not a string"],
            ),
            (
                "[\"_service\"]",
                "\"_service\"",
                &[
                    "4: `sources` must be a list of strings, not a string",
                    "18: the build context has no file `main.go`; it holds `Dockerfile`",
                ],
            ),
            (
                "\"5a\"",
                "\"five\"",
                &["7: `number` is `five`; it looks like 3 or 5a"],
            ),
            (
                "order = 5",
                "order = 0",
                &["8: `order` is 0; it must be 1 to 1000"],
            ),
            (
                "order = 5",
                "order = 5.5",
                &["8: `order` must be a whole number, not a number with a fraction"],
            ),
            (
                "claimed_mb = 2.5",
                "claimed_mb = -1",
                &["9: `claimed_mb` is -1; it must be above zero"],
            ),
            (
                "claimed_mb = 2.5",
                "claimed_mb = nan",
                &["9: `claimed_mb` is NaN; it must be above zero"],
            ),
            (
                "claimed_mb_max = 5",
                "claimed_mb_max = 2",
                &["10: `claimed_mb_max` must be above `claimed_mb`"],
            ),
            ("base = \"scratch\"\n", "", &["6: [stage] lacks `base`"]),
            (
                "base = \"scratch\"\n",
                "base = \"scratch\"\nbass = 1\n",
                &["13: [stage] does not know the key `bass`; did you mean `base`?"],
            ),
            (
                "\"image\"",
                "\"picture\"",
                &[
                    "book/labs/stage-5a/image: lab.toml has no [[variant]] with the id `image`; declared are `picture`",
                    "15: a stage's variant is called `image`, not `picture`",
                    "15: there is no folder book/labs/stage-5a/picture; there are `image`",
                ],
            ),
            (
                "role = \"stage\"",
                "role = \"fixed\"",
                &["17: a stage's variant has the role `stage`"],
            ),
            (
                "\"main.go\"]",
                "\"mein.go\"]",
                &["18: the build context has no file `mein.go`; did you mean `main.go`?"],
            ),
            (
                "\"main.go\"]",
                "\"../main.go\"]",
                &[
                    "18: the build context has no file `../main.go`; it holds `Dockerfile`, `go.mod`, `main.go`",
                ],
            ),
            (
                "\"main.go\"]",
                "\"Dockerfile\"]",
                &["18: tab `Dockerfile` is listed twice"],
            ),
            (
                "show = [\"Dockerfile\", \"main.go\"]\neditable = [\"Dockerfile\"]",
                "show = []",
                &["18: `show` names no file"],
            ),
            (
                "editable = [\"Dockerfile\"]",
                "editable = [\"go.mod\"]",
                &["19: `go.mod` is editable, but not in `show`; shown are `Dockerfile`, `main.go`"],
            ),
            (
                "[\"/app\", \"-v\"]",
                "[]",
                &["22: `command` names no program"],
            ),
            (
                "TZ = \"E",
                "\"T Z\" = \"E",
                &["23: `T Z` is not a name for an environment variable"],
            ),
            (
                "EMPTY = \"\"",
                "EMPTY = 1",
                &["23: `env.EMPTY` must be a string"],
            ),
            (
                "port = 8080\n",
                "",
                &["27: probes need a `port` in [variant.run]"],
            ),
            (
                "port = 8080\n",
                "port = 65536\n",
                &["24: `port` is 65536; it must be 1 to 65535"],
            ),
            (
                "memory_mib = 64",
                "memory_mib = 257",
                &["25: `memory_mib` is 257; it must be 6 to 256"],
            ),
            (
                "seconds = 20",
                "seconds = 31",
                &["26: `seconds` is 31; it must be 1 to 30"],
            ),
            (
                "id = \"health\"",
                "id = \"Health Check\"",
                &["29: probe id `Health Check` is not kebab-case (a-z, 0-9, single hyphens)"],
            ),
            (
                "id = \"health\"",
                "id = \"outcome\"",
                &["29: a probe cannot be called `outcome`: a check is"],
            ),
            (
                "\"/healthz\"",
                "\"http://elsewhere/\"",
                &["31: `http://elsewhere/` is not a path such as /time?zone=UTC"],
            ),
            (
                "status = 200",
                "status = 99",
                &["32: `status` is 99; it must be 100 to 599"],
            ),
            (
                "'\"status\":\"ok\"'",
                "'(status'",
                &["33: `body` is not a regular expression: unclosed group"],
            ),
            (
                "outcome = \"serves\"",
                "outcome = \"exits\"\nexit_code = 0",
                &["28: only a variant with the outcome `serves` can be probed"],
            ),
            (
                "outcome = \"serves\"",
                "outcome = \"serves\"\nexit_code = 0",
                &[
                    "37: `exit_code` belongs to the outcomes `exits` and `cannot-start`, and to the moment `exec`",
                ],
            ),
            (
                "outcome = \"serves\"",
                "outcome = \"serves\"\nreporter = \"engine\"\nmessage = \"x\"",
                &["37: a program that ran reports itself, or `nobody` does"],
            ),
            (
                "[variant.expect]\noutcome = \"serves\"\n",
                "",
                &["14: [[variant]] lacks `expect`"],
            ),
            (
                "title = \"Answers\"\n",
                "titel = \"Answers\"\n",
                &[
                    "28: [[variant.probe]] lacks `title`",
                    "30: [[variant.probe]] does not know the key `titel`; did you mean `title`?",
                ],
            ),
            (
                "[variant.run]",
                "[variant.rnu]",
                &[
                    "21: [[variant]] does not know the key `rnu`; did you mean `run`?",
                    "28: probes need a `port` in [variant.run]",
                ],
            ),
            (
                "[[variant.probe]]",
                "[variant.probe]",
                &[
                    "28: `probe` must be a list of tables, not a table",
                    "35: the outcome `serves` needs a [[variant.probe]]: nothing else shows that it does",
                ],
            ),
            (
                "[variant.expect]",
                "[[variant.expect]]",
                &["35: `expect` must be a table, not a list of tables"],
            ),
        ],
    );
}

#[test]
fn a_peer_cannot_take_the_name_of_what_a_run_has_itself() {
    for id in ["app", "prober", "image"] {
        let id = format!("id = \"{id}\"");
        let project = Project::new();
        let text = FAILURE.replace("id = \"upstream\"", &id);
        project.write("x509/lab.toml", &text);
        let problems = project.problems();
        let told = |p: &String| p.contains("lab.toml:6:") && p.contains("cannot name a peer");
        assert!(problems.iter().any(told), "{problems:?}");
    }
}

#[test]
fn a_failure_lab_breaks_rules_one_by_one() {
    check(
        "x509/lab.toml",
        FAILURE,
        &[
            (
                "id = \"upstream\"",
                "id = \"upstraem\"",
                &[
                    "6: there is no folder book/labs/x509/peers/upstraem; did you mean `upstream`?",
                    "31: the lab has no peer `upstream`; did you mean `upstraem`?",
                    "book/labs/x509/peers/upstream: lab.toml has no [[peer]] with the id `upstream`; did you mean `upstraem`?",
                ],
            ),
            (
                "upstream.test",
                "Up stream",
                &["7: `Up stream` is not a host name"],
            ),
            (
                "upstream.test",
                "app",
                &["7: `app` cannot name a peer: the lab's own container is called so"],
            ),
            (
                "\"listening\"",
                "\"*\"",
                &["8: `ready` is not a regular expression: repetition operator missing expression"],
            ),
            (
                "[[variant]]",
                "[[peer]]\nid = \"upstream\"\nalias = \"upstream.test\"\nready = \"x\"\n\n[[variant]]",
                &[
                    "11: peer `upstream` is declared twice, first on line 6",
                    "12: another peer is called `upstream.test` already",
                ],
            ),
            (
                "role = \"broken\"",
                "role = \"fixed\"",
                &[
                    "1: a failure lab needs a variant with the role `broken`",
                    "13: a failure lab starts with a broken variant",
                ],
            ),
            (
                "role = \"fixed\"",
                "role = \"broken\"",
                &["1: a failure lab needs a variant with the role `fixed`"],
            ),
            (
                "role = \"fixed\"",
                "role = \"stage\"",
                &[
                    "1: a failure lab needs a variant with the role `fixed`",
                    "25: a failure lab's variants are `broken` or `fixed`",
                ],
            ),
            (
                "id = \"bundle\"",
                "id = \"src\"",
                &[
                    "book/labs/x509/bundle: lab.toml has no [[variant]] with the id `bundle`; declared are `broken`, `src`",
                    "23: `src` cannot name a variant: the folder has a meaning",
                    "23: there is no folder book/labs/x509/src; there are `broken`, `bundle`",
                ],
            ),
            (
                "exit_code = 1\n",
                "exit_code = 256\n",
                &["18: `exit_code` is 256; it must be 0 to 255"],
            ),
            (
                "reporter = \"program\"\n",
                "",
                &[
                    "17: this outcome needs a `reporter`: who says what is wrong?",
                    "19: `message` needs a `reporter`",
                ],
            ),
            (
                "message = 'x509: .* unknown authority'\n",
                "",
                &["19: a `reporter` needs the `message` that it must give"],
            ),
            (
                "\"program\"",
                "\"nobody\"",
                &[
                    "19: where `nobody` reports, `unsaid` must say what a program that had noticed would write",
                    "20: where `nobody` reports there is no `message`",
                ],
            ),
            (
                "\"program\"",
                "\"builder\"",
                &["19: a program that ran reports itself, or `nobody` does"],
            ),
            (
                "\"exits\"\nexit_code = 1",
                "\"build-fails\"",
                &["18: what goes wrong in a build, the `builder` reports"],
            ),
            (
                "\"exits\"\nexit_code = 1",
                "\"cannot-start\"",
                &[
                    "17: this outcome needs a `moment`: with which call of the engine does it show?",
                    "18: what cannot start, the `engine` reports",
                ],
            ),
            (
                "\"exits\"\nexit_code = 1\nreporter = \"program\"",
                "\"cannot-start\"\nexit_code = 0\nreporter = \"engine\"",
                &[
                    "17: this outcome needs a `moment`: with which call of the engine does it show?",
                    "18: what cannot start does not exit with 0",
                ],
            ),
            (
                "\"exits\"",
                "\"serves\"",
                &[
                    "16: the outcome `serves` needs a [[variant.probe]]: nothing else shows that it does",
                    "17: this outcome needs a `moment`: with which call of the engine does it show?",
                    "18: `exit_code` belongs to the outcomes `exits` and `cannot-start`, and to the moment `exec`",
                ],
            ),
            (
                "peer = \"upstream\"",
                "peer = \"downstream\"",
                &["31: the lab has no peer `downstream`; there are `upstream`"],
            ),
            (
                "\"upstream-ca.pem\"",
                "\"../ca.pem\"",
                &["30: `../ca.pem` is not a plain path inside the build context"],
            ),
            (
                "\"/ca.pem\"",
                "\"ca.pem\"",
                &["32: `ca.pem` is not an absolute path to a file"],
            ),
            (
                "\"/ca.pem\"",
                "\"/../ca.pem\"",
                &["32: `/../ca.pem` is not an absolute path to a file"],
            ),
            (
                "[[variant.provide]]",
                "[[variant.provide]]\nfile = \"upstream-ca.pem\"\npeer = \"upstream\"\npath = \"/x\"\n[[variant.provide]]",
                &["34: `upstream-ca.pem` is provided twice"],
            ),
            (
                "[[variant]]",
                "[stage]\nnumber = \"9\"\norder = 9\nclaimed_mb = 1\nclaimed_by = \"A\"\nbase = \"x\"\n\n[[variant]]",
                &["10: a lab of kind `failure` has no [stage] table"],
            ),
        ],
    );
}

#[test]
fn syntax_errors_carry_their_line() {
    let cases = [
        ("kind = \"failure\"", "kind = \"failure", 1),
        ("[[variant]]", "[[variant]", 10),
        ("exit_code = 1", "exit_code = ", 18),
        ("exit_code = 1", "outcome = \"exits\"", 18),
    ];
    for (from, to, line) in cases {
        let project = Project::new();
        project.write("x509/lab.toml", FAILURE.replacen(from, to, 1));
        let problems = project.problems();
        let start = format!("book/labs/x509/lab.toml:{line}: not valid TOML: ");
        assert!(
            problems.len() == 1 && problems[0].starts_with(&start),
            "{to}: {problems:?}"
        );
    }
}

#[test]
fn a_stage_needs_its_place_and_one_variant() {
    let project = Project::new();
    let (head, rest) = STAGE.split_once("[stage]").expect("a table");
    let (_, tail) = rest.split_once("[[variant]]").expect("a table");
    project.write("stage-5a/lab.toml", format!("{head}[[variant]]{tail}"));
    assert_eq!(
        project.problems(),
        ["book/labs/stage-5a/lab.toml:1: a lab of kind `stage` needs a [stage] table"]
    );
    project.write("stage-5a/lab.toml", format!("{STAGE}\n[[variant]]{tail}"));
    assert_eq!(
        project.problems(),
        [
            "book/labs/stage-5a/lab.toml:39: variant `image` is declared twice, first on line 15",
            "book/labs/stage-5a/lab.toml:41: a stage has one [[variant]], `image`",
        ]
    );
    let head = STAGE.split_once("[[variant]]").expect("a table").0;
    project.write("stage-5a/lab.toml", head);
    assert_eq!(
        project.problems(),
        [
            "book/labs/stage-5a/image: lab.toml has no [[variant]] with the id `image`",
            "book/labs/stage-5a/lab.toml:1: the lab has no [[variant]]",
        ]
    );
}

#[test]
fn probe_ids_are_unique() {
    let project = Project::new();
    let probe = "[[variant.probe]]\nid = \"health\"\ntitle = \"x\"\nget = \"/\"\nstatus = 200\n";
    project.write(
        "stage-5a/lab.toml",
        STAGE.replace("[variant.expect]", &format!("{probe}\n[variant.expect]")),
    );
    assert_eq!(
        project.problems(),
        ["book/labs/stage-5a/lab.toml:36: check `health` is listed twice"]
    );
}

#[test]
fn places_on_the_journey_are_taken_once() {
    let project = Project::new();
    project.write("stage-9/lab.toml", STAGE);
    project.write("stage-9/image/Dockerfile", "FROM scratch\n");
    assert_eq!(
        project.problems(),
        [
            "book/labs/stage-9/lab.toml:7: `number` 5a is taken by book/labs/stage-5a/lab.toml",
            "book/labs/stage-9/lab.toml:8: `order` 5 is taken by book/labs/stage-5a/lab.toml",
        ]
    );
}

#[test]
fn folders_hold_what_the_lab_declares_and_nothing_else() {
    let project = Project::new();
    project.write("README.md", "stray");
    project.write(
        "Not Kebab/lab.toml",
        STAGE
            .replace("\"5a\"", "\"6\"")
            .replace("order = 5", "order = 6"),
    );
    project.write("Not Kebab/image/Dockerfile", "FROM scratch\n");
    project.write("empty/src/main.go", "");
    project.write("x509/notes.txt", "stray");
    project.write("x509/fixed/Dockerfile", "FROM scratch\n");
    project.write("x509/peers/notes.txt", "stray");
    project.write("x509/peers/other/Dockerfile", "FROM scratch\n");
    project.write("x509/.DS_Store", "left by the Finder");
    fs::remove_file(project.path("stage-5a/image/Dockerfile")).expect("gone");
    fs::write(project.path("stage-5a/image/x"), "").expect("a file");
    fs::remove_file(project.path("x509/peers/upstream/Dockerfile")).expect("gone");
    assert_eq!(
        project.problems(),
        [
            "book/labs/Not Kebab: a lab's folder is named in kebab-case (a-z, 0-9, single hyphens)",
            "book/labs/README.md: is no lab; labs are folders, and nothing else belongs here",
            "book/labs/empty/lab.toml: is missing: every folder here holds a lab (or starts with _)",
            "book/labs/stage-5a/lab.toml:15: book/labs/stage-5a/image has no Dockerfile",
            "book/labs/stage-5a/lab.toml:18: the build context has no file `Dockerfile`; it holds `go.mod`, `main.go`, `x`",
            "book/labs/x509/fixed: lab.toml has no [[variant]] with the id `fixed`; declared are `broken`, `bundle`",
            "book/labs/x509/lab.toml:6: book/labs/x509/peers/upstream has no Dockerfile",
            "book/labs/x509/notes.txt: does not belong here; files go into src/ or a variant's folder",
            "book/labs/x509/peers/notes.txt: does not belong here; a peer is a folder",
            "book/labs/x509/peers/other: lab.toml has no [[peer]] with the id `other`; declared are `upstream`",
        ]
        .map(str::to_owned)
        .to_vec()
    );
}

#[test]
fn files_are_shown_only_as_text_of_bearable_size() {
    let project = Project::new();
    project.write("_service/main.go", [0xff, 0xfe]);
    assert_eq!(
        project.problems(),
        ["book/labs/stage-5a/lab.toml:18: `main.go` is not UTF-8 text"]
    );
    project.write("_service/main.go", vec![b' '; (256 << 10) + 1]);
    assert_eq!(
        project.problems(),
        [
            "book/labs/stage-5a/lab.toml:18: `main.go` is larger than the 262144 bytes a tab may show"
        ]
    );
}

#[test]
fn contexts_are_limited_and_their_layers_agree() {
    let project = Project::new();
    project.write("x509/src/big", vec![0; 8 << 20]);
    assert_eq!(
        project.problems(),
        [
            "book/labs/x509/lab.toml:11: variant `broken`: its build context holds 8388634 bytes; 8388608 are allowed",
            "book/labs/x509/lab.toml:23: variant `bundle`: its build context holds 8388657 bytes; 8388608 are allowed",
        ]
    );
    fs::remove_file(project.path("x509/src/big")).expect("gone");
    project.write("x509/src/data", "a file");
    project.write("x509/bundle/data/x", "in a folder");
    assert_eq!(
        project.problems(),
        [
            "book/labs/x509/lab.toml:23: variant `bundle`: `data` is a file in one of its folders and a folder in another"
        ]
    );
}

#[cfg(unix)]
#[test]
fn links_are_reported_wherever_they_lead() {
    use std::os::unix::fs::symlink;
    let project = Project::new();
    symlink("/etc/passwd", project.path("x509/src/passwd")).expect("a link");
    symlink("main.go", project.path("x509/src/again.go")).expect("a link");
    symlink("nowhere", project.path("x509/src/dangling")).expect("a link");
    symlink(project.root(), project.path("outside")).expect("a link");
    assert_eq!(
        project.problems(),
        [
            "book/labs/outside: is a symbolic link that leads outside its folder; put the file itself here",
            "book/labs/x509/src/again.go: is a symbolic link, which not every checkout keeps; put the file itself here",
            "book/labs/x509/src/dangling: is a symbolic link to nothing; put the file itself here",
            "book/labs/x509/src/passwd: is a symbolic link that leads outside its folder; put the file itself here",
        ]
    );
}

#[test]
fn files_that_cannot_be_lab_toml_are_reported() {
    let project = Project::new();
    project.write("x509/lab.toml", b"kind = \"failure\"\ntitle = \"\xff\"\n");
    assert_eq!(
        project.problems(),
        ["book/labs/x509/lab.toml:2: is not UTF-8 text"]
    );
    project.write("x509/lab.toml", "#".repeat((64 << 10) + 1));
    assert_eq!(
        project.problems(),
        ["book/labs/x509/lab.toml: is larger than 65536 bytes"]
    );
    fs::remove_file(project.path("x509/lab.toml")).expect("gone");
    project.write("x509/lab.toml/x", "");
    assert_eq!(
        project.problems(),
        ["book/labs/x509/lab.toml: is a folder; it must be a file"]
    );
    let empty = tempfile::tempdir().expect("a temporary folder");
    let problems = Catalog::load(empty.path())
        .expect_err("no labs")
        .to_string();
    assert!(
        problems.starts_with("1 problem in the labs\nbook/labs: cannot be read: "),
        "{problems}"
    );
    fs::create_dir_all(empty.path().join("book/labs")).expect("a folder");
    let problems = Catalog::load(empty.path())
        .expect_err("no labs")
        .to_string();
    assert_eq!(problems, "1 problem in the labs\nbook/labs: holds no lab");
}

#[test]
fn problems_of_all_files_come_at_once() {
    let project = Project::new();
    project.write(
        "stage-5a/lab.toml",
        STAGE.replace("5a", "?").replace("8080", "0"),
    );
    project.write("x509/lab.toml", FAILURE.replace("\"failure", "\"failur"));
    let problems = Catalog::load(project.root())
        .expect_err("problems")
        .to_string();
    assert_eq!(
        problems,
        "3 problems in the labs\n\
         book/labs/stage-5a/lab.toml:7: `number` is `?`; it looks like 3 or 5a\n\
         book/labs/stage-5a/lab.toml:24: `port` is 0; it must be 1 to 65535\n\
         book/labs/x509/lab.toml:1: `kind` cannot be `failur`; did you mean `failure`?"
    );
}

#[test]
fn unknown_names_get_the_nearest_one() {
    let catalog = Project::new().load();
    let error = catalog.lab("x590").expect_err("no such lab");
    assert_eq!(error.what, "there is no lab `x590`");
    assert_eq!(error.cause, "did you mean `x509`?");
    assert_eq!(error.next, "playground list");
    let error = catalog.resolve("x509/bundel").expect_err("no such variant");
    assert_eq!(error.what, "the lab `x509` has no variant `bundel`");
    assert_eq!(error.cause, "did you mean `bundle`?");
    let error = catalog.resolve("../../etc").expect_err("no such lab");
    assert_eq!(error.cause, "there are `stage-5a`, `x509`");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Whatever a slip of the hand makes of a lab.toml: no panic, and every line
    /// that is reported is a line of the file.
    #[test]
    fn mutations_are_reported_within_the_file(
        stage in any::<bool>(),
        at in any::<prop::sample::Index>(),
        gone in 0..60usize,
        put in prop::string::string_regex(
            "([\\PC\n\t]{0,12}|\\[\\[?[a-z.]{0,8}\\]?\\]?\n|[a-z]{1,6} ?= ?(\"x\"|-?[0-9]{1,20}|\\[1\\]|\\{a=1\\})\n){0,3}"
        ).expect("a pattern"),
    ) {
        let (file, original) = if stage { ("stage-5a/lab.toml", STAGE) } else { ("x509/lab.toml", FAILURE) };
        let at = at.index(original.len());
        let text = format!("{}{put}{}", &original[..at], &original[(at + gone).min(original.len())..]);
        let project = Project::new();
        project.write(file, &text);
        if let Err(problems) = Catalog::load(project.root()) {
            let lines = text.lines().count().max(1) as u32;
            for problem in problems.iter() {
                prop_assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{problem}");
            }
        }
    }
}
