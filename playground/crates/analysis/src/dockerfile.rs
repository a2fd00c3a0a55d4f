//! As much of the Dockerfile's grammar as it takes to know which images it stands on,
//! and which line an instruction begins on. Here-documents are not read: the oldest
//! builder that the book supports does not know them.

mod pins;
mod untold;

pub use pins::left_open;
pub use untold::{fetched, untold};

use std::collections::HashMap;
use std::ops::Range;

/// The images that a Dockerfile starts from or copies out of, each once, in order.
///
/// Stages, `scratch`, and names that only the builder can tell (`$TARGETARCH`) are left out.
pub fn dockerfile_bases(text: &str) -> Vec<String> {
    let mut bases: Vec<String> = Vec::new();
    for (_, image) in base_lines(text) {
        if !bases.contains(&image) {
            bases.push(image);
        }
    }
    bases
}

/// The same with names that only the builder can tell, as they are written: who allows some images
/// only must not let one pass for lack of its name.
pub fn written_bases(text: &str) -> Vec<String> {
    let instructions = parse(text);
    let stages = stages(&instructions);
    let mut named = dockerfile_bases(text);
    let unknown = stages.iter().filter_map(|from| from.unknown.clone());
    let copied = instructions.iter().flat_map(Instruction::copies_from);
    let copied = copied
        .map(|(_, name)| name)
        .filter(|name| name.contains('$'));
    for name in unknown.chain(copied) {
        if !named.contains(&name) {
            named.push(name);
        }
    }
    named
}

/// The same images wherever they are named, each with the line its instruction begins on.
pub fn base_lines(text: &str) -> Vec<(u32, String)> {
    let images = images(text).into_iter();
    images.map(|(line, _, image)| (line, image)).collect()
}

/// The same with their places in the file, those of `FROM` lines first.
fn images(text: &str) -> Vec<(u32, Range<usize>, String)> {
    let instructions = parse(text);
    let stages = stages(&instructions);
    let is_stage = |name: &str| {
        let lower = name.to_ascii_lowercase();
        let number = name.parse::<usize>().is_ok_and(|n| n < stages.len());
        number
            || stages
                .iter()
                .any(|from| from.stage.as_ref() == Some(&lower))
    };
    let copied = instructions.iter().flat_map(|instruction| {
        let names = instruction.copies_from().into_iter();
        names.map(|(place, name)| (instruction.line, place, name))
    });
    let copied = copied.filter(|(_, _, name)| !is_stage(name) && !name.contains('$'));
    let images = stages.iter().filter_map(|from| {
        let (place, image) = from.image.clone()?;
        Some((from.line, place, image))
    });
    let all = images.chain(copied);
    all.filter(|(_, _, image)| image != "scratch").collect()
}

/// The Dockerfile with the images of its `FROM` lines replaced; every line keeps its number.
pub fn substitute_bases(text: &str, images: &HashMap<String, String>) -> String {
    let stages = stages(&parse(text)).into_iter();
    replace(text, stages.filter_map(|from| from.image), images)
}

/// The same with the images that it copies out of: `COPY --from=` and `RUN --mount=from=`.
pub fn substitute_images(text: &str, with: &HashMap<String, String>) -> String {
    let images = images(text).into_iter();
    let mut places: Vec<_> = images.map(|(_, place, image)| (place, image)).collect();
    places.sort_by_key(|(place, _)| place.start);
    replace(text, places, with)
}

/// A Dockerfile in which each `RUN` of a stage on one of the images that `on` names begins with
/// `flag`, where `which` says so of what it runs; every line keeps its number.
#[must_use]
pub fn with_run_flag(
    text: &str,
    on: impl Fn(&str) -> bool,
    which: impl Fn(&str) -> bool,
    flag: &str,
) -> String {
    let (mut changed, mut done) = (String::new(), 0);
    for (at, _) in runs_on(text, on).into_iter().filter(|(_, run)| which(run)) {
        changed.push_str(&text[done..at]);
        changed.push_str(flag);
        done = at;
    }
    changed.push_str(&text[done..]);
    changed
}

/// What each `RUN` of a stage on one of the images that `on` names runs, from top to bottom: its
/// flags and its command as one line, without the keyword.
#[must_use]
pub fn run_commands(text: &str, on: impl Fn(&str) -> bool) -> Vec<String> {
    runs_on(text, on)
        .into_iter()
        .map(|(_, line)| line)
        .collect()
}

