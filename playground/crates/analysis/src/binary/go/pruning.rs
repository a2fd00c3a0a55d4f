//! Whether the linker could leave methods out that nobody calls, and what it costs where not.
//!
//! Once a program asks `reflect` for a method by a number, or by a name that is no constant, any
//! exported method of any type in use may be called, and Go's linker keeps them all (`deadcode` in
//! `cmd/link/internal/ld/deadcode.go`). Seen are calls of `reflect.Value`'s two methods; the same
//! through the interface `reflect.Type` leaves no call that could be told.

use super::calls::{Find, Site, Sites, Target, sites_of, texts};
use super::code::{Code, Function};
use super::starts::Starts;
use crate::binary::elf::Elf;
use crate::binary::memory::Memory;
use serde::Serialize;

/// A method by number, and by name.
const BY_NUMBER: &str = "reflect.Value.Method";
const BY_NAME: &str = "reflect.Value.MethodByName";
/// Register of the name: behind the three words of the `Value`.
const NAME: usize = 3;
/// Calls that are named.
const MAX_NAMED: usize = 8;
/// Letters of a function's name that are kept.
const MAX_NAME: usize = 200;

/// What the linker could leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruning {
    /// The functions that ask for methods as they run, so that all are kept; empty where the linker
    /// left out what nobody calls.
    pub off_by: Vec<String>,
    /// Exported methods that no code calls directly: some are called through interfaces, the others
    /// could be left out.
    pub methods: u64,
    /// Bytes of their own machine code. What they alone call, and its types, goes with them and is
    /// not in here: of a small program, that was seven times as much.
    pub bytes: u64,
}

/// `None` where that cannot be told: on another CPU, or without addresses.
pub(super) fn of(code: &Code<'_>, elf: &Elf, memory: &Memory<'_>) -> Option<Pruning> {
    Some(told(code, sites_of(code, elf)?, memory))
}

fn told(code: &Code<'_>, sites: Sites, memory: &Memory<'_>) -> Pruning {
    let functions = &code.functions;
    let start = |name: &str| {
        functions
            .iter()
            .find(|it| it.name == name)
            .map(|it| it.start)
    };
    let asks = [start(BY_NUMBER), start(BY_NAME)];
    if asks == [None, None] {
        return Pruning::default();
    }
    let methods: Vec<bool> = functions
        .iter()
        .map(|it| is_exported_method(it.name))
        .collect();
    let starts = Starts::of(functions);
    let place = |address: u64| starts.find(address);
    let find = |address: u64| match asks.contains(&Some(address)) {
        true => Some(Target::Wanted),
        false => place(address)
            .filter(|at| methods[*at])
            .map(|_| Target::Own),
    };
    let find: Find<'_> = &find;
    let mut called = vec![false; functions.len()];
    let mut off_by = Vec::new();
    for function in functions {
        let Some(bytes) = memory.slice(function.start, function.bytes) else {
            continue;
        };
        for site in sites(bytes, function.start, find) {
            if let Some(at) = place(site.target) {
                called[at] = true;
            }
            let asked = asks.contains(&Some(site.target)) && off_by.len() < MAX_NAMED;
            if asked && keeps_all(function, &site, asks, memory) {
                off_by.push(function.name.chars().take(MAX_NAME).collect::<String>());
            }
        }
    }
    off_by.dedup();
    if off_by.is_empty() {
        return Pruning::default();
    }
    let kept = functions.iter().zip(&methods).zip(&called);
    let kept = kept.filter(|((_, method), called)| **method && !**called);
    let (mut count, mut bytes) = (0, 0_u64);
    for ((function, _), _) in kept {
        count += 1;
        bytes = bytes.saturating_add(function.bytes);
    }
    Pruning {
        off_by,
        methods: count,
        bytes,
    }
}

/// A call within `reflect` itself says nothing, and a constant name keeps methods of that name alone.
fn keeps_all(by: &Function<'_>, site: &Site, asks: [Option<u64>; 2], memory: &Memory<'_>) -> bool {
    let by_name = asks[1] == Some(site.target);
    let constant = by_name
        && texts(&site.arguments, memory)
            .get(NAME)
            .is_some_and(Option::is_some);
    !by.name.starts_with("reflect.") && !constant
}

