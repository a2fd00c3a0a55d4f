//! Flags that a program asks for before it starts, a home, and values that may stand for what only
//! whoever starts it can know.

use super::files::{DATA, is_aside, settings_file, to_be_filled_in};
use super::words::quoted;
use super::{Repair, Situation, pattern};
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::trial::How;
use regex::Regex;
use std::sync::LazyLock;

static HOME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\$HOME is not defined|neither \$XDG_\w+ nor \$HOME|HOME (?:is not|not) (?:set|defined)",
    )
});
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)missing|required|requires|not set|must|unset|empty|undefined|not defined|not found|provide|specify|no value|should be set|cannot be|not specified",
    )
});
static FLAGS: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        pattern(r#"required flag\(s\) "([\w-]+)""#),
        pattern(
            r#"(?i)(?:missing|required|must (?:set|specify|provide|pass)|please (?:set|specify|provide|pass|use)|specify|provide)[^\n-]{0,30}?(?:^|[\s"'`(])(--?[a-z][\w-]+)"#,
        ),
        pattern(
            r#"(?m)(?:^|[\s"'`(])(--?[a-z][\w-]+)["'`]?(?: flag| option| argument)?[^\n]{0,12} (?i:is required|required|must be|cannot be empty|not set|not specified|is empty|is missing)"#,
        ),
        pattern(
            r#"(?i)flag ["'`]?(-{0,2}[a-z][\w-]+)["'`]? (?:is |must be )?(?:required|missing|not set|set)"#,
        ),
    ]
});

/// What is asked for is a directory.
static FOLDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:director(?:y|ies)|folder)\b"));

/// A home for somebody whom no passwd file knows.
pub(super) fn home(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let said = HOME.find(&at.trial.output)?.as_str().to_owned();
    plan.env.insert("HOME".into(), "/data".into());
    plan.writable.insert("/data".into());
    let what = "HOME is /data, which can be written to";
    let page = Some("museum/user-lookup.html");
    decisions.set(
        Topic::Environment,
        what,
        [said.clone()],
        "a directory as an argument",
        page,
    );
    Some(Repair {
        what: what.into(),
        why: said,
        page: page.map(str::to_owned),
    })
}

/// A flag that must be given.
pub(super) fn flag(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    if settled(at) {
        return None;
    }
    let complaint = complaint(&at.trial.output);
    let found = asked_for(&complaint)?;
    let said = quoted(&found[0]);
    let bare = found[1].trim_start_matches('-').to_owned();
    if matches!(bare.as_str(), "help" | "h" | "version" | "v")
        || !at.tried.insert(format!("flag {bare}"))
    {
        return None;
    }
    let dashes = if found[1].starts_with("--") || FLAGS[0].is_match(&said) {
        "--"
    } else {
        "-"
    };
    let lower = bare.to_ascii_lowercase();
    let line = complaint.lines().find(|line| line.contains(&*said));
    let value = if lower.contains("config") || lower.contains("file") {
        laid_settings(at, plan)?
    } else if FOLDER.is_match(line.unwrap_or_default()) {
        plan.writable.insert(DATA.into());
        DATA.to_owned()
    } else {
        made_up(
            &bare.to_ascii_uppercase().replace('-', "_"),
            &at.trial.output,
        )
    };
    plan.args.push(format!("{dashes}{bare}={value}"));
    let what = format!("it gets {dashes}{bare}={value}");
    let page = Some("images/choosing.html");
    decisions.set(
        Topic::Arguments,
        plan.args.join(" "),
        [said.clone()],
        "a default in the program",
        page,
    );
    Some(Repair {
        what,
        why: said,
        page: None,
    })
}

/// Where a file of settings out of the tree lies in the image from now on.
pub(super) fn laid_settings(at: &Situation<'_>, plan: &mut Plan) -> Option<String> {
    let from = settings_file(at.tree, &plan.name).or_else(|| named_in_sources(at))?;
    let to = format!("/etc/{}/{}", plan.name, from.rsplit('/').next()?);
    plan.files.insert(from, to.clone());
    Some(to)
}

