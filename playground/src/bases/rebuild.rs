//! Bases without a registry: the recipe makes layers, here they become images.

use super::archive::{Image, Layer};
use super::cache::{self, LayerNote};
use super::load::{self, LoadingLock};
use super::origin::{BASE_LABEL, BaseState, PACKAGES_LABEL, RECIPE_LABEL, SEAL_LABEL, seal};
use super::recipe::{self, cache_error};
use super::spec::Base;
use super::{Bases, OnProgress, Progress};
use engine::Engine;
use policy::UserError;
use serde_json::json;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::Duration;

impl Bases {
    /// Rebuilds these bases where the engine has none or an old one of ours; a published
    /// image is left alone. Returns where each stands now.
    ///
    /// # Errors
    ///
    /// There is no base of one of the names, the recipe failed, or the engine refuses.
    pub async fn rebuild(
        &self,
        engine: &Engine,
        names: &[&str],
        on_progress: OnProgress<'_>,
    ) -> Result<Vec<(String, BaseState)>, UserError> {
        let _lock = self.one_at_a_time.lock().await;
        let mut wanted = Vec::new();
        for name in names {
            let base = self.base(name)?;
            match self.state(engine, base).await?.0 {
                BaseState::Missing => wanted.push(base),
                BaseState::Rebuilt => {}
                BaseState::Published => {
                    let text = "the engine has the published image: left alone";
                    on_progress(Progress::new(name, text));
                }
            }
        }
        if !wanted.is_empty() {
            self.rebuild_bases(engine, &wanted, on_progress).await?;
        }
        let mut states = Vec::new();
        for name in names {
            let (state, _) = self.state(engine, self.base(name)?).await?;
            states.push((name.to_string(), state));
        }
        Ok(states)
    }

    /// Makes the layers that are missing, and loads the images.
    pub(super) async fn rebuild_bases(
        &self,
        engine: &Engine,
        bases: &[&Base],
        on_progress: OnProgress<'_>,
    ) -> Result<(), UserError> {
        let names: Vec<&str> = bases.iter().map(|base| base.name.as_str()).collect();
        let label = names.join(", ");
        let report = |text: &str| on_progress(Progress::new(&label, text));
        let architecture = &engine.facts().arch;
        let layers = self.run_recipe(bases, &report).await?;
        let host = layers.rsplit('-').next().unwrap_or_default();
        if host != architecture.as_str() {
            return Err(UserError {
                what: format!("The bases cannot be rebuilt for this engine ({architecture})."),
                cause: format!("The recipe makes images for this machine's own CPU ({host})."),
                next: "Connect to a network that reaches the registry, then: playground bases pull"
                    .into(),
            });
        }
        let lock = LoadingLock::wait().await;
        let lock = lock.map_err(|error| cache_error(&error))?;
        load::remove_leftovers(engine, &lock).await;
        let mut images = Vec::new();
        for base in bases {
            // Another playground may have had the lock before.
            if self.state(engine, base).await?.0 == BaseState::Missing {
                let image = self.image(base, Path::new(&layers), architecture);
                images.push(image.map(|image| (base.name.clone(), image)));
            }
        }
        if images.is_empty() {
            return Ok(());
        }
        let images: io::Result<Vec<_>> = images.into_iter().collect();
        let mut loading = images
            .and_then(|images| load::start(engine, images, self.recipe(), lock))
            .map_err(|error| cache_error(&error))?;
        loop {
            on_progress(Progress {
                current: loading.sent(),
                total: Some(loading.length),
                ..Progress::new(&label, "loading into the engine")
            });
            tokio::select! {
                done = &mut loading.task => {
                    return done.unwrap_or_else(|broken| Err(cache_error(&broken.into())));
                }
                () = tokio::time::sleep(Duration::from_millis(250)) => {}
            }
        }
    }

