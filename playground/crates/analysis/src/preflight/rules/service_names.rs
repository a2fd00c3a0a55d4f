//! A port is named by a word that Go does not know itself, and `/etc/services` is not there.
//!
//! Source: `goLookupPort` in Go's `net/port_unix.go`, and the few names in `lookup.go`.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 175,
    id: "service-names",
    title: "A port is named, and there is no /etc/services",
    page: Some("museum/dns.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

const FILE: &str = "/etc/services";

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let uses = go.does(Ability::Services);
    let name = &uses.first()?.with;
    if image.tree.lookup(FILE).is_ok() || image.volume_at(FILE) || image.touched(FILE) {
        return None;
    }
    let mut evidence: Vec<_> = uses.iter().map(|one| one.to_string()).collect();
    evidence.push(format!("the image has no {FILE}"));
    Some(Explanation::will_fail(
        format!("looks the port {name} up"),
        format!(
            "{} names the port {name}, which Go does not know without {FILE}: unknown port.",
            go.path
        ),
        evidence,
        "write the number; or COPY an /etc/services with that line",
    ))
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn a_named_port_needs_the_list_of_names() {
        let asks = [(Ability::Services, "net.LookupPort", "postgresql")];
        let list = [Make::File("etc/services", b"postgresql 5432/tcp\n")];
        let fails = ["will fail: service-names"];
        assert_eq!(go_does(json!({}), &asks, &[], &[]), fails);
        assert_eq!(go_does(json!({}), &asks, &[], &list), NOTHING);
        assert_eq!(go_does(json!({}), &[], &[], &[]), NOTHING);
    }
}
