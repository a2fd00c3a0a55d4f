//! Asks for the owners of what nothing but pointers lead to.

use super::Reader;
use crate::binary::elf::Elf;
use crate::binary::go::module_data::ModuleData;
use crate::binary::go::names::{Owner, owner, unescaped};
use crate::binary::go::origin::Origins;
use crate::binary::go::pointed::{self, Kind, Known, NOBODY};
use crate::binary::go::symbols::Shares;
use crate::binary::go::types::Charged;
use std::cell::Cell;

impl Reader<'_, '_> {
    /// Charges packages for constants, variables and types that they alone point to. Others have
    /// been charged for before: types, symbols and stack maps.
    pub(super) fn charge_pointed(
        &mut self,
        elf: &Elf,
        data: &ModuleData,
        types: &Charged<'_>,
        symbols: &Shares<'_>,
        (table_end, maps_end): (u64, Option<u64>),
        origins: &Origins<'_>,
    ) {
        let mut places = self.places();
        let mut place = |path: &str| -> u32 {
            let found = self.named(path, &mut places, origins).is_some();
            let at = found.then(|| places.get(path)).flatten();
            at.map_or(NOBODY, |at| *at as u32)
        };
        let owners: Vec<u32> = types
            .owners
            .iter()
            .map(|path| path.map_or(NOBODY, &mut place))
            .collect();
        let of_symbols: Vec<u32> = symbols
            .packages
            .iter()
            .map(|(path, _)| place(&unescaped(path)))
            .collect();
        let (names, by_path) = (self.table.names, &self.by_path);
        // Names may be made to overlap; then reading them all would take long.
        let budget = Cell::new(names.len().saturating_mul(4));
        let named = |at: u32| {
            let rest = names.get(at as usize..)?;
            let end = memchr::memchr(0, &rest[..rest.len().min(budget.get())])?;
            budget.set(budget.get() - end);
            match owner(std::str::from_utf8(&rest[..end]).ok()?) {
                Owner::Package(path) => by_path.get(path).copied(),
                _ => None,
            }
        };
        let known = Known {
            data,
            functions: &self.functions,
            inlined: &self.inlined,
            listed: &self.table,
            named: &named,
            types,
            owners: &owners,
            symbols: &symbols.data,
            of_symbols: &of_symbols,
            maps_end,
            buckets: self.buckets,
            table: (self.table.address, table_end),
        };
        let packages = &mut self.packages;
        let charge = |place: u32, kind: Kind, bytes: u64| {
            let Some(package) = packages.get_mut(place as usize) else {
                return;
            };
            match kind {
                Kind::Constant => package.constants += bytes,
                Kind::Variable => package.variables += bytes,
                Kind::Relocation => package.loader += bytes,
            }
        };
        pointed::share_out(elf, self.memory, &known, charge);
    }
}
