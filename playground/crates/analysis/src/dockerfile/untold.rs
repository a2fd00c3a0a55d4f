//! What a builder may read otherwise than it is read here, and what it would fetch by itself.
//!
//! Builders know here-documents and take quotes and escapes out of flags; this reader knows as much
//! as tells the images. Where nothing hangs on it but a page's words, that is enough. Whoever allows
//! some images only must not be talked past the reader: for them, the line is named.

use super::{From, Instruction, parse, stages};
use std::collections::HashSet;

/// The first line that a builder may read otherwise, and what is in it, for people.
pub fn untold(text: &str) -> Option<(u32, &'static str)> {
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(plain.split('\n'));
    let line = lines.find_map(|(number, line)| Some((number, in_line(line)?)));
    let instructions = parse(text);
    let stages = stages(&instructions);
    let defaults = defaults(&instructions);
    let instruction = instructions.iter().find_map(|one| {
        let what = one
            .untold(defaults.contains(&one.line))
            .or_else(|| one.goes_on_otherwise(text))
            .or_else(|| one.waits_for_stage(&stages))?;
        Some((one.line, what))
    });
    line.into_iter().chain(instruction).min()
}

/// The lines with values that a `FROM` is put together of, directly or through other values.
fn defaults(instructions: &[Instruction]) -> HashSet<u32> {
    let from = |one: &Instruction| one.keyword() == "FROM";
    let head = instructions.iter().take_while(|one| !from(one)).count();
    let bases = instructions.iter().filter(|one| from(one));
    let mut used: HashSet<&str> = bases.flat_map(Instruction::variables).collect();
    let mut lines = HashSet::new();
    // A value is made of those above it.
    for one in instructions[..head].iter().rev() {
        let gives = |word: &str| {
            let mut names = names(word).into_iter();
            is_named_by_variable(word) || names.any(|name| used.contains(&*name))
        };
        if !used.is_empty() && one.keyword() == "ARG" && one.has(gives) {
            lines.insert(one.line);
            used.extend(one.variables());
        }
    }
    lines
}

/// The first `ADD` of something that may be no file of the context, with its line: builders fetch
/// addresses from where the engine is.
pub fn fetched(text: &str) -> Option<(u32, String)> {
    let instructions = parse(text);
    let mut adds = instructions.iter().filter(|one| one.keyword() == "ADD");
    adds.find_map(|one| {
        let mut words: Vec<_> = one.arguments().collect();
        // Where it goes to is none; in JSON, all may be one word.
        if words.len() > 1 && !words[0].starts_with('[') {
            words.pop();
        }
        let address = words.into_iter().find(|word| {
            let bare = word.trim_start_matches(['[', '"', '\'']);
            word.contains([':', '$', '\\']) || bare.starts_with("github.com/")
        })?;
        Some((one.line, address.to_owned()))
    })
}

fn in_line(line: &str) -> Option<&'static str> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    if let Some(comment) = line.trim().strip_prefix('#') {
        // Some builders take the first letter of the value, others know two values.
        let escape = comment.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("escape") && value.trim_start().starts_with('`')
        });
        return escape.then_some("another escape character");
    }
    // Old builders go on in the next line, new ones do not.
    if line.trim_end().ends_with("\\\\") {
        return Some("two escapes at its end");
    }
    let unseen = |c: char| !matches!(c, ' ' | '\t') && (c.is_control() || c.is_whitespace());
    line.contains(unseen)
        .then_some("a character that cannot be seen")
}

impl Instruction {
    /// What follows the keyword and the flags.
    fn arguments(&self) -> impl Iterator<Item = &str> {
        let words = self.words[1..].iter().map(|(_, word)| word.as_str());
        words.skip_while(|word| word.starts_with("--"))
    }

    fn has(&self, is: impl Fn(&str) -> bool) -> bool {
        self.arguments().any(is)
    }

    fn flags(&self) -> impl Iterator<Item = &str> {
        let words = self.words[1..].iter().map(|(_, word)| word.as_str());
        words.take_while(|word| word.starts_with("--"))
    }

    /// The names behind the dollars of its arguments.
    fn variables(&self) -> impl Iterator<Item = &str> {
        let behind = self.arguments().flat_map(|word| word.split('$').skip(1));
        behind.map(|rest| {
            let rest = rest.trim_start_matches('{');
            let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
            &rest[..end]
        })
    }

