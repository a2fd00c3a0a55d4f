//! An executable file as facts that outlive its bytes.

use super::script::{Commands, ExecTarget};
use crate::binary::called::{self, Use};
use crate::binary::go::{BuildInfo, CodeError, Layout, Made, Package, Pruning, Regions, Totals};
use crate::binary::linked::Ability;
use crate::binary::{BinaryError, Elf, Form, Section, SectionKind, form, go, xray};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// An executable larger than this is held against its first bytes alone: 512 MiB. Kubernetes'
/// programs have about 120 MB with everything left in.
pub const MAX_PROGRAM: usize = 512 << 20;
/// First bytes that tell what a file is; see [`form`].
pub(super) const HEAD: usize = 256;

/// An executable file, as far as it could be seen through.
#[derive(Clone, Debug, Serialize)]
pub struct Program {
    /// Bytes of the file.
    pub bytes: u64,
    /// What the kernel would be asked to execute.
    pub form: Form,
    /// Its ELF facts; `None` where it is none, or `error` tells why not.
    pub elf: Option<Box<Elf>>,
    /// What Go left in it.
    pub go: Option<Box<GoProgram>>,
    /// Of a script: whether it ends by becoming what its arguments name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hands_over: Option<ExecTarget>,
    /// Of a script: the programs that it names itself.
    #[serde(skip)]
    pub commands: Option<Box<Commands>>,
    /// Why it could not be seen through; in JSON as text for people.
    #[serde(rename = "trouble", serialize_with = "as_text")]
    pub error: Option<ProgramError>,
}

/// Why an ELF file could not be seen through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// Its own bytes forbid it.
    #[error(transparent)]
    Binary(#[from] BinaryError),
    /// It is larger than [`MAX_PROGRAM`], so that only its first bytes were looked at.
    #[error("it is larger than {} MiB, more than is held in memory", MAX_PROGRAM >> 20)]
    TooLarge,
}

/// What Go left in a program.
#[derive(Clone, Debug, Serialize)]
pub struct GoProgram {
    /// Go version, modules and settings; `None` where they were removed.
    pub build: Option<BuildInfo>,
    /// How it was put together.
    pub made: Made,
    /// Its machine code by package; `None` where `error` tells why not.
    pub code: Option<GoCode>,
    /// Why the function table could not be read; in JSON as text for people.
    #[serde(rename = "trouble", serialize_with = "as_text")]
    pub error: Option<CodeError>,
}

/// A Go program's machine code.
#[derive(Clone, Debug, Serialize)]
pub struct GoCode {
    /// Which versions of Go write such a function table.
    pub layout: Layout,
    /// Bytes by package, the largest first.
    pub packages: Vec<Package>,
    /// The sums, and what could not be attributed.
    pub totals: Totals,
    /// Where Go's parts lie; `None` where the runtime's module data was not found.
    pub regions: Option<Regions>,
    /// What it can do, with the functions or packages that say so. What is not in here, the
    /// linker left out: it cannot.
    pub can: BTreeMap<Ability, Vec<&'static str>>,
    /// What its own code does with constants: the stronger evidence.
    #[serde(skip)]
    pub uses: Vec<Use>,
    /// Whether the linker could leave methods out that nobody calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pruning: Option<Pruning>,
}

impl Program {
    /// Sees through a whole file.
    pub fn of(bytes: &[u8]) -> Program {
        let mut program = Program::by_head(bytes, bytes.len() as u64);
        if program.form.is_foreign() {
            program.go = go::find_anywhere(bytes).map(|build| {
                Box::new(GoProgram {
                    build: Some(build),
                    made: Made::default(),
                    code: None,
                    error: Some(CodeError::OtherSystem),
                })
            });
        }
        if !matches!(program.form, Form::Elf(_)) {
            return program;
        }
        match xray(bytes) {
            Ok(seen) => {
                program.elf = Some(Box::new(seen.elf));
                program.go = seen.go.map(GoProgram::of).map(Box::new);
            }
            Err(error) => program.error = Some(error.into()),
        }
        program
    }

    /// What the first bytes tell of a file of `bytes` bytes.
    pub(super) fn by_head(head: &[u8], bytes: u64) -> Program {
        Program {
            bytes,
            form: form(head),
            elf: None,
            go: None,
            hands_over: None,
            commands: None,
            error: None,
        }
    }

    /// Its Go code, where there is any and it could be read.
    pub fn code(&self) -> Option<&GoCode> {
        self.go.as_ref()?.code.as_ref()
    }

    /// The kind of section that its stack maps lie in: among constants, or right behind the function
    /// table, as since Go 1.26.
    pub fn stack_maps_in(&self) -> SectionKind {
        let regions = self.code().and_then(|code| code.regions.as_ref());
        let at = regions.map(|regions| regions.stack_maps);
        let holds = |section: &&Section| {
            let away = at.and_then(|at| at.checked_sub(section.address));
            away.is_some_and(|away| away < section.memory_bytes)
        };
        let found = self.sections().find(holds);
        found.map_or(SectionKind::ReadOnlyData, |section| section.kind)
    }

    /// The kind of section that its function table lies in: one of its own, or, where a linker of C's
    /// made a program for any address, among constants.
    pub fn table_in(&self) -> SectionKind {
        let own = |section: &Section| section.kind == SectionKind::GoFunctions;
        match self.sections().any(own) {
            true => SectionKind::GoFunctions,
            false => SectionKind::ReadOnlyData,
        }
    }

    /// How it was built, where Go tells.
    pub fn build(&self) -> Option<&BuildInfo> {
        self.go.as_ref()?.build.as_ref()
    }

    /// Its Go packages by bytes, where they could be told.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.code().into_iter().flat_map(|code| &code.packages)
    }

    /// Its sections that have bytes in the file.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &Section> {
        let sections = self.elf.iter().flat_map(|elf| elf.sections.iter());
        sections.flatten().filter(|section| section.file_bytes > 0)
    }

    /// What its own code does of this, where that can be read.
    pub fn uses(&self, ability: Ability) -> impl Iterator<Item = &Use> {
        let uses = self.code().into_iter().flat_map(|code| &code.uses);
        uses.filter(move |one| one.ability == ability)
    }

    /// Functions or packages that say it can; empty where it cannot, `None` where that cannot
    /// be told.
    pub fn can(&self, ability: Ability) -> Option<&[&'static str]> {
        let code = self.code()?;
        Some(code.can.get(&ability).map_or(&[], Vec::as_slice))
    }
}

impl GoProgram {
    fn of(go: go::Go<'_>) -> GoProgram {
        let (code, error) = match go.code {
            Ok(code) => (Some(GoCode::of(code, &go.calls, go.pruning)), None),
            Err(error) => (None, Some(error)),
        };
        GoProgram {
            build: go.build,
            made: go.made,
            code,
            error,
        }
    }
}

impl GoCode {
    fn of(code: go::Code<'_>, calls: &[go::Call<'_>], pruning: Option<Pruning>) -> GoCode {
        let can = Ability::ALL
            .into_iter()
            .map(|ability| (ability, code.evidence(ability)))
            .filter(|(_, evidence)| !evidence.is_empty())
            .collect();
        GoCode {
            layout: code.layout,
            uses: called::uses(calls, &code),
            pruning,
            can,
            packages: code.packages,
            totals: code.totals,
            regions: code.regions,
        }
    }
}

fn as_text<E: ToString, S: Serializer>(error: &Option<E>, to: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(ToString::to_string).serialize(to)
}