    /// Runs the recipe for what these bases need; returns the directory with the layers.
    async fn run_recipe(
        &self,
        bases: &[&Base],
        report: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<String, UserError> {
        let script = cache::lay_down_recipe().map_err(|error| cache_error(&error))?;
        let go = &self.spec.go_version;
        let layers: BTreeSet<&str> = bases.iter().flat_map(|base| base.tars()).collect();
        let arguments: Vec<&str> = ["layers"].into_iter().chain(layers).collect();
        recipe::run(&script, &arguments, go, report).await?;
        recipe::run(&script, &["where"], go, &|_| {}).await
    }

    fn image(&self, base: &Base, layers: &Path, architecture: &str) -> io::Result<Image> {
        let mut packages = BTreeSet::new();
        let mut created = String::new();
        let mut history = Vec::new();
        for line in &base.layers {
            let layer = line.tar.as_deref().map(|tar| {
                let note = LayerNote::read(layers, tar)?;
                packages.extend(note.packages);
                created = note.built.max(std::mem::take(&mut created));
                let tar = layers.join(format!("{tar}.tar"));
                let bytes = tar.metadata()?.len();
                io::Result::Ok(Layer {
                    diff_id: note.diff_id,
                    tar,
                    bytes,
                })
            });
            let created_by = line.created_by.replace("{arch}", architecture);
            history.push((created_by, layer.transpose()?));
        }
        let packages = packages.into_iter().collect::<Vec<_>>().join(" ");
        let layers = history.iter().filter_map(|line| line.1.as_ref());
        let seal = seal(layers.map(|layer| layer.diff_id.as_str()), history.len());
        Ok(Image {
            tag: load::loaded_name(&base.name),
            architecture: architecture.to_string(),
            created,
            config: json!({
                "Env": base.env,
                "Cmd": base.cmd,
                "WorkingDir": base.workdir,
                "User": base.user,
                "Labels": {
                    BASE_LABEL: "rebuilt",
                    RECIPE_LABEL: self.recipe(),
                    SEAL_LABEL: seal,
                    PACKAGES_LABEL: packages,
                },
            }),
            history,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::{self, Spec};
    use super::*;
    use std::process::{Command, Output};

    fn recipe(arguments: &[&str], go_version: Option<&str>) -> io::Result<Output> {
        let mut command = Command::new("sh");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/bases/rebuild.sh"));
        match go_version {
            Some(go) => command.env("EMPTY_ROOM_GO_VERSION", go),
            None => command.env_remove("EMPTY_ROOM_GO_VERSION"),
        };
        let cache = tempfile::tempdir()?;
        let command = command.args(arguments);
        command.env("EMPTY_ROOM_CACHE", cache.path()).output()
    }

    /// The layers' names carry the version of Go, which both read out of bases.toml.
    #[test]
    fn the_recipe_knows_the_layers_that_bases_are_made_of_and_no_others() -> io::Result<()> {
        for go_version in [None, Some("1.24.11")] {
            let spec = Spec::parse(spec::EMBEDDED, go_version).expect("it is sound");
            let named: BTreeSet<&str> = spec.bases.iter().flat_map(Base::tars).collect();
            let listed = String::from_utf8(recipe(&["list"], go_version)?.stdout);
            let listed = listed.map_err(io::Error::other)?;
            assert_eq!(listed.lines().collect::<BTreeSet<_>>(), named);
        }
        Ok(())
    }

    #[test]
    fn a_layer_without_a_recipe_is_refused_before_anything_is_made() -> io::Result<()> {
        let refused = recipe(&["layers", "gopath", "misspelt"], None)?;
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success());
        assert!(
            said.contains("what: There is no recipe for the layer misspelt."),
            "{said}"
        );
        Ok(())
    }

    #[test]
    fn getting_a_base_can_move_between_threads() {
        fn send<T: Send>(_: impl FnOnce(&'static Bases, &'static Engine) -> T) {}
        send(|bases, engine| bases.ensure(engine, "", &|_| {}));
        send(|bases, engine| bases.rebuild(engine, &[], &|_| {}));
    }
}
