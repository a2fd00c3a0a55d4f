//! How a repository starts its program where it tells people to: README, Makefile, Procfile, Compose.
//!
//! Lines are read as words, and only those that need no shell are kept. Pure.

use super::super::tree::WorkingTree;

/// Lines of one repository that are kept; other programs' are among them.
const MAX_EXAMPLES: usize = 1000;

/// A line that starts a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::adopt) struct Example {
    /// The file.
    pub from: String,
    /// The program's name, or the folder that `go run` is given, from the tree's top.
    pub program: String,
    /// What it is started with.
    pub args: Vec<String>,
}

/// All of them, in the order of the files that people read first.
pub(super) fn of(tree: &WorkingTree) -> Vec<Example> {
    let mut files: Vec<&str> = tree.paths().filter(|path| tells(path)).collect();
    files.sort_by_key(|path| (path.matches('/').count(), path.len()));
    let files = files.into_iter().take(24);
    let lines = files.flat_map(|file| {
        let text = tree.text(file).unwrap_or_default();
        let marked = file.ends_with(".md") || file.ends_with(".markdown");
        let mut fenced = false;
        text.lines().take(4000).filter_map(move |line| {
            fenced ^= line.trim_start().starts_with("```");
            let typed = line.starts_with("    ") || line.starts_with('\t') || line.starts_with('$');
            // What is not set as code is prose.
            (!marked || fenced || typed).then(|| example(file, line))?
        })
    });
    lines.take(MAX_EXAMPLES).collect()
}

fn tells(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let shallow = path.matches('/').count() <= 1;
    shallow
        && (name.starts_with("readme")
            || matches!(&*name, "procfile" | "makefile" | "justfile")
            || path.starts_with("docs/") && name.ends_with(".md"))
}

fn example(from: &str, line: &str) -> Option<Example> {
    let line = line.trim().trim_start_matches(['$', '>', '@', '#', ' ']);
    if line.len() > 240
        || line.contains(['|', ';', '`', '<', '>', '(', '{', '[', '\\', '*', '…'])
        || line.contains("...")
        || line.contains("$")
    {
        return None;
    }
    let mut words = words(line)?.into_iter().peekable();
    let mut first = words.next()?;
    // `web: bin/app serve` of a Procfile.
    if first.ends_with(':') && !first.contains('/') {
        first = words.next()?;
    }
    while first.contains('=') && !first.starts_with(['-', '.', '/']) {
        first = words.next()?;
    }
    let program = match (&*first, words.peek().map(String::as_str)) {
        ("go", Some("run")) => {
            words.next();
            while words.peek().is_some_and(|word| word.starts_with('-')) {
                words.next();
            }
            let at = words.next()?;
            let at = at.trim_start_matches("./").trim_end_matches('/');
            let folder = match at.strip_suffix(".go") {
                Some(file) => file.rsplit_once('/').map_or(".", |(folder, _)| folder),
                None => at,
            };
            if folder.is_empty() {
                ".".into()
            } else {
                folder.to_owned()
            }
        }
        ("go" | "make" | "docker" | "git" | "curl" | "cd" | "export", _) => return None,
        (program, _) => program.rsplit('/').next()?.to_owned(),
    };
    let named = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let assigned = words.peek().is_some_and(|word| word.ends_with('='));
    if assigned || (!program.chars().all(named) && !program.contains('/')) {
        return None;
    }
    let over = |word: &String| word == "&" || word == "&&" || word.starts_with('#');
    let args: Vec<String> = words.take_while(|word| !over(word)).collect();
    let about_itself = [
        "help",
        "--help",
        "-help",
        "-h",
        "--version",
        "-version",
        "version",
        "-v",
    ];
    let prose = args.iter().filter(|arg| arg.ends_with([',', '.'])).count();
    let fits = !args.is_empty()
        && args.len() <= 12
        && prose == 0
        && !args.iter().any(|arg| about_itself.contains(&&**arg));
    fits.then(|| Example {
        from: from.to_owned(),
        program,
        args,
    })
}

/// Words with their quotes taken off; `None` where a quote stays open.
fn words(line: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut word = String::new();
    let (mut quote, mut begun) = (None, false);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => (quote, begun) = (Some(c), true),
            (None, c) if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, c) => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        found.push(word);
    }
    quote.is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::testing::tree;
    use super::*;

    #[test]
    fn lines_that_start_a_program_are_found_where_people_are_told_to() {
        let readme = "# Fakes\n\nfakes are no prose\n\n    $ ./fakes -backend memory -at ':9000' # all of it\n\nRun fakes, with care.\n\
                      fakes --help\nfakes serve <path>\nfakes x | tee\n";
        let makefile =
            "run:\n\t@MODE=dev go run -race ./cmd/api serve --config conf/dev.yml\n\tgo build .\n";
        let procfile = "web: bin/app http --port 8080 &\n";
        let readme = &format!("{}{readme}", "It is a proxy that converts\n".repeat(60));
        let found = of(&tree(&[
            ("README.md", readme),
            ("Makefile", makefile),
            ("Procfile", procfile),
            ("deep/er/README.md", "./fakes x\n"),
        ]));
        let told: Vec<_> = found
            .iter()
            .map(|one| format!("{}: {} {}", one.from, one.program, one.args.join(" ")))
            .collect();
        assert_eq!(
            told,
            [
                "Makefile: cmd/api serve --config conf/dev.yml",
                "Procfile: app http --port 8080",
                "README.md: fakes -backend memory -at :9000",
            ]
        );
    }
}
