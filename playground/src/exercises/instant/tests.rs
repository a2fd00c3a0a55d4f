use super::*;
use catalog::Catalog;

fn repository() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn said(exercise: &Exercise, files: &[(&str, &str)]) -> Vec<String> {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let remarks = remarks(&repository(), exercise, &files.collect());
    remarks.iter().map(Remark::to_string).collect()
}

#[test]
fn what_a_file_shows_by_itself_is_said_with_its_line() {
    let catalog = Catalog::load(&repository()).expect("the catalog");
    let exercise = catalog.exercise("1").expect("the first");
    let cases: &[(&str, &[&str])] = &[
        ("", &["Dockerfile: error: it is empty"]),
        ("# nothing\n\n", &["Dockerfile: error: it is empty"]),
        ("RUN true\n", &["Dockerfile: error: no FROM"]),
        (
            "FROM golang:1.23\nCOYP . .\n",
            &["Dockerfile:2: error: there is no instruction `COYP`; did you mean `COPY`?"],
        ),
        (
            "FROM alpine:3.20\n\nRUN go install x.org/y@latest\n",
            &["Dockerfile:3: warning: `@latest`"],
        ),
        (
            "FROM golang\n",
            &[
                "Dockerfile:1: warning: `golang` has no tag",
                "Dockerfile:1: error: `golang` is not among",
            ],
        ),
        (
            "FROM golang@sha256:00\n",
            &["Dockerfile:1: error: `golang@sha256:00` does not say which image it is"],
        ),
        (
            "FROM scratch\nCOPY --from=debian:12 /bin/sh /\n",
            &["Dockerfile:2: error: `debian:12` is not among"],
        ),
        (
            "FROM alpine:3.20\nCOPY main.go nope.go ./\n",
            &["Dockerfile:2: error: the build context has no `nope.go`"],
        ),
        (
            "FROM alpine:3.20\nADD [\"nope\", \"/x\"]\n",
            &["Dockerfile:2: error: the build context has no `nope`"],
        ),
    ];
    for (text, expected) in cases {
        let said = said(exercise, &[("Dockerfile", text)]);
        assert_eq!(said.len(), expected.len(), "{text}: {said:?}");
        for (said, expected) in said.iter().zip(*expected) {
            assert!(said.starts_with(expected), "{text}: {said}");
        }
    }
    let none = said(exercise, &[]);
    assert!(
        none[0].starts_with("Dockerfile: error: there is none"),
        "{none:?}"
    );
}

#[test]
fn what_only_the_builder_can_tell_is_not_guessed() {
    let catalog = Catalog::load(&repository()).expect("the catalog");
    let exercise = catalog.exercise("1").expect("the first");
    for text in [
        "FROM alpine:3.20\nCOPY . .\nCOPY ./main.go /main.go\nCOPY /go.mod /\n",
        "FROM alpine:3.20\nCOPY *.go nope* ./\n",
        "FROM alpine:3.20\nARG F=nope\nCOPY $F /\nCOPY ${F} /\n",
        "FROM golang:1.23 AS b\nFROM scratch\nCOPY --from=b /nope /\n",
        "FROM alpine:3.20\nADD https://example.org/nope /\nADD git@example.org:x.git /\n",
        "FROM alpine:3.20\nCOPY --parents nope /\nCOPY --exclude=x nope /\n",
        "FROM alpine:3.20\nCOPY \"with space\" /\nCOPY [\"a*\", \"/\"]\n",
        "FROM alpine:3.20\nCOPY ../nope /\n",
        "FROM alpine:3.20\nRUN <<EOF\nmake it so\nEOF\nCOPY nope /\n",
        "# syntax=example/own:1\nFROM alpine:3.20\nINCLUDE x\n",
        "ARG V=3.20\nfrom alpine:$V\ncopy main.go \\\n  # why\n  go.mod /\n",
        "FROM alpine:3.20\nONBUILD COPY nope /\nRUN COPY nope /\n",
        "FROM docker.io/library/golang:1.23 AS b\nFROM index.docker.io/library/alpine:3.20\n",
        "FROM golang:1.23@sha256:00\n",
    ] {
        assert_eq!(said(exercise, &[("Dockerfile", text)]), [""; 0], "{text}");
    }
}

#[test]
fn what_the_ignore_file_holds_back_is_named_and_a_broken_one_too() {
    let catalog = Catalog::load(&repository()).expect("the catalog");
    let mut exercise = catalog.exercise("1").expect("the first").clone();
    exercise.edit.push(".dockerignore".into());
    for variant in &mut exercise.lab.variants {
        variant.editable.push(".dockerignore".into());
    }
    let dockerfile = ("Dockerfile", "FROM alpine:3.20\nCOPY main.go /\n");
    let held = said(&exercise, &[dockerfile, (".dockerignore", "*\n!go.mod\n")]);
    assert_eq!(
        held,
        ["Dockerfile:2: error: `main.go` stays behind: .dockerignore holds it back"]
    );
    assert_eq!(
        said(&exercise, &[dockerfile, (".dockerignore", "*.md\n")]),
        [""; 0]
    );
    let broken = said(&exercise, &[dockerfile, (".dockerignore", "a\n[b\n")]);
    assert_eq!(
        broken,
        [".dockerignore:2: error: the pattern `[b` cannot be understood"]
    );
}

#[test]
fn no_solution_gets_a_false_alarm() {
    let catalog = Catalog::load(&repository()).expect("the catalog");
    for exercise in &catalog.exercises {
        let none = BTreeMap::new();
        let solution = exercise.lab.variant(Some("solution")).expect("a solution");
        let laid = context(&repository(), &exercise.lab, solution, &none_of(), &none);
        let laid = laid.expect("laid down");
        let text = |path: &String| Some((path.clone(), laid.text(path)?.to_owned()));
        let files: BTreeMap<_, _> = exercise.edit.iter().filter_map(text).collect();
        let said = remarks(&repository(), exercise, &files);
        let said: Vec<_> = said.iter().map(Remark::to_string).collect();
        assert!(said.is_empty(), "{}: {said:?}", exercise.id);
    }
}

fn none_of() -> BTreeMap<String, Vec<u8>> {
    BTreeMap::new()
}
