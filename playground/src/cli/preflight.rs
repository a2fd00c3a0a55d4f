//! `playground preflight IMAGE|ARCHIVE`
//!
//! Needs no book, and an engine only for an engine's images: an engineer points it at the
//! team's own image, from anywhere. The report goes to stdout whole or not at all.

use super::manifest::Named;
use super::subject::{Choice, Measure, names_a_file, read_subject, unmerged};
use super::words::shown;
use crate::app_state::EngineSession;
use analysis::image::Platform;
use analysis::inspect::Opened;
use analysis::preflight::report::{JudgedAs, Report, Style};
use analysis::preflight::{
    Rule, Severity, TargetPlatform, depend_on_emulation, preflight as findings_of, preflight_as,
};
use analysis::subject::Subject;
use anyhow::{Context, bail};
use clap::ValueEnum;
use engine::{EngineFacts, Owner};
use policy::UserError;
use policy::suggest::hint;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing that --fail-on names, 1 findings, 2 bad arguments, \
                        3 the image could not be read, 130 stopped by a signal."
)]
pub(super) struct Args {
    /// An image that the engine has, by name or id; or an archive, an OCI layout's folder, or
    /// `-` for an archive on stdin
    #[arg(required_unless_present = "list_rules")]
    image: Option<String>,
    /// IMAGE is a path, whatever it looks like
    #[arg(long)]
    archive: bool,
    /// Which image of an archive that holds several
    #[arg(long)]
    name: Option<String>,
    /// Which platform of an image that comes for several: linux/arm64
    #[arg(long, value_parser = platform)]
    platform: Option<Platform>,
    /// Judge the container that this manifest makes of the image: Kubernetes, Compose or ECS; `-`
    /// for stdin
    #[arg(long = "as", value_name = "MANIFEST")]
    manifest: Option<String>,
    /// Which container of the manifest, where its image does not tell
    #[arg(long, value_name = "NAME", requires = "manifest")]
    container: Option<String>,
    /// Who the report on stdout is for
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// What makes the exit code 1: findings at least as bad as this
    #[arg(long, value_enum, default_value_t = FailOn::WillFail, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Leave a rule's findings out; as often as needed, or several with commas between them
    #[arg(long, value_name = "RULE", value_parser = rule, value_delimiter = ',')]
    ignore: Vec<&'static Rule>,
    /// Where your copy of the book is published, for links: https://…
    #[arg(long, env = "EMPTY_ROOM_BOOK_URL", value_name = "URL", value_parser = book_url)]
    book_url: Option<String>,
    /// Show findings at this file of the repository (sarif, github)
    #[arg(long, value_name = "PATH")]
    dockerfile: Option<String>,
    /// List the rules instead
    #[arg(long)]
    list_rules: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations and a job summary for GitHub Actions
    Github,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    /// It ends before the program's first instruction
    WillNotStart,
    /// It starts, and fails when it does what the finding says
    WillFail,
    /// It works; there is a better way
    Advice,
    /// Report and exit with 0
    Never,
}

impl FailOn {
    fn fails(self, report: &Report<'_>) -> bool {
        match self {
            FailOn::WillNotStart => report.reaches(Severity::WillNotStart),
            FailOn::WillFail => report.reaches(Severity::WillFail),
            FailOn::Advice => report.reaches(Severity::Advice),
            FailOn::Never => false,
        }
    }
}

pub(super) async fn preflight(data: Option<&Path>, args: &Args) -> anyhow::Result<ExitCode> {
    if args.list_rules {
        list_rules(args.format);
        return Ok(ExitCode::SUCCESS);
    }
    let image = args.image.as_deref().context("no image is named")?;
    let named = args.manifest.as_deref().map(|file| match (file, image) {
        ("-", "-") => bail!("stdin cannot be both the image and the manifest"),
        _ => Named::read(file),
    });
    let named = named.transpose()?;
    let by_name = match names_a_file(image, args.archive) {
        true => args.name.as_deref(),
        false => Some(image),
    };
    let chosen = |named| Named::container(named, by_name, args.container.as_deref());
    let container = named.as_ref().map(chosen).transpose()?;
    let choice = Choice {
        platform: args.platform.clone(),
        name: args.name.clone(),
        compressed: Measure::Never,
        is_path: args.archive,
        for_two: false,
        command: "preflight",
    };
    let Some(read) = read_subject(image, &choice, data).await? else {
        return Ok(ExitCode::from(130));
    };
    let Opened::Image(inspection) = read.opened else {
        bail!("{}", a_program(image));
    };
    let name = read.name.clone();
    let subject = Subject::of_image(read.name, &inspection.image);
    let look = |target: &TargetPlatform| {
        let found = match container {
            Some(container) => preflight_as(&inspection, target, container),
            None => findings_of(&inspection, target),
        };
        found.map_err(|e| unmerged(&name, &e))
    };
    let target = target_platform(read.engine.as_ref(), args);
    let mut findings = look(&target)?;
    let untried = read.engine.is_some() && target.cpu.is_some() && !target.emulates;
    if untried && depend_on_emulation(&findings) {
        findings = look(&target.tried(emulates(data).await))?;
    }
    let found = findings.len();
    findings.retain(|finding| !args.ignore.contains(&finding.rule));
    let report = Report {
        subject: &subject,
        judged_as: named
            .as_ref()
            .zip(container)
            .map(|(named, container)| JudgedAs {
                file: &named.file,
                container,
                others: &named.manifest.others,
            }),
        findings: &findings,
        ignored: found - findings.len(),
        book_url: args.book_url.as_deref(),
        dockerfile: args.dockerfile.as_deref(),
    };
    print(&report, args.format)?;
    Ok(ExitCode::from(u8::from(args.fail_on.fails(&report))))
}

