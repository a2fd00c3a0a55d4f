//! BuildKit's own checks of a Dockerfile, as they come with the status of every build.
//!
//! BuildKit 0.15 and newer looks a Dockerfile through before it builds it and tells what it thinks
//! as warnings, each with the rule's name in front: the same rules as `docker build --check`. It is
//! called, not copied.

use crate::event::BuildRemark;
use bollard_buildkit_proto::moby::buildkit::v1::VertexWarning;

/// Remarks of one build, and the bytes of each: a Dockerfile of thousands of lines is no reason to
/// keep thousands of them.
const MAX_REMARKS: usize = 100;
const MAX_TEXT: usize = 600;

/// What was told of one build, so that nothing is told twice.
#[derive(Default)]
pub(super) struct Remarks(Vec<BuildRemark>);

impl Remarks {
    /// The remark, where it is a check's and was not told before.
    pub(super) fn new_one(&mut self, warning: &VertexWarning) -> Option<BuildRemark> {
        let remark = remark(warning)?;
        if self.0.len() >= MAX_REMARKS || self.0.contains(&remark) {
            return None;
        }
        self.0.push(remark.clone());
        Some(remark)
    }
}

/// `StageNameCasing: Stage name 'Build' should be lowercase (line 1)`; what has no rule's name in
/// front is no check's, and is left to the log.
fn remark(warning: &VertexWarning) -> Option<BuildRemark> {
    let short = String::from_utf8_lossy(&warning.short);
    let (rule, what) = short.split_once(": ")?;
    let is_name = rule.starts_with(|c: char| c.is_ascii_uppercase())
        && rule.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_name {
        return None;
    }
    let line = warning
        .ranges
        .first()
        .and_then(|range| range.start.as_ref());
    let line = line.and_then(|start| u32::try_from(start.line).ok());
    let line = line.filter(|line| *line > 0);
    let place = line.map_or(String::new(), |line| format!(" (line {line})"));
    let what = what.strip_suffix(&place).unwrap_or(what);
    Some(BuildRemark {
        rule: rule.to_owned(),
        what: what.chars().take(MAX_TEXT).collect(),
        url: Some(warning.url.clone()).filter(|url| url.starts_with("https://")),
        line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard_buildkit_proto::pb::{Position, Range};

    fn warning(short: &str, line: i32) -> VertexWarning {
        let start = Some(Position { line, character: 0 });
        VertexWarning {
            short: short.into(),
            url: "https://docs.docker.com/go/dockerfile/rule/stage-name-casing/".into(),
            ranges: vec![Range { start, end: None }],
            ..VertexWarning::default()
        }
    }

    /// As BuildKit 0.17 in Docker 27 and newer writes it.
    #[test]
    fn a_checks_warning_is_a_remark_once() {
        let mut remarks = Remarks::default();
        let told = "StageNameCasing: Stage name 'Build' should be lowercase (line 3)";
        let remark = remarks.new_one(&warning(told, 3)).expect("a check's");
        assert_eq!(remark.rule, "StageNameCasing");
        assert_eq!(remark.what, "Stage name 'Build' should be lowercase");
        assert_eq!(remark.line, Some(3));
        assert_eq!(remarks.new_one(&warning(told, 3)), None);
        assert!(remarks.new_one(&warning(told, 4)).is_some());
    }

    #[test]
    fn what_is_no_checks_is_left_to_the_log() {
        let mut remarks = Remarks::default();
        for told in ["", "no rule here", "failed to pull: x", "http: x"] {
            assert_eq!(remarks.new_one(&warning(told, 1)), None, "{told}");
        }
    }

    #[test]
    fn a_dockerfile_without_end_makes_no_remarks_without_end() {
        let mut remarks = Remarks::default();
        let told = |n: i32| format!("JSONArgsRecommended: {}", "x".repeat(5000 + n as usize));
        let kept = (1..300).filter_map(|n| remarks.new_one(&warning(&told(n), n)));
        let kept: Vec<_> = kept.collect();
        assert_eq!(kept.len(), MAX_REMARKS);
        assert!(kept.iter().all(|one| one.what.len() <= MAX_TEXT));
    }
}
