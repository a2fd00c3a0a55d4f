//! A gate before the engine's socket, which can be closed: to the server, the engine is gone.
//!
//! Its containers stay, as those of an engine with live-restore do. The engine itself belongs to
//! whoever started it and is left alone, unless they say how it is to be killed.

use engine::{Address, Engine, discover};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};
use tokio::process::Command;
use tokio::sync::Notify;

pub(crate) struct Gate {
    /// What the server is told.
    pub(crate) socket: PathBuf,
    /// What lies behind.
    pub(crate) engine_socket: PathBuf,
    engine: Engine,
    shut: Arc<AtomicBool>,
    cut: Arc<Notify>,
}

impl Gate {
    pub(crate) async fn open(dir: &Path) -> Gate {
        let engine = discover().await.unwrap_or_else(|none| {
            panic!(
                "this test needs a Docker engine and found none: {:?}\n\
                 next: run script/test, which installs and starts one",
                none.tried
            )
        });
        let Address::Unix(engine_socket) = engine.address().clone() else {
            panic!("this test needs an engine on a socket of this machine");
        };
        let socket = dir.join("engine.sock");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let (shut, cut) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let gate = Gate {
            socket,
            engine_socket: engine_socket.clone(),
            engine,
            shut: shut.clone(),
            cut: cut.clone(),
        };
        tokio::spawn(async move {
            loop {
                let Ok((mut client, _)) = listener.accept().await else {
                    continue;
                };
                if shut.load(Ordering::SeqCst) {
                    continue;
                }
                let (cut, behind) = (cut.clone(), engine_socket.clone());
                tokio::spawn(async move {
                    let cut = cut.notified();
                    let passing = async {
                        let mut engine = UnixStream::connect(behind).await?;
                        copy_bidirectional(&mut client, &mut engine).await
                    };
                    tokio::select! {
                        _ = passing => {}
                        () = cut => {}
                    }
                });
            }
        });
        gate
    }

    /// The engine goes away, and comes back: `CLASS_ENGINE_CRASH` says by what command, else every
    /// connection is cut, and for some seconds new ones are dropped.
    pub(crate) async fn interrupt(&self) {
        let Some(command) = std::env::var_os("CLASS_ENGINE_CRASH") else {
            eprintln!("the engine goes away");
            self.shut.store(true, Ordering::SeqCst);
            self.cut.notify_waiters();
            tokio::time::sleep(Duration::from_secs(3)).await;
            self.shut.store(false, Ordering::SeqCst);
            return;
        };
        eprintln!("the engine is killed and started again");
        let done = Command::new("sh").arg("-c").arg(command).status().await;
        assert!(done.expect("a shell").success(), "the engine is back");
    }

    /// What a playground left on the engine.
    pub(crate) async fn leftovers(&self, owner: &str) -> Vec<String> {
        self.engine
            .objects_of(owner)
            .await
            .expect("the engine lists its objects")
    }
}
