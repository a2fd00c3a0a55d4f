//! Users or groups are looked up (`os/user`), and `/etc/passwd` is not there, or has no line for
//! the user that the image runs as.
//!
//! It fails for sure where the program's own code looks up a user or group that is named there;
//! else it is a question: many that ask do without an answer.
//!
//! Source: Go's own lookup (`lookup_stubs.go`, `lookup_unix.go`), and C's, which `$USER` does not
//! content.

use super::prelude::*;
use crate::image::notable::users;

pub(super) static RULE: Rule = Rule {
    order: 170,
    id: "user-lookup",
    title: "Users are looked up that /etc/passwd does not have",
    page: Some("museum/user-lookup.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

const CURRENT: &str = "os/user.Current";
const FIX: &str = "do without the name: log the uid, and take directories from $HOME or the \
                   configuration; or COPY an /etc/passwd with a line for the uid";

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let asks = go.can(Ability::Users);
    let user = image.identity.as_ref()?;
    let list = users(image.tree, &image.inspection.seen);
    let passwd = image.tree.lookup("/etc/passwd").is_ok();
    let listed = list.map(|users| users.iter().any(|known| known.uid == user.uid));
    // There, and not read.
    if asks.is_empty() || (passwd && listed.is_none()) || image.volume_at("/etc/passwd") {
        return None;
    }
    let (uid, path) = (user.uid, &go.path);
    let among = |names: [&str; 2]| -> Vec<&str> {
        let asks = asks.iter().copied();
        asks.filter(|name| names.contains(name)).collect()
    };
    let mut seen = match passwd {
        true => vec![format!(
            "/etc/passwd of the image has no line for uid {uid}"
        )],
        false => vec!["the image has no /etc/passwd".to_owned()],
    };
    let does = go.does(Ability::Users);
    // `user.Current` is mostly asked by who can do without an answer, so that it is a question.
    let finding = |what: String, when: &str, names: &[&str], seen: Vec<String>| {
        let mut evidence = go.linked(names);
        let does = does.iter().filter(|one| names.contains(&one.call));
        let before = evidence.len();
        evidence.extend(does.map(|one| one.to_string()));
        let sure = evidence.len() > before;
        evidence.extend(seen);
        Some(match sure {
            true => Explanation::will_fail(when, what, evidence, FIX),
            false => {
                let ask = "Is it asked, and would it fail for want of an answer?";
                Explanation::asks(format!("{what} {ask}"), evidence, FIX)
            }
        })
    };
    let groups = among(["os/user.LookupGroup", "os/user.LookupGroupId"]);
    if !groups.is_empty() && image.tree.lookup("/etc/group").is_err() {
        let what = format!("{path} can look groups up, and the image has no /etc/group.");
        let seen = vec!["the image has no /etc/group".to_owned()];
        return finding(what, "looks a group up", &groups, seen);
    }
    if listed == Some(true) {
        return None;
    }
    let named = among(["os/user.Lookup", "os/user.LookupId"]);
    if !passwd && !named.is_empty() {
        let what = format!(
            "{path} can look users up, and the image has no /etc/passwd: open /etc/passwd: no such \
             file or directory."
        );
        return finding(what, "looks a user up", &named, seen);
    }
    // Looking up by name or number asks who it is, too, so that alone says nothing then.
    let by_id = named.contains(&"os/user.LookupId");
    let (name, when, how) = match (named.is_empty(), by_id) {
        (true, _) => (CURRENT, "asks who it is", "can ask who it is"),
        (false, true) => (
            "os/user.LookupId",
            "looks its own uid up",
            "can look users up by number",
        ),
        (false, false) => return None,
    };
    // Go's own lookup is content with $USER; the engine has set $HOME. C's is not.
    let enough = image.env("USER").is_some_and(|name| !name.is_empty());
    if !asks.contains(&name) || (go.cgo() != Some(true) && enough) {
        return None;
    }
    let tells = match (go.cgo(), by_id) {
        (Some(true), _) | (_, true) => format!("user: unknown userid {uid}"),
        _ => "user: Current requires cgo or $USER set in environment".into(),
    };
    if go.cgo() != Some(true) {
        seen.push("the environment has no $USER (ENV USER=… would do)".into());
    }
    let what = format!("{path} {how}, and nobody knows uid {uid}, which it runs as: {tells}.");
    finding(what, when, &[name], seen)
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::json;

    const CURRENT: Can = (Ability::Users, "os/user.Current");
    const BY_ID: Can = (Ability::Users, "os/user.LookupId");

    #[test]
    fn go_s_own_user_lookup_is_content_with_a_line_or_with_user() {
        let no = ["advice: user-lookup"];
        let passwd = [Make::File("etc/passwd", b"app:x:7:7::/:/x\n")];
        assert_eq!(go_as("7", &[CURRENT], &[]), no);
        assert_eq!(go_as("7", &[CURRENT], &passwd), NOTHING);
        assert_eq!(go_as("8", &[CURRENT], &passwd), no);
        let named = |cgo: &str| {
            let config = json!({ "User": "8", "Env": ["USER=app"] });
            go(config, cgo, &[CURRENT], &passwd)
        };
        assert_eq!(named("0"), NOTHING);
        assert_eq!(named("1"), no);
        assert_eq!(go_as("8", &[BY_ID, CURRENT], &[]), no);
        assert_eq!(go_as("8", &[BY_ID, CURRENT], &passwd), no);
        // By name it asks for others, and asks who it is only on the way.
        let by_name = [(Ability::Users, "os/user.Lookup"), CURRENT];
        assert_eq!(go_as("8", &by_name, &[]), no);
        assert_eq!(go_as("8", &by_name, &passwd), NOTHING);
        let nobody = [(Ability::Users, "os/user.Lookup", "nobody")];
        let sure = go_does(json!({ "User": "8" }), &nobody, &by_name, &[]);
        assert_eq!(sure, ["will fail: user-lookup"]);
        let group = [(Ability::Users, "os/user.LookupGroup")];
        assert_eq!(go_as("7", &group, &passwd), no);
    }
}
