//! From one program to the next: a script to its interpreter, a shell to its line, an init to
//! what it starts.

use super::line::{Names, commands};
use super::{Certainty, ImageContext, LookupError, Role, Start, StartedBy};
use crate::binary::Form;
use crate::image::tree::NodeId;
use crate::inspect::{ExecTarget, Finds, LastCommand, When};

/// Programs that start each other, as deep as anybody nests them.
const MAX_DEPTH: usize = 8;
/// Scripts that the kernel takes as each other's interpreters (`exec_binprm` in `fs/exec.c`).
const MAX_SCRIPTS: usize = 5;
/// Programs of one image that are looked at.
const MAX_STARTS: usize = 64;
/// They become, or start and wait for, what the rest of their arguments says.
const INITS: [&str; 9] = [
    "tini",
    "tini-static",
    "dumb-init",
    "catatonit",
    "docker-init",
    "env",
    "nice",
    "nohup",
    "setsid",
];
/// Options of theirs that take no word.
const FLAGS: [&str; 11] = [
    "-",
    "-s",
    "-g",
    "-v",
    "-vv",
    "-vvv",
    "-w",
    "-c",
    "-i",
    "--single-child",
    "--verbose",
];
/// The same, with a user as the first argument.
const CHANGES_USER: [&str; 2] = ["su-exec", "gosu"];

pub(crate) const SHELLS: [&str; 9] = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox", "fish",
];

/// Follows who starts whom.
struct Chain<'a, 's> {
    context: &'s ImageContext<'a>,
    starts: Vec<Start>,
    role: Role,
}

/// What a container would start: the command and what that starts, then the health check.
pub(crate) fn starts(context: &ImageContext<'_>) -> Vec<Start> {
    let runtime = context.runtime;
    let command = runtime.entrypoint.iter().chain(&runtime.cmd).cloned();
    let check = runtime.healthcheck.as_ref().map(|check| &*check.test);
    let check = match check.unwrap_or_default() {
        [kind, words @ ..] if kind == "CMD" => words.to_vec(),
        [kind, words @ ..] if kind == "CMD-SHELL" => {
            let mut shell = runtime.shell.clone();
            if shell.is_empty() {
                shell = vec!["/bin/sh".to_owned(), "-c".to_owned()];
            }
            shell.extend(words.iter().cloned());
            shell
        }
        _ => Vec::new(),
    };
    let mut chain = Chain {
        context,
        starts: Vec::new(),
        role: Role::Command,
    };
    let mut commands = vec![
        (Role::Command, command.collect()),
        (Role::Healthcheck, check),
    ];
    if let Some(container) = context.container {
        let probes = container.more_probes.iter().cloned();
        commands.extend(probes.map(|words| (Role::Healthcheck, words)));
        if container.command_unknown(runtime) {
            commands.remove(0);
        }
    }
    for (role, words) in commands {
        chain.role = role;
        chain.start(words, StartedBy::Engine, Certainty::Required, 0);
    }
    chain.starts
}

/// What `env -S` is to split, where it is plain words.
fn splits(word: &str) -> Option<&str> {
    let rest = word
        .strip_prefix("-S")
        .or_else(|| word.strip_prefix("--split-string="))?;
    let plain = |c: char| !"\\\"'$#".contains(c);
    (rest.chars().all(plain) && !rest.trim_start().starts_with("-S")).then_some(rest)
}

/// The last part of a path.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The line that a shell called like this would read: behind the first option with a `c` in it.
pub(crate) fn shell_line(words: &[String]) -> Option<&str> {
    if !SHELLS.contains(&base(words.first()?)) {
        return None;
    }
    let mut rest = words[1..].iter();
    let mut option = rest.next()?;
    // busybox sh -c …
    if base(&words[0]) == "busybox" && SHELLS.contains(&option.as_str()) {
        option = rest.next()?;
    }
    // -e -u -c, --login -c; `-o` takes a word.
    loop {
        let letters = option.strip_prefix('-')?;
        if !letters.starts_with('-') && letters.contains('c') {
            return rest.next().map(String::as_str);
        }
        if letters == "o" || letters.ends_with('o') && !letters.starts_with('-') {
            rest.next()?;
        }
        option = rest.next()?;
    }
}

