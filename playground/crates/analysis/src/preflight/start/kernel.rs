//! Whether the kernel and the loader would bring a file to its first instruction.
//!
//! Owns what is true of one executable in one image: format, CPU, loader, capabilities,
//! libraries, in the kernel's order (`load_elf_binary` in `fs/binfmt_elf.c`). Refuses to know who
//! starts it, and how bad it would be if it does not start.

use super::capabilities::lacking;
use super::error::{CpuMismatch, CpuOutcome, FormatError, StartError};
use super::libraries;
use crate::binary::{BinaryError, Elf, Form, Head, Kind, Linkage, Part};
use crate::entrypoint::{ImageContext, Right};
use crate::image::tree::NodeId;
use crate::inspect::{Program, ProgramError};
use crate::preflight::platform::{TargetPlatform, goarch, runs};

/// What keeps this file from running, if anything does. What the kernel takes for no executable
/// (ENOEXEC), shells and programs that do as they do run as a script: `by_shell`.
pub(super) fn error<'a>(
    image: &ImageContext<'a>,
    target: &TargetPlatform,
    id: NodeId,
    by_shell: bool,
) -> Option<StartError<'a>> {
    let program = image.program(id)?;
    let format = match &program.form {
        Form::Elf(head) => {
            return cpu(image, target, head.goarch())
                .map(StartError::Cpu)
                .or_else(|| elf(image, id, program, head));
        }
        // Its interpreter reads it, as the image's user.
        Form::Script { .. } => {
            let user = image.identity.as_ref()?;
            let reads = user.may(image.tree, id, Right::Read);
            return (!reads).then_some(StartError::UnreadableScript);
        }
        form if form.is_foreign() => FormatError::OtherSystem(form),
        _ if by_shell => return None,
        Form::Empty => FormatError::Empty,
        Form::Archive => FormatError::Archive,
        Form::Text => FormatError::Text,
        _ => FormatError::Unknown,
    };
    Some(StartError::Format(format))
}

fn cpu<'a>(
    image: &ImageContext<'a>,
    target: &TargetPlatform,
    program: Option<&'static str>,
) -> Option<CpuMismatch<'a>> {
    let label = goarch(&image.inspection.image.config.platform.architecture);
    let program = program?;
    let cpu = target.cpu.as_deref().map_or(label, goarch);
    if cpu.is_empty() {
        return None;
    }
    let mislabelled = !label.is_empty() && !runs(label, program);
    let runs = runs(cpu, program);
    if runs && !mislabelled {
        return None;
    }
    Some(CpuMismatch {
        program,
        image: label,
        target: cpu.to_owned(),
        outcome: match (runs, target.cpu.is_some()) {
            (true, _) => CpuOutcome::Mislabelled,
            (false, true) if target.emulates => CpuOutcome::Emulated,
            (false, true) => CpuOutcome::Engine,
            (false, false) => CpuOutcome::Label,
        },
        fails_here: !runs && !target.emulates,
    })
}

fn elf<'a>(
    image: &ImageContext<'a>,
    id: NodeId,
    program: &'a Program,
    head: &Head,
) -> Option<StartError<'a>> {
    let Some(elf) = program.elf.as_deref() else {
        let format = match head.kind {
            Kind::Object | Kind::Core | Kind::Other => FormatError::OtherElf,
            _ if program.bytes < head.bytes() => FormatError::Damaged(program.error.as_ref()?),
            _ => FormatError::Damaged(program.error.as_ref().filter(|error| fatal(error))?),
        };
        return Some(StartError::Format(format));
    };
    if let Some(system) = head.other_system() {
        return Some(StartError::Format(FormatError::OtherSystemsElf(system)));
    }
    // An older linker of C's gives a library an entry point, too: its first instruction.
    let of_go = program
        .go
        .as_ref()
        .is_some_and(|go| go.made.library.is_some());
    if elf.linkage == Linkage::Library && (elf.entry == 0 || of_go) {
        return Some(StartError::Format(FormatError::Library));
    }
    // In the kernel's order: it opens the loader first, and starts it last.
    loader(image, program, elf)
        .or_else(|| capabilities(image, id))
        .or_else(|| libraries::error(image, id, elf))
}

/// Larger than what is read is no damage, and sections are nothing to the kernel. What it maps and
/// the file has not ends a Go program before `main`: its tables lie there.
fn fatal(error: &ProgramError) -> bool {
    let part = match error {
        ProgramError::Binary(BinaryError::Truncated { part, .. }) => part,
        ProgramError::Binary(BinaryError::Damaged { part, .. }) => part,
        _ => return false,
    };
    matches!(part, Part::ProgramHeaders | Part::LoadedSegments)
}

/// The kernel starts the loader in the program's place.
fn loader<'a>(
    image: &ImageContext<'a>,
    program: &'a Program,
    elf: &'a Elf,
) -> Option<StartError<'a>> {
    let interpreter = elf.interpreter.as_deref()?;
    let error = image.executable(&image.absolute(interpreter)).err()?;
    Some(StartError::NoLoader {
        program,
        elf,
        interpreter,
        error,
    })
}

fn capabilities<'a>(image: &ImageContext<'a>, id: NodeId) -> Option<StartError<'a>> {
    let carried = image.capabilities(id)?;
    let beyond = lacking(image.container, carried);
    (!beyond.is_empty()).then_some(StartError::Capabilities { carried, beyond })
}
