//! A port below 1024 is exposed, and the user is not root.
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
    let low = |port: &&String| {
        let number = port.split(['/', '-']).next().map(str::parse::<u64>);
        matches!(number, Some(Ok(number)) if number < border)
    };
    let port = image.runtime.exposed_ports.iter().find(low)?;
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
    let mut evidence = vec![format!("EXPOSE {port}"), format!("uid {}", user.uid)];
    let names = listens.iter().flat_map(|names| names.iter());
    evidence.extend(names.map(|name| format!("{name} is linked in")));
    let rights = container.and_then(|container| container.capabilities.said());
    evidence.extend(rights.filter(|_| lacks));
    if container.is_some() {
        evidence[0] = format!("port {port}");
    }
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

#[cfg(test)]
mod tests {
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
}
