//! `playground xray IMAGE|ARCHIVE|BINARY`: what is in it, from layer to file to section to Go
//! package, and what differs from another.

mod difference;
mod files;
mod image;
mod packages;
mod page;
mod program;
#[cfg(test)]
mod tests;

use super::subject::{self, Choice, Measure, Subject, read_subject, unmerged};
use super::words::shown;
use analysis::image::tree::{NodeId, Tree};
use analysis::inspect::{Inspection, Opened, Program};
use analysis::subject::{SubjectKind, SubjectName};
use analysis::xray::{self, Branch, Comparand, Files, ProgramIn, Report, ReportWithTree};
use anyhow::Context;
use page::Page;
use policy::sanitize::quiet_json;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Programs shown whole where the image starts none of them.
const PROGRAMS: usize = 1;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 told, 2 bad arguments, 3 it could not be read or is damaged, \
                        130 stopped by a signal."
)]
pub(super) struct Args {
    /// An image that the engine has, an archive of `docker save`, an OCI layout, a binary, or `-`
    /// for an archive on stdin
    subject: String,
    /// What came after it: another image, archive or binary. Tells what left, came, changed and
    /// stayed on the way from SUBJECT to OTHER
    #[arg(long, value_name = "OTHER")]
    against: Option<String>,
    /// One JSON object on stdout, with all of the tree
    #[arg(long)]
    json: bool,
    /// Show the tree from here on, or this program as if it were a binary by itself
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Levels of the tree to show, instead of what matters
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// Name the largest files of each layer
    #[arg(long)]
    layers: bool,
    /// Leave nothing out, however long it gets
    #[arg(long)]
    all: bool,
    /// Compress the layers to see how small they become, also of large images
    #[arg(long)]
    compressed: bool,
    /// Which of an archive's images, by platform: linux/arm64
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<String>,
    /// Which of an archive's images, by name
    #[arg(long)]
    name: Option<String>,
}

pub(super) async fn xray(data: Option<&Path>, args: &Args) -> anyhow::Result<ExitCode> {
    let choice = Choice {
        platform: subject::platform(args.platform.as_deref())?,
        name: args.name.clone(),
        compressed: match (args.compressed, args.against.is_some()) {
            (true, _) => Measure::Always,
            // The difference tells no compressed sizes.
            (false, true) => Measure::Never,
            (false, false) => Measure::Small,
        },
        is_path: false,
        for_two: args.against.is_some(),
        command: "xray",
    };
    let Some(Subject { name, opened, .. }) = read_subject(&args.subject, &choice, data).await?
    else {
        return Ok(ExitCode::from(130));
    };
    let text = match &args.against {
        None => render(args, name, &opened)?,
        Some(other) => {
            let Some(other) = read_subject(other, &choice, data).await? else {
                return Ok(ExitCode::from(130));
            };
            let programs = matches!(
                (&opened, &other.opened),
                (Opened::Binary(_), Opened::Binary(_))
            );
            if programs && (args.path.is_some() || args.platform.is_some() || args.name.is_some()) {
                anyhow::bail!(
                    "both are single programs: there is nothing that --path, --platform or --name \
                     could choose\n  next: leave them out"
                );
            }
            render_difference(args, (name, &opened), (other.name, &other.opened))?
        }
    };
    say!("{}", text.trim_end());
    Ok(match &opened {
        // What could be told was told; that it is damaged matters to scripts, too.
        Opened::Binary(program) if program.error.is_some() => ExitCode::from(3),
        _ => ExitCode::SUCCESS,
    })
}

/// What was read, and the part of it that is asked about.
enum Part<'a> {
    Program(Arc<Program>),
    /// A node of the tree that is no program.
    Node(&'a Inspection, Tree<'a>, NodeId),
}

fn part<'a>(args: &Args, name: &SubjectName, opened: &'a Opened) -> anyhow::Result<Part<'a>> {
    let inspection = match opened {
        Opened::Image(inspection) => inspection,
        // Beside another subject it may be meant for that one.
        Opened::Binary(_) if args.path.is_some() && args.against.is_none() => anyhow::bail!(
            "{} is a single program, and has no tree for --path\n  next: leave --path out",
            shown(&name.name)
        ),
        Opened::Binary(program) => return Ok(Part::Program(program.clone())),
    };
    let tree = inspection.tree().map_err(|e| unmerged(name, &e))?;
    let at = match &args.path {
        None => NodeId::ROOT,
        Some(path) => tree.lookup(path).with_context(|| {
            format!(
                "--path {}: that is not in the image\n  next: leave --path out to see what is",
                shown(path)
            )
        })?,
    };
    let facts = inspection.facts(&tree, at);
    Ok(match facts.and_then(|facts| facts.program.clone()) {
        Some(program) => Part::Program(program),
        None => Part::Node(inspection, tree, at),
    })
}