/// A file of settings that is called as the command's own sources have it: `filename := "shop-proxy"`.
fn named_in_sources(at: &Situation<'_>) -> Option<String> {
    let own = at
        .tree
        .go_sources()
        .filter(|(file, _)| {
            let below = at.dir == "." || file.starts_with(&format!("{}/", at.dir));
            below && !file.ends_with("_test.go") && !file.contains("testdata/")
        })
        .map(|(_, text)| text);
    let own: Vec<&str> = own.collect();
    let fits = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
        let settings = ["yml", "yaml", "toml", "hcl", "ini", "conf", "cfg"].contains(&kind);
        settings
            && !is_aside(path)
            && !to_be_filled_in(at.tree.text(path).unwrap_or_default())
            && own.iter().any(|text| {
                // One word alone may be anything that settings speak of.
                (stem.contains(['-', '_']) && text.contains(&format!("\"{stem}\"")))
                    || text.contains(&format!("\"{name}\""))
                    || text.contains(&format!("/{name}\""))
            })
    };
    let found = at.tree.paths().filter(fits);
    found
        .min_by_key(|path| (path.matches('/').count(), path.len(), path.to_owned()))
        .map(str::to_owned)
}

/// Whether it ended as it should: what it wrote then is help, and no complaint.
pub(super) fn settled(at: &Situation<'_>) -> bool {
    matches!(at.trial.how, How::Exited { code: 0, .. })
}

/// Whether a text complains about a flag that was not given.
pub(super) fn wants_flag(output: &str) -> bool {
    asked_for(&complaint(output)).is_some()
}

/// The flag that a complaint asks for.
fn asked_for(complaint: &str) -> Option<regex::Captures<'_>> {
    // In "if that flag is set" there is no name.
    let named = |found: &regex::Captures<'_>| !["is", "was", "must", "not"].contains(&&found[1]);
    let mut all = FLAGS
        .iter()
        .flat_map(|regex| regex.captures_iter(complaint));
    all.find(named)
}

/// What it says without telling how it is used: its list of flags, and what stands around it, speak of
/// what is required, too. The last line is a complaint all the same.
pub(super) fn complaint(output: &str) -> String {
    static ENTRY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?:\t|\s{2,})(?:-\w, )?-{1,2}[a-zA-Z]"));
    static HEAD: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\s*(?:usage|synopsis)\b"));
    static WRONG: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"(?i)\b(?:error|fatal|panic)\b|^\S+: \S"#));
    let lines: Vec<&str> = output
        .lines()
        .filter(|line| !ENTRY.is_match(line))
        .collect();
    let head = lines.iter().position(|line| HEAD.is_match(line));
    let last = lines.iter().rposition(|line| !line.trim().is_empty());
    let complains = |(n, line): &(usize, &&str)| {
        head.is_none_or(|head| *n < head) || Some(*n) == last || WRONG.is_match(line)
    };
    let lines = lines.iter().enumerate().filter(complains);
    lines.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
}

/// A flag that was given and that it does not know: it is taken back.
pub(super) fn unknown(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    static UNKNOWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:unknown|unrecognized|undefined) (?:shorthand |long )?(?:flag|option|argument)|flag provided but not defined",
        )
    });
    let output = &at.trial.output;
    let said = output.lines().find(|line| UNKNOWN.is_match(line))?;
    let name = |arg: &String| {
        arg.trim_start_matches('-')
            .split('=')
            .next()
            .map(str::to_owned)
    };
    let given = plan.args.iter().position(|arg| {
        let named = name(arg).is_some_and(|name| said.contains(&name));
        arg.starts_with('-') && named
    })?;
    let arg = plan.args.remove(given);
    let said = quoted(said);
    decisions.set(
        Topic::Arguments,
        plan.args.join(" "),
        [said.clone()],
        "another of its flags",
        None,
    );
    Some(Repair {
        what: format!("{arg} is taken back"),
        why: said,
        page: None,
    })
}

/// Whether a line asks for something.
pub(super) fn asks(line: &str) -> bool {
    ASKS.is_match(line)
}

