//! What a Go program's own code calls, and with which constants, read from its machine code.
//!
//! Linked in is not called; a call that leads there from `main` by direct calls alone, through
//! functions of the program's own module, each of which comes to it however it goes ([`flow`]), is what
//! a reader of its source would point at. Calls through interfaces and function values (handlers, a
//! command line's subcommands) are not followed, but for what a `go` statement names. Arguments are those of Go's register convention (Go ≥ 1.17), as far as constants are
//! laid into registers right before the call. Refuses to know what a call means.

pub(super) mod amd64;
mod arm64;
mod exits;
mod flow;
mod joins;
mod reach;
#[cfg(test)]
mod tests;

use super::code::{Code, Function};
use super::origin::Origin;
use super::pclntab::Layout;
use super::starts::Starts;
use crate::binary::elf::Elf;
use crate::binary::memory::Memory;
use exits::Exits;
use flow::{Called, Cpu, Flow};
use reach::{Reach, ends_all};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// Longest constant text that is read.
const MAX_TEXT: u64 = 256;
/// Calls of functions that were asked for, of one program, that are looked at.
const MAX_CALLS: usize = 4096;
/// What a `go` statement calls, with the function to start.
const GO: &str = "runtime.newproc";
/// What a function calls that may end a panic.
const RECOVER: &str = "runtime.gorecover";
/// What stands behind the start of a program where `Run` is inlined.
const WAIT: &str = "os/exec.(*Cmd).Wait";
/// Functions that give another's results as they are, in a row.
const MAX_PASSED_ON: usize = 4;
/// Calls within a program's own module that are followed. Kubernetes' largest have some 300,000.
const MAX_STEPS: usize = 1 << 20;
/// Instructions of them that are looked at, each as often as a question leads there.
const MAX_INSTRUCTIONS: usize = 1 << 24;

/// A direct call of a function that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The calling function, of the program's own module.
    pub by: &'a str,
    /// The called function.
    pub to: &'a str,
    /// `main` leads here by direct calls within the module, or an `init` of it does, and nothing that
    /// could be told leads around.
    pub from_main: bool,
    /// The program's own code reaches for `net/http`'s default transport, and may change it.
    pub own_transport: bool,
    looked_at: u16,
    /// What is in the registers of arguments, in order.
    arguments: Vec<Value>,
    texts: Vec<Option<&'a str>>,
}

/// What is known of a function that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Where its error is among the registers of its results.
    pub error: Option<usize>,
}

/// What a register holds at a call, as far as that is constant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Value {
    #[default]
    Unknown,
    Number(u64),
    Address(u64),
    /// The contents of a global variable.
    Global,
}

/// What a call leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A function that was asked for: its arguments count.
    Wanted,
    /// One of the program's own.
    Own,
    Other,
}

/// What lies at an address; `None` where no function begins there.
pub(super) type Find<'f> = &'f dyn Fn(u64) -> Option<Target>;

/// A call in a function's machine code.
pub(super) struct Site {
    /// Where the call stands.
    pub(super) at: u64,
    /// Where the called function begins.
    pub(super) target: u64,
    /// None of a function of the program's own.
    pub(super) arguments: Vec<Value>,
    /// The registers of results that are looked at behind it, by their place; all where that is not
    /// known.
    pub(super) looked_at: u16,
}

impl Call<'_> {
    /// The constant text that begins in the `n`th register: a pointer, and a length in the next.
    pub fn text(&self, n: usize) -> Option<&str> {
        *self.texts.get(n)?
    }

    /// The number in the `n`th register.
    pub fn number(&self, n: usize) -> Option<u64> {
        match self.arguments.get(n)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The `n`th register is zero: nil, or an empty text's pointer.
    pub fn is_zero(&self, n: usize) -> bool {
        self.arguments.get(n) == Some(&Value::Number(0))
    }

    /// Nobody looks at the `n`th register of its results.
    pub fn drops(&self, n: usize) -> bool {
        self.looked_at.checked_shr(n as u32).unwrap_or(1) & 1 == 0
    }

    /// The `n`th register holds what a global variable holds.
    pub fn is_global(&self, n: usize) -> bool {
        self.arguments.get(n) == Some(&Value::Global)
    }
}

