//! Which functions of a program's own module `main` surely comes to.

use super::super::code::Function;
use super::Site;
use super::flow::Flow;
use std::cell::Cell;
use std::collections::HashMap;

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
        let mut reached: HashMap<usize, Vec<bool>> = HashMap::new();
        let begins = |name: &str| name == "main.main" || is_init(name);
        let mut next: Vec<usize> = self
            .calls
            .iter()
            .map(|(at, _)| *at)
            .filter(|at| begins(self.functions[*at].name))
            .collect();
        while let Some(at) = next.pop() {
            let place = self.calls.binary_search_by_key(&at, |(at, _)| *at);
            let Some((_, sites)) = place.ok().map(|place| &self.calls[place]) else {
                continue;
            };
            if reached.contains_key(&at) {
                continue;
            }
            let flow = (self.flow)(at).filter(|_| !sites.is_empty());
            let comes = |site: &Site| {
                let flow = flow.as_ref();
                flow.is_some_and(|flow| {
                    flow.comes_to(site.at, self.budget)
                        && flow.bears(site.at, self.budget) == Some(false)
                })
            };
            let sure: Vec<bool> = sites.iter().map(comes).collect();
            let both = || sites.iter().zip(&sure);
            next.extend(
                both()
                    .filter(|(_, sure)| **sure)
                    .filter_map(|(site, _)| (self.leads_to)(site)),
            );
            // Which of several `go` statements a wrapper belongs to is not told.
            if both().all(|(site, sure)| *sure || !(self.starts)(site)) {
                next.extend(wraps.get(self.functions[at].name).into_iter().flatten());
            }
            reached.insert(at, sure);
        }
        reached
    }
}

/// The function whose `go` statement this carries out: `main.main` of `main.main.gowrap1`.
pub(super) fn wrapped_in(name: &str) -> Option<&str> {
    let (outer, last) = name.rsplit_once('.')?;
    last.starts_with("gowrap").then_some(outer)
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
