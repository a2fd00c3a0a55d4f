//! Advice about what lies in the image besides the program.

use super::advice;
use crate::entrypoint::Entrypoint;
use crate::entrypoint::ImageContext;
use crate::image::notable::{self, Program};
use crate::image::tree::NodeId;
use crate::preflight::finding::Finding;
use crate::preflight::rule::Rule;

/// Paths that a finding names.
const MAX_NAMED: usize = 12;
/// Bytes of debug information that are worth a word, or percent of the file.
const MIN_DEBUG: u64 = 100_000;
const MIN_DEBUG_SHARE: u64 = 5;
const COMPILERS: [&str; 10] = [
    "go", "gcc", "cc", "g++", "clang", "tcc", "rustc", "javac", "ghc", "as",
];
const COMPILER_DIRECTORIES: [&str; 4] = ["/usr/local/go/bin", "/usr/bin", "/usr/local/bin", "/bin"];

pub(super) fn find(context: &ImageContext<'_>, started: &Entrypoint, found: &mut Vec<Finding>) {
    let files = started.files();
    found.extend(files.iter().filter_map(|id| debug_info(context, *id)));
    let tree = context.tree;
    let shells = notable::shells(tree);
    let used = shells.iter().any(|shell| files.contains(&shell.id));
    found.extend(programs(
        Rule::Shell,
        &shells,
        match used {
            true => "Shells are in the image, and its own command needs one: so can whoever breaks in.",
            false => "Shells are in the image, and its command needs none: only whoever breaks in would.",
        },
        "end on scratch or distroless; docker debug and kubectl debug bring a shell when you need one",
    ));
    found.extend(programs(
        Rule::PackageManager,
        &notable::package_managers(tree),
        "Package managers are in the image: what it holds can be changed while it runs.",
        "build in one stage, and COPY the result into another without them",
    ));
    found.extend(programs(
        Rule::Compiler,
        &compilers(context),
        "Compilers are in the image: they are needed to build it, not to run it.",
        "a second stage: FROM scratch, then COPY --from=build /app /app",
    ));
    found.extend(setuid(context));
}

/// One finding for all of them.
fn programs(rule: Rule, programs: &[Program], what: &str, fix: &str) -> Option<Finding> {
    let evidence = named(programs.iter().map(|program| program.path.clone()));
    (!programs.is_empty()).then(|| advice(rule, what.into(), evidence, fix.into()))
}

/// The first of them, and how many there are besides.
fn named(paths: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = paths.len().saturating_sub(MAX_NAMED);
    let mut named: Vec<_> = paths.take(MAX_NAMED).collect();
    named.extend((more > 0).then(|| format!("and {more} more")));
    named
}

fn compilers(context: &ImageContext<'_>) -> Vec<Program> {
    let mut found: Vec<Program> = Vec::new();
    for directory in COMPILER_DIRECTORIES {
        for name in COMPILERS {
            let path = format!("{directory}/{name}");
            let Ok(id) = context.tree.lookup(&path) else {
                continue;
            };
            let node = context.tree.node(id);
            let executable = node.is_file() && node.mode() & 0o111 != 0;
            if executable && !found.iter().any(|known| known.id == id) {
                let file = context.tree.path(id);
                found.push(Program { path, file, id });
            }
        }
    }
    found
}

fn setuid(context: &ImageContext<'_>) -> Option<Finding> {
    let files = notable::setuid_files(context.tree);
    let say = |id: &NodeId| {
        let mode = context.tree.node(*id).mode();
        format!("{} (mode {mode:04o})", context.tree.path(*id))
    };
    let evidence = named(files.iter().map(say));
    (!files.is_empty()).then(|| {
        advice(
            Rule::SetuidFiles,
            format!(
                "{} {} with the rights of their owner or group, whoever calls them.",
                files.len(),
                if files.len() == 1 {
                    "file runs"
                } else {
                    "files run"
                }
            ),
            evidence,
            "run with no-new-privileges, or leave them out: a base without them, or chmod a-s"
                .into(),
        )
    })
}

/// Of what starts; what else lies there is nobody's business.
fn debug_info(context: &ImageContext<'_>, id: NodeId) -> Option<Finding> {
    let program = context.program(id)?;
    let elf = program.elf.as_ref()?;
    let bytes = elf.dwarf_bytes.saturating_add(elf.symbol_bytes);
    let share = bytes.saturating_mul(100) / program.bytes.max(1);
    if bytes < MIN_DEBUG && share < MIN_DEBUG_SHARE {
        return None;
    }
    let path = context.tree.path(id);
    let fix = match program.go {
        Some(_) => "go build -ldflags=\"-s -w\" -trimpath; stack traces keep their names and lines",
        None => "strip it, and keep the original outside of the image",
    };
    let evidence = vec![
        format!("DWARF: {} bytes", elf.dwarf_bytes),
        format!("symbol tables: {} bytes", elf.symbol_bytes),
    ];
    let what = format!(
        "{path} carries {}.{:02} MB for debuggers, {share} % of it.",
        bytes / 1_000_000,
        bytes % 1_000_000 / 10_000
    );
    Some(Finding {
        location: Some(context.location(id)),
        ..advice(Rule::DebugInfo, what, evidence, fix.into())
    })
}
