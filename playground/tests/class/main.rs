//! A class at work: learners as real HTTPS clients against the real server, with real runs.
//!
//! Small by default (10 learners, a minute); `CLASS_LEARNERS`, `CLASS_SECONDS` and `CLASS_SEED` make
//! it larger and another. In the middle, the engine goes away for a while and comes back (or really
//! dies, where `CLASS_ENGINE_CRASH` holds the command that kills it and starts it again), and the
//! server is killed (`kill -9`) and started again. It fails where a run is lost, a learner sees what
//! is another's, a seat or its progress is gone, or anything is left behind; what was measured it
//! prints as one JSON object.
//!
//! Everything listens on loopback.

mod engine_gate;
mod figures;
mod learner;
mod random;
mod server;
mod usage;

use engine_gate::Gate;
use figures::Figures;
use learner::{Learner, Plan};
use random::Random;
use server::Server;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn number(name: &str, usual: u64) -> u64 {
    let value = std::env::var(name).ok().filter(|text| !text.is_empty());
    let value = value.map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number"))
    });
    value.unwrap_or(usual)
}

fn main() -> ExitCode {
    // `cargo test NAME` is for others; a list is asked for by tools.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|one| one == "--list") {
        println!("class: test");
        return ExitCode::SUCCESS;
    }
    let filter = arguments.iter().find(|one| !one.starts_with('-'));
    if filter.is_some_and(|filter| !"class".contains(filter.as_str())) {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(class())
}

async fn class() -> ExitCode {
    let learners = number("CLASS_LEARNERS", 10) as usize;
    let seconds = number("CLASS_SECONDS", 60);
    let seed = number("CLASS_SEED", 1);
    let at_once = number("CLASS_AT_ONCE", 2) as usize;
    eprintln!("{learners} learners for {seconds} s, {at_once} runs at the same time, seed {seed}");

    let data = tempfile::tempdir().expect("a temporary folder");
    let gate = Gate::open(data.path()).await;
    let idle = usage::engine_bytes(&gate.engine_socket);
    let mut server = Server::start(data.path(), &gate.socket, learners, at_once).await;
    let mut owners = vec![server.owner()];
    let begin = Instant::now();
    let plan = Arc::new(Plan {
        address: server.address.clone(),
        certificate: server.certificate(),
        code: server.code.clone(),
        end: begin + Duration::from_secs(seconds),
    });

    let mut random = Random::new(seed);
    let tasks: Vec<_> = (0..learners)
        .map(|n| {
            // People come in over the first tenth of the time.
            let pause = Duration::from_millis(random.below(seconds * 100 + 1));
            let learner = Learner::new(n, random.fork(), plan.clone());
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                learner.attend().await
            })
        })
        .collect();

    let mut peak = usage::Peak::default();
    let mut outage = None;
    let mut killed = None;
    let (away, kill) = (seconds * 4 / 10, seconds * 6 / 10);
    while begin.elapsed() < Duration::from_secs(seconds) {
        tokio::time::sleep(Duration::from_millis(500)).await;
        peak.see(server.bytes(), usage::engine_bytes(&gate.engine_socket));
        let now = begin.elapsed().as_secs();
        if outage.is_none() && now >= away {
            gate.interrupt().await;
            outage = Some(now);
        }
        if killed.is_none() && now >= kill {
            eprintln!("{now} s: the server is killed and started again");
            let before = server.board().await;
            server.kill();
            server =
                Server::start_again(data.path(), &gate.socket, learners, at_once, &server).await;
            owners.push(server.owner());
            let after = server.board().await;
            killed = Some((before, after));
        }
    }
    let mut figures = Figures::default();
    for task in tasks {
        figures.add(task.await.expect("no learner panics"));
    }
    let board = server.board().await;
    figures.waits_of(&server.export().await);
    figures.check_seats(&board, learners);
    if let Some((before, after)) = &killed {
        figures.check_survived(before, after);
    }
    server.stop().await;
    for owner in owners {
        figures.leftovers(gate.leftovers(&owner).await);
    }
    figures.report(learners, begin.elapsed(), &peak, idle)
}
