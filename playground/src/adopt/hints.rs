//! What a repository says of itself outside of Go: Dockerfiles, Makefiles, CI, samples of settings.
//!
//! Evidence, and never an order: a strange Dockerfile is read, not built. Pure.

mod builds;
mod examples;
mod image;
mod stages;

pub(super) use examples::Example;
pub(super) use image::TheirImage;

use super::gomod::join;
use super::tree::{WorkingTree, is_dockerfile};
use builds::{Told, builds, told};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Files that are looked at, and the bytes of each.
const MAX_HINT_FILES: usize = 200;
const MAX_HINT_BYTES: usize = 256 << 10;
/// `//go:generate` lines that are told of.
const MAX_GENERATES: usize = 64;

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints {
    files: Vec<HintFile>,
    /// Values for environment variables that the repository gives as samples.
    pub samples: BTreeMap<String, Sample>,
    /// `//go:generate` lines: file and command.
    pub generates: Vec<(String, String)>,
    /// Settings of Go's compiler that builds of the repository name: `GOAMD64=v3`, and where.
    pub settings: BTreeMap<String, (String, String)>,
    /// Ports that the repository's Dockerfiles and Compose files name.
    pub ports: Vec<(u16, String)>,
    /// Folders with code that listens, from the tree's top; `""` for the top.
    pub listening: BTreeSet<String>,
    /// How the repository tells people to start it.
    pub examples: Vec<Example>,
    /// What the repository's own Dockerfiles make.
    images: Vec<TheirImage>,
}

/// A value that a repository gives as an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// The value.
    pub value: String,
    /// The file that has it.
    pub from: String,
}

#[derive(Clone, Debug)]
struct HintFile {
    path: String,
    kind: Kind,
    text: String,
    /// The same, with lines that go on put together.
    lines: String,
    /// The folder of the module that it lies in, from the tree's top.
    module: String,
}

impl HintFile {
    fn read(path: &str, kind: Kind, tree: &WorkingTree) -> Option<HintFile> {
        let text = tree
            .text(path)
            .filter(|text| text.len() <= MAX_HINT_BYTES)?;
        let mut above = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
        let module = above.find(|folder| tree.has(&join(folder, "go.mod")));
        Some(HintFile {
            path: path.to_owned(),
            kind,
            text: text.to_owned(),
            lines: text.replace("\\\n", " "),
            module: module.unwrap_or_default().to_owned(),
        })
    }

    /// A command's folder as it is named from the module that the file lies in.
    fn below<'d>(&self, dir: &'d str) -> Option<&'d str> {
        match (&*self.module, dir) {
            ("", dir) => Some(dir),
            (module, dir) if module == dir => Some("."),
            (module, dir) => dir.strip_prefix(module)?.strip_prefix('/'),
        }
    }

    /// Whether it builds the command in this folder, named from the tree's top or from its own module.
    fn builds(&self, dir: &str) -> bool {
        let below = self.below(dir);
        below.is_some_and(|below| builds(&self.lines, below) || builds(&self.lines, dir))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Dockerfile,
    Compose,
    Build,
    Samples,
}

/// A pattern of ours.
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

static SETTING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(GOAMD64|GOARM64|GOFIPS140|GOEXPERIMENT)\s*[:=]\s*['\x22]?([A-Za-z0-9.,_]+)")
});
static EXPOSE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*EXPOSE\s+(\d{2,5})"));
static LISTENS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\bListen\w*\(|\.Serve(?:TLS)?\(|\.(?:Run|Start)\("[\w.]*:"#));
/// A framework whose servers are told to run, or to start.
static FRAMEWORK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#""github\.com/(?:gin-gonic/gin|labstack/echo|kataras/iris|beego/beego|astaxie/beego|gogf/gf|zeromicro/go-zero|go-kratos/kratos)[\w/]*""#,
    )
});
static STARTS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\.(?:Run|Start)(?:TLS|AutoTLS|Unix|Server)?\("));
static ENV: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*(?:export\s+|-\s*|ENV\s+)?([A-Z][A-Z0-9_]{2,60})\s*[=:]\s*(.*?)\s*$")
});

