//! The programs and files of all cases, built once into one image.
//!
//! Owns that image; refuses to know cases.

use analysis::dockerfile;
use engine::{
    Attachment, BuildRequest, ContainerRequest, Engine, LABEL, Owner, Patience, StoppedBuilds,
    run_tag,
};
use playground::bases::{self, Bases};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

/// A first build compiles Go's standard library for five targets.
const LIMIT: Duration = Duration::from_secs(600);

/// The image that cases copy from.
pub(crate) struct Programs {
    /// Its name on the engine.
    pub(crate) image: String,
    /// Programs in which `readelf` found symbols or debug information.
    pub(crate) unstripped: BTreeSet<String>,
}

impl Programs {
    /// Sees to the bases, and builds.
    pub(crate) async fn build(
        engine: &Engine,
        owner: &Owner,
        folder: &Path,
        named: &BTreeMap<String, String>,
    ) -> Result<Programs, String> {
        let folder = folder.join("programs");
        let dockerfile = std::fs::read_to_string(folder.join("Dockerfile"))
            .map_err(|error| error.to_string())?;
        let bases = Bases::load().map_err(|error| error.to_string())?;
        let mut wanted: BTreeSet<_> = dockerfile::dockerfile_bases(&dockerfile)
            .into_iter()
            .collect();
        wanted.extend(named.values().filter(|base| *base != "scratch").cloned());
        let mut substitutes = HashMap::new();
        for base in wanted {
            let ensured = bases.ensure(engine, &base, &|_| {}).await;
            ensured.map_err(|error| error.to_string())?;
            if !base.starts_with("golang:") {
                continue;
            }
            let trusted = bases::trusted(engine, &base).await;
            if let Some(trusted) = trusted.map_err(|error| error.to_string())? {
                substitutes.insert(base, trusted);
            }
        }
        let sent = dockerfile::substitute_bases(&dockerfile, &substitutes);
        let image = run_tag(owner, "matrix.programs");
        let request = BuildRequest {
            context: context(&folder, &sent)
                .map_err(|error| error.to_string())?
                .into(),
            dockerfile: sent,
            tag: image.clone(),
            aliases: Vec::new(),
            labels: vec![(LABEL.to_owned(), "lab".to_owned())],
            cache_namespace: None,
            no_cache: false,
            network: engine::BuildNetwork::Engines,
            prefix: String::new(),
            limit: LIMIT,
            patience: Patience::default(),
            stopped: StoppedBuilds::default(),
        };
        let built = engine.build(&request, &mut |_| {}).await;
        built.map_err(|error| format!("the programs cannot be built: {error}"))?;
        let mut programs = Programs {
            image,
            unstripped: BTreeSet::new(),
        };
        programs.unstripped = programs.listed(engine, owner, "/files/unstripped").await?;
        Ok(programs)
    }

    /// The lines of a file of the image.
    async fn listed(
        &self,
        engine: &Engine,
        owner: &Owner,
        path: &str,
    ) -> Result<BTreeSet<String>, String> {
        let name = format!("empty-room-{}-matrix-programs", owner.id());
        let request = ContainerRequest::new(name, &self.image, Attachment::Isolated);
        let created = engine.create(owner, &request).await;
        let container = created.map_err(|error| error.to_string())?;
        let read = engine.read_file(&container, path, 1 << 16).await;
        let removed = engine.remove(&container).await;
        let text = read.map_err(|error| error.to_string())?;
        removed.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&text);
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Removes the image; what the builder remembers makes it again in a moment.
    pub(crate) async fn remove(&self, engine: &Engine) -> Result<(), String> {
        let removed = engine.remove_image(&self.image).await;
        removed.map_err(|error| error.to_string())
    }
}

/// The folder as a build context, with this Dockerfile.
fn context(folder: &Path, dockerfile: &str) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            tar.append_dir_all(&name, entry.path())?;
        } else if name != "Dockerfile" {
            tar.append_path_with_name(entry.path(), &name)?;
        }
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(dockerfile.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "Dockerfile", dockerfile.as_bytes())?;
    tar.into_inner()
}
