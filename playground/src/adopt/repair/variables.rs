//! Variables that a program asks for before it starts.
//!
//! A value comes from what the repository gives as a sample, else from the name. It is for the trial
//! alone, and never goes into an image: but for the port that the program itself listens on.

use super::settings::{asks, complaint, made_up, settled};
use super::words::quoted;
use super::{Repair, Situation, pattern};
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::tree::WorkingTree;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

/// Variables that are given at once.
const MAX_ASKED: usize = 16;

/// Variables that say where the program itself listens.
const OWN_PORTS: [&str; 8] = [
    "PORT",
    "HTTP_PORT",
    "LISTEN_PORT",
    "SERVER_PORT",
    "APP_PORT",
    "API_PORT",
    "WEB_PORT",
    "GRPC_PORT",
];

static VARIABLES: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        pattern(
            r#"(?i:env(?:ironment)?(?:[ _-]?var(?:iable)?s?)?)[^A-Z\n]{0,40}?\b([A-Z][A-Z0-9]*_[A-Z0-9_]{1,50}|[A-Z]{4,40})\b"#,
        ),
        pattern(
            r#"["'`$]?\b([A-Z][A-Z0-9]*_[A-Z0-9_]{1,50}|[A-Z]{4,40})\b["'`]?:? (?i:is |are |was |must be |must |should be |not |needs to be |cannot be |env\w* )"#,
        ),
        pattern(
            r#"(?i:missing|required|requires?|set|provide|specify|no|define|empty|undefined)[^A-Z\n]{0,40}?["'`$]?\b([A-Z][A-Z0-9]*_[A-Z0-9_]{1,50})\b"#,
        ),
        pattern(
            r#"\b([A-Z][A-Z0-9]*_[A-Z0-9_]{1,50})\b[^\n]{0,30}(?i:missing|required|empty|not set|undefined)"#,
        ),
    ]
});

/// A variable that must be set.
pub(super) fn variable(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    if settled(at) {
        return None;
    }
    let output = complaint(&at.trial.output);
    let ordinary = [
        "ERROR", "FATAL", "PANIC", "WARN", "WARNING", "INFO", "DEBUG", "HTTP", "HTTPS", "JSON",
        "YAML", "NOTE", "PATH", "USAGE", "HOME",
    ];
    let (mut asked, mut said) = (Vec::new(), None);
    for line in output.lines().filter(|line| asks(line)) {
        let names = VARIABLES.iter().flat_map(|regex| regex.captures_iter(line));
        let names = names.map(|found| found[1].to_owned()).filter(|name| {
            let known = plan.env.contains_key(name) || plan.given.contains_key(name);
            !known
                && !ordinary.contains(&name.as_str())
                && !at.tried.contains(&format!("env {name}"))
        });
        let names: Vec<String> = names.collect();
        // Of two that will do, one.
        let either = line.contains(" or ") || line.contains("either ");
        for name in names.into_iter().take(if either { 1 } else { MAX_ASKED }) {
            if asked.len() < MAX_ASKED && at.tried.insert(format!("env {name}")) {
                said.get_or_insert_with(|| quoted(line));
                asked.push(name);
            }
        }
    }
    let said = said?;
    // What asks for one asks for the others next.
    for name in asked.first().map_or(Vec::new(), |name| {
        asked_alike(at.tree, &plan.module_dir, name)
    }) {
        let known = plan.env.contains_key(&name) || plan.given.contains_key(&name);
        if !known && asked.len() < MAX_ASKED && at.tried.insert(format!("env {name}")) {
            asked.push(name);
        }
    }
    let mut evidence = vec![said.clone()];
    let mut sources = BTreeSet::new();
    for name in &asked {
        let (value, from) = match at.hints.samples.get(name) {
            Some(sample) => (
                sample.value.clone(),
                format!("{} gives a sample", sample.from),
            ),
            None => (
                made_up(name, &output),
                "the value is made up, for the trial".to_owned(),
            ),
        };
        // Where it listens in its container is the image's to say.
        if OWN_PORTS.contains(&name.as_str()) {
            let taken = |port: &u16| plan.env.values().any(|known| *known == port.to_string());
            let free = (8080..).find(|port| !taken(port)).unwrap_or(8080);
            let sample = value.parse::<u16>().ok().filter(|port| !taken(port));
            let port = sample.unwrap_or(free).to_string();
            evidence.push(format!("{name}: a port of the image's own"));
            sources.insert("a port of the image's own".to_owned());
            plan.env.insert(name.clone(), port);
            continue;
        }
        evidence.push(format!("{name}: {from}"));
        sources.insert(from);
        plan.given.insert(name.clone(), value);
    }
    let names: Vec<_> = plan.given.keys().map(String::as_str).collect();
    let env: Vec<_> = plan.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let told = match names.as_slice() {
        [] => env.join(" "),
        names => format!("{} must be given when it is started", names.join(", ")),
    };
    decisions.set(
        Topic::Environment,
        &told,
        evidence,
        "a default in the program",
        None,
    );
    let are = if asked.len() == 1 { "is" } else { "are" };
    let sources: Vec<String> = sources.into_iter().collect();
    Some(Repair {
        what: format!("{} {are} set: {}", asked.join(", "), sources.join("; ")),
        why: said,
        page: None,
    })
}