impl Hints {
    /// Looks through a tree.
    pub(super) fn of(tree: &WorkingTree) -> Hints {
        let files = tree.paths().filter_map(|path| Some((path, kind(path)?)));
        let files = files.filter_map(|(path, kind)| HintFile::read(path, kind, tree));
        let mut hints = Hints {
            files: files.take(MAX_HINT_FILES).collect(),
            ..Hints::default()
        };
        hints.read_files();
        let dockerfiles = hints.files.iter();
        let dockerfiles = dockerfiles.filter(|file| file.kind == Kind::Dockerfile);
        let images =
            dockerfiles.flat_map(|file| TheirImage::of(&file.path, &file.text, &file.module, tree));
        hints.images = images.collect();
        hints.examples = examples::of(tree);
        for (path, text) in tree.go_sources() {
            let framed = || FRAMEWORK.is_match(text) && STARTS.is_match(text);
            if LISTENS.is_match(text) || framed() {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                hints.listening.insert(folder.to_owned());
            }
            let lines = text
                .lines()
                .filter_map(|line| line.strip_prefix("//go:generate "));
            let lines = lines.map(|line| (path.to_owned(), line.chars().take(120).collect()));
            let room = MAX_GENERATES.saturating_sub(hints.generates.len());
            hints.generates.extend(lines.take(room.min(20)));
        }
        hints
    }

    fn read_files(&mut self) {
        for file in &self.files {
            let from = || file.path.clone();
            for found in SETTING.captures_iter(&file.text) {
                let known = self.settings.entry(found[1].to_owned());
                known.or_insert_with(|| (found[2].to_owned(), from()));
            }
            if file.kind == Kind::Dockerfile {
                let ports = EXPOSE.captures_iter(&file.text);
                let ports = ports.filter_map(|found| Some((found[1].parse().ok()?, from())));
                self.ports.extend(ports);
            }
            for line in file.text.lines().take(2000) {
                let Some(found) = ENV.captures(line) else {
                    continue;
                };
                let value = found[2].trim_matches(['"', '\'']);
                // What is put together elsewhere says nothing.
                if value.is_empty() || value.contains(['$', '<', '{']) || value.len() > 200 {
                    continue;
                }
                let sample = Sample {
                    value: value.to_owned(),
                    from: from(),
                };
                let known = self.samples.entry(found[1].to_owned());
                known.or_insert(sample);
            }
        }
    }

    /// The image that the repository itself makes of the command in this folder: of a Dockerfile that
    /// builds it, starts a program of one of these names or lies beside it, else of the only command's
    /// one at the top.
    pub(super) fn image(&self, dir: &str, names: &[&str], only: bool) -> Option<&TheirImage> {
        let rank = |image: &&TheirImage| {
            let starts = image.starts(names);
            let text = self.files.iter().find(|file| file.path == image.from);
            let builds = text.is_some_and(|file| file.builds(dir));
            let top = image.from == "Dockerfile";
            let beside = image.from.rsplit_once('/').is_some_and(|(at, _)| at == dir);
            let fits = starts || (!image.target && (builds || beside || (only && top)));
            fits.then_some((starts, !image.target, builds, beside, top))
        };
        let ranked = self.images.iter().filter(|image| image.tells());
        let ranked = ranked.filter_map(|image| Some((rank(&image)?, image)));
        ranked.max_by_key(|(rank, _)| *rank).map(|(_, image)| image)
    }

    /// What the repository's own Dockerfile tells the compiler of the command in this folder; the file
    /// goes with it.
    pub(super) fn told(&self, dir: &str) -> Option<(&str, Told)> {
        let files = self.files.iter();
        let files = files.filter(|file| file.kind == Kind::Dockerfile && file.builds(dir));
        let mut found = files.filter_map(|file| {
            let below = file.below(dir);
            let all = below.map(|dir| told(&file.lines, dir));
            let all = all.filter(|all| *all != Told::default());
            let all = all.unwrap_or_else(|| told(&file.lines, dir));
            (all != Told::default()).then_some((&*file.path, all))
        });
        found.next()
    }

    /// The file of the repository's build that names this path.
    pub(super) fn names(&self, path: &str) -> Option<&str> {
        let mut files = self.files.iter().filter(|file| file.kind == Kind::Build);
        let file = files.find(|file| file.text.contains(path))?;
        Some(&file.path)
    }

    /// Whether the repository's Dockerfiles name a port as one to call.
    pub(super) fn exposes(&self, port: u16) -> bool {
        self.ports.iter().any(|(known, _)| *known == port)
    }

