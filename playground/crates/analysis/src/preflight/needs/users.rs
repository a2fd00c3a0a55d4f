//! Identity it is: `os/user`, in Go (`lookup_stubs.go`, `lookup_unix.go`) and in C.

use super::{Go, Need};
use crate::binary::linked::Ability;
use crate::entrypoint::ImageContext;
use crate::image::notable::users;
use crate::preflight::finding::Severity;
use crate::preflight::rule::Rule;

const CURRENT: &str = "os/user.Current";
const FIX: &str = "do without the name: log the uid, and take directories from $HOME or the \
                   configuration; or COPY an /etc/passwd with a line for the uid";

pub(super) fn check(context: &ImageContext<'_>, go: &Go<'_>) -> Option<Need> {
    let asks = go.can(Ability::Users);
    let who = context.identity.as_ref()?;
    let list = users(context.tree, &context.inspection.seen);
    let passwd = context.tree.lookup("/etc/passwd").is_ok();
    let listed = list.map(|users| users.iter().any(|user| user.uid == who.uid));
    // There, and not read.
    if asks.is_empty() || (passwd && listed.is_none()) || context.volume_at("/etc/passwd") {
        return None;
    }
    let (uid, path) = (who.uid, &go.path);
    let named = ["os/user.Lookup", "os/user.LookupId"];
    let named: Vec<_> = asks
        .iter()
        .copied()
        .filter(|name| named.contains(name))
        .collect();
    let mut seen = match passwd {
        true => vec![format!(
            "/etc/passwd of the image has no line for uid {uid}"
        )],
        false => vec!["the image has no /etc/passwd".to_owned()],
    };
    let need = |what, when, names: &[&str], seen: Vec<String>| {
        let mut evidence = go.linked(names);
        evidence.extend(seen);
        Some(Need {
            rule: Rule::UserLookup,
            severity: Severity::WillFail,
            what,
            when,
            evidence,
            fix: FIX.into(),
        })
    };
    let groups = ["os/user.LookupGroup", "os/user.LookupGroupId"];
    let groups: Vec<_> = asks
        .iter()
        .copied()
        .filter(|name| groups.contains(name))
        .collect();
    if !groups.is_empty() && context.tree.lookup("/etc/group").is_err() {
        let what = format!("{path} can look groups up, and the image has no /etc/group.");
        let seen = vec!["the image has no /etc/group".to_owned()];
        return need(what, "looks a group up", &groups, seen);
    }
    if listed == Some(true) {
        return None;
    }
    if !passwd && !named.is_empty() {
        let what = format!(
            "{path} can look users up, and the image has no /etc/passwd: open /etc/passwd: no such \
             file or directory."
        );
        return need(what, "looks a user up", &named, seen);
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
    let enough = context.env("USER").is_some_and(|name| !name.is_empty());
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
    need(what, when, &[name], seen)
}
