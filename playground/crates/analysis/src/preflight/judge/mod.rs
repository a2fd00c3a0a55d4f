//! Whether the kernel and the loader would bring a file to its first instruction.
//!
//! Owns what is true of one executable in one image: format, CPU, loader, libraries. Refuses
//! to know who starts it, and how bad it would be if it does not start.

mod libraries;
mod rights;

pub(super) use rights::beyond_docker;

use super::platform::TargetPlatform;
use super::rule::Rule;
use crate::binary::{BinaryError, Elf, Form, Kind, Linkage, Part};
use crate::entrypoint::ImageContext;
use crate::entrypoint::Right;
use crate::image::tree::NodeId;
use crate::inspect::{Program, ProgramError};

/// Why a file does not get as far as its first instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) rule: Rule,
    pub(super) what: String,
    pub(super) evidence: Vec<String>,
    pub(super) fix: String,
    /// It surely ends so; else it probably does.
    pub(super) sure: Sure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sure {
    Surely,
    /// It runs here; elsewhere it may not.
    Runs,
}

/// Identity would execute a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Executes {
    /// The kernel, asked directly.
    Kernel,
    /// A program that takes what the kernel refuses for a shell script.
    Forgiving,
}

/// What keeps this file from running, if anything does.
pub(super) fn judge(
    context: &ImageContext<'_>,
    here: &TargetPlatform,
    id: NodeId,
    executes: Executes,
) -> Option<Problem> {
    let path = context.tree.path(id);
    let program = context.program(id)?;
    match &program.form {
        Form::Elf(head) => {
            if let Some(problem) = cpu(context, here, &path, head.goarch()) {
                return Some(problem);
            }
            elf(context, id, &path, program)
        }
        Form::Script { .. } => unreadable(context, id, &path),
        form @ (Form::Windows | Form::Mac) => Some(no_executable(
            &path,
            format!("{path} is {form}"),
            "build it for Linux: GOOS=linux go build",
        )),
        Form::Empty if executes == Executes::Kernel => Some(no_executable(
            &path,
            format!("{path} is an empty file"),
            "look at the step that made it: it wrote nothing",
        )),
        Form::Unknown if executes == Executes::Kernel => Some(no_executable(
            &path,
            format!("{path} is no program: it begins neither as ELF nor with #!"),
            "a script begins with #!/bin/sh on its first line; a Go program comes from a package main",
        )),
        Form::Empty | Form::Unknown => None,
    }
}

fn no_executable(path: &str, what: String, fix: &str) -> Problem {
    Problem {
        rule: Rule::NotAnExecutable,
        what: format!("{what}, so the kernel refuses to run it: exec format error."),
        evidence: vec![format!("the first bytes of {path}")],
        fix: fix.to_owned(),
        sure: Sure::Surely,
    }
}

/// A script is read by its interpreter, as the image's user.
fn unreadable(context: &ImageContext<'_>, id: NodeId, path: &str) -> Option<Problem> {
    let who = context.identity.as_ref()?;
    if who.may(context.tree, id, Right::Read) {
        return None;
    }
    let node = context.tree.node(id);
    Some(Problem {
        rule: Rule::CommandNotExecutable,
        what: format!(
            "{path} is a script that uid {} may execute but not read, and its interpreter has to read it.",
            who.uid
        ),
        evidence: vec![format!("mode {:04o} of {path}", node.mode())],
        fix: format!("COPY --chmod=755, or RUN chmod 755 {path}"),
        sure: Sure::Surely,
    })
}

fn cpu(
    context: &ImageContext<'_>,
    here: &TargetPlatform,
    path: &str,
    goarch: Option<&str>,
) -> Option<Problem> {
    let platform = &context.inspection.image.config.platform;
    let says = TargetPlatform::as_go_calls_it(&platform.architecture);
    let program = goarch?;
    let cpu = here.goarch().unwrap_or(says);
    if cpu.is_empty() {
        return None;
    }
    let mislabelled = !says.is_empty() && !TargetPlatform::runs(says, program);
    let runs = TargetPlatform::runs(cpu, program);
    if runs && !mislabelled {
        return None;
    }
    let sure = match runs || here.emulates {
        true => Sure::Runs,
        false => Sure::Surely,
    };
    let what = match (runs, here.cpu.is_some()) {
        (true, _) => format!(
            "{path} is for {program}, but the image says that it is for {says}: elsewhere it \
             will be taken for what it is not."
        ),
        (false, true) if here.emulates => format!(
            "{path} is for {program}, and this engine's CPU is {cpu}: it runs here in an \
             emulator, slowly, and not at all where there is none."
        ),
        (false, true) => {
            format!("{path} is for {program}, and this engine's CPU is {cpu}: exec format error.")
        }
        (false, false) => format!(
            "{path} is for {program}, and the image says that it is for {cpu}: exec format \
             error, unless the machine emulates other CPUs."
        ),
    };
    Some(Problem {
        rule: Rule::WrongCpu,
        what,
        evidence: vec![
            format!("e_machine of {path}: {program}"),
            format!("architecture of the image: {says}"),
        ],
        fix: "ARG TARGETARCH, then GOARCH=$TARGETARCH go build; or neither".into(),
        sure,
    })
}

