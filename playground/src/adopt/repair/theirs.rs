//! What the repository's own image gives its program, where the program alone does not come up.

use super::files::{settings_file, to_be_filled_in};
use super::{Repair, Situation};
use crate::adopt::plan::{Decisions, Plan, Topic};

/// Arguments, variables and files of the repository's own Dockerfile, once.
pub(in crate::adopt) fn as_their_image(
    at: &mut Situation<'_>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    let image = at.image?;
    if !at.tried.insert("their image".into()) {
        return None;
    }
    let before = plan.clone();
    if plan.args.is_empty() {
        plan.args.clone_from(&image.args);
    }
    for (name, value) in &image.env {
        let known = plan.env.contains_key(name);
        if !known {
            plan.env.insert(name.clone(), value.clone());
        }
    }
    let mut instead = Vec::new();
    for (from, to) in &image.files {
        // Nothing lies where the program does.
        if *to == plan.program() {
            continue;
        }
        let text = at.tree.text(from).unwrap_or_default();
        let from = match to_be_filled_in(text) {
            false => from.clone(),
            // What their image has to fill it in is another program.
            true => match settings_file(at.tree, &plan.name) {
                Some(whole) => {
                    instead.push(format!("{from} is a template: {whole} stands for it"));
                    whole
                }
                None => continue,
            },
        };
        plan.files.entry(from).or_insert_with(|| to.clone());
    }
    let below = |dir: &str| image.files.values().any(|to| to.starts_with(dir));
    if let Some(dir) = image.workdir.as_ref().filter(|dir| below(dir))
        && plan.workdir.is_none()
    {
        plan.workdir = Some(dir.clone());
    }
    if *plan == before {
        return None;
    }
    let mut given = Vec::new();
    if plan.args != before.args {
        given.push(plan.args.join(" "));
        let evidence = [format!("{} starts it so", image.from)];
        let otherwise = "other arguments, named after the image in docker run";
        decisions.set(
            Topic::Arguments,
            plan.args.join(" "),
            evidence,
            otherwise,
            None,
        );
    }
    if plan.env != before.env {
        let names: Vec<_> = image.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let evidence = [format!("{} sets it so", image.from)];
        decisions.set(
            Topic::Environment,
            names.join(" "),
            evidence,
            "docker run -e",
            None,
        );
        given.extend(names);
    }
    let files: Vec<_> = plan
        .files
        .keys()
        .filter(|from| !before.files.contains_key(*from))
        .cloned()
        .collect();
    if !files.is_empty() {
        let copies = [format!("{} copies it so", image.from)];
        let evidence = copies.into_iter().chain(instead);
        let page = Some("museum/files-left-behind.html");
        let otherwise = "go:embed, or a path given as an argument";
        decisions.set(Topic::Files, files.join(", "), evidence, otherwise, page);
        given.extend(files);
    }
    let why = match super::last(&at.trial.output) {
        said if said.is_empty() => "alone it does not come up".to_owned(),
        said => said,
    };
    Some(Repair {
        what: format!("it gets what {} gives it: {}", image.from, given.join(", ")),
        why,
        page: None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::mended;

    #[test]
    fn a_program_that_does_not_come_up_alone_gets_what_its_own_image_gives_it() {
        let dockerfile = "FROM alpine\nENV MODE=simple\nWORKDIR /srv/x\nCOPY conf/x.yaml conf/\n\
                          ENTRYPOINT [\"/app\", \"server\"]\n";
        let files = [("Dockerfile", dockerfile), ("conf/x.yaml", "")];
        let (plan, repair) = mended(&files, "Error: command is missing");
        assert_eq!(plan.args, ["server"], "{repair:?}");
        assert_eq!(plan.env["MODE"], "simple");
        assert_eq!(plan.files["conf/x.yaml"], "/srv/x/conf/x.yaml");
        assert_eq!(plan.workdir.as_deref(), Some("/srv/x"));
        let told = repair.expect("a repair").what;
        assert!(
            told.contains("Dockerfile") && told.contains("server"),
            "{told}"
        );
    }

    #[test]
    fn a_template_that_their_image_fills_in_is_replaced_by_settings_of_the_tree() {
        let dockerfile = "FROM alpine\nCOPY config.docker.yaml /etc/x/\nCOPY --from=b /go/bin/app /usr/bin/app\n\
                          ENTRYPOINT [\"/bin/docker-entrypoint\"]\nCMD [\"app\", \"serve\", \"/etc/x/config.docker.yaml\"]\n";
        let template = "issuer: {{ getenv \"X_ISSUER\" \"http://127.0.0.1:5556/x\" }}\n";
        let files = [
            ("Dockerfile", dockerfile),
            ("config.docker.yaml", template),
            ("config.yaml.dist", "issuer: http://127.0.0.1:5556/x\n"),
        ];
        let (plan, repair) = mended(&files, "Usage:\n  app [command]\n");
        assert_eq!(plan.args, ["serve", "/etc/x/config.docker.yaml"]);
        let told = [(
            "config.yaml.dist".to_owned(),
            "/etc/x/config.docker.yaml".to_owned(),
        )];
        assert_eq!(plan.files, told.into(), "{repair:?}");
    }
}
