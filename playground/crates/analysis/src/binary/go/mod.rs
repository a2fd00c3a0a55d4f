//! What Go left in an executable: its build info, and which package owns how much of it.
//!
//! Understands the function table (pclntab) of Go 1.16 to 1.27 in full and that of Go 1.2 to
//! 1.15 for names and code. It is there in stripped binaries too: the runtime needs it.

mod amd64;
mod build;
mod calls;
mod code;
mod debug;
mod error;
mod extents;
mod making;
mod module_data;
mod names;
mod origin;
mod others;
mod pclntab;
mod pointed;
mod pruning;
mod reader;
mod settings;
mod starts;
mod symbols;
mod tally;
#[cfg(test)]
mod tests;
mod types;

pub use build::BuildInfo;
pub(crate) use build::find_anywhere;
pub use calls::{Asked, Call};
pub use code::{Code, Function, Package, Totals};
pub use error::CodeError;
pub use making::{Hidden, Library, Linker, Made};
pub use module_data::Regions;
pub use origin::Origin;
pub use pclntab::Layout;
pub use pruning::Pruning;
pub use settings::Module;

use super::elf::Elf;
use super::memory::Memory;
use serde::Serialize;

/// What Go left in an executable.
#[derive(Clone, Debug, Serialize)]
pub struct Go<'a> {
    /// Go version, modules and settings; `None` where they were removed.
    pub build: Option<BuildInfo>,
    /// How it was put together.
    pub made: Made,
    /// Machine code by package, or why it could not be read.
    pub code: Result<Code<'a>, CodeError>,
    /// What its own code calls, of the functions that were asked for.
    #[serde(skip)]
    pub calls: Vec<Call<'a>>,
    /// What the linker could leave out; `None` where that cannot be told.
    #[serde(skip)]
    pub pruning: Option<Pruning>,
}

/// `None` where neither build info nor a function table is found. Calls of functions that are `asked`
/// for are read.
pub(super) fn read_go<'a>(
    elf: &Elf,
    memory: &Memory<'a>,
    asked: fn(&str) -> Option<Asked>,
) -> Option<Go<'a>> {
    let build = build::find(elf, memory);
    let code = reader::read_code(elf, memory, build.as_ref());
    match (&build, &code) {
        (None, Err(CodeError::NoTable)) => None,
        _ => {
            let calls = code
                .as_ref()
                .map(|code| calls::of(code, elf, memory, asked));
            let calls = calls.unwrap_or_default();
            let pruning = code.as_ref().ok();
            let pruning = pruning.and_then(|code| pruning::of(code, elf, memory));
            Some(Go {
                made: making::of(elf, memory.file, build.as_ref(), &code),
                build,
                code,
                calls,
                pruning,
            })
        }
    }
}
