//! Bases on a real engine (DOCKER_HOST): what is promised about rebuilt ones.
//!
//! All but one test use bases with names of their own, over one small layer.

use super::alpine::{alpine, build, quiet};
use super::registry::registry;
use super::support::engine;
use engine::Engine;
use playground::bases::{
    BASE_LABEL, BaseState, Bases, Progress, RECIPE_LABEL, TRUST_LABEL, trusting,
};
use policy::UserError;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Nothing waits for it where all is well; long enough for busy cores.
const PATIENCE: Duration = Duration::from_secs(300);

/// A list with one base, rebuilt from one small layer of the real recipe; its name is in it,
/// so that no two tests share an image.
fn one_base(name: &str) -> Bases {
    one_base_by(name, "1.23.9")
}

/// The same by a recipe for another Go, which that layer has nothing to do with.
fn one_base_by(name: &str, go_version: &str) -> Bases {
    Bases::parse(
        &format!(
            "go_version = \"1.23.9\"\ngo_newest = \"1.27.3\"\n[[base]]\nname = \"{name}\"\npublished_mb = 1.0\n\
             published_source = \"a test\"\ndiffers = [\"all\"]\nuser = \"65532\"\n\
             env = [\"PATH=/bin\", \"BASE={name}\"]\nlayers = [\n    \
             {{ tar = \"distroless-netbase\", created_by = \"ADD netbase for {{arch}}\" }},\n    \
             {{ created_by = \"USER 65532\" }},\n]\n"
        ),
        Some(go_version),
    )
    .unwrap_or_else(|error| panic!("{error:?}"))
}

async fn id(engine: &Engine, name: &str) -> Option<String> {
    engine
        .image(name)
        .await
        .expect("the engine answers")
        .map(|facts| facts.id)
}

#[tokio::test]
async fn rebuilt_base_never_replaces_a_published_image() {
    let (engine, name) = (engine().await, "registry.invalid/promise-published:1");
    build(&engine, name, "FROM scratch\nCOPY file /\n")
        .await
        .expect("a published image");
    let published = id(&engine, name).await;
    let bases = one_base(name);
    let told = Mutex::new(String::new());
    let hear = |progress: Progress| told.lock().expect("alone").push_str(&progress.text);
    let states = bases.rebuild(&engine, &[name], &hear).await;
    assert_eq!(states, Ok(vec![(name.to_string(), BaseState::Published)]));
    assert!(
        told.lock().expect("alone").contains("left alone"),
        "{told:?}"
    );
    assert_eq!(
        bases.ensure(&engine, name, &quiet).await,
        Ok(BaseState::Published)
    );
    assert_eq!(id(&engine, name).await, published);
    engine.remove_image(name).await.expect("cleaned up");
}

#[tokio::test]
async fn a_base_without_registry_is_rebuilt_and_says_so() {
    let (engine, name) = (engine().await, "registry.invalid/promise-rebuilt:1");
    let bases = one_base(name);
    assert_eq!(
        bases.ensure(&engine, name, &quiet).await,
        Ok(BaseState::Rebuilt)
    );
    let facts = engine
        .image(name)
        .await
        .expect("an engine")
        .expect("an image");
    assert_eq!(facts.labels[BASE_LABEL], "rebuilt");
    assert!(
        facts.labels[RECIPE_LABEL].ends_with("-go1.23.9"),
        "{:?}",
        facts.labels
    );
    assert!(
        facts.labels["org.emptyroom.packages"].starts_with("netbase="),
        "{:?}",
        facts.labels
    );
    assert_eq!(
        facts.history[0],
        format!("ADD netbase for {}", facts.architecture)
    );
    assert_eq!((facts.history.len(), facts.diff_ids.len()), (2, 1));
    assert_eq!(facts.names, [name], "the name it was loaded under is gone");
    let status = &bases.status(&engine).await[0];
    assert_eq!(
        (status.state, status.size_bytes),
        (BaseState::Rebuilt, Some(facts.size_bytes))
    );
    engine.remove_image(name).await.expect("cleaned up");
}

#[tokio::test]
async fn a_stale_rebuilt_base_is_replaced() {
    let (engine, name) = (engine().await, "registry.invalid/promise-stale:1");
    let older = one_base_by(name, "1.22.0");
    let rebuilt = older.ensure(&engine, name, &quiet).await;
    assert_eq!(rebuilt, Ok(BaseState::Rebuilt), "an older image of ours");
    let stale = id(&engine, name).await.expect("it was built");
    let bases = one_base(name);
    assert_eq!(bases.status(&engine).await[0].state, BaseState::Missing);
    assert_eq!(
        bases.ensure(&engine, name, &quiet).await,
        Ok(BaseState::Rebuilt)
    );
    assert_ne!(id(&engine, name).await.expect("a new one"), stale);
    assert_eq!(id(&engine, &stale).await, None, "the old one is gone");
    engine.remove_image(name).await.expect("cleaned up");
}