    /// Whether what the repository ships holds the command in this folder: a Dockerfile or a release
    /// builds it. What a Makefile runs may be a tool of its own.
    pub(super) fn ships(&self, dir: &str) -> bool {
        self.files.iter().any(|file| {
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            let release = name.contains("goreleaser") || name == ".ko.yaml";
            (file.kind == Kind::Dockerfile || release) && file.builds(dir)
        })
    }

    /// Where the repository builds or starts the command in this folder: what to say of it, and
    /// its points.
    pub(super) fn mentions(&self, dir: &str, name: &str) -> Vec<(String, i32)> {
        let mut found = Vec::new();
        let mut say = |kind: Kind, what: &str, points: i32| {
            let files = self.files.iter().filter(|file| file.kind == kind);
            let mut files = files.filter(|file| file.builds(dir));
            if let Some(file) = files.next() {
                found.push((format!("{} {what}", file.path), points));
            }
        };
        say(Kind::Dockerfile, "builds it for an image", 45);
        say(Kind::Build, "builds it", 12);
        let started = self
            .files
            .iter()
            .filter(|file| file.kind == Kind::Dockerfile);
        let mut started = started.filter(|file| starts(&file.text, name));
        if let Some(file) = started.next() {
            found.push((format!("{} starts a program called {name}", file.path), 20));
        }
        // What it builds or starts is counted already.
        let told = found.iter().any(|(_, points)| *points >= 20);
        let beside = |path: &str| path.rsplit_once('/').is_some_and(|(at, _)| at == dir);
        let mut dockerfiles = self.files.iter();
        let lies = dockerfiles.find(|file| file.kind == Kind::Dockerfile && beside(&file.path));
        if let Some(file) = lies.filter(|_| !told) {
            found.push((format!("{} lies beside it", file.path), 8));
        }
        found
    }
}

fn kind(path: &str) -> Option<Kind> {
    let name = path.rsplit('/').next()?;
    let lower = name.to_ascii_lowercase();
    if path
        .split('/')
        .any(|part| matches!(part, "vendor" | "testdata" | "node_modules"))
    {
        return None;
    }
    if is_dockerfile(path) {
        return Some(Kind::Dockerfile);
    }
    let yaml = lower.ends_with(".yml") || lower.ends_with(".yaml");
    if yaml && (lower.contains("compose")) {
        return Some(Kind::Compose);
    }
    let env = [
        ".env.example",
        ".env.sample",
        ".env.dist",
        "env.example",
        ".env.template",
        ".envrc",
    ];
    if env.contains(&&*lower)
        || lower.ends_with(".env.example")
        || lower == "example.env"
        || lower == "sample.env"
    {
        return Some(Kind::Samples);
    }
    let ci = path.starts_with(".github/workflows/")
        || path.starts_with(".circleci/")
        || lower == ".gitlab-ci.yml";
    let build = [
        "makefile",
        "gnumakefile",
        "justfile",
        "taskfile.yml",
        "taskfile.yaml",
        "magefile.go",
        "procfile",
        ".ko.yaml",
    ];
    let goreleaser = lower.starts_with(".goreleaser") || lower.starts_with("goreleaser.");
    (ci || goreleaser || build.contains(&&*lower) || lower == "build.sh").then_some(Kind::Build)
}

