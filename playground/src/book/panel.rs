//! One lab as plain HTML: all that a reader without a server or scripts needs, and
//! all that the page's scripts need to know before they ask the server anything.

use super::html::escape;
use super::recorded::Recordings;
use catalog::{Kind, Lab, Outcome, Reporter, Role, Variant};
use std::fmt::Write;

/// A shown file of a variant: its context path and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path in the build context.
    pub path: String,
    /// Content as the book ships it.
    pub text: String,
}

/// The `<section>` of a lab. `sources` yields the shown files of each variant, in order.
pub(super) fn section<E>(
    lab: &Lab,
    recordings: &Recordings,
    mut sources: impl FnMut(&Variant) -> Result<Vec<Source>, E>,
) -> Result<String, E> {
    let mut html = String::new();
    let kind = match lab.kind {
        Kind::Stage => "stage",
        Kind::Failure => "failure",
        Kind::Experiment => "experiment",
        Kind::Exercise => "exercise",
    };
    let _ = write!(
        html,
        r#"<section class="lab" data-lab="{}" data-kind="{kind}"{}>"#,
        escape(&lab.id),
        stage_attributes(lab),
    );
    let _ = write!(
        html,
        r#"<header class="lab-head"><p class="lab-kicker">{}</p><h2 class="lab-title">{}</h2><p class="lab-summary">{}</p></header>"#,
        escape(&kicker(lab)),
        escape(&lab.title),
        escape(&lab.summary),
    );
    for variant in &lab.variants {
        let files = sources(variant)?;
        let recorded = recordings.details(&lab.id, &variant.id);
        push_variant(&mut html, lab, variant, &files, &recorded);
    }
    html.push_str(
        r#"<p class="lab-still">To run this on your own Docker engine, start the playground: <code>script/server</code> in the project’s folder, or <code>playground serve</code> where you have a release, then open the address it prints.</p></section>"#,
    );
    Ok(html)
}

fn push_variant(html: &mut String, lab: &Lab, variant: &Variant, files: &[Source], recorded: &str) {
    let _ = write!(
        html,
        r#"<div class="lab-variant" data-variant="{}" data-variant-role="{}" data-title="{}">"#,
        escape(&variant.id),
        role(variant.role),
        escape(&variant.title),
    );
    if lab.variants.len() > 1 {
        let _ = write!(
            html,
            r#"<p class="lab-variant-title"><strong>{}</strong></p>"#,
            escape(&variant.title)
        );
    }
    let expect = escape(&expectation(variant));
    // A broken variant is to be predicted first: its sentence waits behind a click.
    html.push_str(&match variant.role {
        Role::Broken => format!(
            r#"<details class="lab-spoiler"><summary>What the book says</summary><p class="lab-expect">{expect}</p></details>"#
        ),
        Role::Fixed | Role::Stage | Role::Case | Role::Submission | Role::Starter
        | Role::Solution | Role::Wrong => format!(r#"<p class="lab-expect">{expect}</p>"#),
    });
    html.push_str(&self::files(variant, files));
    html.push_str(recorded);
    html.push_str("</div>");
}

/// The files that a variant shows, each to be opened; the first is.
pub(super) fn files(variant: &Variant, files: &[Source]) -> String {
    let mut html = String::new();
    for (i, file) in files.iter().enumerate() {
        let editable = variant.editable.contains(&file.path);
        let _ = write!(
            html,
            r#"<details class="lab-file" data-path="{path}" data-language="{language}"{editable}{open}><summary>{path}</summary><pre><code class="nohighlight" data-language="{language}">{text}</code></pre></details>"#,
            path = escape(&file.path),
            language = language(&file.path),
            editable = if editable { " data-editable" } else { "" },
            open = if i == 0 { " open" } else { "" },
            text = escape(&file.text),
        );
    }
    html
}

fn stage_attributes(lab: &Lab) -> String {
    let Some(stage) = &lab.stage else {
        return String::new();
    };
    let mut attributes = format!(
        r#" data-stage="{}" data-claimed-mb="{}" data-claimed-by="{}" data-base="{}""#,
        escape(&stage.number),
        stage.claimed_mb,
        escape(&stage.claimed_by),
        escape(&stage.base),
    );
    if let Some(max) = stage.claimed_mb_max {
        let _ = write!(attributes, r#" data-claimed-mb-max="{max}""#);
    }
    attributes
}

fn kicker(lab: &Lab) -> String {
    match &lab.stage {
        Some(stage) => format!("Stage {} · {}", stage.number, stage.base),
        None if lab.kind == Kind::Experiment => "Experiment".to_owned(),
        None if lab.kind == Kind::Exercise => "Exercise".to_owned(),
        None => "Failure mode".to_owned(),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Stage => "stage",
        Role::Broken => "broken",
        Role::Fixed => "fixed",
        Role::Case => "case",
        Role::Submission => "submission",
        Role::Starter => "starter",
        Role::Solution => "solution",
        Role::Wrong => "wrong",
    }
}

/// What the lab declares, in a sentence; the pattern of the message stays a surprise.
fn expectation(variant: &Variant) -> String {
    let what = match variant.expect.outcome {
        Outcome::Serves => "builds, starts and answers".to_owned(),
        Outcome::Exits => match variant.expect.exit_code {
            Some(code) => format!("builds, runs and exits with code {code}"),
            None => "builds, runs and exits by itself".to_owned(),
        },
        Outcome::CannotStart => "builds, but the program never starts".to_owned(),
        Outcome::BuildFails => "does not build".to_owned(),
    };
    let who = match variant.expect.reporter {
        Some(Reporter::Builder) => "; the builder says why",
        Some(Reporter::Engine) => "; the engine says why",
        Some(Reporter::Program) if matches!(variant.role, Role::Fixed | Role::Case) => {
            "; the program says so"
        }
        Some(Reporter::Program) => "; the program says what is wrong",
        Some(Reporter::Nobody) => "; and nobody says that something is wrong",
        None => "",
    };
    format!("The book says: it {what}{who}.")
}

/// What the page's highlighter calls the file's language.
fn language(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        "Dockerfile" => "dockerfile",
        ".dockerignore" => "ignore",
        "go.mod" | "go.sum" => "gomod",
        _ => match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("go") => "go",
            Some("sh") => "sh",
            _ if name.starts_with("Dockerfile") => "dockerfile",
            _ => "text",
        },
    }
}
