//! Why a program does not come to its first instruction.

use super::libraries::{Loader, TooOld};
use crate::binary::{Elf, Form};
use crate::entrypoint::{LookupError, Start, StartedBy, shell_line};
use crate::image::capabilities::Capabilities;
use crate::inspect::{Program, ProgramError};

/// The reason, as the rule that tells it needs it.
pub(in crate::preflight) enum StartError<'a> {
    /// The engine is to start a shell for a line, and there is none.
    NoShell { line: String, error: LookupError },
    /// The kernel looks for what a script's `#!` names.
    NoInterpreter { script: String, error: LookupError },
    /// The program is not there.
    NotFound(LookupError),
    /// It is there, and this user may not execute it.
    NotExecutable(LookupError),
    /// A script that this user may execute and not read.
    UnreadableScript,
    /// The kernel knows no such format.
    Format(FormatError<'a>),
    /// It is for another CPU.
    Cpu(CpuMismatch<'a>),
    /// The loader that the kernel starts in its place is not there.
    NoLoader {
        program: &'a Program,
        elf: &'a Elf,
        interpreter: &'a str,
        error: LookupError,
    },
    /// The file carries capabilities that a container does not have.
    Capabilities {
        carried: &'a Capabilities,
        beyond: Vec<String>,
    },
    /// The loader finds a library nowhere.
    LibraryMissing {
        loader: Loader,
        interpreter: &'a str,
        name: &'a str,
        /// The file that needs it.
        by: String,
        /// Where the loader looks.
        places: Vec<String>,
    },
    /// The loader finds a library that lacks a version.
    LibraryTooOld(TooOld<'a>),
}

/// Why the kernel takes a file for no executable.
pub(in crate::preflight) enum FormatError<'a> {
    /// It is for another system: [`Form::is_foreign`].
    OtherSystem(&'a Form),
    Empty,
    /// An archive of object files.
    Archive,
    /// Text without a `#!` line.
    Text,
    Unknown,
    /// An ELF file of another type: an object file, a core dump.
    OtherElf,
    /// An ELF file for another system, by name, which the kernel starts.
    OtherSystemsElf(&'static str),
    /// What the kernel reads or maps is cut off or damaged.
    Damaged(&'a ProgramError),
    /// A shared library without an entry point.
    Library,
}

/// A program that is not for the CPU it is to run on, or not for the one that the image names.
pub(in crate::preflight) struct CpuMismatch<'a> {
    /// As Go calls them: the program's, the image's, and that of whatever is to run it.
    pub(in crate::preflight) program: &'static str,
    pub(in crate::preflight) image: &'a str,
    pub(in crate::preflight) target: String,
    pub(in crate::preflight) outcome: CpuOutcome,
    /// Whether it ends so where it is to run, or only elsewhere.
    pub(in crate::preflight) fails_here: bool,
}

pub(in crate::preflight) enum CpuOutcome {
    /// It runs, and the image says that it is for another CPU.
    Mislabelled,
    /// The engine runs it in an emulator.
    Emulated,
    /// The engine's CPU cannot.
    Engine,
    /// The CPU that the image names cannot.
    Label,
}

impl StartError<'_> {
    pub(super) fn of_lookup(start: &Start, error: LookupError) -> Self {
        let missing = error.denied.is_none();
        match (&start.by, shell_line(&start.words)) {
            (StartedBy::Engine, Some(line)) if missing => StartError::NoShell {
                line: line.to_owned(),
                error,
            },
            (StartedBy::Kernel(script), _) => StartError::NoInterpreter {
                script: script.clone(),
                error,
            },
            _ if missing => StartError::NotFound(error),
            _ => StartError::NotExecutable(error),
        }
    }

    /// Whether it ends so where it is to run; else only elsewhere.
    pub(super) fn fails_here(&self) -> bool {
        match self {
            StartError::Cpu(mismatch) => mismatch.fails_here,
            _ => true,
        }
    }
}
