//! A program: how it was built, how it is linked, and its sections.

use super::packages::packages;
use super::page::Page;
use crate::cli::words::{bar, count, of, part, share, shown, size, total};
use analysis::binary::go::{BuildInfo, Library, Linker, Module, Origin, Pruning};
use analysis::binary::{Elf, Form, Linkage, Packer, Section, SectionKind};
use analysis::inspect::{GoCode, GoProgram};
use analysis::xray::{ProgramIn, package_bytes};
use std::cmp::Reverse;

/// Modules named.
const MODULES: usize = 5;

pub(super) fn program(page: &mut Page, found: &ProgramIn) {
    let program = &*found.program;
    let mut title = format!("{}  {}", shown(&found.path), size(program.bytes));
    if found.layer > 0 {
        title.push_str(&format!("  layer {}", found.layer));
        if found.started {
            title.push_str(", which the image starts");
        }
    }
    page.heading(&title);
    match &program.form {
        Form::Elf(head) => {
            let machine = || format!("machine {}", head.machine);
            let cpu = head.goarch().map_or_else(machine, str::to_owned);
            page.row("for", &format!("linux/{cpu}"));
        }
        form => page.row("is", &shown(&form.to_string())),
    }
    if let Some(error) = &program.error {
        page.row("not seen through", &shown(&error.to_string()));
    }
    if let Some(go) = &program.go {
        match &go.build {
            Some(build) => built(page, build, go.code.as_ref()),
            None => page.row("Go", "its version and modules were removed"),
        }
        if let Some(hidden) = go.made.obfuscated {
            page.row("obfuscated", hidden.words());
        }
    }
    if let Some(pruning) = program.code().and_then(|code| code.pruning.as_ref()) {
        page.row("dead code", &dead_code(pruning));
    }
    if let Some(elf) = &program.elf {
        linked(page, elf, program.go.as_deref());
        sections(page, elf, program.bytes);
    }
    if let Some(go) = &program.go {
        match (&go.code, &go.error) {
            (Some(code), _) => packages(page, program, code),
            (None, Some(error)) => page.row("packages", &format!("not told: {error}")),
            (None, None) => {}
        }
    }
}

/// Whether the linker could leave methods out, by which call not, and what that costs.
fn dead_code(pruning: &Pruning) -> String {
    let Some((first, more)) = pruning.off_by.split_first() else {
        return "the linker leaves out methods that nobody calls".to_owned();
    };
    let others = match more.len() {
        0 => String::new(),
        n => format!(" and {}", of(n as u64, "other")),
    };
    format!(
        "the linker keeps all exported methods: {}{others} asks reflect for one by a name or number \
         that is no constant; nothing calls {} directly: {} of code, and what they alone need",
        shown(first),
        of(pruning.methods, "method"),
        size(pruning.bytes)
    )
}

fn built(page: &mut Page, build: &BuildInfo, code: Option<&GoCode>) {
    page.row("Go", &shown(&build.go_version));
    let main = build.main.as_ref().map_or_else(String::new, version);
    let path = match &build.main {
        Some(main) if main.path == build.path => String::new(),
        _ if build.path.is_empty() => String::new(),
        _ => format!("package {}", shown(&build.path)),
    };
    let main = [main, path].into_iter().filter(|part| !part.is_empty());
    let main = main.collect::<Vec<_>>().join(", ");
    let main = if main.is_empty() { "not told" } else { &main };
    page.row("main module", main);
    modules(page, build, code);
    let settings = build.settings.iter();
    let settings = settings.map(|(key, value)| format!("{}={}", shown(key), shown(value)));
    let settings: Vec<_> = settings.collect();
    if !settings.is_empty() {
        page.row("settings", &settings.join("  "));
    }
}

fn version(module: &Module) -> String {
    let mut said = shown(&module.path).into_owned();
    if !module.version.is_empty() {
        said.push_str(&format!(" {}", shown(&module.version)));
    }
    if let Some(other) = &module.replace {
        said.push_str(&format!(" (replaced by {})", version(other)));
    }
    said
}

fn modules(page: &mut Page, build: &BuildInfo, code: Option<&GoCode>) {
    if build.modules.is_empty() {
        page.row("modules", "none but its own");
        return;
    }
    let mut bytes: Vec<_> = build.modules.iter().map(|module| (0, module)).collect();
    for package in code.into_iter().flat_map(|code| &code.packages) {
        if let Origin::Module { index } = package.origin
            && let Some((sum, _)) = bytes.get_mut(index)
        {
            *sum = u64::saturating_add(*sum, package_bytes(package));
        }
    }
    bytes.sort_by_key(|(sum, _)| Reverse(*sum));
    let most = match page.most {
        usize::MAX => usize::MAX,
        _ => MODULES,
    };
    let named: Vec<_> = bytes
        .iter()
        .take(most)
        .map(|(sum, module)| match code {
            Some(_) => format!("{} {}", version(module), size(*sum)),
            None => version(module),
        })
        .collect();
    let mut said = format!("{}: {}", count(bytes.len() as u64), named.join(", "));
    if named.len() < bytes.len() {
        said.push_str(&format!(", … {} more", bytes.len() - named.len()));
    }
    page.row("modules", &said);
}