impl<'a, 's> Chain<'a, 's> {
    fn start(&mut self, words: Vec<String>, by: StartedBy, certainty: Certainty, depth: usize) {
        let Some(called) = words.first().cloned() else {
            return;
        };
        if self.starts.len() >= MAX_STARTS || depth > MAX_DEPTH {
            return;
        }
        let file = match by {
            StartedBy::Kernel(_) => self.interpreter(&words),
            _ => self.context.find(&called),
        };
        self.starts.push(Start {
            role: self.role,
            by,
            called: called.clone(),
            words: words.clone(),
            file: file.clone(),
            certainty,
        });
        let Ok(id) = file else {
            return;
        };
        let form = self.context.program(id).map(|program| &program.form);
        if let Some(Form::Script { interpreter, .. }) = form {
            self.script(id, interpreter, words, certainty, depth);
        } else if let Some(line) = shell_line(&words) {
            self.line(line, self.names(&words), certainty, depth);
        } else if INITS.contains(&base(&called))
            || CHANGES_USER.contains(&base(&called))
            || self.is_init(id, &words)
        {
            self.init(&words, certainty, depth);
        } else {
            self.argument(&words, depth, |_, word| word.starts_with('/'));
        }
    }

    /// `["/init","/app"]`: an init under another name, and no program that was written in Go.
    fn is_init(&self, id: NodeId, words: &[String]) -> bool {
        let program = self.context.program(id);
        let follows = words.get(1).is_some_and(|word| word.starts_with('/'));
        follows && base(&words[0]) == "init" && program.is_some_and(|it| it.go.is_none())
    }

    /// What the kernel starts for a script, with all that stands on its `#!` line.
    fn interpreter(&self, words: &[String]) -> Result<NodeId, LookupError> {
        let called = words.first().map_or("", String::as_str);
        let found = self.context.find(called)?;
        let mut at = found;
        for left in (0..MAX_SCRIPTS).rev() {
            let program = self.context.program(at);
            let Some(Form::Script { interpreter, .. }) = program.map(|program| &program.form)
            else {
                break;
            };
            if left == 0 {
                let why = format!(
                    "{called} is a script as well, and so on: too many levels of symbolic links"
                );
                return Err(LookupError::nothing(why));
            }
            // One that is not there is told where the kernel comes to it.
            match self.context.find(interpreter) {
                Ok(next) => at = next,
                Err(_) => break,
            }
        }
        let splits = words.get(1).is_some_and(|word| splits(word).is_some());
        let name = self.context.tree.node(found).name;
        if base(called) == "env" && splits && name.starts_with("busybox") {
            let why = format!("{called} is busybox, whose env knows no -S");
            return Err(LookupError::nothing(why));
        }
        Ok(found)
    }

    /// The kernel starts the interpreter: `#!/usr/bin/env bash` is two programs.
    fn script(
        &mut self,
        id: NodeId,
        interpreter: &str,
        words: Vec<String>,
        certainty: Certainty,
        depth: usize,
    ) {
        let path = self.context.tree.path(id);
        let program = self.context.program(id);
        let mut called = vec![interpreter.to_owned()];
        if let Some(Form::Script { argument, .. }) = program.map(|program| &program.form) {
            called.extend(Some(argument.clone()).filter(|text| !text.is_empty()));
        }
        let names = self.names(&called);
        // Without its interpreter nothing of the script ever happens.
        let dead = self.interpreter(&called).is_err();
        self.start(called, StartedBy::Kernel(path), certainty, depth + 1);
        if dead {
            return;
        }
        let same = |how: &ExecTarget| {
            let stays = how.finds == Finds::AsTheImage && names == Names::Image;
            stays || words.get(1).is_some_and(|word| word.starts_with('/'))
        };
        let hands_over = program.and_then(|script| script.hands_over).filter(same);
        if let (Some(how), true) = (hands_over, SHELLS.contains(&base(interpreter))) {
            let more = match how.when {
                When::AtOnce => Certainty::Required,
                When::AfterMore => Certainty::Certain,
            };
            let by = StartedBy::Program(base(&words[0]).to_owned());
            self.start(words[1..].to_vec(), by, certainty.max(more), depth + 1);
            return;
        }
        let shell = SHELLS.contains(&base(interpreter));
        let said = program.and_then(|script| script.commands.as_deref());
        let said = said.filter(|_| shell);
        let by = || StartedBy::Program(base(&words[0]).to_owned());
        let same = |last: &&LastCommand| names == Names::Image || last.words[0].starts_with('/');
        if let Some(last) = said.and_then(|said| said.last.as_ref()).filter(same) {
            let more = match last.how.when {
                When::AtOnce => Certainty::Required,
                When::AfterMore => Certainty::Certain,
            };
            let rest = words.iter().skip(1).filter(|_| last.passes_on).cloned();
            let called = last.words.iter().cloned().chain(rest).collect();
            self.start(called, by(), certainty.max(more), depth + 1);
            return;
        }
        // Whether it comes to one of these hangs on what only the script knows.
        for name in said.into_iter().flat_map(|said| &said.named) {
            let there = self.context.find(name).ok();
            if there.is_some_and(|id| self.context.program(id).is_some()) {
                self.start(vec![name.clone()], by(), Certainty::Possible, depth + 1);
            }
        }
        // `docker-entrypoint.sh serve`: the name is looked up, too.
        let likely = |n, word: &str| word.starts_with('/') || (n == 1 && !word.starts_with('-'));
        self.argument(&words, depth, likely);
    }

