//! An image's head, its layers, and what stands out in it.

use super::page::Page;
use crate::cli::words::{bar, count, fit, fit_path, of, share, shown, size};
use analysis::image::config::Runtime;
use analysis::image::notable::{Database, Program};
use analysis::xray::{Layer, Notable, Report, Sum, What};

/// Files named of each layer where they are asked for.
const NAMED: usize = 5;

pub(super) fn head(page: &mut Page, report: &Report) {
    let (subject, sizes) = (&report.subject, &report.sizes);
    page.line(&format!(
        "{}  {}  {}",
        shown(&subject.name),
        shown(&subject.platform),
        short(&subject.id)
    ));
    if let Some(config) = &report.config {
        page.row("starts", &starts(config));
    }
    let files: u64 = report.layers.iter().map(|layer| layer.files).sum();
    page.row(
        "unpacked",
        &format!(
            "{} in {}, {}",
            size(sizes.unpacked_bytes),
            of(report.layers.len() as u64, "layer"),
            of(files, "file")
        ),
    );
    match sizes.compressed_bytes {
        Some(bytes) => page.row("compressed", &size(bytes)),
        None => page.row(
            "compressed",
            "not measured (--compressed does, and takes longer)",
        ),
    }
    if sizes.wasted_bytes > 0 {
        let text = format!(
            "{} that nobody can reach; {} of what is moved can be seen",
            size(sizes.wasted_bytes),
            share(sizes.merged_bytes, sizes.unpacked_bytes)
        );
        page.row("wasted", &text);
    }
}

/// As engines shorten it: `sha256:` and twelve digits.
fn short(id: &str) -> String {
    const DIGITS: usize = 19;
    shown(&id.chars().take(DIGITS).collect::<String>()).into_owned()
}

/// `/app serve, as 65532, in /srv, on 8080/tcp`
fn starts(config: &Runtime) -> String {
    let words = config.entrypoint.iter().chain(&config.cmd);
    let words: Vec<_> = words.map(|word| quoted(word)).collect();
    let mut said = match words.is_empty() {
        true => "nothing: it names no command".to_owned(),
        false => words.join(" "),
    };
    match config.user.as_str() {
        "" => said.push_str(", as root"),
        user => said.push_str(&format!(", as {}", shown(user))),
    }
    if !matches!(config.working_dir.as_str(), "" | "/") {
        said.push_str(&format!(", in {}", shown(&config.working_dir)));
    }
    if !config.exposed_ports.is_empty() {
        said.push_str(&format!(", on {}", shown(&config.exposed_ports.join(", "))));
    }
    said
}

fn quoted(word: &str) -> String {
    match word.is_empty() || word.contains(char::is_whitespace) {
        true => format!("'{}'", shown(word)),
        false => shown(word).into_owned(),
    }
}

pub(super) fn layers(page: &mut Page, report: &Report, with_files: Option<usize>) {
    page.heading("Layers");
    if report.layers.is_empty() {
        page.line("  none: it is an empty image");
    }
    let largest = report.layers.iter().map(|layer| layer.unpacked_bytes).max();
    for layer in &report.layers {
        let instruction = match layer.instruction.as_str() {
            "" => "(its history does not tell what made it)".into(),
            text => shown(text),
        };
        let head = format!(
            "{:>4} {:>9}  {:<8}  ",
            layer.index,
            size(layer.unpacked_bytes),
            bar(layer.unpacked_bytes, largest.unwrap_or(0), 8),
        );
        match with_files {
            Some(_) => page.wrapped(&head, &instruction),
            None => page.line(&format!("{head}{instruction}")),
        }
        page.line(&format!("{:>26}{}", "", did(layer)));
        for file in layer.largest.iter().take(with_files.unwrap_or(0)) {
            let mark = match file.what {
                What::Added => '+',
                What::Changed => '~',
            };
            let path = fit_path(&shown(&file.path), page.columns.saturating_sub(40));
            page.line(&format!("{:>28}{mark} {:>8}  {path}", "", size(file.bytes)));
        }
    }
}

pub(super) fn named(most: usize) -> usize {
    NAMED.max(most)
}

/// `adds 12 files, 4.1 MB · changes … · removes … · wastes 1.2 MB · compressed 2.0 MB`
fn did(layer: &Layer) -> String {
    let mut parts = Vec::new();
    let mut part = |word: &str, sum: Sum| {
        if sum.files > 0 {
            parts.push(format!(
                "{word} {}, {}",
                of(sum.files, "file"),
                size(sum.bytes)
            ));
        }
    };
    part("adds", layer.added);
    part("changes", layer.changed);
    part("removes", layer.removed);
    if layer.wasted_bytes > 0 {
        parts.push(format!("wastes {}", size(layer.wasted_bytes)));
    }
    if let Some(bytes) = layer.compressed_bytes {
        parts.push(format!("compressed {}", size(bytes)));
    }
    match parts.is_empty() {
        true => "no files".into(),
        false => parts.join(" · "),
    }
}