/// Reads the calls of some machine code that begins at an address.
pub(super) type Sites = fn(&[u8], u64, Find<'_>) -> Vec<Site>;

/// How this program's calls are read; `None` where that is not known.
pub(super) fn sites_of(code: &Code<'_>, elf: &Elf) -> Option<Sites> {
    // Before Go 1.17 arguments lay on the stack.
    if code.layout < Layout::Go118 || !code.totals.based {
        return None;
    }
    match elf.head.goarch() {
        Some("amd64") => Some(amd64::calls),
        Some("arm64") => Some(arm64::calls),
        _ => None,
    }
}

/// All calls of functions that are `wanted`, by functions of the program's own module.
pub(super) fn of<'a>(
    code: &Code<'a>,
    elf: &Elf,
    memory: &Memory<'a>,
    wanted: impl Fn(&str) -> Option<Asked>,
) -> Vec<Call<'a>> {
    let Some(sites) = sites_of(code, elf) else {
        return Vec::new();
    };
    let functions = &code.functions;
    let own = |function: &Function<'_>| {
        let package = function
            .package
            .and_then(|at| code.packages.get(at as usize));
        package.is_some_and(|package| package.origin == Origin::Main)
    };
    let starts = Starts::of(functions);
    let find = |address: u64| starts.find(address);
    let kinds: Vec<Target> = functions
        .iter()
        .map(|function| {
            match (
                wanted(function.name).is_some() || [GO, RECOVER].contains(&function.name),
                own(function),
            ) {
                (true, _) => Target::Wanted,
                (_, true) => Target::Own,
                _ => Target::Other,
            }
        })
        .collect();
    // Made to exhaust us, a program could call without end.
    let (wanted_left, own_left) = (Cell::new(MAX_CALLS), Cell::new(MAX_STEPS));
    let interest = |address: u64| {
        let kind = *kinds.get(find(address)?)?;
        let left = match kind {
            Target::Wanted => &wanted_left,
            Target::Own => &own_left,
            Target::Other => return Some(kind),
        };
        let some = left.get().checked_sub(1);
        left.set(some.unwrap_or(0));
        Some(some.map_or(Target::Other, |_| kind))
    };
    let read = |function: &Function<'a>| {
        let bytes = memory.slice(function.start, function.bytes);
        bytes.map_or_else(Vec::new, |bytes| sites(bytes, function.start, &interest))
    };
    let calls: Vec<(usize, Vec<Site>)> = functions
        .iter()
        .enumerate()
        .filter(|(_, function)| own(function))
        .map(|(at, function)| (at, read(function)))
        .collect();
    // A function as a value is a place that its address stands at.
    let started = |site: &Site| match site.arguments.first() {
        Some(Value::Address(at)) => find(memory.pointer(*at)?),
        _ => None,
    };
    let leads_to = |site: &Site| {
        let to = find(site.target)?;
        match functions[to].name == GO {
            true => started(site),
            false => Some(to),
        }
    };
    let budget = Cell::new(MAX_INSTRUCTIONS);
    let cpu = Cpu::of(elf.head.goarch());
    let name = |address: u64| find(address).map_or("", |at| functions[at].name);
    let known: RefCell<HashMap<u64, Rc<Exits>>> = RefCell::default();
    let exits = |address: u64| {
        if let Some(known) = known.borrow().get(&address) {
            return Some(known.clone());
        }
        let function = functions[find(address)?];
        let bytes = memory.slice(function.start, function.bytes)?;
        let exits = Rc::new(Exits::of(bytes, function.start, cpu?, &budget));
        known.borrow_mut().insert(address, exits.clone());
        Some(exits)
    };
    let gives_error = |address: u64, place: usize| {
        let name = name(address);
        let known = wanted(name).map(|asked| asked.error);
        if let Some(known) = known.or_else(|| Some(Some(starts_program(name)?))) {
            return known == Some(place);
        }
        exits(address).is_some_and(|it| it.two_words_at(place, MAX_PASSED_ON, &exits, &budget))
    };
    let leaves_with_error = |start: u64, at: u64, looked_at: u16| {
        let of = |it: Rc<Exits>| it.may_give_error(at, looked_at, MAX_PASSED_ON, &exits, &budget);
        exits(start).is_none_or(of)
    };
    let called = Called {
        stops: &|address| ends_all(name(address)),
        gives_error: &gives_error,
        leaves_with_error: &leaves_with_error,
        is_barrier: &|address| name(address).starts_with("runtime.gcWriteBarrier"),
        quiet: &|address| is_quiet(name(address)),
        starts_program: &|address| starts_program(name(address)),
    };
    let flow = |at: usize| {
        let function = functions[at];
        let bytes = memory.slice(function.start, function.bytes)?;
        Flow::of(bytes, function.start, cpu?, &called, &budget)
    };
    let starts_another = |site: &Site| name(site.target) == GO;
    let recovers = |site: &Site| name(site.target) == RECOVER;
    let reach = Reach {
        functions,
        calls: &calls,
        leads_to: &leads_to,
        starts: &starts_another,
        recovers: &recovers,
        gives_error: &|site| (0..u16::BITS as usize).any(|place| gives_error(site.target, place)),
        flow: &flow,
        budget: &budget,
    };
    let reached = reach.reached_by_main();
    let gets = |site: &Site| {
        let to = find(site.target).map_or("", |at| functions[at].name);
        to.starts_with("net/http.(*Client).")
    };
    let asks = calls.iter().any(|(_, sites)| sites.iter().any(gets));
    let own_transport = calls.iter().map(|(at, _)| functions[*at]);
    let own_transport = asks
        && elf.head.goarch() == Some("amd64")
        && changes_transport(functions, own_transport, memory);
    let mut all = Vec::new();
    for (at, sites) in &calls {
        for (n, site) in sites.iter().enumerate() {
            let asked = |at: &usize| wanted(functions[*at].name).is_some();
            let Some(to) = find(site.target).filter(asked) else {
                continue;
            };
            all.push(Call {
                by: functions[*at].name,
                to: functions[to].name,
                own_transport,
                looked_at: site.looked_at,
                from_main: reached
                    .get(at)
                    .is_some_and(|sure| sure.get(n) == Some(&true)),
                texts: texts(&site.arguments, memory),
                arguments: site.arguments.clone(),
            });
        }
    }
    all
}

