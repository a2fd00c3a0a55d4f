//! Asking Go's tool inside the engine: modules with a network, everything else without.
//!
//! Two builds. The first holds `go.mod` and its likes alone and may fetch modules. The second holds
//! the tree and can reach nothing: `go list` reads sources, runs none of them, and `go:generate`,
//! tests and tools are never asked for. `.git` is not there, so its configuration starts nothing.

use super::{Facts, ModuleFacts};
use crate::adopt::gomod::{GoMod, is_plain};
use crate::adopt::quoting::json_expanded;
use crate::adopt::tree::WorkingTree;
use crate::bases::modules::Carried;
use crate::run::{Build, Evidence, Pace, Prepared, Site, create, engine_error, start_error};
use bytes::Bytes;
use engine::{Attachment, BuildNetwork, ContainerRequest};
use policy::UserError;
use std::collections::HashMap;

/// An answer of Go's, in bytes.
const MAX_ANSWER: usize = 96 << 20;

/// What is asked of each package.
const FIELDS: &str = "Dir,ImportPath,Name,Standard,DepOnly,GoFiles,CgoFiles,IgnoredGoFiles,\
                      EmbedPatterns,CgoPkgConfig,CgoLDFLAGS,Imports,Error";

/// The environment in which a strange module is read: no other Go is fetched and run, whatever
/// `go.mod` says, and nobody is asked for a password.
pub(in crate::adopt) const CAUTION: &str =
    "ENV GOTOOLCHAIN=local GOFLAGS= GOENV=off GIT_TERMINAL_PROMPT=0\n";

/// Who asks, and by which names.
pub(in crate::adopt) struct Asking<'a> {
    pub(in crate::adopt) site: Site<'a>,
    pub(in crate::adopt) prepared: &'a Prepared,
    /// The image that holds Go.
    pub(in crate::adopt) go: &'a str,
    /// Names of this adoption's images and containers begin with it.
    pub(in crate::adopt) id: &'a str,
    /// Whose cache directories the builds fill.
    pub(in crate::adopt) caches: &'a str,
}

impl Asking<'_> {
    /// Fetches the modules of one `go.mod`; the inner error is the module's, as evidence.
    ///
    /// # Errors
    /// The engine cannot build.
    pub(in crate::adopt) async fn fetch(
        &self,
        tree: &WorkingTree,
        module: &GoMod,
    ) -> Result<Result<(), Evidence>, UserError> {
        let files = module.files(tree);
        let dockerfile = fetching(self.go, module, &files);
        let context = |sent: &str| {
            tree.to_tar(&[("Dockerfile", sent)], &|path| {
                // They are sorted.
                files
                    .binary_search_by(|file| file.as_str().cmp(path))
                    .is_err()
            })
        };
        let built = self.build(dockerfile, &context, "modules", BuildNetwork::Engines);
        Ok(built.await?.map(|_| ()))
    }

    /// Asks Go about these modules; the inner error is the tree's, as evidence.
    ///
    /// # Errors
    /// The engine cannot build, or its answer cannot be read.
    pub(in crate::adopt) async fn list(
        &self,
        tree: &WorkingTree,
        modules: &[GoMod],
    ) -> Result<Result<Facts, Evidence>, UserError> {
        let dockerfile = listing(self.go, modules);
        // An engine may obey the repository's own list of what to leave out.
        let context =
            |sent: &str| tree.to_tar(&[("Dockerfile", sent)], &|path| path == ".dockerignore");
        let built = self.build(dockerfile, &context, "facts", BuildNetwork::Nothing);
        let image = match built.await? {
            Ok(image) => image,
            Err(evidence) => return Ok(Err(evidence)),
        };
        let name = format!("empty-room-{}-facts", self.id);
        let request = ContainerRequest {
            command: Some(vec!["/never".into()]),
            ..ContainerRequest::new(name, &image, Attachment::Isolated)
        };
        // Never started: files can be read out of a container that only exists.
        let container = create(&self.site, request).await.map_err(start_error)?;
        let read = async |path: String| {
            let file = self.site.engine.read_file(&container, &path, MAX_ANSWER);
            file.await.map_err(engine_error)
        };
        let mut facts = Facts {
            go_version: text(read("/version".into()).await?),
            modules: Vec::new(),
        };
        for (n, module) in modules.iter().enumerate() {
            let with_c = read(format!("/{n}.with")).await?;
            let without_c = read(format!("/{n}.without")).await?;
            let said = text(read(format!("/{n}.said")).await?);
            let module = ModuleFacts::of(module.clone(), &with_c, &without_c, said);
            facts.modules.push(module);
        }
        Ok(Ok(facts))
    }

    async fn build(
        &self,
        dockerfile: String,
        context: &(dyn Fn(&str) -> Bytes + Send + Sync),
        what: &str,
        network: BuildNetwork,
    ) -> Result<Result<String, Evidence>, UserError> {
        let tag = engine::run_tag(&self.site.state.owner, &format!("{}.{what}", self.id));
        let build = Build {
            dockerfile,
            context,
            tag: &tag,
            prefix: what,
            cache_namespace: Some(self.caches.to_owned()),
            carried: Carried::default(),
            no_cache: false,
            network,
            pace: Pace::Unknown,
        };
        build.carry_out(&self.site, self.prepared).await
    }
}