/// Whether a Dockerfile starts a program of this name.
fn starts(text: &str, name: &str) -> bool {
    let lines = text.lines().map(str::trim_start);
    let mut lines = lines.filter(|line| line.starts_with("ENTRYPOINT") || line.starts_with("CMD"));
    lines.any(|line| {
        line.split(['"', '/', ' ', '[', ']', ','])
            .any(|word| word == name)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::testing::tree;
    use super::*;

    #[test]
    fn a_dockerfile_beside_a_module_speaks_of_its_own_folder() {
        let tree = tree(&[
            ("go.mod", "module a.test/m\n"),
            ("src/shop/go.mod", "module a.test/shop\n"),
            ("src/shop/conf/x.yaml", ""),
            ("src/mail/go.mod", "module a.test/mail\n"),
            (
                "src/shop/Dockerfile",
                "FROM golang AS b\nCOPY . .\nRUN go build -o /shop .\nFROM scratch\nCOPY conf/x.yaml /etc/x.yaml\n\
                 ENTRYPOINT [\"/shop\", \"serve\"]\n",
            ),
            ("src/mail/Makefile", "all:\n\tgo build ./cmd/mail\n"),
            ("cmd/main/main.go", ""),
            (
                "cmd/main/Dockerfile",
                "FROM golang\nRUN go build ./cmd/main\n",
            ),
        ]);
        let hints = Hints::of(&tree);
        assert!(hints.ships("src/shop") && !hints.ships(".") && !hints.ships("src/mail"));
        assert!(hints.ships("cmd/main"), "its context is the top");
        let made = |dir: &str| {
            hints
                .mentions(dir, "-")
                .iter()
                .map(|one| one.1)
                .sum::<i32>()
        };
        assert_eq!((made("src/mail/cmd/mail"), made("cmd/mail")), (12, 0));
        let image = hints.image("src/shop", &["shop"], false).expect("an image");
        assert_eq!(image.files["src/shop/conf/x.yaml"], "/etc/x.yaml");
    }

    #[test]
    fn the_image_of_a_command_is_the_one_that_starts_or_builds_it() {
        let tree = tree(&[
            ("Dockerfile", "FROM x\nENTRYPOINT [\"/other\", \"-x\"]\n"),
            (
                "build/api.Dockerfile",
                "FROM x\nENTRYPOINT [\"/bin/api\", \"serve\"]\n",
            ),
            ("Dockerfile.plain", "FROM x\nENTRYPOINT [\"/bin/plain\"]\n"),
        ]);
        let hints = Hints::of(&tree);
        let args = |names: &[&str], only| {
            let image = hints.image("cmd/api", names, only);
            image.map(|image| image.args.join(" "))
        };
        assert_eq!(args(&["api"], false).as_deref(), Some("serve"));
        assert_eq!(args(&["third"], false), None);
        assert_eq!(args(&["third"], true).as_deref(), Some("-x"));
        assert_eq!(args(&["plain"], false), None, "it says nothing");
    }

    #[test]
    fn code_that_listens_is_told_from_code_that_calls() {
        let tree = tree(&[
            (
                "a.go",
                "package a\nvar _ = http.ListenAndServe(addr, nil)\n",
            ),
            ("grpc/g.go", "package g\nfunc f() { s.Serve(l) }\n"),
            ("gin/g.go", "package g\nfunc f() { r.Run(\":8080\") }\n"),
            (
                "gin2/g.go",
                "package g\nimport \"github.com/gin-gonic/gin\"\nfunc f() { r.Run() }\n",
            ),
            (
                "job/j.go",
                "package j\nfunc f() { cmd.Run(); timer.Start(x) }\n",
            ),
            (
                "h/h.go",
                "package h\nfunc (x) ServeHTTP(w, r) { c.Run() }\n",
            ),
        ]);
        let found: Vec<_> = Hints::of(&tree).listening.into_iter().collect();
        assert_eq!(found, ["", "gin", "gin2", "grpc"]);
    }

    #[test]
    fn samples_ports_and_settings_are_found_where_they_stand() {
        let tree = tree(&[
            (
                ".env.example",
                "# x\nDATABASE_URL=postgres://db/x\nSECRET='abc'\nEMPTY=\n",
            ),
            (
                "docker-compose.yml",
                "services:\n  a:\n    environment:\n      - LEVEL=info\n      MODE: dev\n",
            ),
            ("Dockerfile", "FROM x\nEXPOSE 8080\nENV GOAMD64=v3\n"),
            ("a.go", "package a\n//go:generate rm -rf /\n"),
        ]);
        let hints = Hints::of(&tree);
        let value = |name: &str| hints.samples.get(name).map(|sample| sample.value.as_str());
        assert_eq!(value("DATABASE_URL"), Some("postgres://db/x"));
        assert_eq!((value("SECRET"), value("EMPTY")), (Some("abc"), None));
        assert_eq!((value("LEVEL"), value("MODE")), (Some("info"), Some("dev")));
        assert_eq!(hints.ports, [(8080, "Dockerfile".to_owned())]);
        assert_eq!(hints.settings["GOAMD64"].0, "v3");
        assert_eq!(
            hints.generates,
            [("a.go".to_owned(), "rm -rf /".to_owned())]
        );
    }
}
