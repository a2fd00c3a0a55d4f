//! What is left to say where nothing can be changed: whom a program waits for, and what only its
//! owner can give.

use super::{last, pattern, platform, words};
use crate::adopt::report::Unmended;
use crate::adopt::trial::{How, Trial};
use regex::Regex;
use std::sync::LazyLock;

/// What is left to say where nothing can be changed, of a program that was started with these arguments.
pub(in crate::adopt) fn why_not(
    trial: &Trial,
    known: &[(String, Option<String>)],
    args: &[String],
) -> Unmended {
    let said = words::end(&trial.output);
    let page = known.first().and_then(|(_, page)| page.clone());
    let (what, page, next) = match &trial.how {
        How::Refused { message } => (
            format!("The engine does not start it: {message}"),
            page,
            "read what preflight says of the image, in the report".to_owned(),
        ),
        How::Exited {
            out_of_memory: true,
            ..
        } => (
            "It was killed for using more memory than a container gets here.".into(),
            Some("museum/out-of-memory.html".into()),
            "start it yourself with more memory: the image is built".into(),
        ),
        How::Exited { code, .. } if platform::looked_for(&trial.output).is_some() => {
            let (whom, next) = platform::looked_for(&trial.output).unwrap_or_default();
            (
                format!("It ends with {code}, because it does not find {whom}."),
                page,
                next.to_owned(),
            )
        }
        How::Exited { code, .. } if programs(&trial.output).is_some() => {
            let name = programs(&trial.output).unwrap_or_default();
            (
                format!(
                    "It ends with {code}, because it starts {name}, and an empty image has no other program."
                ),
                Some("museum/no-shell-exec.html".into()),
                format!("use a base that has {name}, or let the program do it itself"),
            )
        }
        How::Exited { code, .. } if NO_INTERFACE.is_match(&trial.output) => (
            format!(
                "It ends with {code}, because it looks for a network interface, and here it has none but its own loopback."
            ),
            None,
            "start it where there is a network: docker run gives it one".into(),
        ),
        How::Exited { code, .. } => match outside(&trial.output) {
            Some(whom) if given(args, &whom).is_some() => (
                format!(
                    "It ends with {code}: nobody answers at {}, which it is given as an argument.",
                    given(args, &whom).unwrap_or_default()
                ),
                Some("museum/dns.html".into()),
                "name one of yours that answers, after the image's name in docker run".into(),
            ),
            Some(whom) => (
                format!(
                    "It ends with {code}, because it cannot reach {}.",
                    self::whom(&whom)
                ),
                Some("museum/dns.html".into()),
                "start it where that answers; nothing in an image can replace it".into(),
            ),
            None => (
                match last(&trial.output) {
                    said if said.is_empty() => format!("It ends with {code}, and says nothing."),
                    said => format!("It ends with {code}: {said}"),
                },
                page,
                "give it what it asks for with docker run -e, -v or arguments; the image is built"
                    .into(),
            ),
        },
        How::Silent if platform::looked_for(&trial.output).is_some() => {
            let (whom, next) = platform::looked_for(&trial.output).unwrap_or_default();
            (
                format!("It runs and listens nowhere: it does not find {whom}."),
                page,
                next.to_owned(),
            )
        }
        How::Silent if outside(&trial.output).is_some() => (
            format!(
                "It runs and listens nowhere: it waits for {}.",
                whom(&outside(&trial.output).unwrap_or_default())
            ),
            Some("museum/dns.html".into()),
            "start it where that answers; nothing in an image can replace it".into(),
        ),
        How::Silent => (
            "It runs, and listens nowhere.".into(),
            page,
            "a worker need not listen; for a service, see what it says below".into(),
        ),
        How::Listens => (
            "It listens, and does not answer.".into(),
            page,
            "ask it yourself".into(),
        ),
    };
    Unmended {
        what,
        page,
        next,
        said,
    }
}

static NO_INTERFACE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)no private ip|(?:find|get|determine|deduce|detect)\w*[^\n]{0,40}(?:advertise|interface|private|local|host|outbound)[^\n]{0,20}(?:addr|\bip\b|interface)|no (?:suitable|usable|available|non-loopback)[^\n]{0,20}(?:interface|addr)",
    )
});

/// The program that it could not start, in its words.
fn programs(output: &str) -> Option<String> {
    let found = pattern(r#"exec: "([\w./+-]{1,60})": (?:executable file not found|stat )"#);
    Some(found.captures(output)?[1].to_owned())
}

/// The argument that names whom it could not reach, by his port where that is told.
fn given<'a>(args: &'a [String], whom: &str) -> Option<&'a str> {
    let port = whom.rsplit_once(':').map(|(_, port)| format!(":{port}"));
    let end = port
        .as_deref()
        .filter(|port| port.len() > 2)
        .unwrap_or(whom);
    let values = args.iter().map(|arg| arg.rsplit('=').next().unwrap_or(arg));
    let mut values = values.filter(|value| !value.starts_with([':', '-']));
    values.find(|value| value.trim_end_matches('/').ends_with(end))
}

/// Whom it could not reach, with what listens at such a port by custom.
fn whom(told: &str) -> String {
    let customs = [
        ("5432", "PostgreSQL"),
        ("3306", "MySQL"),
        ("6379", "Redis"),
        ("27017", "MongoDB"),
        ("9092", "Kafka"),
        ("4222", "NATS"),
        ("5672", "RabbitMQ"),
        ("2379", "etcd"),
        ("8500", "Consul"),
        ("9200", "Elasticsearch"),
        ("11211", "memcached"),
        ("1883", "an MQTT broker"),
        ("8125", "a collector of StatsD's"),
        ("4317", "a collector of OpenTelemetry's"),
    ];
    let port = told.rsplit_once(':').map_or("", |(_, port)| port);
    let custom = customs.iter().find(|(known, _)| *known == port);
    match custom {
        Some((_, name)) => format!("{told}, where {name} listens by custom"),
        None => told.to_owned(),
    }
}

/// Whom a program could not reach, in its words.
pub(in crate::adopt) fn outside(output: &str) -> Option<String> {
    if let Some((whom, _)) = platform::looked_for(output) {
        return Some(whom.to_owned());
    }
    let dials = [
        r#"dial (?:tcp|udp|unix)[46]? ([^\s:]+(?::\d+)?)[^\n]*(?:refused|no such host|timeout|unreachable|server misbehaving|no such file)"#,
        r#"lookup (\S+?)(?: on [^\s:]+)?(?::\d+)?: [^\n]*(?:no such host|server misbehaving|timeout|refused|temporary failure)"#,
        r#"(?i)(?:connect(?:ing|ion)?|reach)(?: to| with)? (?:the )?(\w+(?:[ ./:@-]\w+){0,4})[^\n]*(?:refused|failed|timeout|unreachable)"#,
        r#"(?i)(?:failed|unable|could not) to (?:connect|reach|ping|open)(?: to| with)? (?:the )?(database|db|postgres\w*|mysql|redis|kafka|nats|etcd|mongo\w*|rabbitmq|amqp|s3|cluster)"#,
    ];
    dials.iter().find_map(|dial| {
        let found = pattern(dial).captures(output)?;
        let lookup = pattern(r"lookup (\S+?)(?: on \S+)?:").captures(found.get(0)?.as_str());
        let whom = lookup.as_ref().map_or(&found[1], |lookup| {
            lookup.get(1).map_or("", |one| one.as_str())
        });
        Some(whom.chars().take(80).collect())
    })
}
