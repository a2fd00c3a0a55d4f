//! Walks the function table from the first function to the last.

mod pointed;
mod shared;

use super::build::BuildInfo;
use super::code::{Code, Function, Package, Totals};
use super::debug;
use super::error::{CodeError, damaged};
use super::module_data::{self, ModuleData};
use super::names::{Owner, owner, package_of_file, unescaped};
use super::origin::{Origin, Origins};
use super::others::Others;
use super::pclntab::{self, Layout, Table};
use super::pointed::InTable;
use super::symbols::{self, Shares};
use super::tally::{Uses, file_of};
use super::types::{self, Charged};
use crate::binary::elf::Elf;
use crate::binary::memory::Memory;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Kubernetes has some thousand.
const MAX_PACKAGES: usize = 1 << 15;
/// Longest package path that is believed, in bytes.
const LONGEST_PATH: usize = 1024;
/// Stands for the code that the compiler makes for types without a name.
const GENERATED: &str = "(generated)";

/// Machine code by package, out of the first function table that makes sense.
pub(super) fn read_code<'a>(
    elf: &Elf,
    memory: &Memory<'a>,
    build: Option<&BuildInfo>,
) -> Result<Code<'a>, CodeError> {
    let mut last = CodeError::NoTable;
    for table in pclntab::find(elf, memory)? {
        match Reader::new(table, memory).read_table(elf, build) {
            Ok(code) => return Ok(code),
            Err(other) => last = other,
        }
    }
    Err(last)
}

struct Reader<'a, 'm> {
    table: Table<'a>,
    memory: &'m Memory<'a>,
    functions: Vec<Function<'a>>,
    packages: Vec<Package>,
    by_path: HashMap<&'a str, u32>,
    /// Bytes of names that may still be looked through: names that overlap would otherwise
    /// make this quadratic.
    budget: usize,
    names: Uses,
    streams: Uses,
    stack_maps: Uses,
    units: Uses,
    files: Uses,
    /// By function: where it is told what is inlined in it.
    inlined: Vec<Option<InTable>>,
    last_file: Option<u32>,
    /// Where the index from code to functions lies, with its bytes, once it has been shared out.
    buckets: Option<(u64, u64)>,
    /// Machine code of C that Go's own linker put among Go's.
    foreign: u64,
}

impl<'a, 'm> Reader<'a, 'm> {
    fn new(table: Table<'a>, memory: &'m Memory<'a>) -> Self {
        Self {
            table,
            memory,
            functions: Vec::new(),
            packages: Vec::new(),
            by_path: HashMap::new(),
            budget: table.names.len().saturating_mul(4),
            names: Uses::default(),
            streams: Uses::default(),
            stack_maps: Uses::default(),
            units: Uses::default(),
            files: Uses::default(),
            inlined: Vec::new(),
            last_file: None,
            buckets: None,
            foreign: 0,
        }
    }

    fn read_table(mut self, elf: &Elf, build: Option<&BuildInfo>) -> Result<Code<'a>, CodeError> {
        let data = module_data::find(&self.table, self.memory);
        let regions = data.map(|data| data.regions);
        let base = match (self.table.layout, self.table.text, regions) {
            (Layout::Go12 | Layout::Go116, _, _) => Some(0),
            (_, 0, regions) => regions.map(|regions| regions.text),
            (_, text, _) => Some(text),
        };
        let origins = Origins::new(build);
        let (covered, table_end) = self.walk(base.unwrap_or(0), &origins)?;
        if covered > elf.code_bytes {
            return Err(damaged(
                "its functions take more bytes than there are of code",
            ));
        }
        self.charge_tables(self.memory.file.len() as u64);
        self.charge_shared(self.memory.file.len() as u64);
        let last_map = self.stack_maps.settled().last().map(|(at, _)| *at);
        // They have been settled, and types need room, too.
        (self.names, self.streams, self.stack_maps) = Default::default();
        (self.units, self.files) = Default::default();
        let ends = (table_end as u64, last_map);
        let seen = self.charge_data(elf, data.as_ref(), build, ends, &origins);
        self.charge_debug(elf, &origins);
        self.largest_first();