/// Each `RUN` of a stage on one of those images, directly or through stages: where its first word
/// begins, and all its words as one line.
fn runs_on(text: &str, on: impl Fn(&str) -> bool) -> Vec<(usize, String)> {
    let instructions = parse(text);
    let stages = stages(&instructions);
    let mut standing: Vec<String> = Vec::new();
    let mut here = false;
    let mut runs = Vec::new();
    for instruction in &instructions {
        match (instruction.keyword(), &instruction.words[1..]) {
            ("FROM", words) => {
                let from = stages.iter().find(|from| from.line == instruction.line);
                here = match from.and_then(|from| from.image.as_ref()) {
                    Some((_, image)) => on(image),
                    None => {
                        let mut names = words.iter().filter(|(_, word)| !word.starts_with("--"));
                        let stage = names.next().map(|(_, name)| name.to_ascii_lowercase());
                        stage.is_some_and(|stage| standing.contains(&stage))
                    }
                };
                let stage = from.and_then(|from| from.stage.clone());
                standing.extend(stage.filter(|_| here));
            }
            ("RUN", [(place, _), ..]) if here => {
                let words = instruction.words[1..].iter().map(|(_, word)| &**word);
                runs.push((place.start, words.collect::<Vec<_>>().join(" ")));
            }
            _ => {}
        }
    }
    runs
}

/// Puts `images` in the place of those that are named at `places`, from top to bottom.
fn replace(
    text: &str,
    places: impl IntoIterator<Item = (Range<usize>, String)>,
    images: &HashMap<String, String>,
) -> String {
    let mut replaced = String::new();
    let mut done = 0;
    for (place, image) in places {
        if let Some(image) = images.get(&image) {
            replaced.push_str(&text[done..place.start]);
            replaced.push_str(image);
            done = place.end;
        }
    }
    replaced.push_str(&text[done..]);
    replaced
}

/// Each instruction with the line it begins on (from 1): continuations joined, comments
/// dropped, the keyword in capitals, runs of white space as one space.
pub fn instruction_lines(text: &str) -> Vec<(u32, String)> {
    let instructions = parse(text).into_iter();
    let lines = instructions.map(|instruction| {
        let words = instruction.words.into_iter().map(|(_, word)| word);
        (instruction.line, words.collect::<Vec<_>>().join(" "))
    });
    lines.collect()
}

/// One instruction over all its lines.
struct Instruction {
    line: u32,
    /// The keyword in capitals, then the rest; with their places in the file.
    words: Vec<(Range<usize>, String)>,
}

/// A `FROM`.
struct From {
    line: u32,
    /// The image and its place in the file; none where it is an earlier stage or unknown.
    image: Option<(Range<usize>, String)>,
    /// As it is written, where only the builder can tell which image that is.
    unknown: Option<String>,
    /// The stage's name, in lower case.
    stage: Option<String>,
}

fn parse(text: &str) -> Vec<Instruction> {
    let escape = escape_character(text);
    let mut instructions: Vec<Instruction> = Vec::new();
    let mut open: Option<Instruction> = None;
    // A byte order mark, as some editors write it, is nothing to builders.
    let text_bytes = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut start = text.len() - text_bytes.len();
    for (number, line) in (1..).zip(text_bytes.split_inclusive('\n')) {
        let offset = start;
        start += line.len();
        let content = line.trim();
        if content.starts_with('#') || content.is_empty() {
            // Also between the lines of one instruction.
            continue;
        }
        let content = line.trim_end();
        let before = content.strip_suffix(escape);
        let before = before.filter(|rest| !rest.ends_with(escape));
        let instruction = open.get_or_insert_with(|| Instruction {
            line: number,
            words: Vec::new(),
        });
        instruction.add_words(before.unwrap_or(content), offset);
        if before.is_none() {
            instructions.extend(open.take());
        }
    }
    instructions.extend(open);
    instructions.retain(|instruction| !instruction.words.is_empty());
    for instruction in &mut instructions {
        instruction.words[0].1.make_ascii_uppercase();
    }
    instructions
}