fn linked(page: &mut Page, elf: &Elf, go: Option<&GoProgram>) {
    let how = match elf.linkage {
        Linkage::Static => "static: needs no loader and no library",
        Linkage::StaticPie => "static, at any address (static PIE): needs no loader and no library",
        Linkage::Dynamic => "dynamic",
        Linkage::Library => match go.and_then(|go| go.made.library) {
            Some(Library::Plugin) => {
                "a plugin (-buildmode=plugin): a Go program loads it, it does not start by itself"
            }
            Some(Library::CShared) => {
                "a library for C (-buildmode=c-shared): it does not start by itself"
            }
            Some(Library::Shared) | None => "a library, not started by itself",
        },
    };
    page.row("linkage", how);
    match go.map(|go| &go.made.linker) {
        Some(Linker::Go) => page.row("linked by", "Go's own linker"),
        Some(Linker::C(said)) if said.is_empty() => page.row("linked by", "a linker of C's"),
        Some(Linker::C(said)) => {
            page.row(
                "linked by",
                &format!("a linker of C's, with {}", shown(said)),
            );
        }
        Some(Linker::Unknown) | None => {}
    }
    if let Some(interpreter) = &elf.interpreter {
        page.row("interpreter", &shown(interpreter));
    }
    if !elf.needed.is_empty() {
        let needed: Vec<_> = elf.needed.iter().map(|name| shown(name)).collect();
        page.row("needs", &needed.join(", "));
    }
    if let Some(path) = &elf.search_path {
        page.row("looks in", &shown(&path.directories));
    }
    page.row("PIE", if elf.pie { "yes" } else { "no" });
    // Go's linker and everybody else's leave things out by other words.
    let (no_symbols, no_dwarf) = match go {
        Some(_) => ("-ldflags=-s leaves them out", "-ldflags=-w leaves it out"),
        None => ("strip takes them out", "strip takes it out"),
    };
    let symbols = match (elf.stripped, elf.symbol_bytes) {
        (true, 0) => "stripped".to_owned(),
        (true, bytes) => format!("stripped; {} of other symbols", size(bytes)),
        (false, bytes) => format!("not stripped: {} ({no_symbols})", size(bytes)),
    };
    page.row("symbols", &symbols);
    let dwarf = match elf.dwarf_bytes {
        0 => "none".to_owned(),
        bytes => format!("{} ({no_dwarf})", size(bytes)),
    };
    page.row("DWARF", &dwarf);
    if elf.packer == Some(Packer::Upx) {
        let packed = "by UPX: what is shown is the unpacker, not the program";
        page.row("packed", packed);
    }
}

fn sections(page: &mut Page, elf: &Elf, bytes: u64) {
    page.line("");
    let Some(sections) = &elf.sections else {
        page.line("  No section headers: only what is loaded can be told.");
        for part in &elf.segments {
            let mode = match (part.write, part.execute) {
                (_, true) => "machine code",
                (true, _) => "variables",
                _ => "constants",
            };
            let (size, share) = (size(part.file_bytes), share(part.file_bytes, bytes));
            page.line(&format!("  {size:>9} {share:>8}  {mode}"));
        }
        return;
    };
    let sections = sections.iter().filter(|section| section.file_bytes > 0);
    let mut sections: Vec<_> = sections.collect();
    sections.sort_by_key(|section| Reverse(section.file_bytes));
    let line = |section: &&Section| {
        let drawn = bar(section.file_bytes, bytes);
        let said = format!("{:<20} {}", shown(&section.name), holds(section.kind));
        part(section.file_bytes, bytes, &drawn, &said)
    };
    page.lines(&sections, line, |rest| {
        let sum = total(rest.iter().map(|section| section.file_bytes));
        part(sum, bytes, "", &format!("… {} more", rest.len()))
    });
}

/// What a section holds, in words.
fn holds(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Code => "machine code",
        SectionKind::ReadOnlyData => "constants, types, strings, embedded files",
        SectionKind::Data => "variables with a first value",
        SectionKind::Bss => "variables that begin as zero",
        SectionKind::GoFunctions => "Go's function table: names, lines, stack maps",
        SectionKind::GoTypes => "Go's lists of types",
        SectionKind::GoBuildInfo => "Go's version and modules",
        SectionKind::Debug => "DWARF, for debuggers",
        SectionKind::Symbols => "symbols, for tools",
        SectionKind::Loader => "what the loader reads",
        SectionKind::Unwind => "how to unwind C stacks",
        SectionKind::Note => "notes, such as build ids",
        SectionKind::Other => "",
    }
}
