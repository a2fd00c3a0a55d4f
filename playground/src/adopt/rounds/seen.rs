//! What a trial that worked shows of ports, health and signals, as decisions. Pure.

use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::trial::{How, Listening, Trial};
use std::ops::RangeInclusive;

/// Ports that systems give to whoever asks for any.
const ANY: RangeInclusive<u16> = 32768..=60999;

/// What a trial that worked shows of port, health and signals; `named` tells whether the repository
/// names a port.
pub(super) fn seen(
    trial: &Trial,
    named: &dyn Fn(u16) -> bool,
    plan: &mut Plan,
    decisions: &mut Decisions,
) {
    let reachable = trial.ports.iter().filter(|port| !port.loopback);
    let tcp = reachable.clone().filter(|port| !port.udp);
    let chosen = |port: u16| ANY.contains(&port) && !named(port);
    // Another one with every start: nothing that an image could promise.
    plan.ports = tcp
        .map(|port| port.port)
        .filter(|port| !chosen(*port))
        .collect();
    if trial.how == How::Listens {
        let told = |port: &Listening| match chosen(port.port) {
            true => format!("any that is free ({})", port.speaks()),
            false => format!("{} ({})", port.port, port.speaks()),
        };
        let mut value: Vec<String> = reachable.clone().map(told).collect();
        if value.is_empty() {
            value.push("none that others can call".into());
        }
        let alone = trial.ports.iter().filter(|port| port.loopback);
        let alone = alone.map(|port| format!("127.0.0.1 alone has {}", told(port)));
        let seen = "the sockets of its network namespace (/proc/net/tcp), after it came up";
        let evidence = std::iter::once(seen.to_owned()).chain(alone.take(4));
        let low = plan.ports.iter().any(|port| *port < 1024);
        let page = low.then_some("museum/privileged-port.html");
        decisions.set(
            Topic::Port,
            value.join(", "),
            evidence,
            "its own flag or variable",
            page,
        );
    }
    let health = reachable.filter_map(|port| Some((port, port.best()?)));
    if let Some((port, best)) = health
        .clone()
        .find(|(_, best)| best.get != "/")
        .or(health.clone().next())
    {
        let status = best.status.unwrap_or_default();
        let evidence = [format!(
            "GET :{}{} answers {status} after {} ms",
            port.port, best.get, best.ms
        )];
        let value = format!("GET {} on {}", best.get, port.port);
        let otherwise = "a probe of the orchestrator's; the image has no HEALTHCHECK, as it has no shell or curl";
        decisions.set(
            Topic::Health,
            value,
            evidence,
            otherwise,
            Some("museum/no-shell-health.html"),
        );
    }
    if trial.how == How::Listens || trial.how == How::Silent {
        let (value, evidence) = match trial.stopped_ms {
            Some(ms) => (
                "SIGTERM ends it".to_owned(),
                format!("it ended {ms} ms after SIGTERM"),
            ),
            None => (
                "SIGTERM does not end it in ten seconds".to_owned(),
                "it was still there ten seconds after SIGTERM: docker stop kills it".to_owned(),
            ),
        };
        let otherwise = "signal.NotifyContext in the program";
        decisions.set(
            Topic::Signals,
            value,
            [evidence],
            otherwise,
            Some("museum/pid1-signals.html"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::plan::testing::plan;

    #[test]
    fn a_port_that_others_cannot_call_is_told_beside_those_that_they_can() {
        let port = |port, loopback| Listening {
            port,
            udp: false,
            loopback,
            answers: Vec::new(),
        };
        for (ports, value) in [
            (vec![port(25, true)], "none that others can call"),
            (vec![port(80, false), port(25, true)], "80 (tcp)"),
        ] {
            let trial = Trial {
                how: How::Listens,
                ports,
                ..Trial::default()
            };
            let mut decisions = Decisions::default();
            seen(&trial, &|_| true, &mut plan(), &mut decisions);
            let decision = decisions.0.iter().find(|one| one.topic == Topic::Port);
            let decision = decision.expect("a port");
            assert_eq!(decision.value, value);
            assert_eq!(decision.evidence[1], "127.0.0.1 alone has 25 (tcp)");
        }
    }

    #[test]
    fn ports_that_it_listened_on_are_exposed_and_one_of_the_systems_choice_is_not() {
        let port = |port, udp, loopback| Listening {
            port,
            udp,
            loopback,
            answers: Vec::new(),
        };
        let trial = Trial {
            how: How::Listens,
            ports: vec![
                port(8080, false, false),
                port(40_123, false, false),
                port(50_051, false, false),
                port(53, true, false),
                port(6060, false, true),
            ],
            ..Trial::default()
        };
        let (mut plan, mut decisions) = (plan(), Decisions::default());
        seen(&trial, &|port| port == 50_051, &mut plan, &mut decisions);
        let text = crate::adopt::dockerfile::dockerfile(&plan);
        let exposed = text.lines().filter(|line| line.starts_with("EXPOSE"));
        let exposed: Vec<&str> = exposed.collect();
        assert_eq!(exposed, ["EXPOSE 8080", "EXPOSE 50051"]);
        let told = decisions.0.iter().find(|one| one.topic == Topic::Port);
        assert!(told.expect("a port").value.contains("any that is free"));
    }
}
