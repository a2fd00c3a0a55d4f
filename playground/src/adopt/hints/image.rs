//! What a repository's own Dockerfile says of the image that it makes: how the program is started
//! there, what it is given, and which files of the tree lie beside it.
//!
//! Read, never built: the last stage, with the stages of the same file that it begins from, and of
//! them only what can be taken word for word. Pure.

use super::super::gomod::{is_plain, join};
use super::super::tree::WorkingTree;
use super::stages::{Stages, tree_path};
use analysis::dockerfile::instruction_lines;
use std::collections::{BTreeMap, BTreeSet};

/// Variables, and files, that are remembered of a stage: each stage that begins from it has them, too.
const MAX_TOLD: usize = 256;

/// The image of a strange Dockerfile, as far as it says something about its program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::adopt) struct TheirImage {
    /// The Dockerfile.
    pub from: String,
    /// The last part of the path of the program that it starts.
    pub program: String,
    /// What the program is started with.
    pub args: Vec<String>,
    /// Variables.
    pub env: BTreeMap<String, String>,
    /// Files and folders of the tree that it copies: from, to.
    pub files: BTreeMap<String, String>,
    /// The working directory.
    pub workdir: Option<String>,
    /// Whether it is no image by itself, but a stage that somebody may build as a target.
    pub target: bool,
    /// Last parts of paths that are copied out of other stages.
    programs: BTreeSet<String>,
}

/// How a stage starts a program.
#[derive(Clone, Debug)]
struct Start {
    /// None where it cannot be told.
    entrypoint: Option<Vec<String>>,
    command: Vec<String>,
    /// The stage itself says the command: an `ENTRYPOINT` clears only one that it was given.
    says_command: bool,
    /// The stage itself says one of both.
    says: bool,
}

impl Default for Start {
    fn default() -> Start {
        Start {
            entrypoint: Some(Vec::new()),
            command: Vec::new(),
            says_command: false,
            says: false,
        }
    }
}

impl TheirImage {
    /// Reads a Dockerfile: what each of its stages makes that starts a program which can be told, in
    /// their order. The last one is the image.
    fn read(path: &str, text: &str, tree: &WorkingTree) -> Vec<TheirImage> {
        let mut image = TheirImage {
            from: path.to_owned(),
            ..TheirImage::default()
        };
        let mut start = Start::default();
        let mut stages = Stages::default();
        // Of each stage but the last what it had at its end.
        let mut ended = Vec::new();
        let mut found = Vec::new();
        for (_, line) in instruction_lines(text) {
            // Where golang's images have it.
            let line = line.replace("${GOPATH}", "/go").replace("$GOPATH", "/go");
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb {
                "FROM" => {
                    if stages.count() > 0 {
                        let target = image.ended(&start, &stages).filter(|_| start.says);
                        found.extend(target.map(|image| TheirImage {
                            target: true,
                            ..image
                        }));
                        ended.push((start, image.env, image.files));
                    }
                    if stages.begin(rest).is_none() {
                        return Vec::new();
                    }
                    let base = stages.base().and_then(|base| ended.get(base));
                    (start, image.env, image.files) = base.cloned().unwrap_or_default();
                    (start.says_command, start.says) = (false, false);
                }
                "ENTRYPOINT" => {
                    start.entrypoint = words(rest);
                    start.says = true;
                    if !start.says_command {
                        start.command.clear();
                    }
                }
                "CMD" => {
                    start.command = words(rest).unwrap_or_default();
                    (start.says_command, start.says) = (true, true);
                }
                "WORKDIR" => stages.enter(Some(rest).filter(|dir| plain(dir))),
                "ENV" => image.set(rest),
                "COPY" | "ADD" => image.copy(rest, tree, &mut stages),
                _ => {}
            }
        }
        found.extend(image.ended(&start, &stages));
        found
    }

    /// What a stage makes, at its end.
    fn ended(&self, start: &Start, stages: &Stages) -> Option<TheirImage> {
        let mut image = self.clone();
        image.workdir = stages.workdir();
        image.start([start.entrypoint.clone()?, start.command.clone()].concat())
    }