        let sum = |of: fn(&Package) -> u64| self.packages.iter().map(of).sum();
        let go: u64 = sum(|package| package.code);
        let table_attributed = sum(|package| package.table);
        // In Go 1.2's layout names and descriptions may be made to lie within each other.
        if table_attributed > table_end as u64 {
            return Err(damaged("its parts overlap"));
        }
        let others = data.as_ref().map(|data| Others::of(elf, data));
        let others = others.unwrap_or_default();
        let totals = Totals {
            code: elf.code_bytes,
            go,
            others: elf.code_bytes - covered + self.foreign,
            others_constants: others.constants,
            others_variables: others.variables,
            unattributed: covered - go - self.foreign,
            table: table_end as u64,
            table_attributed,
            stack_maps: sum(|package| package.stack_maps),
            types: seen,
            types_attributed: sum(|package| package.types),
            based: base.is_some(),
        };
        Ok(Code {
            layout: self.table.layout,
            packages: self.packages,
            totals,
            regions,
            functions: self.functions,
            names: self.table.names,
        })
    }

    /// Reads every function; returns the bytes of code from the first function's start to the
    /// last one's end, and how far the table reaches.
    fn walk(&mut self, base: u64, origins: &Origins<'_>) -> Result<(u64, usize), CodeError> {
        const SHORT: CodeError = damaged("it ends too early");
        let (first, mut at) = self.table.index(0, self.memory).ok_or(SHORT)?;
        let mut begins = first;
        let mut described = self.table.index_ends();
        let mut ends = described;
        for n in 0..self.table.count {
            let (next, next_at) = self.table.index(n + 1, self.memory).ok_or(SHORT)?;
            if next < begins {
                return Err(damaged("its functions do not lie one after the other"));
            }
            // So that each function's description has bytes of its own to pay for ours.
            if at < described {
                return Err(damaged("its descriptions overlap"));
            }
            let description = self.table.describe(at).ok_or(SHORT)?;
            described = description.ends;
            if described > self.table.functions.len() {
                return Err(SHORT);
            }
            let name = self.name(description.name)?;
            ends = ends.max(described);
            if self.table.layout == Layout::Go12 {
                // Names lie among the descriptions, and are counted from the table's start.
                let named = description.name as usize + name.len() + 1;
                ends = ends.max(named.saturating_sub(self.table.functions_at));
            }
            let owner = owner(name);
            let may_tell = owner == Owner::Unsaid && self.table.layout >= Layout::Go118;
            let file = may_tell
                .then(|| file_of(&self.table, description.streams[1], description.unit))
                .flatten();
            let package = self.package(owner, file, origins)?;
            // All that Go compiles or assembles has a source file in the table.
            if may_tell && file.is_none() && !name.is_empty() {
                self.foreign = self.foreign.saturating_add(next - begins);
            }
            if let Some(package) = package.and_then(|it| self.packages.get_mut(it as usize)) {
                package.functions += 1;
                package.code = package.code.saturating_add(next - begins);
                package.table += (self.table.index_bytes() + description.bytes) as u64;
            }
            self.functions.push(Function {
                name,
                start: base.wrapping_add(begins),
                bytes: next - begins,
                package,
            });
            if matches!(owner, Owner::Package(_)) && !name.contains('[') {
                self.note_source(n, &description);
            }
            self.note_uses(n, &description);
            (begins, at) = (next, next_at);
        }
        Ok((begins - first, self.table.functions_at + ends))
    }

    fn name(&mut self, at: u32) -> Result<&'a str, CodeError> {
        let rest = self
            .table
            .names
            .get(at as usize..)
            .ok_or(damaged("a name lies outside of it"))?;
        let rest = &rest[..rest.len().min(self.budget)];
        let end = memchr::memchr(0, rest).ok_or(damaged("its names do not end"))?;
        self.budget -= end;
        Ok(std::str::from_utf8(&rest[..end]).unwrap_or_default())
    }

    /// The package that a function is charged to.
    fn package(
        &mut self,
        owner: Owner<'a>,
        file: Option<&'a str>,
        origins: &Origins<'_>,
    ) -> Result<Option<u32>, CodeError> {
        let path = match owner {
            Owner::Package(path) => path,
            Owner::Generated => GENERATED,
            Owner::Unsaid => match file.and_then(package_of_file) {
                Some(path) => path,
                None => return Ok(None),
            },
        };
        if let Some(known) = self.by_path.get(path) {
            return Ok(Some(*known));
        }
        if path.len() > LONGEST_PATH || self.packages.len() >= MAX_PACKAGES {
            return Err(damaged(
                "its packages are too many, or their paths too long",
            ));
        }
        let plain = unescaped(path).into_owned();
        let origin = if path == GENERATED {
            Origin::Generated
        } else {
            origins.of(&plain)
        };
        self.packages.push(Package {
            path: plain,
            origin,
            ..Package::default()
        });
        let place = self.packages.len() as u32 - 1;
        self.by_path.insert(path, place);
        Ok(Some(place))
    }

    fn charge_tables(&mut self, file_bytes: u64) {
        let Self {
            functions,
            packages,
            ..
        } = self;
        let mut charge = |n: usize, bytes: u64, to: fn(&mut Package) -> &mut u64| {
            let place = functions.get(n).and_then(|function| function.package);
            if let Some(package) = place.and_then(|place| packages.get_mut(place as usize)) {
                *to(package) += bytes;
            }
        };
        // A name within another's is charged for what the other does not reach.
        let names_end = Some(self.table.names.len());
        self.names.settle(names_end, file_bytes, |n, most| {
            let bytes = functions[n].name.len() as u64 + 1;
            charge(n, bytes.min(most), |to| &mut to.table);
        });
        self.streams
            .settle(Some(self.table.streams.len()), file_bytes, |n, bytes| {
                charge(n, bytes, |to| &mut to.table);
            });
        self.stack_maps.settle(None, file_bytes, |n, bytes| {
            charge(n, bytes, |to| &mut to.stack_maps)
        });
    }

    fn charge_types(&mut self, types: &Charged<'_>, origins: &Origins<'_>) {
        let mut places = self.places();
        for (path, bytes) in &types.packages {
            if let Some(package) = self.named(path, &mut places, origins) {
                package.types += *bytes;
            }
        }
    }

    /// Types, symbols, and what else the runtime's module data leads to; returns the bytes of types
    /// that were seen.
    fn charge_data(
        &mut self,
        elf: &Elf,
        data: Option<&ModuleData>,
        build: Option<&BuildInfo>,
        (table_end, last_map): (u64, Option<u32>),
        origins: &Origins<'_>,
    ) -> u64 {
        let go = build.and_then(BuildInfo::minor);
        let types = data.and_then(|data| {
            let types = types::charge(self.memory, data.regions, data.types?, go);
            Some(types)
        });
        let types = types.unwrap_or_default();
        self.charge_types(&types, origins);
        let symbols = symbols::shares(elf, self.memory);
        self.charge_symbols(&symbols, origins);
        if let Some(data) = data {
            self.charge_buckets(elf, data);
            let maps_end = last_map.and_then(|at| data.regions.stack_maps.checked_add(at.into()));
            let ends = (table_end, maps_end);
            self.charge_pointed(elf, data, &types, &symbols, ends, origins);
        }
        types.bytes
    }

    fn charge_symbols(&mut self, symbols: &Shares<'_>, origins: &Origins<'_>) {
        let mut places = self.places();
        for (path, share) in &symbols.packages {
            if let Some(package) = self.named(&unescaped(path), &mut places, origins) {
                package.symbols += share.symbols;
                package.variables += share.variables;
                package.constants += share.constants;
                package.loader += share.loader;
            }
        }
    }

    fn charge_debug(&mut self, elf: &Elf, origins: &Origins<'_>) {
        let shares = debug::shares(elf, self.memory, &self.functions, &self.packages);
        let mut places = self.places();
        for (path, bytes) in shares {
            if let Some(package) = self.named(&path, &mut places, origins) {
                package.debug += bytes;
            }
        }
    }

    /// Where each package stands, by its path.
    fn places(&self) -> HashMap<String, usize> {
        let paths = self.packages.iter().enumerate();
        paths
            .map(|(place, package)| (package.path.clone(), place))
            .collect()
    }

    /// The package of this path. One may have types or variables and no code, so it may be new.
    fn named(
        &mut self,
        path: &str,
        places: &mut HashMap<String, usize>,
        origins: &Origins<'_>,
    ) -> Option<&mut Package> {
        if let Some(place) = places.get(path) {
            return self.packages.get_mut(*place);
        }
        if path.len() > LONGEST_PATH || self.packages.len() >= MAX_PACKAGES {
            return None;
        }
        places.insert(path.to_owned(), self.packages.len());
        self.packages.push(Package {
            path: path.to_owned(),
            origin: origins.of(path),
            ..Package::default()
        });
        self.packages.last_mut()
    }

    /// Sorts packages by their bytes, and tells the functions.
    fn largest_first(&mut self) {
        let mut order: Vec<u32> = (0..self.packages.len() as u32).collect();
        order.sort_by_key(|place| Reverse(self.packages[*place as usize].code));
        let mut places = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            places[*old as usize] = new as u32;
        }
        for function in &mut self.functions {
            function.package = function.package.map(|old| places[old as usize]);
        }
        self.packages.sort_by_key(|package| Reverse(package.code));
    }
}
