//! A declared volume that the image's user may not write to.
//!
//! Source: engines copy owner and mode of the image's directory to a new volume; without one, it is
//! root's.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 220,
    id: "volume-not-writable",
    title: "A volume is not writable for the user",
    page: Some("museum/read-only.html"),
    severity: Severity::WillFail,
    checks: &[Check::Each(check)],
};

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let image = &context.image;
    let Some(user) = image.identity.as_ref().filter(|user| user.uid != 0) else {
        return Vec::new();
    };
    let uid = user.uid;
    let one = |volume: &String| {
        let found = image.tree.lookup(volume).ok();
        let why = match found {
            Some(id) => {
                let node = image.tree.node(id);
                let may = |right| user.may(image.tree, id, right);
                if !node.is_directory() || may(Right::Write) && may(Right::Execute) {
                    return None;
                }
                let (owner, gid) = node.entry.map_or((0, 0), |entry| (entry.uid, entry.gid));
                format!("mode {:04o}, owner {owner}:{gid} of {volume}", node.mode())
            }
            None => format!("the image has no {volume}"),
        };
        let told = Explanation::will_fail(
            format!("writes to {volume}"),
            format!(
                "{volume} is a volume, and a new one takes its owner from the image: uid {uid} \
                 may not write to it."
            ),
            vec![format!("VOLUME {volume}"), why, format!("uid {uid}")],
            format!(
                "RUN mkdir -p /room{volume} in the builder, then COPY --from=build --chown={uid} \
                 /room/ /"
            ),
        );
        Some(Explanation {
            location: found.map(|id| image.location(id)),
            ..told
        })
    };
    image.runtime.volumes.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn volumes_take_their_owner_from_the_image() {
        let elf = elf();
        let run = |user: &str, data: Option<(u64, u64)>| {
            let config = json!({ "Cmd": ["/app"], "User": user, "Volumes": { "/data": {} } });
            let mut files = vec![Make::Mode("app", 0o755, &elf)];
            files.extend(data.map(|owner| Make::DirOwned("data", 0o755, owner)));
            found(&config, &files)
        };
        let not = ["will fail: volume-not-writable"];
        assert_eq!(run("7", None), not);
        assert_eq!(run("7", Some((0, 0))), not);
        assert_eq!(run("7", Some((7, 7))), [""; 0]);
        assert_eq!(run("", None), [""; 0]);
    }
}
