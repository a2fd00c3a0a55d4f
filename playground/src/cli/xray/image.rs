//! An image's head, its layers, and what stands out in it.

use super::page::Page;
use crate::cli::words::{CELLS, bar, count, fit_path, of, pad, share, shown, size, total};
use analysis::image::config::Runtime;
use analysis::image::notable::{Database, Program};
use analysis::xray::{Layer, Notable, Report, Sum, Wasted, What};

/// Files named of each layer where they are asked for.
const NAMED: usize = 5;

pub(super) fn head(page: &mut Page, report: &Report) {
    let (subject, sizes) = (&report.subject, &report.sizes);
    let (name, platform) = (shown(&subject.name), shown(&subject.platform));
    page.line(&format!("{name}  {platform}  {}", short(&subject.id)));
    if let Some(config) = &report.config {
        page.row("starts", &starts(config));
    }
    let files: u64 = report.layers.iter().map(|layer| layer.files).sum();
    let (layers, files) = (of(report.layers.len() as u64, "layer"), of(files, "file"));
    let unpacked = format!("{} in {layers}, {files}", size(sizes.unpacked_bytes));
    page.row("unpacked", &unpacked);
    let unmeasured = || "not measured (--compressed does, and takes longer)".to_owned();
    let compressed = sizes.compressed_bytes.map_or_else(unmeasured, size);
    page.row("compressed", &compressed);
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
        let drawn = bar(layer.unpacked_bytes, largest.unwrap_or(0));
        let (index, bytes) = (layer.index, size(layer.unpacked_bytes));
        let head = format!("{index:>4} {bytes:>9}  {drawn:CELLS$}  ");
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
            let (files, size) = (of(sum.files, "file"), size(sum.bytes));
            parts.push(format!("{word} {files}, {size}"));
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
    let path = |program: &Program| shown(&program.path).into_owned();
    list(page, "shells", out.shells.iter().map(path));
    let managers = out.package_managers.iter().map(path);
    list(page, "package managers", managers);
    let setuid = out.setuid.iter();
    let setuid = setuid.map(|file| format!("{} ({})", shown(&file.path), file.mode));
    list(page, "setuid, setgid", setuid);
    let capable = out.capabilities.iter();
    let capable = capable.map(|file| format!("{} ({})", shown(&file.path), file.capabilities));
    list(page, "capabilities", capable);
    let executables = match out.executables.count {
        0 => "none".to_owned(),
        n => format!("{}, {}", count(n), size(out.executables.bytes)),
    };
    page.row("executables", &executables);
    for (database, word) in [
        (Database::Dpkg, "packages (dpkg)"),
        (Database::Apk, "packages (apk)"),
    ] {
        let packages = out.packages.iter().filter(|of| of.database == database);
        let packages = packages.map(|of| format!("{} {}", shown(&of.name), shown(&of.version)));
        list_any(page, word, packages);
    }
    if out.packages.is_empty() {
        page.row("packages", "none");
    }
    let users = out.users.iter();
    let users = users.map(|user| format!("{} {}", shown(&user.name), user.uid));
    list(page, "users", users);
    named_paths(page, "CA certificates", &out.ca_bundles);
    named_paths(page, "time zones", &out.zoneinfo);
    page.row("/tmp", out.tmp.as_deref().unwrap_or("none"));
    let layer = |layer: u32, visible: bool| match visible {
        true => format!("layer {layer}"),
        false => format!("layer {layer}, hidden by a later layer"),
    };
    let git = out.git.iter().map(|git| {
        let (path, layer) = (shown(&git.path), layer(git.layer, git.visible));
        format!("{path} ({}, {layer})", size(git.what.bytes))
    });
    list_any(page, ".git", git);
    let secrets = out.secrets.iter().map(|secret| {
        let layer = layer(secret.layer, secret.visible);
        format!("{} ({layer})", shown(&secret.path))
    });
    list_any(page, "looks secret", secrets);
}

/// A list, even of none.
fn list(page: &mut Page, name: &str, items: impl Iterator<Item = String>) {
    if !list_any(page, name, items) {
        page.row(name, "none");
    }
}

/// A list, where there is anything in it.
fn list_any(page: &mut Page, name: &str, items: impl Iterator<Item = String>) -> bool {
    let items: Vec<_> = items.collect();
    if !items.is_empty() {
        page.list(name, &count(items.len() as u64), &items);
    }
    !items.is_empty()
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
    let width = page.columns.saturating_sub(32).min(60);
    let line = |file: &Wasted| {
        let path = pad(&fit_path(&shown(&file.path), width), width);
        let (size, layer, by) = (size(file.bytes), file.layer, file.by);
        format!("  {size:>9}  {path}  layer {layer}, hidden by {by}")
    };
    page.lines(&report.wasted, line, |rest| {
        let size = size(total(rest.iter().map(|file| file.bytes)));
        format!("  {size:>9}  … {} more", count(rest.len() as u64))
    });
}