fn a_program(word: &str) -> String {
    let shown = shown(word);
    let image = match word.contains(['/', ':']) {
        true => "name the image that it goes into".to_owned(),
        false => format!("name the image with its tag ({shown}:latest)"),
    };
    format!(
        "{shown} is a single program; how it fails depends on the image around it\n  next: {image}, \
         or see into the program with `playground xray {shown}`"
    )
}

/// Who names a platform means machines of that kind, whatever this engine is.
fn target_platform(engine: Option<&EngineFacts>, args: &Args) -> TargetPlatform {
    match engine.filter(|_| args.platform.is_none()) {
        Some(engine) => TargetPlatform {
            cpu: Some(engine.arch.clone()).filter(|cpu| !cpu.is_empty()),
            emulates: engine.surely_emulates(),
            executes_with_rights: engine.executes_with_rights,
        },
        None => TargetPlatform::default(),
    }
}

/// Whether the engine runs programs for other CPUs; `None` where that cannot be tried.
async fn emulates(data: Option<&Path>) -> Option<bool> {
    let owner = Owner::register(data?).ok()?;
    let alone = EngineSession::find(data).await.ok()?;
    let emulates = alone.engine().emulates(&owner).await;
    alone.close().await;
    Some(emulates)
}

fn print(report: &Report<'_>, format: Format) -> Result<(), UserError> {
    match format {
        Format::Text => say!("{}", report.text(style())),
        Format::Json => say!("{}", report.json()),
        Format::Sarif => say!("{}", report.sarif()),
        Format::Github => {
            say!("{}", report.github());
            if let Some(summary) = std::env::var_os("GITHUB_STEP_SUMMARY") {
                add_to(Path::new(&summary), &report.github_summary())?;
            }
        }
    }
    Ok(())
}

/// Colours for a terminal that has not said otherwise (`NO_COLOR`, `CLICOLOR_FORCE`, `TERM`).
fn style() -> Style {
    match console::colors_enabled() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty()) {
        true => Style::Coloured,
        false => Style::Plain,
    }
}

fn add_to(summary: &Path, text: &str) -> Result<(), UserError> {
    let file = OpenOptions::new().append(true).create(true).open(summary);
    let written = file.and_then(|mut file| writeln!(file, "{text}"));
    written.map_err(|error| UserError {
        what: format!("{} cannot be written to: {error}", summary.display()),
        cause: "GITHUB_STEP_SUMMARY names a file that is not ours to write".into(),
        next: "unset GITHUB_STEP_SUMMARY; the report itself is on stdout".into(),
    })
}

fn list_rules(format: Format) {
    if let Format::Json = format {
        let rules = Rule::ALL
            .iter()
            .map(|rule| json!({ "rule": rule.id, "title": rule.title, "page": rule.page }));
        say!("{:#}", json!({ "rules": rules.collect::<Vec<_>>() }));
        return;
    }
    let width = Rule::ALL.iter().map(|rule| rule.id.len()).max();
    let width = width.unwrap_or(0);
    for rule in Rule::ALL {
        say!("{:width$}  {}", rule.id, rule.title);
    }
}

fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text).ok_or_else(|| "write it as linux/arm64 or linux/arm/v7".into())
}

fn rule(id: &str) -> Result<&'static Rule, String> {
    let ids = Rule::ALL.iter().map(|rule| rule.id);
    let hint = || hint(id, ids, "there are");
    Rule::named(id).ok_or_else(|| format!("there is no such rule{}", hint()))
}

pub(super) fn book_url(text: &str) -> Result<String, String> {
    let wrong = || "write it as https://example.org/empty-room".to_owned();
    let uri: http::Uri = text.parse().map_err(|_| wrong())?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.query().is_none() => Ok(uri.to_string()),
        _ => Err(wrong()),
    }
}