    /// `default`: whether it gives values that a `FROM` is put together of.
    fn untold(&self, default: bool) -> Option<&'static str> {
        let keyword = self.keyword();
        if keyword == "ONBUILD" {
            return Some("ONBUILD");
        }
        let reads = matches!(keyword, "FROM" | "RUN" | "COPY" | "ADD");
        let odd =
            |flag: &str| !is_wrapped(flag) || (keyword == "RUN" && flag.contains(['"', '\'']));
        if reads && self.flags().any(odd) {
            return Some("quotes or escapes in a flag");
        }
        let within = |flag: &str| {
            flag.starts_with("--mount=") || matches!(flag, "--network=none" | "--network=default")
        };
        if keyword == "RUN" && !self.flags().all(within) {
            return Some("a flag that opens the builder's walls");
        }
        if matches!(keyword, "RUN" | "COPY" | "ADD") && self.has(begins_document) {
            return Some("a here-document");
        }
        if default && self.has(is_named_by_variable) {
            return Some("a name that a variable gives");
        }
        let named = keyword == "FROM" || default;
        (named && self.has(|word| !is_wrapped(word))).then_some("quotes or escapes in a name")
    }

    /// A word of it goes on in the next line where that tells what it does: builders put no blank
    /// between lines, here each begins a word.
    fn goes_on_otherwise(&self, text: &str) -> Option<&'static str> {
        let mut joined: Vec<(_, String)> = Vec::new();
        for (place, word) in &self.words {
            match joined.last_mut() {
                Some((end, last)) if text.get(*end..place.start).is_some_and(is_seam) => {
                    last.push_str(word);
                    *end = place.end;
                }
                _ => joined.push((place.end, word.clone())),
            }
        }
        let words = joined.iter().map(|(end, word)| (0..*end, word.clone()));
        let joined = Instruction {
            line: self.line,
            words: words.collect(),
        };
        let keyword = self.keyword();
        let otherwise = joined.words.len() < self.words.len()
            && (keyword != joined.keyword()
                || matches!(keyword, "FROM" | "ARG" | "ADD")
                || joined.has(begins_document)
                || !joined.flags().eq(self.flags()));
        otherwise.then_some("a word that goes on in the next line")
    }

    /// It takes from a stage that is none before it: some builders look for an image of that name.
    fn waits_for_stage(&self, stages: &[From]) -> Option<&'static str> {
        let begun = stages.iter().filter(|from| from.line < self.line).count();
        let is_one_of = |name: &str, stages: &[From]| {
            let lower = Some(name.to_ascii_lowercase());
            stages.iter().any(|from| from.stage == lower)
        };
        let waits = self.copies_from().into_iter().any(|(_, name)| {
            let there = &stages[..begun.saturating_sub(1)];
            match name.parse::<usize>() {
                // For some, numbers of mounts are names.
                Ok(n) => {
                    let is_stage = n < stages.len() || is_one_of(&name, stages);
                    is_stage && (n >= there.len() || self.keyword() == "RUN")
                }
                Err(_) => is_one_of(&name, stages) && !is_one_of(&name, there),
            }
        });
        waits.then_some("a stage that is not there yet")
    }
}

/// Whether what stands between two words is no blank for builders: the end of a line that goes on, and
/// lines that they leave out.
fn is_seam(between: &str) -> bool {
    let (lines, begin) = between.rsplit_once('\n').unwrap_or((between, between));
    let left_out = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let mut lines = lines.split('\n');
    begin.is_empty() && lines.all(|line| left_out(line) || line.starts_with('\\'))
}

fn is_of_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

/// The names in a word, where quotes and escapes are taken out of it.
fn names(word: &str) -> Vec<String> {
    let bare = word.replace(['"', '\'', '\\', '`'], "");
    bare.split(|c| !is_of_name(c)).map(str::to_owned).collect()
}

/// `$A=x`: whose value that is, is not told.
fn is_named_by_variable(word: &str) -> bool {
    word.split('=')
        .next()
        .is_some_and(|name| name.contains('$'))
}

/// Whether a word has no quotes but two alike around the whole of it or of its value, and no escapes:
/// then every reader takes it apart alike.
fn is_wrapped(word: &str) -> bool {
    let value = word.split_once('=').map_or(word, |(_, value)| value);
    let mut inner = value;
    for quote in ['"', '\''] {
        let within = value.strip_prefix(quote);
        inner = within
            .and_then(|rest| rest.strip_suffix(quote))
            .unwrap_or(inner);
    }
    let name = &word[..word.len() - value.len()];
    ![name, inner]
        .iter()
        .any(|part| part.contains(['"', '\'', '\\', '`']))
}