#[tokio::test]
async fn a_load_that_nobody_waits_for_any_more_comes_to_its_end() {
    let (engine, name) = (engine().await, "registry.invalid/promise-stopped:1");
    let (bases, names) = (one_base(name), [name]);
    let loading = Notify::new();
    let hear = |progress: Progress| {
        if progress.total.is_some() {
            loading.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = loading.notified() => {}
        done = bases.rebuild(&engine, &names, &hear) => panic!("not stopped in time: {done:?}"),
    }
    let deadline = Instant::now() + PATIENCE;
    while id(&engine, name).await.is_none() || loaded(&engine, "promise-stopped").await {
        assert!(
            Instant::now() < deadline,
            "the load did not come to its end"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    engine.remove_image(name).await.expect("cleaned up");
}

#[tokio::test]
async fn what_a_killed_playground_loaded_is_removed() {
    let (engine, name) = (engine().await, "registry.invalid/promise-killed:1");
    let bases = one_base(name);
    let rebuilt = bases.rebuild(&engine, &[name], &quiet).await;
    rebuilt.expect("the recipe works");
    let left = "empty-room/rebuilding:promise-killed";
    engine.tag(name, left).await.expect("as if it were loaded");
    engine.remove_image(name).await.expect("as if not named");
    let ensured = bases.ensure(&engine, name, &quiet).await;
    assert_eq!(ensured, Ok(BaseState::Rebuilt));
    assert!(!loaded(&engine, "promise-killed").await);
    engine.remove_image(name).await.expect("cleaned up");
}

/// Whether images are there under names that only a load in progress has.
async fn loaded(engine: &Engine, part_of_name: &str) -> bool {
    let ours = engine.images_labelled(BASE_LABEL).await;
    let mut ours = ours.expect("an engine").into_iter();
    ours.any(|name| name.starts_with("empty-room/rebuilding:") && name.contains(part_of_name))
}

/// Labels are inherited: they alone would make every image above a rebuilt base ours.
#[tokio::test]
async fn an_image_built_on_a_rebuilt_base_is_the_readers_own() {
    let engine = engine().await;
    for (name, above) in [
        ("registry.invalid/promise-above:1", "COPY file /\n"),
        (
            "registry.invalid/promise-above-without-layer:1",
            "ENV A=B\n",
        ),
    ] {
        let older = one_base_by(name, "1.22.0");
        let rebuilt = older.ensure(&engine, name, &quiet).await;
        assert_eq!(rebuilt, Ok(BaseState::Rebuilt), "an older image of ours");
        build(&engine, name, &format!("FROM {name}\n{above}"))
            .await
            .expect("the reader's own");
        let own = id(&engine, name).await;
        for bases in [older, one_base(name)] {
            assert_eq!(bases.status(&engine).await[0].state, BaseState::Published);
            assert_eq!(
                bases.ensure(&engine, name, &quiet).await,
                Ok(BaseState::Published)
            );
            assert_eq!(id(&engine, name).await, own, "it keeps its name");
        }
        engine.remove_image(name).await.expect("cleaned up");
    }
}

#[tokio::test]
async fn an_unreachable_registry_is_noticed_quickly() {
    let (engine, started) = (engine().await, Instant::now());
    let name = "registry.invalid/promise-unreachable:1";
    let pulled = one_base(name).pull(&engine, name, &quiet).await;
    let UserError { what, cause, next } = pulled.expect_err("nobody is called so");
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(what, format!("{name} could not be pulled."));
    assert!(
        cause.contains("cannot reach the registry registry.invalid"),
        "{cause}"
    );
    assert!(next.contains("playground bases rebuild"), "{next}");
}

#[tokio::test]
async fn a_rebuilt_base_stays_where_no_registry_answers() {
    let (engine, name) = (engine().await, "registry.invalid/promise-stays:1");
    let bases = one_base(name);
    assert_eq!(
        bases.ensure(&engine, name, &quiet).await,
        Ok(BaseState::Rebuilt)
    );
    let rebuilt = id(&engine, name).await;
    assert!(bases.pull(&engine, name, &quiet).await.is_err());
    assert_eq!(id(&engine, name).await, rebuilt);
    engine.remove_image(name).await.expect("cleaned up");
}

#[tokio::test]
async fn a_published_image_replaces_rebuilt_ones_without_a_trace() {
    let engine = engine().await;
    let port = registry().await;
    let name = &format!("127.0.0.1:{port}/promise-pulled:1");
    for (rebuilt_by, asked_for) in [("1.23.9", "pull"), ("1.22.0", "ensure")] {
        let (older, bases) = (one_base_by(name, rebuilt_by), one_base(name));
        let rebuilt = older.rebuild(&engine, &[name], &quiet).await;
        assert_eq!(rebuilt, Ok(vec![(name.clone(), BaseState::Rebuilt)]));
        let rebuilt = id(&engine, name).await.expect("it was rebuilt");
        let derived = trusting(&engine, name, "a certificate").await;
        let derived = derived.expect("an engine").expect("it has the base");
        let state = match asked_for {
            "pull" => bases.pull(&engine, name, &quiet).await,
            _ => bases.ensure(&engine, name, &quiet).await,
        };
        assert_eq!(state, Ok(BaseState::Published), "{asked_for}");
        let facts = engine.image(name).await.expect("an engine");
        assert_eq!(facts.expect("an image").history, ["published"]);
        for gone in [rebuilt, derived] {
            assert_eq!(id(&engine, &gone).await, None, "{asked_for}");
        }
        engine.remove_image(name).await.expect("cleaned up");
    }
}

#[tokio::test]
async fn an_unknown_base_is_refused_with_the_names_there_are() {
    let error = Bases::load()
        .expect("sound")
        .ensure(&engine().await, "golang:9", &quiet)
        .await;
    assert!(
        error
            .expect_err("no such base")
            .next
            .contains("golang:1.23")
    );
}

#[tokio::test]
async fn company_ca_is_not_in_the_copied_bundle() {
    // A base of its own: others may have certificates of theirs on Alpine.
    let (engine, base) = (alpine().await, "empty-room-test/company-base:1");
    build(&engine, base, "FROM alpine:3.20\nCOPY file /\n")
        .await
        .expect("a base");
    let trust = async |body: &str| {
        let ca = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let derived = trusting(&engine, base, &ca).await.expect("an engine");
        derived.expect("the engine has the base")
    };
    let older = trust("T2xkZXI=").await;
    let derived = trust("Q29tcGFueQ==").await;
    assert_eq!(derived, trust("Q29tcGFueQ==").await, "made once");
    assert_eq!(id(&engine, &older).await, None, "no heap of older ones");
    let name = "empty-room-test/company-ca:1";
    let dockerfile = format!(
        "FROM {derived} AS build\nRUN grep -q Q29tcGFueQ== /etc/pki/tls/certs/host-ca.pem\n\
         FROM {base}\nCOPY --from=build /etc/ssl /etc/ssl\n\
         RUN ! grep -rq Q29tcGFueQ== /etc/ssl && test ! -e /etc/pki\n"
    );
    build(&engine, name, &dockerfile)
        .await
        .unwrap_or_else(|said| panic!("{said}"));
    engine.remove_image(name).await.expect("cleaned up");
    // The builder keeps the first stage, which carries the label too.
    let label = format!("{TRUST_LABEL}={base}");
    let made = engine.images_labelled(&label).await;
    for image in made.expect("an engine") {
        engine.remove_image(&image).await.expect("cleaned up");
    }
    engine.remove_image(base).await.expect("cleaned up");
}

#[test]
fn a_recipe_whose_caller_dies_stops_and_leaves_nothing() {
    let cache = tempfile::tempdir().expect("a directory");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bases/rebuild.sh");
    let mut recipe = Command::new("setsid")
        .args(["--wait", "sh"])
        .arg(script)
        .arg("all")
        .env("EMPTY_ROOM_CACHE", cache.path())
        .env("EMPTY_ROOM_LEASH", "yes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("setsid is there");
    let trace = cache.path().to_string_lossy().into_owned();
    let lines = BufReader::new(recipe.stdout.take().expect("piped")).lines();
    let mut said = lines.map_while(Result::ok);
    let installing = said.any(|line| line.contains("installing Debian"));
    assert!(installing, "it came to work");
    // In the middle of that: the tool that installs is at work in the recipe's cache.
    let deadline = Instant::now() + PATIENCE;
    while !processes_naming(&trace).any(|command| command.contains("mmdebstrap")) {
        assert!(Instant::now() < deadline, "nothing is being installed");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(recipe.stdin.take());
    assert!(!recipe.wait().expect("it ends").success());
    let deadline = Instant::now() + PATIENCE;
    while processes_naming(&trace).next().is_some() {
        assert!(
            Instant::now() < deadline,
            "processes of the recipe are still there"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    let work = cache
        .path()
        .join("bases")
        .read_dir()
        .expect("a cache")
        .flatten();
    let left: Vec<_> = work
        .filter(|e| e.file_name().to_string_lossy().starts_with("work."))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The command lines in which this text stands, of all processes.
fn processes_naming(text: &str) -> impl Iterator<Item = String> {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let commands = processes.map(|process| {
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).replace('\0', " ")
    });
    commands.filter(move |command| command.contains(text))
}
