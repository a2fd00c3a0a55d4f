//! Which functions of a program's own module `main` surely comes to.

use super::super::code::Function;
use super::Site;
use super::flow::{Callee, Flow};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// Whether a function ends the program: what stands behind a call of it is not come to.
pub(super) fn ends_all(name: &str) -> bool {
    let last = name.rsplit(['.', ')']).next().unwrap_or_default();
    let panics = [
        "runtime.gopanic",
        "runtime.throw",
        "runtime.fatal",
        "runtime.panic",
    ];
    let panics = panics.iter().any(|prefix| name.starts_with(prefix));
    panics || last.starts_with("Fatal") || matches!(last, "Exit" | "Exitf" | "Goexit")
}

/// The calls of a program's own module, and how they are followed.
pub(super) struct Reach<'f> {
    pub(super) functions: &'f [Function<'f>],
    pub(super) calls: &'f [(usize, Vec<Site>)],
    pub(super) leads_to: &'f dyn Fn(&Site) -> Option<usize>,
    /// Whether it is what a `go` statement calls.
    pub(super) starts: &'f dyn Fn(&Site) -> bool,
    /// Whether it may end a panic.
    pub(super) recovers: &'f dyn Fn(&Site) -> bool,
    /// Whether it gives an error.
    pub(super) gives_error: &'f dyn Fn(&Site) -> bool,
    pub(super) flow: &'f dyn Fn(usize) -> Option<Flow<'f>>,
    pub(super) budget: &'f Cell<usize>,
}

impl Reach<'_> {
    /// The functions that `main` and the module's `init`s surely come to, by their place, with whether
    /// each of their calls is come to and must not fail.
    pub(super) fn reached_by_main(&self) -> HashMap<usize, Vec<bool>> {
        let mut wraps: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, _) in self.calls {
            if let Some(outer) = wrapped_in(self.functions[*at].name) {
                wraps.entry(outer).or_default().push(*at);
            }
        }
        let recovering = self.recovering();
        let mut reached: HashMap<usize, Vec<bool>> = HashMap::new();
        let mut seen: HashSet<(usize, bool, u16)> = HashSet::new();
        let begins = |name: &str| name == "main.main" || is_init(name);
        // With each, whether the program ends where it returns, and which results are looked at.
        let mut next: Vec<(usize, bool, u16)> = self
            .calls
            .iter()
            .map(|(at, _)| (*at, self.functions[*at].name))
            .filter(|(_, name)| begins(name))
            .map(|(at, name)| (at, name == "main.main", 0))
            .collect();
        while let Some((at, returns_end, looked_at)) = next.pop() {
            let place = self.calls.binary_search_by_key(&at, |(at, _)| *at);
            let Some((_, sites)) = place.ok().map(|place| &self.calls[place]) else {
                continue;
            };
            // An error that one caller bears may be another's end.
            if !seen.insert((at, returns_end, looked_at)) {
                continue;
            }
            let name = self.functions[at].name;
            // What fails there may be left behind.
            let tries = !returns_end && recovering.contains(name);
            let is_read = !sites.is_empty() && !tries;
            let flow = is_read.then(|| (self.flow)(at)).flatten();
            // What a variable is set to at the start, error and all, is for whoever looks at it.
            let sets_variables = is_init(name) && name.ends_with(".init");
            let comes = |site: &Site| {
                let (flow, budget) = (flow.as_ref()?, self.budget);
                let callee = self.callee(site);
                let kept = || flow.keeps(site.at, callee, looked_at, budget);
                let later =
                    || sets_variables && (self.gives_error)(site) && !flow.asks_for(site.at);
                let without = !flow.comes_to(site.at, budget)
                    || flow.bears(site.at, callee, budget)?
                    || !returns_end && kept()?
                    || later();
                Some(!without)
            };
            let sure: Vec<bool> = sites.iter().map(|it| comes(it).unwrap_or(false)).collect();
            let both = || sites.iter().zip(&sure);
            for (site, _) in both().filter(|(_, sure)| **sure) {
                let (to, waits) = ((self.leads_to)(site), !(self.starts)(site));
                let flow = flow.as_ref().filter(|_| waits);
                let ends = |flow: &Flow<'_>| flow.ends_behind(site.at, returns_end, self.budget);
                let ends = flow.and_then(ends) == Some(true);
                let looked_at = flow.map_or(0, |flow| {
                    flow.looked_at_behind(site.at, looked_at, self.budget)
                });
                next.extend(to.map(|to| (to, ends, looked_at)));
            }
            // Which of several `go` statements a wrapper belongs to is not told.
            if both().all(|(site, sure)| *sure || !(self.starts)(site)) {
                let wraps = wraps.get(name).into_iter().flatten();
                next.extend(wraps.map(|at| (*at, false, 0)));
            }
            let known = reached.entry(at).or_insert_with(|| vec![false; sure.len()]);
            known
                .iter_mut()
                .zip(sure)
                .for_each(|(known, sure)| *known |= sure);
        }
        reached
    }

    /// What a call calls.
    fn callee(&self, site: &Site) -> Callee {
        let Some(to) = (self.leads_to)(site) else {
            return Callee::Other;
        };
        match self.functions[to].name {
            "os/exec.Command" | "os/exec.CommandContext" => Callee::MakesCommand,
            _ if self.calls.binary_search_by_key(&to, |(at, _)| *at).is_ok() => Callee::Own,
            _ => Callee::Other,
        }
    }

    /// Functions that end a panic, themselves or in a closure or a function that they call.
    fn recovering(&self) -> HashSet<&str> {
        let any = |sites: &[Site]| sites.iter().any(|site| (self.recovers)(site));
        let own = self.calls.iter().filter(|(_, sites)| any(sites));
        let own: HashSet<usize> = own.map(|(at, _)| *at).collect();
        let calls = |site: &Site| (self.leads_to)(site).is_some_and(|to| own.contains(&to));
        let by = self
            .calls
            .iter()
            .filter(|(_, sites)| sites.iter().any(calls));
        let by: Vec<&str> = by.map(|(at, _)| self.functions[*at].name).collect();
        let own = own.iter().map(|at| self.functions[*at].name);
        let outer = own.chain(by.iter().copied()).filter_map(made_in);
        outer.chain(by.iter().copied()).collect()
    }
}

/// The function whose `go` statement this carries out: `main.main` of `main.main.gowrap1`.
pub(super) fn wrapped_in(name: &str) -> Option<&str> {
    let (outer, last) = name.rsplit_once('.')?;
    last.starts_with("gowrap").then_some(outer)
}

/// The function that a closure of it stands in, or what carries out its `defer` statement: `main.run`
/// of `main.run.func1` and of `main.run.deferwrap1`.
fn made_in(name: &str) -> Option<&str> {
    let (outer, last) = name.rsplit_once('.')?;
    let kinds = ["func", "deferwrap"];
    let number = kinds.iter().find_map(|kind| last.strip_prefix(kind));
    let number = number.unwrap_or(last);
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    numbered.then_some(outer)
}

/// `a/b.init`, `a/b.init.0`: what the runtime calls before `main`.
pub(super) fn is_init(name: &str) -> bool {
    let (head, last) = name.rsplit_once('.').unwrap_or(("", name));
    let numbered = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let owner = match (last, numbered) {
        ("init", _) => Some(head),
        (_, true) => head.strip_suffix(".init"),
        _ => None,
    };
    // A method of this name is none, nor is one of a function's closures.
    owner.is_some_and(|path| {
        let package = path.rsplit('/').next().unwrap_or_default();
        !package.is_empty() && !package.contains(['.', '(', '['])
    })
}