/// Whether builders take a word for the beginning of a here-document: `<<EOF`, `3<<-"EOF"`.
fn begins_document(word: &str) -> bool {
    let word = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let behind = word.strip_prefix("<<");
    behind.is_some_and(|behind| !behind.starts_with('<'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::written_bases;

    /// Each was made to let `payroll` pass as a stage, or not to be seen at all.
    #[test]
    fn nothing_that_a_builder_reads_otherwise_goes_unnamed() {
        for (line, hostile) in [
            (
                2,
                "FROM golang:1.23\nRUN <<EOF\nFROM golang:1.23 AS payroll\nEOF\nCOPY --from=payroll /a /\n",
            ),
            (2, "FROM a\nCOPY 3<<-'X' /x\nFROM b AS payroll\nX\n"),
            (2, "FROM a\nONBUILD COPY --from=payroll /a /\nFROM a\n"),
            (2, "FROM a\nCOPY --fr\\om=payroll /a /\n"),
            (2, "FROM a\nCOPY --\"from\"=payroll /a /\n"),
            (
                2,
                "FROM a\nRUN --mount=type=bind,\"from=payroll\",target=/x ls /x\n",
            ),
            (
                2,
                "FROM a\nRUN --mount=\"type=bind,from=payroll,target=/x\" ls /x\n",
            ),
            (
                1,
                "FROM --platform=\"${X:+ golang:1.23 as b }linux/amd64\" payroll\n",
            ),
            (2, "ARG X=payroll\nARG Y=\"a X=golang:1.23 b\"\nFROM $X\n"),
            (1, "FROM pay\\roll\n"),
            (2, "FROM a\nLABEL x=y\\\u{a0}\nCOPY --from=payroll /a /\n"),
            (2, "FROM a\nLABEL x=y\\\r \nCOPY --from=payroll /a /\n"),
            (
                2,
                "# =x\n# escape=`\nFROM a\nLABEL x=y `\nCOPY --from=payroll /a /\n",
            ),
            (
                1,
                "  # escape=`\nFROM a\nLABEL x=y `\nCOPY --from=payroll /a /\n",
            ),
            (
                1,
                "\u{feff}# escape=`\nFROM a\nLABEL x=y\\\nCOPY --from=payroll /a /\n",
            ),
            (
                1,
                "#escape = `x\nFROM a\nLABEL x=y `\nCOPY --from=payroll /a /\n",
            ),
            // Words that go on without a blank.
            (2, "FROM golang:1.23\nCOPY --fr\\\nom=payroll /a /\n"),
            (2, "FROM golang:1.23\nCOPY -\\\n-from=payroll /a /\n"),
            (2, "FROM golang:1.23\nFR\\\nOM payroll\n"),
            (2, "FROM golang:1.23\nF\\ \n# b\n\n\\\nROM payroll\n"),
            (1, "FROM golang:1.23\\\n-company\n"),
            (1, "FROM golang:1.23\\\r\n-company\r\n"),
            (1, "ARG X=golang:1.23\\\n-company\nFROM $X\n"),
            (2, "FROM a\nADD ht\\\ntp://b /\n"),
            (
                2,
                "FROM a\nRUN --mount=type=bind,\\\nfrom=payroll,target=/x ls /x\n",
            ),
            (
                2,
                "FROM a\nRUN cat <\\\n<EOF\nFROM golang:1.23 AS payroll\nEOF\nCOPY --from=payroll / /\n",
            ),
            // Old builders go on behind two escapes.
            (
                2,
                "FROM golang:1.23\nRUN echo a\\\\\nFROM golang:1.23 AS payroll\nCOPY --from=payroll / /\n",
            ),
            (
                2,
                "FROM golang:1.23\nRUN echo a\\\\ \t\r\nFROM golang:1.23 AS payroll\nCOPY --from=payroll / /\n",
            ),
            // Some look for an image where the stage is not there yet.
            (
                2,
                "FROM golang:1.23\nCOPY --from=payroll / /\nFROM golang:1.23 AS payroll\n",
            ),
            (
                2,
                "FROM golang:1.23 AS payroll\nRUN --mount=from=payroll,target=/x ls /x\n",
            ),
            (2, "FROM golang:1.23\nCOPY --from=0 / /\n"),
            (3, "FROM golang:1.23 AS 7\nFROM a\nCOPY --from=7 / /\n"),
            (2, "FROM golang:1.23\nCOPY --from=1 / /\nFROM golang:1.23\n"),
            (
                3,
                "FROM golang:1.23\nFROM golang:1.23\nRUN --mount=from=0,target=/x ls /x\n",
            ),
            (2, "FROM a\nRUN --network=host wget http://127.0.0.1/\n"),
            (
                2,
                "FROM a\nRUN --mount=type=cache,target=/x --security=insecure id\n",
            ),
            // Which names the values have, is not told.
            (
                2,
                "ARG X=payroll\nARG Y=\"a X=golang:1.23 b\" Z\nFROM ${X}\n",
            ),
            (
                2,
                "ARG A=payroll\nARG B=\"a A=golang b\"\nARG X=$A\nFROM $X\n",
            ),
            (1, "ARG \"X\"=payroll X=golang:1.23\nFROM $X\n"),
            (3, "ARG A=X\nARG X=golang:1.23\nARG $A=payroll\nFROM $X\n"),
        ] {
            let seen = written_bases(hostile).contains(&"payroll".to_owned());
            let told = untold(hostile).map(|(line, _)| line);
            assert!(told == Some(line), "{hostile:?}: {told:?}, seen: {seen}");
        }
    }

    #[test]
    fn what_every_builder_reads_alike_is_not_complained_of() {
        for text in [
            "# syntax=docker/dockerfile:1\n# check=skip=all\nFROM golang:1.23 AS build\n",
            "\u{feff}FROM golang:1.23\r\nRUN a \\\r\n  && b\r\n",
            "FROM --platform=$BUILDPLATFORM golang:1.23\nRUN --mount=type=cache,target=/go/pkg/mod go build\n",
            "FROM a\nCOPY --from=\"golang:1.23\" --chown=1:1 [\"a b\", \"/c\"]\nADD . .\n",
            "FROM a\nRUN cat <<<\"x\" && echo $((1<<2)) \"a\\\"b\" 'c' > /x\nENV A=\"b \\\"c\\\"\" D='e'\n",
            "ARG LDFLAGS=\"-s -w\"\nFROM a\nARG MORE=\"-x -y\"\n",
            "ARG GO=\"1.23\"\nFROM golang:$GO\n",
            "ARG LDFLAGS=\"-s -w\"\nARG GO=1.23\nFROM golang:${GO}-alpine\n",
            "# escape=\\\nFROM a\nRUN a\n",
            "# Quotes, and what escape = means: escape = see below\n# escape = see below\nFROM a\n",
            "FROM a\nRUN a &&\\\nb \\\n  # why\\\\\n  c\nCMD [\"a\",\\\n\"b\"]\nENV A=1 \\\n B=2\n",
            "FROM a\nRUN --mount=type=cache,target=/x \\\n--network=none \\\n  go build\n",
            "FROM \\\n  golang:1.23\\\n AS b\nCOPY --from=golang:1.23 a \\\nb\n",
            "FROM a AS One\nFROM b AS two\nCOPY --from=one / /\nCOPY --from=0 / /\n\
             RUN --mount=from=ONE,target=/x ls\nRUN --mount=from=c,target=/x ls\n",
            "FROM a\n# Quotes \u{a0} in words of ours\nENTRYPOINT [\"/a\"]\n",
        ] {
            assert_eq!(untold(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_told_from_files_of_the_context() {
        for (add, address) in [
            (
                "ADD http://127.0.0.1:8080/ /x",
                Some("http://127.0.0.1:8080/"),
            ),
            (
                "ADD --chown=1:1 git@host:x/y.git /x",
                Some("git@host:x/y.git"),
            ),
            ("ADD github.com/x/y /x", Some("github.com/x/y")),
            ("ADD [\"https://a/b\", \"/x\"]", Some("[\"https://a/b\",")),
            ("ADD $WHERE /x", Some("$WHERE")),
            ("ADD h\\ttps /x", Some("h\\ttps")),
            (
                "ADD [\"https://a/b\",\"/x\"]",
                Some("[\"https://a/b\",\"/x\"]"),
            ),
            ("ADD a $WHERE $APP_HOME", Some("$WHERE")),
            ("ADD . $APP_HOME", None),
            ("ADD --chown=1:1 . .", None),
            ("ADD app.tar.gz static/*.css /x/", None),
            ("COPY http://a /x", None),
        ] {
            let found = fetched(&format!("FROM scratch\n{add}\n"));
            let expected = address.map(|address| (2, address.to_owned()));
            assert_eq!(found, expected, "{add}");
        }
    }
}