pub(super) fn notable(page: &mut Page, out: &Notable) {
    page.heading("What stands out");
    programs(page, "shells", &out.shells);
    programs(page, "package managers", &out.package_managers);
    let setuid: Vec<_> = out
        .setuid
        .iter()
        .map(|file| format!("{} ({})", shown(&file.path), file.mode))
        .collect();
    list(page, "setuid, setgid", &setuid);
    let capable = out.capabilities.iter();
    let capable: Vec<_> = capable
        .map(|file| format!("{} ({})", shown(&file.path), file.capabilities))
        .collect();
    list(page, "capabilities", &capable);
    let executables = match out.executables.count {
        0 => "none".to_owned(),
        n => format!("{}, {}", count(n), size(out.executables.bytes)),
    };
    page.row("executables", &executables);
    for (database, word) in [
        (Database::Dpkg, "packages (dpkg)"),
        (Database::Apk, "packages (apk)"),
    ] {
        let packages = out
            .packages
            .iter()
            .filter(|package| package.database == database);
        let packages: Vec<_> = packages
            .map(|package| format!("{} {}", shown(&package.name), shown(&package.version)))
            .collect();
        if !packages.is_empty() {
            list(page, word, &packages);
        }
    }
    if out.packages.is_empty() {
        page.row("packages", "none");
    }
    let users: Vec<_> = out
        .users
        .iter()
        .map(|user| format!("{} {}", shown(&user.name), user.uid))
        .collect();
    list(page, "users", &users);
    named_paths(page, "CA certificates", &out.ca_bundles);
    named_paths(page, "time zones", &out.zoneinfo);
    page.row("/tmp", out.tmp.as_deref().unwrap_or("none"));
    let unseen = |visible: bool| {
        if visible {
            ""
        } else {
            ", hidden by a later layer"
        }
    };
    let git: Vec<_> = out
        .git
        .iter()
        .map(|git| {
            let unseen = unseen(git.visible);
            format!(
                "{} ({}, layer {}{unseen})",
                shown(&git.path),
                size(git.what.bytes),
                git.layer
            )
        })
        .collect();
    if !git.is_empty() {
        list(page, ".git", &git);
    }
    let secrets: Vec<_> = out
        .secrets
        .iter()
        .map(|secret| {
            let unseen = unseen(secret.visible);
            format!("{} (layer {}{unseen})", shown(&secret.path), secret.layer)
        })
        .collect();
    if !secrets.is_empty() {
        list(page, "looks secret", &secrets);
    }
}

fn programs(page: &mut Page, name: &str, programs: &[Program]) {
    let programs = programs
        .iter()
        .map(|program| shown(&program.path).into_owned());
    list(page, name, &programs.collect::<Vec<_>>());
}

fn list(page: &mut Page, name: &str, items: &[String]) {
    match items.len() {
        0 => page.row(name, "none"),
        n => page.list(name, &count(n as u64), items),
    }
}

fn named_paths(page: &mut Page, name: &str, paths: &[String]) {
    let paths: Vec<_> = paths.iter().map(|path| shown(path).into_owned()).collect();
    match paths.is_empty() {
        true => page.row(name, "none"),
        false => page.list(name, "", &paths),
    }
}

pub(super) fn wasted(page: &mut Page, report: &Report) {
    if report.wasted.is_empty() {
        return;
    }
    page.heading("Wasted: overwritten or deleted by a later layer, and still moved with the image");
    let width = page.columns.saturating_sub(32);
    for wasted in report.wasted.iter().take(page.most) {
        page.line(&format!(
            "  {:>9}  {}  layer {}, hidden by {}",
            size(wasted.bytes),
            crate::cli::words::pad(
                &fit_path(&shown(&wasted.path), width.min(60)),
                width.min(60)
            ),
            wasted.layer,
            wasted.by
        ));
    }
    let rest = report.wasted.iter().skip(page.most);
    let (n, bytes) = rest.fold((0, 0), |(n, sum), file| {
        (n + 1, u64::saturating_add(sum, file.bytes))
    });
    if n > 0 {
        page.line(&format!(
            "  {:>9}  … {}",
            size(bytes),
            fit(&format!("{} more", count(n)), 40)
        ));
    }
}
