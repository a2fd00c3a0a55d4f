//! A declared volume that the image's user may not write to.
//!
//! Some are only read from, or get another owner at run time, so that it fails for sure only where
//! the image gives the program the directory for its data; else it is a question.
//!
//! Source: engines copy owner and mode of the image's directory to a new volume; without one, it is
//! root's.

use super::prelude::*;
use crate::preflight::given::data_places;

pub(super) static RULE: Rule = Rule {
    order: 220,
    id: "volume-not-writable",
    title: "A volume is not writable for the user",
    page: Some("museum/volume-owner.html"),
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
                let (owner, gid) = node.owner();
                format!("mode {:04o}, owner {owner}:{gid} of {volume}", node.mode())
            }
            None => format!("the image has no {volume}"),
        };
        let what = format!(
            "{volume} is a volume, and a new one takes its owner from the image: uid {uid} may not \
             write to it."
        );
        let said = match image.mount_at(volume) {
            Some(_) => format!("the manifest mounts a volume at {volume}"),
            None => format!("VOLUME {volume}"),
        };
        let mut evidence = vec![said, why, format!("uid {uid}")];
        let fix = format!(
            "RUN mkdir -p /room{volume} in the builder, then COPY --from=build --chown={uid} \
             /room/ /"
        );
        let told = match writes_to(image, volume) {
            Some(says) => {
                evidence.push(says);
                Explanation::will_fail(format!("writes to {volume}"), what, evidence, fix)
            }
            None => {
                let ask = "Does the program write there, and is nothing else mounted at run time?";
                Explanation::asks(format!("{what} {ask}"), evidence, fix)
            }
        };
        Some(Explanation {
            location: found.map(|id| image.location(id)),
            ..told
        })
    };
    image.runtime.volumes.iter().filter_map(one).collect()
}

/// A variable or a word of the command that gives the program this directory for its data.
fn writes_to(image: &ImageContext<'_>, volume: &str) -> Option<String> {
    let volume = volume.trim_end_matches('/');
    let mut given = data_places(image.runtime).into_iter();
    given.find(|one| one.path == volume).map(|one| one.said)
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
        let not = ["advice: volume-not-writable"];
        assert_eq!(run("7", None), not);
        assert_eq!(run("7", Some((0, 0))), not);
        assert_eq!(run("7", Some((7, 7))), [""; 0]);
        assert_eq!(run("", None), [""; 0]);
    }

    #[test]
    fn a_volume_that_the_image_gives_the_program_for_its_data_is_written_to() {
        let elf = elf();
        let run = |env: &str, word: &str| {
            let config = json!({ "Cmd": ["/app", word], "User": "7", "Env": [env],
                "Volumes": { "/data": {} } });
            found(&config, &[Make::Mode("app", 0o755, &elf)])
        };
        let (sure, asked) = (
            "will fail: volume-not-writable",
            "advice: volume-not-writable",
        );
        assert_eq!(run("DATA_DIR=/data/", "x"), [sure]);
        assert_eq!(run("A=b", "--storage.path=/data"), [sure]);
        assert_eq!(run("CONFIG_DIR=/data", "--web.root=/data"), [asked]);
        let other = "advice: path-not-writable";
        assert_eq!(run("DATA_DIR=/srv", "/data"), [other, asked]);
    }
}
