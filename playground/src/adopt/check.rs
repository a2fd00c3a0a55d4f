//! A repository held against what adopt would do, and against a budget of its own: for CI. Pure.
//!
//! The image that counts is the repository's: that of its own Dockerfile, or of the one that adopt
//! wrote into it; without either, the one that adopt would make. What does not hold is a
//! [`Complaint`] and fails the check; advice is only told.

mod budget;

pub use budget::{BUDGET_FILE, Budget};

use super::current::{Current, Untold};
use super::report::{Outcome, Report, Weight};
use super::write::{OURS, dockerfile_name};
use analysis::preflight::report::{Remark, RemarkRule, Report as Findings};
use analysis::preflight::{Finding, Severity};
use budget::Key;
use policy::Megabytes;
use std::fs;
use std::path::Path;

/// An own image as many times as large as adopt's is worth a word.
const MUCH_LARGER: f64 = 1.5;

/// What a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The repository's image is not built, or does not come up.
    DoesNotWork,
    /// A file of ours is not what adopt writes today.
    Outdated,
    /// It costs more than the budget allows.
    OverBudget,
    /// Adopt makes a much smaller one.
    Larger,
    /// Nothing can be told of the repository's image from here.
    Untold,
}

impl Kind {
    fn rule(self) -> RemarkRule {
        let (id, title, page) = match self {
            Kind::DoesNotWork => ("adopt-does-not-work", "The image does not come up", None),
            Kind::Outdated => ("adopt-outdated", "A file of adopt's is out of date", None),
            Kind::OverBudget => ("adopt-over-budget", "The image is over its budget", None),
            Kind::Larger => (
                "adopt-smaller",
                "A much smaller image does the same",
                Some("sizes.html"),
            ),
            Kind::Untold => ("adopt-untold", "The image cannot be told from here", None),
        };
        RemarkRule {
            id: id.to_owned(),
            title: title.to_owned(),
            page: page.map(str::to_owned),
            url: None,
        }
    }
}

/// Something about the repository that is not as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Complaint {
    /// What it is about.
    pub kind: Kind,
    /// In a sentence.
    pub what: String,
    /// The file and line that it is about, where there is one.
    pub at: Option<(String, u32)>,
}

impl Complaint {
    fn new(kind: Kind, what: impl Into<String>, at: Option<(String, u32)>) -> Complaint {
        Complaint {
            kind,
            what: what.into(),
            at,
        }
    }

    /// Whether it fails the check.
    pub fn fails(&self) -> bool {
        !matches!(self.kind, Kind::Larger | Kind::Untold)
    }

    /// With the place that it is about in front.
    pub fn words(&self) -> String {
        let what = &self.what;
        match &self.at {
            Some((file, line)) => format!("{file}:{line}: {what}"),
            None => what.clone(),
        }
    }
}

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing to complain of.
    Passes,
    /// Something does not hold.
    Fails,
    /// It could not be carried out.
    Untold,
}

/// What these complaints come to.
pub fn verdict(complaints: &[Complaint]) -> Verdict {
    let untold = |one: &Complaint| one.kind == Kind::Untold;
    match (
        complaints.iter().any(Complaint::fails),
        complaints.iter().any(untold),
    ) {
        (true, _) => Verdict::Fails,
        (false, true) => Verdict::Untold,
        (false, false) => Verdict::Passes,
    }
}

/// The image that counts, and the file that makes it.
struct Subject<'a> {
    file: Option<String>,
    outcome: Outcome,
    said: &'a str,
    untold: Option<Untold>,
    weight: Option<Weight>,
    answered_ms: Option<u64>,
    findings: &'a [Finding],
    image: Option<&'a analysis::subject::Subject>,
}