/// `example.com/a.(*T).Name`, `example.com/a.T.Name`.
fn is_exported_method(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let mut parts = last.split('.');
    let (_, receiver, method) = (parts.next(), parts.next(), parts.next());
    let exported = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    let plain = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match (receiver, method, parts.next()) {
        (Some(receiver), Some(method), None) => {
            let receiver = receiver.trim_start_matches("(*").trim_end_matches(')');
            plain(receiver) && !receiver.is_empty() && exported(method) && plain(method)
        }
        _ => false,
    }
}

impl Pruning {
    /// Bytes that it holds in memory.
    pub(crate) fn heap_bytes(&self) -> usize {
        let texts = self
            .off_by
            .iter()
            .map(|name| size_of::<String>() + name.len());
        texts.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::elf::Segment;
    use crate::binary::go::calls::amd64;
    use crate::binary::go::code::Totals;
    use crate::binary::go::pclntab::Layout;
    use crate::binary::head::Order;

    /// `main.main` at 0x1000 runs `code`; `Used` it may call, `Unused` nobody does.
    fn program(code: &[u8]) -> Pruning {
        let mut file = vec![0; 0x300];
        file[..code.len()].copy_from_slice(code);
        file[0x200..0x204].copy_from_slice(b"Used");
        let function = |name, start| Function {
            name,
            start,
            bytes: 0x40,
            package: None,
        };
        let code = Code {
            layout: Layout::Go120,
            packages: Vec::new(),
            totals: Totals::default(),
            regions: None,
            functions: vec![
                function("main.main", 0x1000),
                function("main.T.Used", 0x1040),
                function("main.T.Unused", 0x1080),
                function("reflect.Value.MethodByName", 0x10c0),
            ],
            names: b"",
        };
        let memory = Memory {
            file: &file,
            order: Order::Little,
            word: 8,
            loads: vec![Segment {
                address: 0x1000,
                offset: 0,
                file_bytes: 0x300,
                memory_bytes: 0x300,
                write: false,
                execute: true,
            }],
            relocations: Vec::new(),
        };
        told(&code, amd64::calls, &memory)
    }

    /// A call of what lies at `target`, at the end of this code.
    fn and_call(mut code: Vec<u8>, target: u64) -> Vec<u8> {
        let next = 0x1000 + code.len() as u64 + 5;
        code.push(0xe8);
        code.extend((target.wrapping_sub(next) as u32).to_le_bytes());
        code
    }

    #[test]
    fn a_method_by_a_name_that_is_no_constant_keeps_all() {
        let used = and_call(Vec::new(), 0x1040);
        assert_eq!(program(&used), Pruning::default());
        let off = program(&and_call(used.clone(), 0x10c0));
        assert_eq!(off.off_by, ["main.main"]);
        assert_eq!((off.methods, off.bytes), (1, 0x40), "Unused alone");
        // lea rdi, [rip + …]: the name; mov esi, 4: its length.
        let mut named = used;
        let next = named.len() as u32 + 7;
        named.extend([0x48, 0x8d, 0x3d]);
        named.extend((0x200 - next).to_le_bytes());
        named.extend([0xbe, 4, 0, 0, 0]);
        assert_eq!(program(&and_call(named, 0x10c0)), Pruning::default());
    }

    #[test]
    fn methods_that_others_could_ask_for_are_told_by_their_names() {
        for name in ["net/http.(*Server).Serve", "time.Time.String", "a.b/c.T.X1"] {
            assert!(is_exported_method(name), "{name}");
        }
        for name in [
            "net/http.ListenAndServe",
            "net/http.(*Server).serve",
            "net/http.(*Server).Serve.func1",
            "net/http.Serve.func1",
            "main.main",
            "type:.eq.time.Time",
            "",
        ] {
            assert!(!is_exported_method(name), "{name}");
        }
    }
}