/// Variables that the same function of the sources asks for, of one that cannot do without: of the
/// command's own module, where that asks for it. Its neighbours ask for others.
fn asked_alike(tree: &WorkingTree, module: &str, name: &str) -> Vec<String> {
    static CALL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"\b(\w+)\([^()"\n]{0,80}"([A-Z][A-Z0-9_]{2,60})""#));
    let needs = |function: &str| {
        let lower = function.to_lowercase();
        let words = [
            "must",
            "requir",
            "need",
            "mandatory",
            "ordie",
            "orpanic",
            "orfatal",
            "orexit",
        ];
        words.iter().any(|word| lower.contains(word))
    };
    let quoted = format!("\"{name}\"");
    let texts = tree.go_sources().filter(|(_, text)| text.contains(&quoted));
    let mut texts: Vec<_> = texts.collect();
    texts.sort_by_key(|(file, _)| !Path::new(file).starts_with(module));
    let found = texts.into_iter().find_map(|(_, text)| {
        let mut calls = CALL.captures_iter(text);
        let asks = calls.find(|call| &call[2] == name && needs(&call[1]))?;
        let function = asks[1].to_owned();
        let calls = CALL
            .captures_iter(text)
            .filter(move |call| call[1] == function);
        Some(calls.map(|call| call[2].to_owned()).collect())
    });
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::mended;
    use super::asked_alike;
    use crate::adopt::tree::testing::tree;

    #[test]
    fn variables_that_are_asked_for_are_given_for_the_trial_and_stay_out_of_the_image() {
        let samples = [(".env.example", "API_TOKEN=from-the-sample\n")];
        for (output, name, value) in [
            (
                "environment variable DATABASE_URL is required",
                "DATABASE_URL",
                "postgres://adopt:adopt@127.0.0.1:5432/adopt?sslmode=disable",
            ),
            (
                "panic: API_TOKEN must be set",
                "API_TOKEN",
                "from-the-sample",
            ),
            (
                "env: required environment variable \"SESSION_SECRET\" is not set",
                "SESSION_SECRET",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            ),
        ] {
            let (plan, repair) = mended(&samples, output);
            let given = plan.given.get(name).map(String::as_str);
            assert_eq!(given, Some(value), "{output}: {repair:?}");
            assert!(plan.env.is_empty());
        }
        // Where it listens is the image's to say, and two do not get the same.
        let output = "LISTEN_PORT is required, GRPC_PORT is required";
        let (plan, _) = mended(&samples, output);
        let env: Vec<_> = plan.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(env, ["GRPC_PORT=8081", "LISTEN_PORT=8080"]);
        assert!(plan.given.is_empty());
        for output in ["ERROR must be a mistake", "the JSON is required reading"] {
            assert_eq!(mended(&[], output).1, None, "{output}");
        }
    }

    #[test]
    fn all_variables_that_are_asked_for_are_given_at_once() {
        let samples = [(".env.example", "APP_NAME=sample\n")];
        let output = "config error: env: required environment variable \"APP_NAME\" is not set; required \
                      environment variable \"HTTP_PORT\" is not set\nJWT_SECRET must be set\n";
        let (plan, repair) = mended(&samples, output);
        let given: Vec<_> = plan.given.keys().map(String::as_str).collect();
        assert_eq!(given, ["APP_NAME", "JWT_SECRET"], "{repair:?}");
        assert_eq!(plan.env["HTTP_PORT"], "8080");
        assert_eq!(plan.given["APP_NAME"], "sample");
        let either = "fatal: either KEY_FILE or KEY_TEXT must be set";
        assert_eq!(mended(&[], either).0.given.len(), 1);
    }

    #[test]
    fn variables_that_the_same_function_asks_for_are_given_together() {
        let code = "func main() {\n\tmustMapEnv(&s.ship, \"SHIP_ADDR\")\n\tmustMapEnv(&s.mail, \"MAIL_ADDR\")\n\t\
                    other(\"TRACE_ADDR\")\n\tos.Getenv(\"SHIP_ADDR\")\n}\n";
        let output = "panic: environment variable \"SHIP_ADDR\" not set";
        let (plan, _) = mended(&[("main.go", code)], output);
        let given: Vec<_> = plan.given.keys().map(String::as_str).collect();
        assert_eq!(given, ["MAIL_ADDR", "SHIP_ADDR"]);
        let code = code.replace("mustMapEnv", "lookUp");
        assert_eq!(mended(&[("main.go", &code)], output).0.given.len(), 1);
    }

    #[test]
    fn variables_of_a_neighbour_are_not_given() {
        let till = "package main\nfunc main() { mustMap(&a, \"CART_ADDR\"); mustMap(&b, \"MAIL_ADDR\") }\n";
        let front =
            "package main\nfunc main() { mustMap(&a, \"CART_ADDR\"); mustMap(&b, \"AD_ADDR\") }\n";
        let tree = tree(&[("src/checkout/main.go", till), ("src/front/main.go", front)]);
        let asked = |module| asked_alike(&tree, module, "CART_ADDR");
        assert_eq!(asked("src/front"), ["CART_ADDR", "AD_ADDR"]);
        assert_eq!(asked("src/checkout"), ["CART_ADDR", "MAIL_ADDR"]);
        assert_eq!(asked("src/other"), ["CART_ADDR", "MAIL_ADDR"]);
    }
}