    /// Reads a Dockerfile whose context may as well be the folder that it lies in, or that of the module:
    /// the one of which it finds most.
    pub(in crate::adopt) fn of(
        path: &str,
        text: &str,
        module: &str,
        tree: &WorkingTree,
    ) -> Vec<TheirImage> {
        let own = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let many =
            |images: &[TheirImage]| -> usize { images.iter().map(|image| image.files.len()).sum() };
        let mut images = TheirImage::read(path, text, tree);
        for folder in BTreeSet::from([module, own]) {
            if folder.is_empty() {
                continue;
            }
            let mut below = TheirImage::read(path, text, &tree.below(folder));
            if many(&below) <= many(&images) {
                continue;
            }
            for image in &mut below {
                let files = std::mem::take(&mut image.files).into_iter();
                image.files = files.map(|(from, to)| (join(folder, &from), to)).collect();
            }
            images = below;
        }
        images
    }

    /// Whether it starts a program of one of these names, be it told apart by its system and machine.
    pub(in crate::adopt) fn starts(&self, names: &[&str]) -> bool {
        let program = self.program.as_str();
        let ends = ["-linux", "_linux", ".linux"];
        let ends = ends.iter().filter_map(|end| program.find(end));
        let bare = ends.min().map_or(program, |at| &program[..at]);
        names.contains(&program) || names.contains(&bare)
    }

    /// Whether it says more than which program is started.
    pub(in crate::adopt) fn tells(&self) -> bool {
        !(self.args.is_empty() && self.env.is_empty() && self.files.is_empty())
    }

    fn start(mut self, words: Vec<String>) -> Option<TheirImage> {
        let mut words = words.into_iter().peekable();
        let mut program = last_part(&words.next()?).to_owned();
        // A script of theirs, or a little init, in front of the program: only the words after the
        // program's are its own.
        let script = |name: &str| name.ends_with(".sh") || name.ends_with("entrypoint");
        let init = |name: &str| matches!(name, "tini" | "dumb-init" | "catatonit" | "su-exec");
        while script(&program) || init(&program) {
            let script = script(&program);
            while !script && words.peek().is_some_and(|word| word.starts_with('-')) {
                words.next();
            }
            let known = |next: &String| next.starts_with('/') || self.programs.contains(next);
            let next = words.next().filter(known)?;
            program = last_part(&next).to_owned();
        }
        if matches!(
            &*program,
            "sh" | "bash" | "ash" | "env" | "go" | "wgo" | "air" | "make" | "dlv"
        ) {
            return None;
        }
        self.args = words.collect();
        let about_itself = [
            "help",
            "--help",
            "-help",
            "-h",
            "--version",
            "-version",
            "version",
        ];
        if self.args.iter().any(|arg| about_itself.contains(&&**arg))
            || self.args.iter().any(|arg| arg.contains('$'))
        {
            self.args.clear();
        }
        self.program = program;
        Some(self)
    }

    fn set(&mut self, rest: &str) {
        let told: Vec<(String, String)> = match rest.split_once(' ') {
            Some((name, value)) if !name.contains('=') => {
                let value = value.trim();
                let bare = value
                    .strip_prefix('"')
                    .and_then(|value| value.strip_suffix('"'));
                vec![(name.into(), bare.unwrap_or(value).into())]
            }
            _ => pairs(rest),
        };
        for (name, value) in told {
            let upper = name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            let machine = ["PATH", "HOME", "USER", "LANG", "PUID", "PGID", "TZ", "TERM"];
            let builder = name.starts_with("GO") || name.starts_with("CGO_");
            if upper
                && !name.is_empty()
                && !builder
                && !machine.contains(&&*name)
                && !value.contains('$')
                && value.len() < 200
                && self.env.len() < MAX_TOLD
            {
                self.env.insert(name, value);
            }
        }
    }