/// Whether a function does nothing that a reader of the source would see: the runtime's own, but for
/// what waits on a channel.
fn is_quiet(name: &str) -> bool {
    let waits = ["chanrecv", "chansend", "selectgo", "block"];
    match name.strip_prefix("runtime.") {
        Some(of_runtime) => !waits.iter().any(|begin| of_runtime.starts_with(begin)),
        None => name == WAIT,
    }
}

/// Whether a function starts what `exec.Command` made; where its error is among its results.
fn starts_program(name: &str) -> Option<usize> {
    match name.strip_prefix("os/exec.(*Cmd).")? {
        "Run" | "Start" => Some(0),
        "Output" | "CombinedOutput" => Some(3),
        _ => None,
    }
}

/// Whether one of these functions reaches for `http.DefaultTransport`: what a client without a transport
/// of its own takes it from.
fn changes_transport<'a>(
    functions: &[Function<'a>],
    own: impl Iterator<Item = Function<'a>>,
    memory: &Memory<'a>,
) -> bool {
    let loads = |function: Function<'_>| {
        let bytes = memory.slice(function.start, function.bytes);
        bytes
            .map(|bytes| flow::amd64::globals(bytes, function.start))
            .unwrap_or_default()
    };
    let takes = functions
        .iter()
        .find(|it| it.name == "net/http.(*Client).send");
    let takes = takes.map(|it| loads(*it)).unwrap_or_default();
    !takes.is_empty() && own.into_iter().any(|it| !loads(it).is_disjoint(&takes))
}

/// The constant text that begins in each register.
pub(super) fn texts<'a>(arguments: &[Value], memory: &Memory<'a>) -> Vec<Option<&'a str>> {
    let pairs = arguments.windows(2);
    let text = |pair: &[Value]| match pair {
        [Value::Number(0), Value::Number(0)] => Some(""),
        [Value::Address(at), Value::Number(length)] if *length <= MAX_TEXT => {
            std::str::from_utf8(memory.slice(*at, *length)?).ok()
        }
        _ => None,
    };
    pairs.map(text).collect()
}
