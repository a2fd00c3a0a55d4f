//! What other engines say than the one that pages quote: `book/recorded/engines/<family>`, a file
//! for each lab with a variant that ends or speaks otherwise there.
//!
//! `playground check-content --record` on such an engine writes them. Panels tell of them, and
//! below a quote stands what those engines say in its place.

use super::html::escape;
use super::newer::{alike, beside, steady};
use super::recorded::{Recorded, Recording, Recordings};
use std::collections::{BTreeMap, BTreeSet};

/// Where they lie, from the project's root.
pub const ENGINES: &str = "book/recorded/engines";

/// What is recorded by family, then by lab.
pub type ByEngine = BTreeMap<String, BTreeMap<String, Recording>>;

/// Engines that say the same: `docker-30`, `podman-4`.
pub fn family(engine: &str, version: &str) -> String {
    let kind = match engine.contains("Podman") {
        true => "podman",
        false => "docker",
    };
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    match major.as_str() {
        "" => kind.to_owned(),
        major => format!("{kind}-{major}"),
    }
}

impl Recording {
    /// The family of the engine that it was made on.
    pub fn family(&self) -> String {
        family(&self.engine, &self.version)
    }

    /// What of it differs from what pages quote; nothing where nothing does.
    pub fn other_than(mut self, quoted: &Recording) -> Option<Recording> {
        self.variants.retain(|variant, there| {
            let quoted = quoted.variants.get(variant);
            quoted.is_some_and(|quoted| !alike(quoted, there))
        });
        (!self.variants.is_empty()).then_some(self)
    }

    /// As people call the engine.
    fn place(&self) -> String {
        let engine = escape(&self.engine);
        let name = engine.split(" - ").next().unwrap_or_default();
        format!("On {name} {},", escape(&self.version))
    }

    /// The sentence of a variant's panel; nothing where it does the same there.
    pub(super) fn sentence(&self, quoted: &Recorded, variant: &str) -> String {
        let there = self.variants.get(variant);
        there.map_or(String::new(), |there| {
            beside(&self.place(), quoted, there, "")
        })
    }
}

/// What stands below a fence of these quotes on a page with these labs: for each engine that says
/// otherwise, its own words.
pub(super) fn below(recordings: &Recordings, labs: &[&str], quotes: &[&str]) -> String {
    let mut html = String::new();
    for by_lab in recordings.engines().values() {
        let mut said = BTreeSet::new();
        for (lab, there) in labs.iter().filter_map(|lab| Some((lab, by_lab.get(*lab)?))) {
            let Some(quoted) = recordings.of(lab) else {
                continue;
            };
            for (variant, there_said) in &there.variants {
                let own = quoted.variants.get(variant).map(Recorded::lines);
                let own = own.unwrap_or_default();
                let lines = there_said.lines();
                let otherwise = quotes.iter().filter(|quote| {
                    let stands = |lines: &[String]| lines.iter().any(|l| stands_in(quote, l));
                    stands(&own) && !stands(&lines)
                });
                let words = otherwise.filter_map(|quote| nearest(quote, &lines));
                said.extend(words.map(|line| (there.place(), line.to_owned())));
            }
        }
        for (place, line) in said {
            let line = escape(&line);
            html.push_str(&format!(
                r#"<p class="lab-newer">{place} in its place: <code>{line}</code></p>"#
            ));
        }
    }
    html
}

/// Whether a quote stands in a line; `…` stands for anything.
pub(crate) fn stands_in(quote: &str, line: &str) -> bool {
    let mut parts = quote.split('…').map(str::trim);
    let rest = parts.try_fold(line, |rest, part| Some(rest.split_once(part)?.1));
    rest.is_some()
}

/// The line with the most of a quote's words, if it has more than a third of them.
fn nearest<'l>(quote: &str, lines: &'l [String]) -> Option<&'l str> {
    let words: BTreeSet<&str> = steady(quote).into_iter().collect();
    let shared = |line: &&String| {
        let of_line: BTreeSet<&str> = steady(line).into_iter().collect();
        (
            words.intersection(&of_line).count(),
            std::cmp::Reverse(of_line.len()),
        )
    };
    let best = lines.iter().max_by_key(shared)?;
    (shared(&best).0 * 3 > words.len()).then(|| best.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(version: &str, message: &str) -> Recording {
        let recorded = Recorded {
            message: Some(message.into()),
            ..Recorded::default()
        };
        Recording {
            engine: "Docker Engine".into(),
            version: version.into(),
            arch: "amd64".into(),
            go: None,
            date: "2026-11-29".into(),
            bases: "rebuilt".into(),
            variants: BTreeMap::from([("broken".into(), recorded)]),
        }
    }

    #[test]
    fn engines_are_told_apart_by_kind_and_major_version() {
        assert_eq!(family("Docker Engine - Community", "28.5.2"), "docker-28");
        assert_eq!(family("Podman Engine", "4.3.1"), "podman-4");
        assert_eq!(family("Docker Engine", "dev"), "docker");
    }

    #[test]
    fn only_what_differs_is_kept() {
        let quoted = recording("20.10.24", "exec: \"sh\" after 12 ms");
        let same = recording("30.0.0", "exec: \"sh\" after 3 ms");
        assert_eq!(same.other_than(&quoted), None);
        let other = recording("30.0.0", "exec: no \"sh\"");
        assert!(other.other_than(&quoted).is_some());
    }

    #[test]
    fn below_a_quote_stand_the_words_of_engines_that_say_otherwise() {
        let quoted = recording("20.10.24", "failed to compute cache key: \"/a\" not found");
        let there = recording(
            "30.0.0",
            "failed to calculate checksum of ref x: \"/a\" not found",
        );
        let recordings = Recordings::of_tests(quoted, ("docker-30", there));
        let html = below(&recordings, &["lab"], &["failed to compute … not found"]);
        assert_eq!(
            html,
            "<p class=\"lab-newer\">On Docker Engine 30.0.0, in its place: <code>failed to \
             calculate checksum of ref x: &quot;/a&quot; not found</code></p>"
        );
        assert_eq!(below(&recordings, &["lab"], &["of another lab"]), "");
        assert_eq!(below(&recordings, &[], &["failed to compute"]), "");
    }
}
