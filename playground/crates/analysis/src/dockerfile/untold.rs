//! What a builder may read otherwise than it is read here, and what it would fetch by itself.
//!
//! Builders know here-documents and take quotes and escapes out of flags; this reader knows as much
//! as tells the images. Where nothing hangs on it but a page's words, that is enough. Whoever allows
//! some images only must not be talked past the reader: for them, the line is named.

use super::{Instruction, parse};

/// The first line that a builder may read otherwise, and what is in it, for people.
pub fn untold(text: &str) -> Option<(u32, &'static str)> {
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(plain.split('\n'));
    let line = lines.find_map(|(number, line)| Some((number, in_line(line)?)));
    let instructions = parse(text);
    // Defaults count where a `FROM` is put together of them.
    let from = |one: &Instruction| one.keyword() == "FROM";
    let put_together = |one: &Instruction| from(one) && one.has(|word| word.contains('$'));
    let defaults = instructions.iter().any(put_together);
    let head = instructions.iter().take_while(|one| !from(one)).count();
    let mut all = instructions.iter().enumerate();
    let instruction = all.find_map(|(n, one)| {
        let what = one.untold(defaults && n < head)?;
        Some((one.line, what))
    });
    line.into_iter().chain(instruction).min()
}

/// The first `ADD` of something that may be no file of the context, with its line: builders fetch
/// addresses from where the engine is.
pub fn fetched(text: &str) -> Option<(u32, String)> {
    let instructions = parse(text);
    let mut adds = instructions.iter().filter(|one| one.keyword() == "ADD");
    adds.find_map(|one| {
        let mut words = one.arguments();
        let address = words.find(|word| {
            let bare = word.trim_start_matches(['[', '"', '\'']);
            word.contains([':', '$', '\\']) || bare.starts_with("github.com/")
        })?;
        Some((one.line, address.to_owned()))
    })
}

fn in_line(line: &str) -> Option<&'static str> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    if let Some(comment) = line.trim().strip_prefix('#') {
        let directive = comment.split_once('=').map(|(name, _)| name.trim());
        let escape = directive.is_some_and(|name| name.eq_ignore_ascii_case("escape"));
        return escape.then_some("another escape character");
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

    /// `default`: whether it gives values that a `FROM` is put together of.
    fn untold(&self, default: bool) -> Option<&'static str> {
        let keyword = self.keyword();
        if keyword == "ONBUILD" {
            return Some("ONBUILD");
        }
        let mut flags = self.words[1..].iter().map(|(_, word)| word.as_str());
        let reads = matches!(keyword, "FROM" | "RUN" | "COPY" | "ADD");
        let odd =
            |flag: &str| !is_wrapped(flag) || (keyword == "RUN" && flag.contains(['"', '\'']));
        if reads
            && flags
                .by_ref()
                .take_while(|word| word.starts_with("--"))
                .any(odd)
        {
            return Some("quotes or escapes in a flag");
        }
        if matches!(keyword, "RUN" | "COPY" | "ADD") && self.has(begins_document) {
            return Some("a here-document");
        }
        let named = keyword == "FROM" || (default && keyword == "ARG");
        (named && self.has(|word| !is_wrapped(word))).then_some("quotes or escapes in a name")
    }
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