fn render(args: &Args, name: SubjectName, opened: &Opened) -> anyhow::Result<String> {
    let (inspection, tree, at) = match part(args, &name, opened)? {
        Part::Node(inspection, tree, at) => (inspection, tree, at),
        Part::Program(program) => {
            let report = xray::binary(&program_name(args, &name), program);
            if args.json {
                return Ok(quiet_json(&report.to_json()?));
            }
            let mut page = new_page(args);
            for found in &report.programs {
                program::program(&mut page, found);
            }
            return Ok(page.text());
        }
    };
    let report = xray::image(name, inspection, &tree);
    if args.json {
        let tree = Some(Branch::of(&tree, at));
        let report = &report;
        return Ok(quiet_json(&ReportWithTree { report, tree }.to_json()?));
    }
    let mut page = new_page(args);
    if at != NodeId::ROOT {
        match tree.node(at).is_directory() {
            true => files::tree(&mut page, inspection, &tree, at, args.depth),
            false => files::file(&mut page, &tree, at),
        }
        return Ok(page.text());
    }
    image::head(&mut page, &report);
    let named = (args.layers || args.all).then(|| image::named(page.most));
    image::layers(&mut page, &report, named);
    files::tree(&mut page, inspection, &tree, at, args.depth);
    if let Some(out) = &report.notable {
        image::notable(&mut page, out);
    }
    image::wasted(&mut page, &report);
    programs(&mut page, &report);
    Ok(page.text())
}

/// Inside of an image, the program's path says more than the image's name.
fn program_name(args: &Args, name: &SubjectName) -> String {
    match (&args.path, name.kind) {
        (Some(path), SubjectKind::Image | SubjectKind::Archive) => format!("{}:{path}", name.name),
        _ => name.name.clone(),
    }
}

fn new_page(args: &Args) -> Page {
    let columns = console::Term::stdout().size_checked();
    Page::new(columns.map(|(_, columns)| usize::from(columns)), args.all)
}

/// What the image starts, whole; else the largest ones written in Go. The rest is named.
fn programs(page: &mut Page, report: &Report) {
    let started = report.programs.iter().filter(|found| found.started).count();
    let whole = match (page.most, started) {
        (usize::MAX, _) => report.programs.len(),
        (_, 0) => PROGRAMS,
        (_, started) => started,
    };
    let (whole, rest) = report.programs.split_at(whole.min(report.programs.len()));
    for found in whole {
        program::program(page, found);
    }
    named(page, rest, report);
}

fn named(page: &mut Page, rest: &[ProgramIn], report: &Report) {
    use super::words::{of, size};
    if !rest.is_empty() {
        page.heading(&format!("{} in Go", of(rest.len() as u64, "more program")));
        let line = |found: &ProgramIn| {
            let (size, path) = (size(found.program.bytes), shown(&found.path));
            format!("  {size:>9}  {path}  (--path shows it)")
        };
        page.lines(rest, line, |rest| {
            format!("  {:>9}  … {} more", "", rest.len())
        });
    }
    let others = &report.other_programs;
    if others.files > 0 {
        let (files, size) = (of(others.files, "other executable"), size(others.bytes));
        page.line("");
        page.line(&format!(
            "{files} and libraries that are not Go, {size}; --path shows each."
        ));
    }
}

fn render_difference(
    args: &Args,
    from: (SubjectName, &Opened),
    to: (SubjectName, &Opened),
) -> anyhow::Result<String> {
    let (from, to) = (side(args, from)?, side(args, to)?);
    let difference = xray::difference(comparand(&from), comparand(&to));
    if args.json {
        return Ok(quiet_json(&difference.to_json()?));
    }
    let mut page = new_page(args);
    difference::difference(&mut page, &difference);
    Ok(page.text())
}

/// One of the two, and the files of an image.
type Side<'a> = (Report, Option<(&'a Inspection, Tree<'a>)>);

fn side<'a>(args: &Args, (name, opened): (SubjectName, &'a Opened)) -> anyhow::Result<Side<'a>> {
    match part(args, &name, opened)? {
        Part::Program(program) => Ok((xray::binary(&program_name(args, &name), program), None)),
        Part::Node(inspection, tree, NodeId::ROOT) => {
            let report = xray::image(name, inspection, &tree);
            Ok((report, Some((inspection, tree))))
        }
        Part::Node(..) => anyhow::bail!(
            "--path with --against names a program on both sides\n  \
             next: leave --path out to compare whole images"
        ),
    }
}

fn comparand<'a>((report, files): &'a Side<'a>) -> Comparand<'a> {
    let files = files.as_ref();
    Comparand {
        report,
        files: files.map(|(inspection, tree)| Files { inspection, tree }),
    }
}
