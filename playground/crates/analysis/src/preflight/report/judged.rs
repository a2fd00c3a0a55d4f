//! Which container of which manifest a report judges, and what the manifest leaves open.

use super::Report;
use crate::manifest::Container;
use policy::sanitize::{line, visible};
use serde_json::{Value, json};

/// What nobody can tell, of one container, that text shows; JSON has it all.
const MAX_SHOWN: usize = 20;

/// The container that was judged, instead of the image alone.
#[derive(Clone, Copy, Debug)]
pub struct JudgedAs<'a> {
    /// The manifest, as it was named.
    pub file: &'a str,
    /// The one of its containers.
    pub container: &'a Container,
    /// What else is in the manifest, and starts nothing.
    pub others: &'a [String],
}

impl JudgedAs<'_> {
    /// `Deployment/api/web of deploy.yaml, line 12`.
    pub(super) fn words(&self) -> String {
        let container = self.container;
        let name = container.full_name();
        format!("{name} of {}, line {}", self.file, container.line)
    }

    /// The same without the line, which comes and goes.
    pub(super) fn lasting_words(&self) -> String {
        format!("{}/{}", self.file, self.container.full_name())
    }

    pub(super) fn json(&self) -> Value {
        let container = self.container;
        json!({
            "system": container.system.name(),
            "file": self.file,
            "line": container.line,
            "owner": container.owner,
            "name": container.name,
            "cannot-be-told": container.unknown,
            "others": self.others,
        })
    }
}

impl Report<'_> {
    /// What the manifest leaves to others, each as a line for people.
    pub(super) fn left_open(&self) -> Vec<String> {
        let unknown = self
            .judged_as
            .map(|judged| judged.container.unknown.as_slice());
        let unknown = unknown.unwrap_or_default();
        let shown = unknown.iter().take(MAX_SHOWN);
        let mut lines: Vec<_> = shown.map(|one| line(&visible(one)).into_owned()).collect();
        let more = unknown.len().saturating_sub(MAX_SHOWN);
        lines.extend((more > 0).then(|| format!("and {more} more, which --format json shows")));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{missing_roots, report, subject};
    use super::super::{Report, Style};
    use super::JudgedAs;
    use crate::manifest::Manifest;
    use policy::sanitize::testing::{ATTACKS, assert_harmless};

    const POD: &str = "kind: Pod\nmetadata: { name: api }\nspec:\n  containers:\n  - name: web\n    \
                       env:\n    - name: KEY\n      valueFrom: { secretKeyRef: { name: k, key: k } }\n";

    #[test]
    fn every_form_says_which_container_of_which_file_was_judged() {
        let manifest = Manifest::read(POD.as_bytes()).expect("a manifest");
        let (subject, findings) = (subject(), [missing_roots()]);
        let judged = JudgedAs {
            file: "deploy/pod.yaml",
            container: &manifest.containers[0],
            others: &[],
        };
        let report = Report {
            judged_as: Some(judged),
            ..report(&subject, &findings)
        };
        let name = "Pod/api/web of deploy/pod.yaml, line 5";
        let text = report.text(Style::Plain);
        assert!(
            text.lines().next().is_some_and(|line| line.ends_with(name)),
            "{text}"
        );
        assert!(
            text.contains("Cannot be told\n  - the value of KEY\n"),
            "{text}"
        );
        assert!(report.github().contains(name));
        assert!(report.github_summary().contains("the value of KEY"));
        let json: serde_json::Value = serde_json::from_str(&report.json()).expect("JSON");
        assert_eq!(json["container"]["file"], "deploy/pod.yaml");
        assert_eq!(json["container"]["name"], "web");
        assert_eq!(json["container"]["cannot-be-told"][0], "the value of KEY");
        let sarif: serde_json::Value = serde_json::from_str(&report.sarif()).expect("JSON");
        let run = &sarif["runs"][0];
        assert_eq!(run["properties"]["container"]["owner"], "Pod/api");
        let id = run["automationDetails"]["id"].as_str().expect("an id");
        assert_eq!(id, "preflight/team/api/deploy/pod.yaml/Pod/api/web/");
    }

    #[test]
    fn no_manifest_commands_a_terminal_or_a_runner() {
        for attack in ATTACKS {
            let quoted = serde_json::to_string(attack).expect("JSON");
            let text = format!(
                "{{\"services\": {{{quoted}: {{\"environment\": {{{quoted}: null}}, \
                 \"user\": {quoted}, \"command\": [{quoted}]}}}}}}"
            );
            // What is no manifest is an error, which its reader shows harmlessly.
            let Ok(manifest) = Manifest::read(text.as_bytes()) else {
                continue;
            };
            let subject = subject();
            let report = Report {
                judged_as: Some(JudgedAs {
                    file: attack,
                    container: &manifest.containers[0],
                    others: &[],
                }),
                ..report(&subject, &[])
            };
            for said in [
                report.text(Style::Plain),
                report.json(),
                report.sarif(),
                report.github(),
            ] {
                assert_harmless(&said);
            }
        }
    }
}
