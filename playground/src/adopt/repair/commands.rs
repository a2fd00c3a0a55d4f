//! Subcommands of a program that only tells how it is used, and addresses that only it can reach.

use super::{Repair, Situation, pattern};
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::trial::{Listening, Trial};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Subcommands that start a service, the likeliest first.
const SERVES: [&str; 18] = [
    "serve",
    "server",
    "start",
    "run",
    "daemon",
    "web",
    "http",
    "api",
    "listen",
    "up",
    "standalone",
    "agent",
    "gateway",
    "proxy",
    "worker",
    "service",
    "start-server",
    "run-server",
];

/// Commands below such a one, the likeliest first: `serve all`, `server start`.
const BELOW: [&str; 7] = [
    "all",
    "all-in-one",
    "start-dev",
    "dev",
    "public",
    "main",
    "master",
];

static USAGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?im)^\s*(?:usage|synopsis)\b|\btry ['"`]?\S+ -{1,2}help\b|\btoo few arguments\b|\bUsage of \S+:|^\s*(?:available |additional )?(?:sub)?commands(?: are)?:|^\s*(?:global )?(?:flags|options):|\bexpected one of\b|\b(?:specify|missing|requires?|needs?|no) (?:\w+ ){0,2}(?:sub)?command\b"#,
    )
});
static HEADED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?im)^[\w ]*commands?(?: are)?:\s*$"));
static COMMANDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\s{1,8}|\t+)([a-z][a-z0-9-]{1,24})(?:, [a-z0-9, -]+)?(?:\s*|(?:\s{2,}|\t|:\s)\S[^=]*|\s[-<\[–—:][^=]*)$",
    )
});
/// Commands in a sentence: `one command of: a, b or c`, `expected one of "a", "b"`.
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:one of|commands?(?: of| are)?):? ((?:["'`]?[a-z][a-z0-9-]*["'`]?(?:, (?:or |and )?| or | and |\||$)){2,}["'`]?[a-z0-9-]*)"#,
    )
});

/// Whether a subcommand of this name starts a service.
pub(super) fn serves(name: &str) -> bool {
    SERVES.contains(&name)
}

/// Whether a text tells how a program is used.
pub(in crate::adopt) fn usage(text: &str) -> bool {
    USAGE.is_match(text)
}

/// A subcommand that serves, of a program that only tells how it is used.
pub(super) fn subcommand(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let output = at.trial.output.clone();
    if !usage(&output)
        || plan
            .args
            .first()
            .is_some_and(|arg| !SERVES.contains(&arg.as_str()))
    {
        return None;
    }
    serving(at, &output, plan, decisions)
}

/// The likeliest of the commands that a text about its use names and that has not been tried.
pub(super) fn serving(
    at: &mut Situation<'_>,
    text: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    // What stands below a flag describes it.
    let above = std::iter::once("").chain(text.lines());
    let lines = text.lines().zip(above);
    let lines = lines.filter(|(_, above)| !above.trim_start().starts_with('-'));
    let lines = lines.filter_map(|(line, _)| Some(COMMANDS.captures(line)?.get(1)?.as_str()));
    let listed = LISTED.captures_iter(text).flat_map(|found| {
        let words = found.get(1).map_or("", |words| words.as_str());
        words.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
    });
    let told: Vec<&str> = lines.chain(listed).collect();
    // The command that it was given has commands of its own: else it would be among these.
    let above = match plan.args.as_slice() {
        [above] if HEADED.is_match(text) && !told.contains(&above.as_str()) => Some(above.clone()),
        _ => None,
    };
    let below: &[&str] = if above.is_some() { &BELOW } else { &[] };
    let words = |command: &str| match &above {
        Some(above) => format!("{above} {command}"),
        None => command.to_owned(),
    };
    let mut likely = SERVES.iter().chain(below);
    let command = likely.find(|command| {
        told.contains(command) && at.tried.insert(format!("command {}", words(command)))
    })?;
    let words = words(command);
    plan.args = words.split(' ').map(str::to_owned).collect();
    let without = match &above {
        Some(above) => format!("another word after {above}"),
        None => "arguments".to_owned(),
    };
    let why = format!("without {without} it tells how it is used, {command} among its commands");
    decisions.set(
        Topic::Arguments,
        &words,
        [why.clone()],
        "another of its commands, named after the image in docker run",
        None,
    );
    Some(Repair {
        what: format!("it is started with {words}"),
        why,
        page: None,
    })
}

/// Arguments, or variables, that make a program that only it can reach listen for others. `help` is
/// what it says of its flags.
pub(in crate::adopt) fn listens_elsewhere(
    at: &mut Situation<'_>,
    help: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let alone = at.trial.ports.iter();
    let alone = alone.filter(|port| port.loopback && !port.udp);
    // What answers there is what people are to call.
    let port = alone.min_by_key(|port| (!at.hints.exposes(port.port), !port.answers()))?;
    // What is open already is not put at risk for a guess.
    let sure = !at.trial.shut();
    let page = Some("museum/loopback-bind.html");
    let why = format!(
        "it listens on 127.0.0.1:{} alone: nobody outside can call",
        port.port
    );
    let (topic, what) = if let Some(arg) = by_flag(help, port, sure)
        .or_else(|| by_bare_flag(help, port.port, sure))
        .filter(|arg| at.tried.insert(arg.clone()))
    {
        let flag = arg.split('=').next().unwrap_or_default().to_owned();
        plan.args.retain(|known| !known.starts_with(&flag));
        plan.args.push(arg.clone());
        (Topic::Arguments, format!("it gets {arg}"))
    } else {
        let name = by_variable(at, port.port, sure)?;
        let value = match name.ends_with("HOST") || name.ends_with("IP") {
            true => "0.0.0.0".to_owned(),
            false => format!("0.0.0.0:{}", port.port),
        };
        plan.env.insert(name.clone(), value.clone());
        (Topic::Environment, format!("{name}={value}"))
    };
    let value = match topic {
        Topic::Arguments => plan.args.join(" "),
        _ => what.clone(),
    };
    decisions.set(
        topic,
        value,
        [why.clone()],
        "a program that listens on :PORT by itself",
        page,
    );
    Some(Repair {
        what,
        why,
        page: page.map(str::to_owned),
    })
}

/// A flag whose default is the address that it listens on, with its port where that must be `sure`.
fn by_flag(help: &str, port: &Listening, sure: bool) -> Option<String> {
    static FLAG: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*(?:-\w,\s+)?(--?[a-zA-Z][\w.-]*)"));
    static LOCAL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"((?:https?|tcp|grpc|ws)://)?(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{2,5}))?")
    });
    let mut flag: Option<String> = None;
    let mut host_only = None;
    for line in help.lines() {
        if let Some(found) = FLAG.captures(line) {
            flag = Some(found[1].to_owned());
        }
        let (Some(flag), Some(local)) = (&flag, LOCAL.captures(line)) else {
            continue;
        };
        let lower = flag.to_ascii_lowercase();
        // What others are told is no address to listen on.
        if lower.contains("advertise") {
            continue;
        }
        let scheme = local.get(1).map_or("", |scheme| scheme.as_str());
        match local.get(2) {
            Some(told) if told.as_str() == port.port.to_string() => {
                return Some(format!("{flag}={scheme}0.0.0.0:{}", port.port));
            }
            Some(_) => {}
            None => {
                let address = ["host", "bind", "addr", "listen", "interface", "ip"];
                if address.iter().any(|word| lower.contains(word)) {
                    host_only.get_or_insert_with(|| format!("{flag}={scheme}0.0.0.0"));
                }
            }
        }
    }
    host_only.filter(|_| !sure)
}

/// A flag for the address to listen on whose help keeps its default to itself: a file of settings may
/// have it.
fn by_bare_flag(help: &str, port: u16, sure: bool) -> Option<String> {
    static FLAG: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?m)^\s*(?:-\w,\s+)?(--?[a-zA-Z][\w.-]*)(?:[ =]\S+)?(?:\s{2,}|\t|$)([^\n]*)")
    });
    if sure {
        return None;
    }
    let found = FLAG.captures_iter(help).find(|found| {
        let name = found[1].to_ascii_lowercase();
        let mut parts = name.split(['-', '_', '.']);
        let listens = ["addr", "address", "listen", "bind"];
        // Of other doors, and of others' doors.
        let elsewhere = [
            "advertise",
            "public",
            "external",
            "grpc",
            "metrics",
            "telemetry",
            "pprof",
            "debug",
            "admin",
            "https",
            "tls",
            "peer",
            "join",
            "remote",
            "upstream",
            "backend",
            "proxy",
            "redis",
            "db",
            "database",
            "smtp",
            "mail",
            "email",
            "mac",
            "dns",
            "etcd",
            "target",
        ];
        let other = parts.clone().any(|part| elsewhere.contains(&part));
        let told = found[2].to_ascii_lowercase();
        parts.any(|part| listens.contains(&part)) && !other && !told.contains("default")
    });
    found.map(|found| format!("{}=0.0.0.0:{port}", &found[1]))
}

/// A variable in the repository's own sources whose name says that it is an address to listen on.
fn by_variable(at: &mut Situation<'_>, port: u16, sure: bool) -> Option<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#""((?:[A-Z][A-Z0-9]*_)*(?:LISTEN_ADDR|LISTEN_ADDRESS|BIND_ADDR|BIND_ADDRESS|LISTEN|BIND|HTTP_ADDR|HTTP_HOST|SERVER_HOST|SERVER_ADDR|ADDR|ADDRESS|HOST))""#,
        )
    });
    // Whether what reads it names the port as its default, too.
    let mut names: BTreeMap<String, bool> = BTreeMap::new();
    for (_, text) in at.tree.go_sources().take(4000) {
        let below = text.lines().skip(1).chain(std::iter::once(""));
        let lines = text.lines().zip(below);
        for (line, below) in lines.filter(|(line, _)| line.contains('"')) {
            // A call that goes on has its default on the next line.
            let goes_on = line.trim_end().ends_with([',', '(']);
            let has_port = names_port(line, port) || (goes_on && names_port(below, port));
            for found in NAME.captures_iter(line) {
                // What others are told is no address to listen on.
                if found[1].contains("ADVERTISE") {
                    continue;
                }
                *names.entry(found[1].to_owned()).or_default() |= has_port;
            }
        }
    }
    let names = names.into_iter().filter(|(_, has_port)| *has_port || !sure);
    let mut names: Vec<(String, bool)> = names.collect();
    names.sort_by_key(|(name, has_port)| {
        let listens = ["LISTEN", "BIND", "HTTP", "SERVER"]
            .iter()
            .any(|word| name.contains(word));
        (!has_port, !listens, name.len())
    });
    let mut names = names.into_iter().map(|(name, _)| name).take(3);
    names.find(|name| at.tried.insert(format!("address {name}")))
}

/// Whether a line has this number, and not as part of a longer one.
fn names_port(line: &str, port: u16) -> bool {
    let mut numbers = line.split(|c: char| !c.is_ascii_digit());
    let told = port.to_string();
    numbers.any(|number| number == told)
}

/// Whether it was asked about itself and told: a tool that works.
pub(in crate::adopt) fn told_about_itself(trial: &Trial) -> bool {
    use crate::adopt::trial::How;
    let ended = match trial.how {
        How::Exited { code, .. } => code,
        _ => return false,
    };
    let words = trial.output.trim();
    // With the code that its author gives to wrong words: 1, 2, 64, -1. Beyond 125 a shell or a signal
    // speaks.
    let told = ended == 0 || ((ended < 126 || ended == 255) && usage(words));
    !words.is_empty() && !words.contains("panic:") && told
}

#[cfg(test)]
mod tests {
    use super::super::super::hints::Hints;
    use super::super::super::plan::testing::plan;
    use super::super::super::tree::testing::tree;
    use super::super::testing::{ended, mended, situation};
    use super::*;
    use crate::adopt::trial::Answer;
    use std::collections::BTreeSet;

    #[test]
    fn a_command_that_serves_is_found_in_what_a_program_tells_of_itself() {
        let cobra = "A thing.\n\nUsage:\n  thing [command]\n\nAvailable Commands:\n  completion  Generate\n  \
                     serve       Starts the server\n  help        Help\n\nFlags:\n  -h, --help\n";
        assert_eq!(mended(&[], cobra).0.args, ["serve"]);
        let urfave = "NAME:\n   x - y\n\nUSAGE:\n   x [options]\n\nCOMMANDS:\n   web, w  start web\n   admin   a\n";
        assert_eq!(mended(&[], urfave).0.args, ["web"]);
        let plain = "usage: x <command> [flags]\n\nThe commands are:\n\n\trun          runs it\n\tversion      says it\n";
        assert_eq!(mended(&[], plain).0.args, ["run"]);
        let flags = "Please specify one command of: avatar, backup, restore or server\n";
        assert_eq!(mended(&[], flags).0.args, ["server"]);
        let described =
            "Usage of x:\n  -s string\n    \tserver listen address or url\n  -x\n    \tserver\n";
        assert_eq!(mended(&[], described).1, None);
        let dashes =
            "  Usage: x [command] [--help]\n\n  Commands:\n    server - runs in server mode\n";
        assert_eq!(mended(&[], dashes).0.args, ["server"]);
        let tool = "Usage of tool:\n  -in string\n    \tinput file to serve\n";
        assert_eq!(mended(&[], tool).1, None);
    }

    #[test]
    fn a_command_below_the_one_that_serves_is_found_too() {
        let help = "Serves the API.\n\nUsage:\n  thing serve [command]\n\nAvailable Commands:\n  \
                    admin   The private one\n  all     Both\n\nFlags:\n  -h, --help\n";
        let tree = tree(&[]);
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        plan.args = vec!["serve".into()];
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let trial = ended(help);
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        assert!(subcommand(&mut at, &mut plan, &mut decisions).is_some());
        assert_eq!(plan.args, ["serve", "all"]);
        // Once, and nothing below that is guessed.
        assert!(subcommand(&mut at, &mut plan, &mut decisions).is_none());
    }

    #[test]
    fn a_tool_that_tells_how_it_is_used_told_about_itself_whatever_its_code() {
        let usage = "usage: tool [options] <source>\n";
        for (code, output, told) in [
            (0, "tool 1.2.3", true),
            (2, usage, true),
            (64, usage, true),
            (255, usage, true),
            (137, usage, false),
            (2, "tool: no source specified", false),
            (2, "panic: usage: x", false),
            (0, "", false),
        ] {
            let mut trial = ended(output);
            trial.how = crate::adopt::trial::How::Exited {
                code,
                out_of_memory: false,
            };
            assert_eq!(told_about_itself(&trial), told, "{code}: {output}");
        }
    }

    fn port(port: u16) -> Listening {
        Listening {
            port,
            udp: false,
            loopback: true,
            answers: Vec::new(),
        }
    }

    #[test]
    fn the_flag_whose_default_is_the_address_is_found() {
        let cobra = "Flags:\n      --db string     (default \"127.0.0.1:5432\")\n      --http string   \
                     TCP address (default \"127.0.0.1:8090\")\n";
        assert_eq!(
            by_flag(cobra, &port(8090), false).as_deref(),
            Some("--http=0.0.0.0:8090")
        );
        let std = "Usage of x:\n  -addr string\n    \taddress to listen on (default \"localhost:3000\")\n";
        assert_eq!(
            by_flag(std, &port(3000), false).as_deref(),
            Some("-addr=0.0.0.0:3000")
        );
        let letter =
            "Usage of x:\n  -l string\n    \tListen address (default \"127.0.0.1:1025\")\n";
        assert_eq!(
            by_flag(letter, &port(1025), false).as_deref(),
            Some("-l=0.0.0.0:1025")
        );
        let both = "  -l, --listen string   (default \"127.0.0.1:1025\")\n";
        assert_eq!(
            by_flag(both, &port(1025), false).as_deref(),
            Some("--listen=0.0.0.0:1025")
        );
        let host = "  --host string  (default \"127.0.0.1\")\n  --port int (default 9)\n";
        assert_eq!(
            by_flag(host, &port(9), false).as_deref(),
            Some("--host=0.0.0.0")
        );
        let urls = "  --advertise-urls 'http://localhost:2379'\n  --listen-urls 'http://localhost:2379'\n    List.\n";
        let told = by_flag(urls, &port(2379), false);
        assert_eq!(told.as_deref(), Some("--listen-urls=http://0.0.0.0:2379"));
        assert_eq!(
            by_flag("  --x  (default \"127.0.0.1:1\")\n", &port(9), false),
            None
        );
    }
    #[test]
    fn a_flag_that_keeps_its_default_to_itself_is_told_the_address_that_settings_have() {
        let cobra = "Flags:\n      --grpc-addr string            gRPC API address\n  -h, --help                        help for serve\n      \
                     --telemetry-addr string       Telemetry address\n      --web-http-addr string        Web HTTP address\n      \
                     --web-https-addr string       Web HTTPS address\n";
        let told = by_bare_flag(cobra, 5556, false);
        assert_eq!(told.as_deref(), Some("--web-http-addr=0.0.0.0:5556"));
        assert_eq!(by_bare_flag(cobra, 5556, true), None);
        let std = "  -listen string\n    \taddress of the API\n";
        assert_eq!(
            by_bare_flag(std, 80, false).as_deref(),
            Some("-listen=0.0.0.0:80")
        );
        for other in [
            "  --addr string   listens there (default \":80\")\n",
            "  --db-addr string   where the database is\n",
            "  --listening   listens\n",
        ] {
            assert_eq!(by_bare_flag(other, 80, false), None, "{other}");
        }
    }

    #[test]
    fn the_variable_whose_default_is_on_the_next_line_is_the_ports() {
        let source = "set(&c.rpc, os.Getenv(\"APP_RPC_ADDRESS\"),\n\tfmt.Sprintf(\"%s:1051\", host()))\n\
                      set(&c.web, os.Getenv(\"APP_HTTP_ADDRESS\"),\n\tfmt.Sprintf(\"%s:10500\", host()))\n\
                      set(&c.told, os.Getenv(\"APP_HTTP_ADVERTISE_ADDRESS\"), \"localhost:1051\")\n\
                      set(&c.own, os.Getenv(\"APP_ADDRESS\"), \"\")\n";
        let tree = tree(&[("config.go", source)]);
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        let (hints, mut tried) = (Hints::of(&tree), BTreeSet::new());
        let mut trial = ended("");
        trial.ports = vec![port(1050), port(1051)];
        trial.ports[1].answers.push(Answer {
            get: "/".into(),
            status: Some(404),
            body: String::new(),
            ms: 1,
        });
        let mut at = situation(&trial, &tree, &hints, &mut tried);
        assert!(listens_elsewhere(&mut at, "", &mut plan, &mut decisions).is_some());
        let given: Vec<_> = plan.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(given, ["APP_RPC_ADDRESS=0.0.0.0:1051"]);
    }
}
