//! A port below 1024 is exposed, or named where the program listens, and the user is not root.
//!
//! Source: `net.ipv4.ip_unprivileged_port_start`, which Docker sets to 0 since 20.10, and others do
//! not. Where the border lies is the engine's business, so this is never more than advice.

use super::prelude::*;
use crate::image::capabilities::Capabilities;
use crate::preflight::start::has_capability;

pub(super) static RULE: Rule = Rule {
    order: 230,
    id: "privileged-port",
    title: "A privileged port without root",
    page: Some("museum/privileged-port.html"),
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let image = &context.image;
    let container = image.container;
    let lacks = !has_capability(container, "cap_net_bind_service");
    let user = image
        .identity
        .as_ref()
        .filter(|user| user.uid != 0 || lacks)?;
    let border = container.and_then(|container| container.unprivileged_ports_from);
    let border = border.unwrap_or(1024);
    let (port, said) = named(context, border)?;
    let files = &context.started_files;
    let programs = files.iter().filter_map(|id| image.program(*id));
    let listens: Vec<_> = programs.filter_map(|it| it.can(Ability::Listen)).collect();
    if !listens.is_empty() && listens.iter().all(|names| names.is_empty()) {
        return None;
    }
    let may = |id: &NodeId| {
        let carried = image.capabilities(*id);
        let counts = container.is_none_or(|container| !container.no_new_privileges);
        counts && carried.is_some_and(Capabilities::binds_low_ports)
    };
    if files.iter().any(may) {
        return None;
    }
    let mut evidence = vec![said, format!("uid {}", user.uid)];
    let names = listens.iter().flat_map(|names| names.iter());
    evidence.extend(names.map(|name| format!("{name} is linked in")));
    let rights = container.and_then(|container| container.capabilities.said());
    evidence.extend(rights.filter(|_| lacks));
    if user.uid == 0 {
        return Some(Explanation::new(
            format!(
                "Port {port} and root without NET_BIND_SERVICE: net.ipv4.ip_unprivileged_port_start \
                 decides. Docker sets it to 0; where it is 1024: bind: permission denied."
            ),
            evidence,
            "listen on 8080; outside, -p 80:8080 or a Service's targetPort makes it 80",
        ));
    }
    Some(Explanation::new(
        format!(
            "Port {port} and uid {}: Docker allows it since 20.10, Podman and CRI-O do not, nor \
             does the host's network: bind: permission denied.",
            user.uid
        ),
        evidence,
        "listen on 8080; outside, -p 80:8080 or a Service's targetPort makes it 80",
    ))
}

/// Variables that say where a program listens, by a part of their names.
const LISTENS: [&str; 3] = ["LISTEN", "BIND", "ADDR"];

/// A port below this border, and what names it: EXPOSE, a call of the program's own code, a word of
/// the command, a variable.
fn named(context: &RuleContext<'_>, border: u64) -> Option<(String, String)> {
    let runtime = context.image.runtime;
    let low = |port: &str| {
        let number = match port {
            "http" => Some(80),
            "https" => Some(443),
            port => port.parse::<u64>().ok(),
        };
        number.is_some_and(|number| number < border && number > 0)
    };
    let exposed = runtime.exposed_ports.iter().find_map(|port| {
        let said = match context.image.container {
            Some(_) => format!("port {port}"),
            None => format!("EXPOSE {port}"),
        };
        let number = port.split(['/', '-']).next()?;
        low(number).then(|| (port.clone(), said))
    });
    let called = || {
        let uses = context
            .go_binaries
            .iter()
            .flat_map(|go| go.does(Ability::Listen));
        uses.into_iter().find_map(|one| {
            let (_, port) = one.with.rsplit_once(':')?;
            low(port).then(|| (port.to_owned(), one.to_string()))
        })
    };
    let said = || {
        let words = runtime.entrypoint.iter().chain(&runtime.cmd);
        let words = words.map(|word| (false, word));
        let all = words.chain(runtime.env.iter().map(|pair| (true, pair)));
        all.into_iter().find_map(|(variable, text)| {
            let (name, value) = text.split_once('=').unwrap_or(("", text));
            let name = name.trim_start_matches('-').to_ascii_uppercase();
            let by_port = name == "PORT" || name == "HTTP_PORT" || name == "HTTPS_PORT";
            let by_place = LISTENS.iter().any(|part| name.contains(part));
            let port = match value.rsplit_once(':') {
                Some((host, port)) if by_place || !variable && here(host) => port,
                None if by_port => value,
                _ => return None,
            };
            low(port).then(|| (port.to_owned(), text.clone()))
        })
    };
    exposed.or_else(called).or_else(said)
}

/// Whether a listener's host is this machine: other hosts are dialled.
fn here(host: &str) -> bool {
    matches!(host, "" | "0.0.0.0" | "[::]" | "127.0.0.1" | "localhost")
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn a_low_port_is_advice_and_only_for_users() {
        let elf = elf();
        let run = |user: &str, port: &str| {
            let config = json!({ "Cmd": ["/app"], "User": user, "ExposedPorts": { port: {} } });
            found(&config, &[Make::Mode("app", 0o755, &elf)])
        };
        assert_eq!(run("7", "80/tcp"), ["advice: privileged-port"]);
        assert_eq!(run("7", "8080/tcp"), [""; 0]);
        assert_eq!(run("", "80/tcp"), [""; 0]);
    }

    #[test]
    fn a_low_port_is_told_without_expose() {
        let advice = ["advice: privileged-port"];
        let listens = |port| [(Ability::Listen, "net.Listen", port)];
        let can = [(Ability::Listen, "net.Listen")];
        let seven = || json!({ "User": "7" });
        assert_eq!(go_does(seven(), &listens(":80"), &can, &[]), advice);
        assert_eq!(
            go_does(seven(), &listens("0.0.0.0:https"), &can, &[]),
            advice
        );
        assert_eq!(go_does(seven(), &listens(":8080"), &can, &[]), NOTHING);
        assert_eq!(go_does(json!({}), &listens(":80"), &can, &[]), NOTHING);
        let said = |word: &str, variable: &str| {
            go(
                json!({ "User": "7", "Cmd": [word], "Env": [variable] }),
                "0",
                &can,
                &[],
            )
        };
        for word in [":80", "--addr=0.0.0.0:443", "--port=80"] {
            assert_eq!(said(word, "A=b"), advice, "{word}");
        }
        for variable in ["PORT=80", "LISTEN_ADDR=:80"] {
            assert_eq!(said("serve", variable), advice, "{variable}");
        }
        for other in [
            "db.test:80",
            "80",
            "--proxy=http://x.test:80",
            ":8080",
            ":0",
        ] {
            assert_eq!(said(other, "DB_PORT=80"), NOTHING, "{other}");
        }
    }
}