    fn copy(&mut self, rest: &str, tree: &WorkingTree, stages: &mut Stages) {
        let words = words(rest).unwrap_or_default();
        let stage = words.iter().find_map(|word| word.strip_prefix("--from="));
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.retain(|word| !word.starts_with("--"));
        let Some(to) = words.pop() else { return };
        let one = words.len() == 1;
        let Some(stage) = stage else {
            words.iter().for_each(|from| {
                let from = tree_path(from);
                // A file goes into a folder, a folder's content goes to the place itself.
                let into = (to.ends_with(['/', '.']) || !one) && tree.has(from);
                if plain(to) {
                    stages.copied(from, to, into);
                }
                self.lay(from, stages.place(to), into, tree);
            });
            return;
        };
        let folder = to.ends_with(['/', '.']) || !one;
        let programs = words.iter().filter(|_| folder).chain([&to]);
        let programs = programs.map(|path| last_part(path).to_owned());
        self.programs
            .extend(programs.filter(|name| !name.is_empty()));
        for (from, rest) in words.iter().flat_map(|from| stages.of_tree(stage, from)) {
            let to = match rest.as_str() {
                "" => to.to_owned(),
                rest => format!("{}/{rest}", to.trim_end_matches('/')),
            };
            let into = folder && rest.is_empty() && tree.has(&from);
            // A program that a stage builds may be called like the folder of its sources.
            if !tree.has_go_below(&from) {
                self.lay(&from, stages.place(&to), into, tree);
            }
        }
    }

    /// Something of the tree lies at this place of the image, or in it.
    fn lay(&mut self, from: &str, place: Option<String>, into: bool, tree: &WorkingTree) {
        let Some(place) = place.filter(|place| plain(place)) else {
            return;
        };
        let name = last_part(from);
        let said = [
            "LICENSE",
            "NOTICE",
            "README",
            "CHANGELOG",
            "THIRD",
            "go.mod",
            "go.sum",
        ];
        if from.is_empty()
            || !is_plain(from)
            || name.ends_with(".sh")
            || said.iter().any(|begin| name.starts_with(begin))
            || !(tree.has(from) || tree.has_dir(from))
        {
            return;
        }
        let place = match into {
            true => format!("{place}/{name}"),
            false => place,
        };
        if !place.is_empty() && self.files.len() < MAX_TOLD {
            self.files.insert(from.to_owned(), place);
        }
    }
}