fn text(bytes: Vec<u8>) -> String {
    let text = String::from_utf8_lossy(&bytes);
    text.chars()
        .take(16 << 10)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// `COPY` lines that lay files down where they lie in the tree. A name that would mean something else
/// there stands in quotes.
pub(in crate::adopt) fn copies(files: &[String]) -> String {
    let mut folders: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for file in files {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        match places.get(folder) {
            Some(at) => folders[*at].1.push(file),
            None => {
                places.insert(folder, folders.len());
                folders.push((folder, vec![file]));
            }
        }
    }
    let lines = folders.into_iter().map(|(folder, files)| {
        let to = match folder {
            "" => "./".to_owned(),
            folder => format!("{folder}/"),
        };
        match files.iter().all(|file| is_plain(file)) {
            true => format!("COPY {} {to}\n", files.join(" ")),
            false => format!("COPY {}\n", json_expanded(&[files, vec![&to]].concat())),
        }
    });
    lines.collect()
}

/// Where the commands about a module are given.
fn place(module: &GoMod) -> String {
    match module.dir.as_str() {
        "" => "/src".into(),
        dir => format!("/src/{dir}"),
    }
}

/// Go fetches without a word, and a build without a word is taken for one that stands still: what it
/// asks for is counted, and what else it says is passed on.
const COUNTED: &str = r#"awk '/^# get .*: 200/ { if (++n % 20 == 0) { print n " answers"; fflush() } } !/^# / { print; fflush() }'"#;

fn fetching(go: &str, module: &GoMod, files: &[String]) -> String {
    let (copies, place) = (copies(files), place(module));
    format!(
        "FROM {go} AS modules\n{CAUTION}WORKDIR /src\n{copies}WORKDIR {place}\n\
         RUN --mount=type=cache,target=/go/pkg/mod \\\n    \
         (go mod download -x 2>&1 && touch /fetched) | {COUNTED}; test -e /fetched\n\
         FROM scratch\nCOPY --from=modules /fetched /\n"
    )
}

fn listing(go: &str, modules: &[GoMod]) -> String {
    let mut dockerfile = format!(
        "FROM {go} AS facts\n{CAUTION}WORKDIR /src\nCOPY . .\nRUN mkdir /facts && go version > /facts/version\n"
    );
    for (n, module) in modules.iter().enumerate() {
        let place = place(module);
        let ask = |cgo: u8, into: &str| {
            format!(
                "(CGO_ENABLED={cgo} go list -e -deps -json={FIELDS} ./... > /facts/{n}.{into} 2>> /facts/{n}.said || true)"
            )
        };
        let (with_c, without_c) = (ask(1, "with"), ask(0, "without"));
        dockerfile.push_str(&format!(
            "WORKDIR {place}\nRUN --mount=type=cache,target=/go/pkg/mod \\\n    \
             --mount=type=cache,target=/root/.cache/go-build \\\n    \
             {with_c} && \\\n    {without_c}\n"
        ));
    }
    dockerfile.push_str("FROM scratch\nCOPY --from=facts /facts /\n");
    dockerfile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_laid_down_where_they_lie() {
        let files = ["api/go.mod", "api/go.sum", "go.work", "lib/go.mod"];
        let files: Vec<String> = files.map(String::from).into();
        assert_eq!(
            copies(&files),
            "COPY api/go.mod api/go.sum api/\nCOPY go.work ./\nCOPY lib/go.mod lib/\n"
        );
    }

    /// `replace a.test/x => ./--from=registry.test/x` names a folder that a tree may well have.
    #[test]
    fn a_folders_name_is_no_flag_of_copy() {
        let files = [
            "--from=r.test/x/go.mod".to_owned(),
            "<<E/go.mod".to_owned(),
            "$A/go.mod".into(),
        ];
        assert_eq!(
            copies(&files),
            "COPY [\"--from=r.test/x/go.mod\", \"--from=r.test/x/\"]\nCOPY [\"<<E/go.mod\", \"<<E/\"]\n\
             COPY [\"\\\\$A/go.mod\", \"\\\\$A/\"]\n"
        );
    }

    #[test]
    fn nothing_of_the_tree_is_ever_run() {
        let module = GoMod {
            dir: "svc".into(),
            ..GoMod::default()
        };
        let text = fetching("golang:1.27", &module, &["svc/go.mod".into()])
            + &listing("golang:1.27", &[module]);
        let verbs = text.match_indices("go ").map(|(at, _)| {
            let rest = &text[at + 3..];
            rest.split(' ').next().unwrap_or_default()
        });
        for verb in verbs {
            assert!(["mod", "list", "version"].contains(&verb), "go {verb}");
        }
        assert_eq!(text.matches("GOTOOLCHAIN=local").count(), 2);
        assert_eq!(text.matches("GOFLAGS= ").count(), 2);
    }
}
