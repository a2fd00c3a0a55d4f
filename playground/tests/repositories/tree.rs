//! A repository's tree, out of the Go module proxy or its git repository: fetched inside the engine, laid
//! down here.

use crate::list::Repository;
use engine::{
    Attachment, BuildNetwork, BuildRequest, ContainerRequest, Engine, LABEL, Owner, Patience,
    StoppedBuilds, build_context,
};
use playground::bases::{self, Bases};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Bytes of a file that is read out of the engine.
const MAX_FILE: usize = 512 << 20;

/// Its tree, as a tar.
pub(crate) async fn fetch(
    engine: &Engine,
    owner: &Owner,
    bases: &Bases,
    repository: &Repository,
) -> Result<Vec<u8>, String> {
    if let Some(trees) = std::env::var_os("REPOSITORIES_TREES").filter(|_| repository.git.is_some())
    {
        let tar = Path::new(&trees).join(format!("{}.tar", repository.id));
        return fs::read(&tar).map_err(|error| format!("{}: {error}", tar.display()));
    }
    let go = go(engine, bases).await?;
    let name = format!("tree-{}", repository.id.to_ascii_lowercase());
    if let Some(url) = &repository.git {
        let version = &repository.version;
        let dockerfile = format!(
            "FROM {go}\nRUN git init /tree && cd /tree && git fetch --depth 1 {url} {version} && \\\n  \
             git archive -o /tree.tar FETCH_HEAD\nFROM scratch\nCOPY --from=0 /tree.tar /\n"
        );
        return out_of(engine, owner, &name, &dockerfile, &[], "/tree.tar").await;
    }
    let mut dockerfile = format!(
        "FROM {go}\nENV GOTOOLCHAIN=local GOFLAGS=-modcacherw\nRUN mkdir /tree\nWORKDIR /tree\n"
    );
    let top = ("", repository.module.as_str());
    let below = repository.below.iter();
    let below = below.map(|(folder, module)| (folder.as_str(), module.as_str()));
    for (folder, module) in std::iter::once(top).chain(below) {
        let at = format!("{module}@{}", repository.version);
        let _ = writeln!(
            dockerfile,
            "RUN mkdir -p /tree/{folder} && cd / && go mod download -json {at} > /said && \\\n  \
             cp -r \"$(sed -n 's/.*\"Dir\": \"\\(.*\\)\",/\\1/p' /said)/.\" /tree/{folder}"
        );
    }
    if repository.vendor {
        dockerfile.push_str("RUN go mod vendor\n");
    }
    dockerfile.push_str(
        "RUN chmod -R u+w /tree && tar --sort=name --mtime=@0 --owner=0 --group=0 -cf /tree.tar .\n\
         FROM scratch\nCOPY --from=0 /tree.tar /\n",
    );
    out_of(engine, owner, &name, &dockerfile, &[], "/tree.tar").await
}

/// The image that holds the newest Go, as this machine trusts it.
pub(crate) async fn go(engine: &Engine, bases: &Bases) -> Result<String, String> {
    let go = format!("golang:{}-bookworm", bases.newest_go());
    let ensured = bases.ensure(engine, &go, &|_| {}).await;
    ensured.map_err(|error| error.to_string())?;
    let trusted = bases::trusted(engine, &go).await;
    let trusted = trusted.map_err(|error| error.to_string())?;
    Ok(trusted.unwrap_or(go))
}

/// Builds this, and reads one file of what was built.
pub(crate) async fn out_of(
    engine: &Engine,
    owner: &Owner,
    name: &str,
    dockerfile: &str,
    files: &[(&str, &[u8])],
    path: &str,
) -> Result<Vec<u8>, String> {
    let files = files.iter().map(|(name, bytes)| (*name, 0o644, *bytes));
    let all = files.chain([("Dockerfile", 0o644, dockerfile.as_bytes())]);
    let context = build_context(all).map_err(|error| error.to_string())?;
    let tag = engine::run_tag(owner, name);
    let request = BuildRequest {
        context: context.into(),
        dockerfile: dockerfile.to_owned(),
        tag: tag.clone(),
        aliases: Vec::new(),
        labels: vec![(LABEL.to_owned(), "lab".to_owned())],
        cache_namespace: None,
        no_cache: false,
        network: BuildNetwork::Engines,
        prefix: String::new(),
        limit: Duration::from_secs(900),
        patience: Patience::default(),
        stopped: StoppedBuilds::default(),
    };
    let built = engine.build(&request, &mut |_| {}).await;
    built.map_err(|error| format!("{name}: {error}"))?;
    let container = format!("empty-room-{}-{name}", owner.id());
    let request = ContainerRequest {
        command: Some(vec!["/never".into()]),
        ..ContainerRequest::new(container, &tag, Attachment::Isolated)
    };
    let created = engine.create(owner, &request).await;
    let container = created.map_err(|error| error.to_string())?;
    let read = engine.read_file(&container, path, MAX_FILE).await;
    let removed = engine.remove(&container).await;
    let forgotten = engine.remove_image(&tag).await;
    let bytes = read.map_err(|error| error.to_string())?;
    removed.map_err(|error| error.to_string())?;
    forgotten.map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Unpacks a tree into a folder that holds nothing else.
pub(crate) fn lay_down(tar: &[u8], at: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", at.display());
    if at.exists() {
        fs::remove_dir_all(at).map_err(told)?;
    }
    fs::create_dir_all(at).map_err(told)?;
    tar::Archive::new(tar).unpack(at).map_err(told)
}

/// Everything below a folder: names and bytes.
pub(crate) fn fingerprint(root: &Path) -> Result<String, String> {
    let mut hash = Sha256::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        let entries = fs::read_dir(&dir).map_err(|error| error.to_string())?;
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            hash.update(path.as_os_str().as_encoded_bytes());
            if path.is_dir() {
                open.push(path);
            } else {
                hash.update(fs::read(&path).map_err(|error| error.to_string())?);
            }
        }
    }
    Ok(format!("{:x}", hash.finalize()))
}