impl<'a> Subject<'a> {
    fn of(report: &'a Report, root: &Path) -> Subject<'a> {
        let ours = our_file(root).map(|(name, _)| name.to_owned());
        match &report.current {
            Some(current) if ours.is_none() && !current.ours => Subject::own(current),
            _ => Subject {
                file: ours,
                outcome: report.outcome,
                said: report.unmended.as_ref().map_or("", |one| &one.what),
                untold: None,
                weight: report.weight,
                answered_ms: report.answered_ms,
                findings: &report.findings,
                image: report.subject.as_ref(),
            },
        }
    }

    fn own(current: &'a Current) -> Subject<'a> {
        Subject {
            file: Some(current.file.clone()),
            outcome: current.outcome,
            said: &current.said,
            untold: current.untold,
            weight: current.weight,
            answered_ms: current.answered_ms,
            findings: &current.findings,
            image: current.subject.as_ref(),
        }
    }

    fn place(&self) -> Option<(String, u32)> {
        Some((self.file.clone()?, 1))
    }
}

/// Everything about the repository that is not as it should be.
pub fn complaints(report: &Report, budget: &Budget, root: &Path) -> Vec<Complaint> {
    let subject = Subject::of(report, root);
    let mut told = Vec::new();
    if !subject.outcome.works() {
        let said = match subject.said {
            "" => String::new(),
            said => format!(": {said}"),
        };
        let (kind, what) = match subject.untold {
            None => (Kind::DoesNotWork, subject.outcome.words()),
            Some(why) => (Kind::Untold, why.words()),
        };
        let what = match kind {
            Kind::Untold => format!("it cannot be told from here: {what}{said}"),
            _ => format!("the image {what}{said}"),
        };
        told.push(Complaint::new(kind, what, subject.place()));
    }
    told.extend(outdated(report, root));
    let mut over = |key: Key, is: f64, words: &dyn Fn(f64) -> String| {
        if let Some((may, line)) = budget.broken(key, is) {
            let at = Some((budget.file.clone(), line));
            told.push(Complaint::new(Kind::OverBudget, words(may), at));
        }
    };
    if let Some(weight) = subject.weight {
        for (key, what, bytes) in [
            (Key::Unpacked, "unpacked", weight.unpacked),
            (Key::Compressed, "compressed", weight.compressed),
        ] {
            let is = Megabytes(bytes).value();
            let words =
                |may: f64| format!("the image has {is:.2} MB {what}, and may have {may:.2}");
            over(key, is, &words);
        }
    }
    if let Some(ms) = subject.answered_ms {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of minutes")]
        let is = ms as f64;
        let words = |may: f64| format!("it answered after {ms} ms, and may take {may}");
        over(Key::Answer, is, &words);
    }
    let sure = subject.findings.iter();
    let sure = sure.filter(|finding| finding.severity != Severity::Advice);
    let sure = u32::try_from(sure.count()).unwrap_or(u32::MAX);
    let words =
        |may: f64| format!("preflight has {sure} findings beyond advice, and may have {may}");
    over(Key::Findings, f64::from(sure), &words);
    told.extend(larger(&subject, report));
    told
}

/// Where the repository's own image is much larger than what does the same.
fn larger(subject: &Subject<'_>, report: &Report) -> Option<Complaint> {
    let (own, adopted) = (subject.weight?, report.weight?);
    let same = subject.outcome == report.outcome && report.outcome.works();
    let (is, would) = (Megabytes(own.unpacked), Megabytes(adopted.unpacked));
    (same && is.value() > would.value() * MUCH_LARGER).then(|| {
        let what = format!(
            "the image has {is:.2}; the one that adopt makes does the same with {would:.2}"
        );
        Complaint::new(Kind::Larger, what, subject.place())
    })
}

/// A Dockerfile that adopt wrote into the tree: its name and text.
fn our_file(root: &Path) -> Option<(&'static str, String)> {
    ["Dockerfile", dockerfile_name(true)]
        .into_iter()
        .find_map(|name| {
            let path = root.join(name);
            let plain = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
            let text = plain.then(|| fs::read_to_string(&path).ok()).flatten()?;
            text.starts_with(OURS).then_some((name, text))
        })
}

/// Files of ours in the tree that adopt would write otherwise today.
fn outdated(report: &Report, root: &Path) -> Option<Complaint> {
    let ((name, text), wanted) = (our_file(root)?, report.dockerfile.as_ref()?);
    (text != *wanted).then(|| {
        let what = format!("{name} is not what adopt writes today: run adopt --write");
        Complaint::new(Kind::Outdated, what, Some((name.to_owned(), 1)))
    })
}

/// The check for code scanning: what preflight finds in the image that counts, the complaints, and
/// what the builder's own checks say.
pub fn sarif(
    report: &Report,
    complaints: &[Complaint],
    root: &Path,
    book_url: Option<&str>,
) -> String {
    let subject = Subject::of(report, root);
    let nothing = analysis::subject::Subject {
        kind: analysis::subject::SubjectKind::Image,
        name: "image".into(),
        id: String::new(),
        platform: String::new(),
    };
    let findings = Findings {
        subject: subject.image.unwrap_or(&nothing),
        judged_as: None,
        findings: subject.findings,
        ignored: 0,
        book_url,
        dockerfile: subject.file.as_deref(),
    };
    let told = complaints.iter().map(|complaint| Remark {
        rule: complaint.kind.rule(),
        severity: match complaint.kind {
            Kind::DoesNotWork => Severity::WillNotStart,
            Kind::Outdated | Kind::OverBudget => Severity::WillFail,
            Kind::Larger | Kind::Untold => Severity::Advice,
        },
        what: complaint.what.clone(),
        at: complaint.at.clone(),
    });
    let own = report.current.iter();
    let own = own.flat_map(|current| {
        current
            .checks
            .iter()
            .flatten()
            .map(move |one| (current, one))
    });
    let checks = own.map(|(current, check)| Remark {
        rule: RemarkRule {
            id: format!("buildkit-{}", check.rule),
            title: format!("BuildKit: {}", check.rule),
            page: None,
            url: check.url.clone(),
        },
        severity: Severity::Advice,
        what: check.what.clone(),
        at: Some((current.file.clone(), check.line.unwrap_or(1))),
    });
    let remarks: Vec<Remark> = told.chain(checks).collect();
    findings.sarif_with("adopt", &remarks)
}

#[cfg(test)]
mod tests;
