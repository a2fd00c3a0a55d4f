//! Manifests that are made to hurt: what they cost is bounded, and none of them panics.

use super::{read, refused};
use crate::manifest::{MAX_BYTES, Manifest};
use proptest::prelude::*;
use std::fmt::Write;

#[test]
fn a_file_that_is_too_large_is_not_parsed() {
    let large = vec![b'#'; MAX_BYTES + 1];
    let error = Manifest::read(&large).expect_err("too large");
    assert!(error.what.contains("larger than 1048576 bytes"), "{error}");
}

#[test]
fn aliases_of_aliases_end_where_they_are_too_much() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..30 {
        let before = n - 1;
        let ten = vec![format!("*a{before}"); 10].join(", ");
        let _ = writeln!(bomb, "a{n}: &a{n} [{ten}]");
    }
    let error = refused(&bomb);
    assert!(error.what.contains("aliases written out"), "{error}");
    assert!(error.line.is_some_and(|line| line < 8), "{error}");
    let text = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(500_000),
        "*a, ".repeat(1000)
    );
    assert!(refused(&text).what.contains("aliases written out"));
    let merged = "a: &a { <<: *a }\nkind: Pod\n";
    assert!(refused(merged).line.is_some());
}

#[test]
fn depth_ends_in_an_error_and_not_in_the_stack() {
    for text in [
        "[".repeat(500_000),
        "{a: ".repeat(200_000),
        "- ".repeat(400_000),
        format!("services: {}", "[".repeat(200)),
        (0..900).fold(String::new(), |text, n| text + &" ".repeat(n) + "a:\n"),
        "? ".repeat(300_000),
        "!!map ".repeat(100_000),
        "&a ".repeat(100_000),
    ] {
        assert!(Manifest::read(text.as_bytes()).is_err(), "{}", &text[..20]);
    }
    let deep = (0..30).fold("a: &x0 [y]\n".to_owned(), |text, n| {
        format!("{text}b{n}: &x{} [[[*x{n}]]]\n", n + 1)
    });
    assert!(refused(&deep).what.contains("nested"));
}

#[test]
fn words_on_which_parsers_have_hung_or_fallen_are_errors() {
    for text in [
        "{---",
        "[---",
        "---\n---\n{---",
        "*a",
        "a: *a",
        "&a *a",
        "%YAML 9.9\n---\na",
        "\t- a",
        "a: |9\n x",
        "a: \"\\u12",
        "'",
        "\"",
        "{a: b",
        "[a",
        "? ",
        ": ",
        "!",
        "&",
        "*",
        "<<: [1]",
        "<<: x",
        "\u{feff}",
        "\0",
        "a:\u{85}b",
        "!<tag:yaml.org,2002:map>",
        "--- !!binary x",
        "{[a]: b}",
        "? {a: b}\n: c",
        "!Ref x",
    ] {
        assert!(Manifest::read(text.as_bytes()).is_err(), "{text:?}");
    }
    assert!(Manifest::read(b"services: \xff\xfe").is_err());
}

#[test]
fn a_wrong_shape_anywhere_is_an_error_or_left_out_and_never_a_panic() {
    let shapes = [
        "1", "x", "[]", "{}", "[[]]", "[{}]", "{a: {}}", "null", "true", "['']", "['$']",
    ];
    let of_pod = [
        "command",
        "args",
        "env",
        "envFrom",
        "image",
        "name",
        "ports",
        "resources",
        "securityContext",
        "volumeMounts",
        "livenessProbe",
        "workingDir",
    ];
    let of_service = [
        "command",
        "entrypoint",
        "environment",
        "env_file",
        "image",
        "user",
        "read_only",
        "tmpfs",
        "volumes",
        "cap_add",
        "cap_drop",
        "ports",
        "expose",
        "mem_limit",
        "deploy",
        "healthcheck",
        "working_dir",
        "secrets",
        "configs",
        "sysctls",
        "security_opt",
        "group_add",
        "privileged",
    ];
    let of_task = [
        "command",
        "entryPoint",
        "environment",
        "secrets",
        "image",
        "user",
        "readonlyRootFilesystem",
        "memory",
        "mountPoints",
        "portMappings",
        "linuxParameters",
        "healthCheck",
        "name",
        "systemControls",
    ];
    for shape in shapes {
        for key in of_pod {
            let _ = Manifest::read(
                format!("kind: Pod\nspec: {{ containers: [{{ {key}: {shape} }}] }}").as_bytes(),
            );
        }
        for key in of_service {
            let _ = Manifest::read(format!("services: {{ a: {{ {key}: {shape} }} }}").as_bytes());
        }
        for key in of_task {
            let _ =
                Manifest::read(format!("containerDefinitions: [{{ {key}: {shape} }}]").as_bytes());
        }
        for key in ["services", "kind", "containerDefinitions", "taskDefinition"] {
            let _ = Manifest::read(format!("{key}: {shape}").as_bytes());
        }
    }
}

#[test]
fn lists_without_end_and_names_without_end_are_refused_in_few_words() {
    let long = format!(
        "services: {{ a: {{ environment: [{}] }} }}",
        "A=b, ".repeat(100_000)
    );
    assert!(refused(&long).what.contains("more than 2000 parts"));
    let name = "x".repeat(900_000);
    for text in [
        format!("{name}: 1"),
        format!("kind: {name}"),
        format!("services: {{ {name}: [] }}"),
    ] {
        assert!(refused(&text).what.len() < 5000);
    }
    let variables = (0..100_000).fold(String::new(), |text, n| text + &format!("$A{n}"));
    let noted = read(&format!("services: {{ a: {{ user: '{variables}' }} }}"));
    assert_eq!(noted.containers[0].unknown.len(), 1000);
}

#[test]
fn a_large_honest_file_is_read() {
    let mut text = String::from("services:\n");
    for n in 0..900 {
        let _ = writeln!(
            text,
            "  s{n}: {{ image: 'team/s{n}:1', environment: [A=b, C=d], user: '7' }}"
        );
    }
    assert_eq!(read(&text).containers.len(), 900);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Manifest::read(&bytes);
    }

    #[test]
    fn no_text_of_yamls_own_signs_panics_or_hangs(text in "[-\\[\\]{}:?,&*!|>'\"%@#a \n]{0,80}") {
        let _ = Manifest::read(text.as_bytes());
    }

    #[test]
    fn no_value_of_a_service_panics(value in "[$(){}:a-c'\"\\\\ ./,=-]{0,40}") {
        let quoted = serde_json::to_string(&value).expect("JSON");
        for key in ["command", "entrypoint", "user", "image", "mem_limit", "tmpfs", "working_dir"] {
            let _ = Manifest::read(format!("{{\"services\":{{\"a\":{{\"{key}\":{quoted}}}}}}}").as_bytes());
        }
        for key in ["volumes", "environment", "ports", "secrets"] {
            let _ = Manifest::read(format!("{{\"services\":{{\"a\":{{\"{key}\":[{quoted}]}}}}}}").as_bytes());
        }
        let pod = format!(
            "{{\"kind\":\"Pod\",\"spec\":{{\"containers\":[{{\"name\":\"a\",\"command\":[{quoted}],\
             \"env\":[{{\"name\":\"A\",\"value\":{quoted}}}]}}]}}}}"
        );
        let _ = Manifest::read(pod.as_bytes());
    }
}