fn elf(context: &ImageContext<'_>, id: NodeId, path: &str, program: &Program) -> Option<Problem> {
    let Form::Elf(head) = program.form else {
        return None;
    };
    let Some(elf) = &program.elf else {
        if matches!(head.kind, Kind::Object | Kind::Core | Kind::Other) {
            let what = format!("{path} is an ELF file, but no executable");
            let fix = "a Go program comes from a package main, without -buildmode=c-archive";
            return Some(no_executable(path, what, fix));
        }
        // Larger than what is read is no damage, and sections are nothing to the kernel. What
        // it maps and the file has not ends a Go program before `main`: its tables lie there.
        let error = program.error.as_ref()?;
        let ProgramError::Binary(
            BinaryError::Truncated { part, .. } | BinaryError::Damaged { part, .. },
        ) = error
        else {
            return None;
        };
        return matches!(part, Part::ProgramHeaders | Part::LoadedSegments).then(|| Problem {
            rule: Rule::NotAnExecutable,
            what: format!("{path} is damaged: {error}"),
            evidence: vec![format!("the headers of {path}")],
            fix: "build or copy it anew: the copy broke off".into(),
            sure: Sure::Surely,
        });
    };
    if elf.linkage == Linkage::Library && elf.entry == 0 {
        let what = format!("{path} is a shared library without a start");
        let fix = "go build without -buildmode=c-shared or plugin";
        return Some(Problem {
            what: format!("{what}: whoever executes it gets a segmentation fault."),
            evidence: vec![format!("no interpreter and no entry point in {path}")],
            ..no_executable(path, String::new(), fix)
        });
    }
    // In the kernel's order: it opens the loader first, and starts it last.
    let interpreter = elf.interpreter.as_deref();
    interpreter
        .and_then(|interpreter| loader(context, path, program, elf, interpreter))
        .or_else(|| beyond_docker(path, context.capabilities(id)?))
        .or_else(|| libraries::problem(context, id, elf))
}

/// The kernel starts the loader in the program's place.
fn loader(
    context: &ImageContext<'_>,
    path: &str,
    program: &Program,
    elf: &Elf,
    interpreter: &str,
) -> Option<Problem> {
    let fails = context.executable(&context.absolute(interpreter)).err()?;
    let pie = program
        .build()
        .and_then(|build| build.setting("-buildmode"))
        == Some("pie");
    let cgo = program
        .build()
        .and_then(|build| build.setting("CGO_ENABLED"));
    let go = program.go.is_some();
    let musl = interpreter.contains("musl");
    let fix = match (go, pie, cgo) {
        (true, true, Some("0")) => {
            "build without -buildmode=pie, or as a static PIE (-linkmode external -extldflags \
             -static-pie, which needs cgo and gcc), or start from gcr.io/distroless/base-debian12"
        }
        (true, ..) => {
            "CGO_ENABLED=0 go build; or, where C is needed, link it statically; or start from a \
             base with this loader"
        }
        _ if musl => "start from alpine, or bring the loader and the libraries along",
        _ => {
            "start from a base with glibc (gcr.io/distroless/base-debian12), or bring the loader and the libraries along"
        }
    };
    let mut evidence = vec![format!("PT_INTERP of {path}: {interpreter}")];
    evidence.extend(elf.needed.iter().map(|name| format!("needs {name}")));
    evidence.extend(cgo.map(|cgo| format!("built with CGO_ENABLED={cgo}")));
    evidence.extend(pie.then(|| "built with -buildmode=pie".to_owned()));
    Some(Problem {
        rule: Rule::LoaderMissing,
        what: format!(
            "{path} is started by the loader {interpreter}, and {}. The error will name {path}: no \
             such file or directory.",
            fails.why()
        ),
        evidence,
        fix: fix.into(),
        sure: Sure::Surely,
    })
}
