//! Machine code by function and by package, out of the function table.

use super::module_data::Regions;
use super::origin::Origin;
use super::pclntab::Layout;
use serde::Serialize;

/// A Go program's machine code.
#[derive(Clone, Debug, Serialize)]
pub struct Code<'a> {
    /// Which versions of Go write such a table.
    pub layout: Layout,
    /// Bytes by package, the largest first.
    pub packages: Vec<Package>,
    /// The sums, and what could not be attributed.
    pub totals: Totals,
    /// Where Go's parts lie; `None` where the runtime's module data was not found.
    pub regions: Option<Regions>,
    /// Every function with code of its own, by address.
    #[serde(skip)]
    pub functions: Vec<Function<'a>>,
    /// All names in the table, each between zeros.
    #[serde(skip)]
    pub(in crate::binary) names: &'a [u8],
}

impl Code<'_> {
    /// The package with this import path, without escapes.
    pub fn package(&self, path: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.path == path)
    }
}

/// The place of the package of the function that begins here, of functions in the order of their code.
pub(super) fn package_at(functions: &[Function<'_>], start: u64) -> Option<u32> {
    let found = functions.binary_search_by_key(&start, |it| it.start).ok()?;
    functions[found].package
}

/// A function with code of its own. One that was inlined everywhere has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function<'a> {
    /// Its symbol name as Go writes it, with escapes: `gopkg.in/yaml%2ev3.Unmarshal`.
    pub name: &'a str,
    /// Where its code begins: an address, or the distance from Go's first function where
    /// [`Totals::based`] is false.
    pub start: u64,
    /// Bytes up to the next function, so with padding.
    pub bytes: u64,
    /// Its package's place in [`Code::packages`]; `None` where no package could be named.
    pub package: Option<u32>,
}

/// What a package takes, in bytes of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Its import path, without escapes; `main` for the main package.
    pub path: String,
    /// Whose it is.
    #[serde(flatten)]
    pub origin: Origin,
    /// Functions with code of their own.
    pub functions: u32,
    /// Machine code, with padding.
    pub code: u64,
    /// Its part of the function table: descriptions, names, line numbers.
    pub table: u64,
    /// Its stack maps and the like (funcdata), and its part of the index from code to functions; they
    /// lie among the constants, or behind the function table.
    pub stack_maps: u64,
    /// Descriptors of its named types, of pointers to and rows of them, and the names in them;
    /// they lie among the constants. 0 where they were not found (Go < 1.18).
    pub types: u64,
    /// Its variables with a first value: those that symbols name, and those that its code and data
    /// alone point to.
    pub variables: u64,
    /// Its constants, told in the same way: texts and types without a name, too; its own types are
    /// none of these.
    pub constants: u64,
    /// Its entries and names in the symbol table.
    pub symbols: u64,
    /// Its part of the debug information.
    pub debug: u64,
    /// What is there for the loader: its entries and names in the loader's symbol table, and what is to
    /// be done for its pointers where the program can be loaded at any address.
    pub loader: u64,
}

impl Package {
    /// All bytes of the file that it was charged for.
    pub fn bytes(&self) -> u64 {
        let parts = [
            self.code,
            self.table,
            self.stack_maps,
            self.types,
            self.variables,
            self.constants,
            self.symbols,
            self.debug,
            self.loader,
        ];
        parts.into_iter().fold(0, u64::saturating_add)
    }
}

/// Sums, in bytes of the file. `code = go + others + unattributed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All machine code ([`Elf::code_bytes`](crate::binary::Elf::code_bytes)).
    pub code: u64,
    /// Machine code of packages.
    pub go: u64,
    /// Machine code of others: C, start-up code, the linker's jump tables. What lies outside of
    /// Go's table, and in it (cgo without a C linker) what has neither package nor file.
    pub others: u64,
    /// Constants of others: what lies outside of Go's. 0 where it is not told where Go's end.
    pub others_constants: u64,
    /// Variables with a first value of others.
    pub others_variables: u64,
    /// Machine code among Go's that no package could be named for.
    pub unattributed: u64,
    /// The function table.
    pub table: u64,
    /// The part of it that packages were charged for; the rest is shared (file names) or
    /// names functions that were inlined everywhere.
    pub table_attributed: u64,
    /// Stack maps that packages were charged for.
    pub stack_maps: u64,
    /// Type descriptors that were reached from the runtime's lists, with their names. What
    /// only machine code refers to is not.
    pub types: u64,
    /// The part of it that packages were charged for; the rest are types without a name
    /// (`map[string]int`, functions) and basic ones.
    pub types_attributed: u64,
    /// [`Function::start`] are addresses.
    pub based: bool,
}