/// A path that means the same to a shell and to us.
fn plain(path: &str) -> bool {
    !path.contains(['$', '*', '?', '{', '"', '\'']) && path.split('/').all(|part| part != "..")
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The words of an exec form, or of a shell form that needs no shell.
fn words(rest: &str) -> Option<Vec<String>> {
    let rest = rest.trim();
    if rest.starts_with('[') {
        return serde_json::from_str(rest).ok();
    }
    let simple = !rest.contains(['$', '&', '|', ';', '>', '<', '`', '(', '"', '\'', '*']);
    let words: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
    (simple && !words.is_empty()).then_some(words)
}

/// `A=1 B="two words"`
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        found.push((name.trim().to_owned(), value.to_owned()));
        rest = next.trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::testing::tree;
    use super::*;

    fn read(text: &str, files: &[(&str, &str)]) -> Option<TheirImage> {
        let images = TheirImage::read("Dockerfile", text, &tree(files));
        images.into_iter().find(|image| !image.target)
    }

    #[test]
    fn a_stage_that_is_built_as_a_target_is_known_and_what_lies_beside_its_dockerfile() {
        let text = "ARG base_image\nARG debug_image\nFROM $base_image AS release\nARG TARGETARCH\n\
                    ENV LISTEN_HOST=0.0.0.0\nCOPY app-linux-$TARGETARCH /cmd/app/app-linux\n\
                    COPY sampling.json /cmd/app/sampling.json\nENTRYPOINT [\"/cmd/app/app-linux\"]\n\
                    FROM $debug_image AS debug\nCOPY app-debug-linux-$TARGETARCH /cmd/app/app-linux\n\
                    ENTRYPOINT [\"/go/bin/dlv\", \"exec\", \"/cmd/app/app-linux\", \"--headless\"]\n";
        let tree = tree(&[("cmd/app/sampling.json", ""), ("cmd/app/main.go", "")]);
        let images = TheirImage::of("cmd/app/Dockerfile", text, "", &tree);
        let [release] = images.as_slice() else {
            panic!("{images:#?}")
        };
        assert!(release.target && release.starts(&["app"]) && !release.starts(&["other"]));
        assert_eq!(release.env["LISTEN_HOST"], "0.0.0.0");
        assert_eq!(
            release.files["cmd/app/sampling.json"],
            "/cmd/app/sampling.json"
        );
    }

    #[test]
    fn the_last_stage_tells_arguments_variables_and_files() {
        let text = "FROM golang AS build\nENV CGO_ENABLED=0 STAGE=build\nCOPY . .\nRUN go build -o /x\n\
                    FROM alpine\nENV KMS_REGION \"eu-west-2\"\nENV A=1 B=\"two words\" PATH=/x\nWORKDIR /app\n\
                    COPY --from=build /x ./x\nCOPY conf/x.yaml ./conf/\nCOPY web ./web\nCOPY LICENSE /\n\
                    COPY absent /absent\nENTRYPOINT [\"./x\"]\nCMD [\"server\", \"-c\", \"conf/x.yaml\"]\n";
        let files = [("conf/x.yaml", ""), ("web/index.html", ""), ("LICENSE", "")];
        let image = read(text, &files).expect("it starts a program");
        assert_eq!(image.program, "x");
        assert_eq!(image.args, ["server", "-c", "conf/x.yaml"]);
        assert_eq!(image.workdir.as_deref(), Some("/app"));
        let env: Vec<_> = image.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(env, ["A=1", "B=two words", "KMS_REGION=eu-west-2"]);
        let files: Vec<_> = image
            .files
            .iter()
            .map(|(f, t)| format!("{f} {t}"))
            .collect();
        assert_eq!(files, ["conf/x.yaml /app/conf/x.yaml", "web /app/web"]);
    }

    #[test]
    fn what_the_last_stage_takes_of_the_tree_out_of_another_is_known() {
        let text = "FROM golang AS build\nWORKDIR /app\nCOPY . ./\nRUN go build -o server .\n\
                    FROM alpine AS kept\nCOPY deploy.toml /etc/app/\nFROM scratch\nCOPY --from=build /app/server /usr/local/bin/\n\
                    COPY --from=build /app/config.yaml ./config/config.yaml\n\
                    COPY --from=0 --chown=1:1 /app/web/static /web\nCOPY --from=alpine /etc/x /etc/x\n\
                    COPY --from=kept /etc/app /etc/app/\nENTRYPOINT [\"/usr/local/bin/server\"]\n";
        let files = [
            ("config.yaml", ""),
            ("web/static/a.css", ""),
            ("server/main.go", ""),
            ("etc/x", ""),
            ("deploy.toml", ""),
        ];
        let image = read(text, &files).expect("it starts a program");
        let files: Vec<_> = image
            .files
            .iter()
            .map(|(f, t)| format!("{f} {t}"))
            .collect();
        let wanted = [
            "config.yaml /config/config.yaml",
            "deploy.toml /etc/app/deploy.toml",
            "web/static /web",
        ];
        assert_eq!(files, wanted);
    }

    #[test]
    fn gopath_is_where_golangs_images_have_it() {
        let text = "FROM golang AS build\nWORKDIR $GOPATH/src/a.test/m\nCOPY . .\nFROM alpine\n\
                    COPY --from=build ${GOPATH}/src/a.test/m/x.toml /etc/x.toml\nCMD [\"app\", \"-c=/etc/x.toml\"]\n";
        let image = read(text, &[("x.toml", "")]).expect("it starts a program");
        assert_eq!(image.files["x.toml"], "/etc/x.toml");
    }

    #[test]
    fn what_a_stage_begins_from_tells_where_it_works() {
        let text = "FROM golang AS base\nWORKDIR /app\nFROM base AS build\nCOPY . .\nFROM base AS run\nWORKDIR conf\n\
                    COPY --from=build /app/config.yaml ./\nCOPY --from=build /go/bin/app /usr/local/bin/\n\
                    ENTRYPOINT [\"/docker-entrypoint.sh\", \"app\", \"serve\"]\n";
        let image = read(text, &[("config.yaml", "")]).expect("it starts a program");
        assert_eq!(image.files["config.yaml"], "/app/conf/config.yaml");
        assert_eq!(image.workdir.as_deref(), Some("/app/conf"));
        assert_eq!(
            (&*image.program, image.args.join(" ")),
            ("app", "serve".into())
        );
    }

    #[test]
    fn what_a_stage_begins_from_starts_the_same_with_the_same() {
        let text = "FROM alpine AS base\nENV KIND=all LEVEL=info\nCOPY conf.yaml /etc/\nENTRYPOINT [\"/app\"]\nCMD [\"serve\"]\n\
                    FROM base AS debug\nENV LEVEL=debug\nENTRYPOINT dlv exec /app | tee log\n\
                    FROM alpine AS other\nENTRYPOINT [\"/other\"]\nFROM base\nENV LEVEL=warn\n";
        let image = read(text, &[("conf.yaml", "")]).expect("it starts a program");
        assert_eq!((&*image.program, &*image.args.concat()), ("app", "serve"));
        assert_eq!((&*image.env["KIND"], &*image.env["LEVEL"]), ("all", "warn"));
        assert_eq!(image.files["conf.yaml"], "/etc/conf.yaml");
        let last = read(&format!("{text}FROM debug\n"), &[]);
        assert_eq!(last, None, "a shell starts it");
        let clears = format!("{text}FROM base\nENTRYPOINT [\"/app\", \"-v\"]\n");
        let args = |text: &str| read(text, &[]).expect("it starts a program").args;
        assert_eq!(args(&clears), ["-v"]);
        let before = "FROM alpine\nCMD [\"serve\"]\nENTRYPOINT [\"/app\"]\n";
        assert_eq!(args(before), ["serve"], "one of its own stays");
    }

    #[test]
    fn of_endless_variables_no_more_are_remembered_than_somebody_writes() {
        let many: String = (0..5000).map(|n| format!(" V{n}=x")).collect();
        let again = "FROM a AS a\n".repeat(60);
        let text = format!("FROM alpine AS a\nENV{many}\nENTRYPOINT [\"/app\"]\n{again}");
        let image = read(&text, &[]).expect("it starts a program");
        assert_eq!(image.env.len(), MAX_TOLD);
    }

    #[test]
    fn what_only_a_shell_or_a_script_of_theirs_understands_is_not_taken() {
        let start = |lines: &str| read(&format!("FROM alpine\n{lines}\n"), &[]);
        for (lines, args) in [
            (
                "CMD [\"/main\", \"-backend\", \"mem\"]",
                vec!["-backend", "mem"],
            ),
            (
                "ENTRYPOINT [\"/bin/entry.sh\", \"/bin/app\"]\nCMD [\"-v2\"]",
                vec!["-v2"],
            ),
            (
                "COPY --from=build /go/bin/app /bin/app\nENTRYPOINT [\"/docker-entrypoint\"]\n\
                 CMD [\"app\", \"serve\"]",
                vec!["serve"],
            ),
            (
                "ENTRYPOINT [\"/sbin/tini\", \"--\", \"/app\", \"serve\"]",
                vec!["serve"],
            ),
            ("ENTRYPOINT app\nCMD [\"--help\"]", vec![]),
            ("ENTRYPOINT [\"app\", \"--port=$PORT\"]", vec![]),
        ] {
            let image = start(lines).unwrap_or_else(|| panic!("{lines}"));
            assert_eq!(image.args, args, "{lines}");
        }
        for lines in [
            "ENTRYPOINT [\"/docker-entrypoint.sh\"]\nCMD [\"--hooks\", \"/x\"]",
            "CMD app && sleep 1",
            "CMD [\"sh\", \"-c\", \"app\"]",
            "EXPOSE 80",
        ] {
            assert_eq!(start(lines), None, "{lines}");
        }
    }
}