/// A value that a variable of this name might have, after this complaint.
pub(super) fn made_up(name: &str, said: &str) -> String {
    static SHORT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b32[- ](?:bytes?|char)|\b16, 24,? or 32\b"));
    let has = |words: &[&str]| {
        words
            .iter()
            .any(|word| name.split('_').any(|part| part == *word))
    };
    let value = if has(&["PORT"]) {
        "8080"
    } else if has(&["DSN"]) || name.contains("DATABASE") || name.contains("DB_UR") {
        "postgres://adopt:adopt@127.0.0.1:5432/adopt?sslmode=disable"
    } else if has(&["REDIS"]) {
        "redis://127.0.0.1:6379"
    } else if has(&[
        "URL", "URLS", "URI", "ENDPOINT", "ORIGIN", "UPSTREAM", "TARGET",
    ]) {
        "http://127.0.0.1:1"
    } else if has(&["ADDR", "ADDRESS", "LISTEN", "BIND"]) {
        ":8080"
    } else if has(&["HOST", "HOSTNAME", "DOMAIN"]) {
        "127.0.0.1"
    } else if has(&["DIR", "PATH", "ROOT", "FOLDER"]) {
        "/tmp"
    } else if has(&["LEVEL"]) {
        "info"
    } else if has(&["KEY", "SECRET", "TOKEN", "PASSWORD", "PASS", "SALT"]) {
        // As long as the longest key that is asked for in hexadecimal digits, or as AES has it.
        if SHORT.is_match(said) {
            return "0123456789abcdef0123456789abcdef".to_owned();
        }
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    } else if has(&["TIMEOUT", "INTERVAL", "TTL", "DURATION"]) {
        "30s"
    } else if has(&["ID", "COUNT", "SIZE", "LIMIT", "MAX"]) {
        "1"
    } else if has(&["EMAIL"]) {
        "adopt@example.test"
    } else {
        "adopt"
    };
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::mended;

    #[test]
    fn part_of_a_word_is_no_flag_and_a_list_of_flags_is_no_complaint() {
        for output in [
            "invalid configuration:\n  missing setting: cookie-secret\n",
            "Usage of x:\n      --ca-file strings    required where the server has its own\n",
            "Usage of x:\n      --key string   (must be set, or JWT_KEY must be set)\n",
            "aborting webhook execution since the -verbose flag is set to false.\n",
        ] {
            assert_eq!(mended(&[], output).1, None, "{output}");
        }
    }

    #[test]
    fn what_tells_how_a_program_is_used_is_no_complaint() {
        let usage = "usage:\n\nOmit the format and provide the \"-http\" flag to get a web\ninterface.\n\n   \
                     tool [options]\n\nPlease set TOOL_PATH, it is required reading.\n";
        let output = format!("{usage}tool: no source specified\n");
        assert_eq!(mended(&[], &output).1, None);
        // The last words are a complaint, wherever they stand.
        let output = format!("{usage}Required flag \"x\": flag -port is required\n");
        assert_eq!(mended(&[], &output).0.args, ["-port=8080"]);
    }

    #[test]
    fn a_flag_that_asks_for_a_directory_gets_one() {
        let output = "please use the flag -rules to specify the directory that holds them";
        let (plan, repair) = mended(&[], output);
        assert_eq!(plan.args, ["-rules=/data"], "{repair:?}");
        assert!(plan.writable.contains("/data"));
    }

    #[test]
    fn settings_that_the_sources_name_are_given_where_none_are_called_like_settings() {
        let files = [
            (
                "config/config.go",
                "func locate() string {\n\tfilename := \"shop-proxy\"\n}\n",
            ),
            ("config/config_test.go", "os.Remove(\"./other.yaml\")\n"),
            ("examples/web/shop-proxy.yaml", "listen: 1031\n"),
            ("examples/web/nodejs/shop-proxy.yaml", "listen: 1031\n"),
            ("other.yaml", ""),
            ("flags.yaml", ""),
            ("config/flags.go", "var tag = \"flags\"\n"),
            ("testdata/shop-proxy.yaml", ""),
        ];
        let (plan, _) = mended(&files, "missing --config");
        assert_eq!(plan.args, ["--config=/etc/app/shop-proxy.yaml"]);
        assert!(
            plan.files.contains_key("examples/web/shop-proxy.yaml"),
            "{plan:?}"
        );
    }

    #[test]
    fn flags_that_are_asked_for_are_given() {
        for (output, args) in [
            (
                "Error: required flag(s) \"port\" not set",
                vec!["--port=8080"],
            ),
            ("flag -listen is required", vec!["-listen=:8080"]),
            (
                "you must specify --upstream-url",
                vec!["--upstream-url=http://127.0.0.1:1"],
            ),
        ] {
            let (plan, repair) = mended(&[], output);
            assert_eq!(plan.args, args, "{output}: {repair:?}");
        }
        let (plan, _) = mended(&[("etc/config.sample.toml", "")], "missing --config");
        assert_eq!(plan.args, ["--config=/etc/app/config.sample.toml"]);
        assert_eq!(
            plan.files["etc/config.sample.toml"],
            "/etc/app/config.sample.toml"
        );
    }
}
