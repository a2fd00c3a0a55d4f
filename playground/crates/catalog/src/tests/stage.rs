//! Every rule of a stage's `lab.toml`, each broken once.

use super::project::{Project, STAGE, check};

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