/// The `FROM`s in order, with `ARG`s of the file's head filled in.
fn stages(instructions: &[Instruction]) -> Vec<From> {
    let mut defaults: HashMap<String, String> = HashMap::new();
    let mut stages: Vec<From> = Vec::new();
    let mut head = true;
    for instruction in instructions {
        let arguments = instruction.words[1..].iter();
        match instruction.keyword() {
            "ARG" if head => {
                for (_, word) in arguments {
                    if let Some((name, value)) = word.split_once('=')
                        && let Some(value) = expand(unquoted(value), &defaults)
                    {
                        defaults.insert(name.to_owned(), value);
                    }
                }
            }
            "FROM" => {
                head = false;
                let mut words = arguments.filter(|(_, word)| !word.starts_with("--"));
                let Some((place, written)) = words.next() else {
                    continue;
                };
                let named = words.next();
                let named = named.is_some_and(|(_, word)| word.eq_ignore_ascii_case("as"));
                let stage = words.next().filter(|_| named);
                let expanded = expand(unquoted(written), &defaults);
                let told = expanded.as_ref().is_some_and(|image| !image.is_empty());
                let image = expanded.filter(|image| {
                    let lower = Some(image.to_ascii_lowercase());
                    !image.is_empty() && stages.iter().all(|from| from.stage != lower)
                });
                stages.push(From {
                    line: instruction.line,
                    image: image.map(|image| (place.clone(), image)),
                    unknown: (!told).then(|| written.clone()),
                    stage: stage.map(|(_, name)| name.to_ascii_lowercase()),
                });
            }
            _ => {}
        }
    }
    stages
}

impl Instruction {
    fn keyword(&self) -> &str {
        &self.words[0].1
    }