    /// Where this call of a shell looks names up: one that reads a profile first has the
    /// `PATH` that the profile says.
    fn names(&self, words: &[String]) -> Names {
        let shell = words.first().map_or("", |word| base(word));
        let options = words.iter().skip(1);
        let mut options = options.take_while(|word| word.starts_with('-'));
        let login = options.any(|word| match word.strip_prefix("--") {
            Some(name) => name == "login",
            None => word.contains(['l', 'i']),
        });
        let settles = ["BASH_ENV", "ENV"].map(|name| self.context.env(name));
        let reads = matches!(shell, "zsh" | "fish") || settles.into_iter().any(|v| v.is_some());
        match login || reads {
            true => Names::Elsewhere,
            false => Names::Image,
        }
    }

    fn line(&mut self, line: &str, names: Names, certainty: Certainty, depth: usize) {
        for command in commands(line, names) {
            let whole: Vec<_> = command.words.iter().flatten().cloned().collect();
            // What is not where the image would look may be where the shell looks.
            let called = whole.first().map(|called| self.context.find(called));
            if command.lost && called.is_none_or(|found| found.is_err()) {
                continue;
            }
            let by = StartedBy::Shell(line.to_owned());
            self.start(whole, by, certainty.max(command.certainty), depth + 1);
        }
    }

    /// What follows the options and assignments, and the user where one is named.
    fn init(&mut self, words: &[String], certainty: Certainty, depth: usize) {
        let name = base(&words[0]).to_owned();
        // `env -S sh -e`, from a `#!` line, which the kernel does not split.
        if let (true, [called, first, rest @ ..]) = (name == "env", words)
            && let Some(apart) = splits(first)
        {
            let apart = apart.split_whitespace().map(str::to_owned);
            let words: Vec<_> = std::iter::once(called.clone())
                .chain(apart)
                .chain(rest.iter().cloned())
                .collect();
            return self.init(&words, certainty, depth + 1);
        }
        let user = usize::from(CHANGES_USER.contains(&name.as_str()));
        let mut rest = words[1..].iter();
        // Options may take a word; which do, each of these programs has its own idea of.
        let mut odd = false;
        let mut takes = false;
        let mut strays = false;
        let mut options = true;
        let mut skipped = 0;
        let next = rest.find(|word| {
            if options && *word == "--" {
                // What went before were options and their words; now nothing is to guess.
                options = false;
                odd = strays;
                return false;
            }
            if options && word.starts_with('-') {
                takes = !FLAGS.contains(&word.as_str());
                odd |= takes;
                return false;
            }
            if name == "env" && word.contains('=') {
                odd |= word.starts_with("PATH=");
                return false;
            }
            strays |= !std::mem::take(&mut takes) && skipped >= user;
            skipped += 1;
            skipped > user && (!odd || self.context.find(word).is_ok())
        });
        let Some(next) = next.cloned() else {
            return;
        };
        let words = std::iter::once(next).chain(rest.cloned()).collect();
        let certainty = match odd {
            true => Certainty::Possible,
            false => certainty,
        };
        self.start(words, StartedBy::Program(name), certainty, depth + 1);
    }

    /// A program of the image among the arguments of one of which we do not know what it does with
    /// them.
    fn argument(&mut self, words: &[String], depth: usize, likely: fn(usize, &str) -> bool) {
        let program = |word: &str| {
            let found = self.context.find(word).ok();
            found.and_then(|id| self.context.program(id))
        };
        let mut numbered = words.iter().enumerate().skip(1);
        let found = numbered.find(|(n, word)| likely(*n, word) && program(word).is_some());
        if let Some((n, _)) = found {
            let by = StartedBy::Program(base(&words[0]).to_owned());
            self.start(words[n..].to_vec(), by, Certainty::Possible, depth + 1);
        }
    }
}