    /// Adds the words of a line that begins at `offset` of the file.
    fn add_words(&mut self, line: &str, offset: usize) {
        let mut rest = line;
        loop {
            rest = rest.trim_start();
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            if end == 0 {
                return;
            }
            let start = offset + (line.len() - rest.len());
            self.words
                .push((start..start + end, rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }

    /// What `COPY --from=` and `RUN --mount=from=` name, stages or images, and where.
    fn copies_from(&self) -> Vec<(Range<usize>, String)> {
        let prefix = match self.keyword() {
            "COPY" | "ADD" => "--",
            "RUN" => "--mount=",
            _ => return Vec::new(),
        };
        let mut named = Vec::new();
        let words = self.words[1..].iter();
        for (place, flag) in words.take_while(|(_, word)| word.starts_with("--")) {
            let mut end = place.start + prefix.len();
            let fields = flag.strip_prefix(prefix).into_iter();
            for field in fields.flat_map(|fields| fields.split(',')) {
                end += field.len();
                if let Some((key, value)) = field.split_once('=')
                    && key.eq_ignore_ascii_case("from")
                {
                    let name = unquoted(value);
                    let quote = (value.len() - name.len()) / 2;
                    if !name.is_empty() {
                        named.push((end - quote - name.len()..end - quote, name.to_owned()));
                    }
                }
                end += 1;
            }
        }
        named
    }
}

/// The `# escape=` directive, which counts only above everything else.
fn escape_character(text: &str) -> char {
    for line in text.lines() {
        let comment = line.trim().strip_prefix('#');
        match comment.and_then(|comment| comment.split_once('=')) {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("escape") => {
                return if value.trim() == "`" { '`' } else { '\\' };
            }
            Some((name, _)) if name.trim().bytes().all(|b| b.is_ascii_alphanumeric()) => {}
            _ => break,
        }
    }
    '\\'
}

fn unquoted(word: &str) -> &str {
    let inner = |quote| word.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(word)
}

/// Fills in `$NAME`, `${NAME}`, `${NAME:-else}` and `${NAME:+then}`; `None` where a name
/// has no value here.
fn expand(word: &str, values: &HashMap<String, String>) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(braced) = rest.strip_prefix('{') {
            let (inside, behind) = braced.split_once('}')?;
            rest = behind;
            let value = |name: &str| values.get(name).filter(|value| !value.is_empty());
            if let Some((name, other)) = inside.split_once(":-") {
                expanded.push_str(value(name).map_or(other, String::as_str));
            } else if let Some((name, then)) = inside.split_once(":+") {
                expanded.push_str(value(name).map_or("", |_| then));
            } else {
                expanded.push_str(values.get(inside)?);
            }
        } else {
            let name = |c: char| c == '_' || c.is_ascii_alphanumeric();
            let end = rest.find(|c| !name(c)).unwrap_or(rest.len());
            expanded.push_str(values.get(&rest[..end])?);
            rest = &rest[end..];
        }
    }
    expanded.push_str(rest);
    Some(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_base_that_only_the_builder_can_name_is_still_one() {
        let cases: &[(&str, &[&str])] = &[
            ("FROM scratch\n", &[]),
            (
                "FROM ${TARGETARCH:+busybox:1}\n",
                &["${TARGETARCH:+busybox:1}"],
            ),
            ("FROM $BASE AS a\nFROM a\n", &["$BASE"]),
            (
                "FROM golang:1.23 AS b\nFROM ${X-b}\n",
                &["golang:1.23", "${X-b}"],
            ),
            ("FROM scratch\nCOPY --from=$X /a /a\n", &["$X"]),
            ("\u{feff}FROM golang:1.23\n", &["golang:1.23"]),
        ];
        for (text, named) in cases {
            assert_eq!(written_bases(text), *named, "{text}");
        }
    }

    #[test]
    fn bases_are_found_wherever_a_dockerfile_names_them() {
        let cases: &[(&str, &[&str])] = &[
            ("FROM golang:1.23\n", &["golang:1.23"]),
            (
                "from golang:1.23 as Build\nFrom scratch\nCOPY --from=build /a /a",
                &["golang:1.23"],
            ),
            (
                "FROM --platform=$BUILDPLATFORM golang:1.23-alpine AS b\nFROM b AS c\nFROM C",
                &["golang:1.23-alpine"],
            ),
            (
                "ARG GO=1.23\nARG IMAGE=golang:${GO}\nFROM $IMAGE\nFROM ${IMAGE}-alpine",
                &["golang:1.23", "golang:1.23-alpine"],
            ),
            ("ARG A=\"alpine\" B='3.20'\nFROM $A:$B", &["alpine:3.20"]),
            ("FROM ${BASE:-alpine:3.20}", &["alpine:3.20"]),
            ("ARG DEBUG=1\nFROM x${DEBUG:+:debug}", &["x:debug"]),
            (
                "ARG BASE\nFROM $BASE\nFROM ${TARGETARCH}/x\nFROM ${open",
                &[],
            ),
            ("FROM alpine\nARG V=2\nFROM debian:$V", &["alpine"]),
            (
                "FROM scratch\nCOPY --chown=1:1 --from=gcr.io/distroless/static-debian12:nonroot /etc/passwd /etc/",
                &["gcr.io/distroless/static-debian12:nonroot"],
            ),
            (
                "FROM a\nFROM scratch\nCOPY --from=0 /x /\nCOPY --from=2 /x /",
                &["a", "2"],
            ),
            (
                "FROM a\nRUN --mount=type=cache,target=/c --mount=type=bind,from=busybox,target=/b sh",
                &["a", "busybox"],
            ),
            (
                "FROM a AS one\nRUN --mount=from=two,target=/x true\nFROM b AS two",
                &["a", "b"],
            ),
            (
                "FROM \\\n  # a comment\n\n  golang:1.23 \\\n  AS build\nFROM scratch",
                &["golang:1.23"],
            ),
            (
                "# escape=`\nFROM `\n  golang:1.23\nRUN echo a\\\nFROM alpine",
                &["golang:1.23", "alpine"],
            ),
            (
                "# FROM no\nFROM a\nRUN echo \\\n  FROM b\nRUN cp --from=c x",
                &["a"],
            ),
            ("FROM a\nFROM a\nFROM A", &["a", "A"]),
            ("FROM\nFROM --platform=x\n\\\n", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(dockerfile_bases(text), *expected, "{text}");
        }
    }

    #[test]
    fn bases_are_replaced_in_place() {
        let images = HashMap::from([
            ("golang:1.23".to_owned(), "trusted/golang:1.23".to_owned()),
            ("alpine".to_owned(), "trusted/alpine".to_owned()),
            ("build".to_owned(), "never".to_owned()),
        ]);
        let cases = [
            (
                "FROM golang:1.23 AS build\nFROM build\n",
                "FROM trusted/golang:1.23 AS build\nFROM build\n",
            ),
            (
                "ARG V=1.23\nFROM  --platform=x\t\\\n  golang:$V \\\n\nRUN x",
                "ARG V=1.23\nFROM  --platform=x\t\\\n  trusted/golang:1.23 \\\n\nRUN x",
            ),
            (
                "FROM alpine\r\nCOPY --from=golang:1.23 /a /golang:1.23\r\n",
                "FROM trusted/alpine\r\nCOPY --from=golang:1.23 /a /golang:1.23\r\n",
            ),
            (
                "FROM alpine:3\n# FROM alpine\nFROM alpine",
                "FROM alpine:3\n# FROM alpine\nFROM trusted/alpine",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(substitute_bases(text, &images), expected);
        }
    }

    #[test]
    fn images_that_are_copied_out_of_are_replaced_too() {
        let images = HashMap::from([
            ("golang:1.23", "golang:1.27"),
            ("alpine:3.20", "alpine:3.23"),
        ]);
        let images = images
            .into_iter()
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .collect();
        let text = "ARG GO=1.23\nFROM golang:$GO AS build\nRUN --mount=type=bind,from=alpine:3.20,target=/x true\n\
                    FROM scratch\nCOPY --chown=1 --from=\"golang:1.23\" /golang:1.23 /\nCOPY --from=build /a /\n\
                    COPY --from=alpine:3.20 /etc/passwd /etc/\nFROM alpine:3.20";
        let expected = "ARG GO=1.23\nFROM golang:1.27 AS build\nRUN --mount=type=bind,from=alpine:3.23,target=/x true\n\
                    FROM scratch\nCOPY --chown=1 --from=\"golang:1.27\" /golang:1.23 /\nCOPY --from=build /a /\n\
                    COPY --from=alpine:3.23 /etc/passwd /etc/\nFROM alpine:3.23";
        assert_eq!(substitute_images(text, &images), expected);
    }

    #[test]
    fn a_flag_reaches_every_run_on_a_base_and_no_other() {
        let text = "FROM golang:1.23 AS Build\nRUN a\nrun \\\n  # why\n  --mount=type=cache,target=/x b\n\
                    COPY RUN /\nFROM build AS test\nRUN c\nFROM alpine:3.20 AS other\nRUN d\n\
                    FROM other\nRUN e\nRUN\nFROM --platform=x golang:1.23\nRUN [\"f\"]";
        let expected = "FROM golang:1.23 AS Build\nRUN --x a\nrun \\\n  # why\n  --x --mount=type=cache,target=/x b\n\
                    COPY RUN /\nFROM build AS test\nRUN --x c\nFROM alpine:3.20 AS other\nRUN d\n\
                    FROM other\nRUN e\nRUN\nFROM --platform=x golang:1.23\nRUN --x [\"f\"]";
        let on = |base: &str| base.starts_with("golang:");
        assert_eq!(with_run_flag(text, on, |_| true, "--x "), expected);
        let one = expected.replace("--x ", "").replace("RUN c", "RUN --x c");
        assert_eq!(with_run_flag(text, on, |run| run == "c", "--x "), one);
    }

    #[test]
    fn instructions_know_their_first_line() {
        let text = "# head\n\nfrom golang:1.23  AS build\nRUN  --mount=type=cache,target=/c \\\n    # why\n\n    go   build \\\n      -o /app .\n\nentrypoint [\"/app\"]";
        assert_eq!(
            instruction_lines(text),
            [
                (3, "FROM golang:1.23 AS build".to_owned()),
                (
                    4,
                    "RUN --mount=type=cache,target=/c go build -o /app .".to_owned()
                ),
                (10, "ENTRYPOINT [\"/app\"]".to_owned()),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_lose_a_line(
            text in "(FROM|ARG|COPY|RUN|--from=|--mount=| |\\$|\\{|\\}|:-|=|a|golang:1|\n|\\\\|`|# escape=|ß|\"|\r){0,40}"
        ) {
            prop_assert_eq!(substitute_bases(&text, &HashMap::new()), text.clone());
            let images: HashMap<_, _> =
                dockerfile_bases(&text).into_iter().map(|base| (base, "x".to_owned())).collect();
            let replaced = substitute_bases(&text, &images);
            prop_assert_eq!(replaced.lines().count(), text.lines().count());
            let everywhere = substitute_images(&text, &images);
            prop_assert_eq!(everywhere.lines().count(), text.lines().count());
            prop_assert_eq!(substitute_images(&text, &HashMap::new()), text.clone());
            prop_assert_eq!(with_run_flag(&text, |_| false, |_| true, "--x "), text.clone());
            let flagged = with_run_flag(&text, |_| true, |_| true, "--x ");
            prop_assert_eq!(flagged.replace("--x ", ""), text.clone());
            let lines = text.split('\n').count() as u32;
            for (line, _) in instruction_lines(&text) {
                prop_assert!((1..=lines).contains(&line));
            }
        }
    }
}
