//! Whether a class can begin: what a dry run the day before looks at.
//!
//! Each item says what was seen and, where it will not do, what to do. Estimates say what they are
//! made of. Refuses to know terminals.

use super::disk::free_bytes;
use super::limits::{MIN_FREE_DATA, MIN_FREE_ENGINE};
use super::{Certificate, Class};
use crate::app_state::AppState;
use crate::bases::BaseState;
use crate::event::{Ending, Event};
use crate::run::{Runs, prober_image};
use engine::{Engine, Machine};
use policy::UserError;
use policy::limits::MAX_MEMORY_MIB;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

/// A venue's Wi-Fi that all share, in bits per second: a poor one. An assumption, not a measurement.
const POOR_WIFI: u64 = 20_000_000;
/// What is tried out where a run is asked for.
const TRIED: (&str, &str) = ("stage-5a", "image");

/// What the class is to be.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Where it is to listen.
    pub address: Option<SocketAddr>,
    /// Whether other machines are to reach it.
    pub lan: bool,
    /// For how many.
    pub seats: u32,
    /// Runs that work at the same time.
    pub at_once: usize,
    /// What a browser fetches when a learner joins, in bytes.
    pub visit_bytes: u64,
    /// Whether a lab is run, too.
    pub run: bool,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Names it.
    pub id: &'static str,
    /// Whether it will do.
    pub state: State,
    /// What was seen.
    pub says: String,
    /// What to do, where it will not do.
    pub next: Option<String>,
}

/// Whether something will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It will.
    Ready,
    /// It may; look at it.
    Doubtful,
    /// It will not.
    Broken,
}

impl Item {
    fn ready(id: &'static str, says: String) -> Item {
        let (state, next) = (State::Ready, None);
        Item {
            id,
            state,
            says,
            next,
        }
    }

    fn doubtful(id: &'static str, says: String, next: &str) -> Item {
        let (state, next) = (State::Doubtful, Some(next.to_owned()));
        Item {
            id,
            state,
            says,
            next,
        }
    }

    fn broken(id: &'static str, error: &UserError) -> Item {
        Item {
            id,
            state: State::Broken,
            says: format!("{} ({})", error.what, error.cause),
            next: Some(error.next.clone()),
        }
    }
}

/// Looks at everything, from the engine to the air.
pub async fn check(state: &Arc<AppState>, asked: &Asked) -> Vec<Item> {
    let mut items = vec![address(asked), certificate(state, asked)];
    items.push(disk(
        "data-disk",
        "under the data folder",
        free_bytes(&state.data),
        MIN_FREE_DATA,
    ));
    items.push(air(asked.seats, asked.visit_bytes));
    match state.engine().await {
        Err(error) => items.push(Item::broken("engine", &error)),
        Ok(engine) => {
            let facts = engine.facts();
            let says = format!("{} {} on {}", facts.name, facts.version, facts.address);
            items.push(Item::ready("engine", says));
            if let Some(machine) = engine.machine().await {
                items.extend(on_machine(&machine, asked));
            }
            items.push(bases(state, &engine).await);
            items.push(modules(state, &engine).await);
            if asked.run {
                items.push(tried(state).await);
            }
        }
    }
    items
}

fn address(asked: &Asked) -> Item {
    let Some(address) = asked.address else {
        let error = UserError {
            what: "This machine is in no network.".into(),
            cause: "it has no address that others could reach".into(),
            next: "join the room's network, or name an address: --address 192.168.1.5".into(),
        };
        return Item::broken("address", &error);
    };
    match TcpListener::bind(address) {
        Ok(_) if asked.lan => Item::ready(
            "address",
            format!("{address} is free; others reach it from the room's network"),
        ),
        Ok(_) => Item::doubtful(
            "address",
            format!("{address} is free, and reached from this machine alone"),
            "add --lan for a class, once everything else is ready",
        ),
        Err(error) => Item::broken(
            "address",
            &UserError {
                what: format!("{address} cannot be opened: {error}"),
                cause: "another program has the port, or this machine lost the address".into(),
                next: "name another port: --port 4500".into(),
            },
        ),
    }
}

fn certificate(state: &AppState, asked: &Asked) -> Item {
    let names: Vec<String> = asked
        .address
        .iter()
        .map(|address| address.ip().to_string())
        .collect();
    if names.is_empty() {
        return Item::doubtful("certificate", "made for an address".into(), "see above");
    }
    let made = Certificate::in_dir(&Class::dir(&state.data), &names, jiff::Zoned::now().date());
    match made {
        Ok(made) => Item::ready(
            "certificate",
            format!(
                "for {}, good until {}; SHA-256 {}",
                names[0], made.until, made.fingerprint
            ),
        ),
        Err(error) => Item::broken("certificate", &error),
    }
}

fn disk(id: &'static str, place: &str, free: Option<u64>, least: u64) -> Item {
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    match free {
        None => Item::doubtful(
            id,
            format!("the room {place} cannot be seen from here"),
            "look with `docker system df` and `df -h` where the engine runs",
        ),
        // Twice the least: a class must not begin at the limit.
        Some(free) if free >= 2 * least => {
            Item::ready(id, format!("{:.1} GiB are free {place}", gib(free)))
        }
        Some(free) => Item::broken(
            id,
            &UserError {
                what: format!("Only {:.1} GiB are free {place}.", gib(free)),
                cause: format!(
                    "a class needs {:.1} GiB, and stops at half of it",
                    gib(2 * least)
                ),
                next: "make room: `docker system df` says what takes it".into(),
            },
        ),
    }
}

fn on_machine(machine: &Machine, asked: &Asked) -> Vec<Item> {
    let mib = machine.memory_bytes >> 20;
    // The container under test and what stands beside it; builds have no limit that old builders know.
    let containers = asked.at_once as u64 * 2 * u64::from(MAX_MEMORY_MIB);
    let says = format!(
        "{} cores and {mib} MiB; {} runs at the same time take at most {containers} MiB for their \
         containers, and compilers come on top",
        machine.cpus, asked.at_once
    );
    let machine_item = match (asked.at_once <= 2 * machine.cpus, mib >= containers + 2048) {
        (true, true) => Item::ready("machine", says),
        _ => Item::doubtful(
            "machine",
            says,
            "let fewer run at the same time: --at-once 2",
        ),
    };
    let free = machine.data_root.as_deref().and_then(free_bytes);
    vec![
        machine_item,
        disk("engine-disk", "for the engine", free, MIN_FREE_ENGINE),
    ]
}

async fn bases(state: &AppState, engine: &Engine) -> Item {
    let all = state.bases.status(engine).await;
    let missing = all.iter().filter(|base| base.state == BaseState::Missing);
    let missing: Vec<&str> = missing.map(|base| base.name.as_str()).collect();
    match missing.is_empty() {
        true => Item::ready("bases", format!("all {} images are there", all.len())),
        false => Item::doubtful(
            "bases",
            format!(
                "{} of {} images are missing: {}",
                missing.len(),
                all.len(),
                missing.join(", ")
            ),
            "fetch them while the network is good: playground serve --prepare",
        ),
    }
}

/// What builds and questions need beside bases, and a kit brings.
async fn modules(state: &AppState, engine: &Engine) -> Item {
    let prober = prober_image();
    let carried: Vec<_> = state.carried().names().collect();
    let mut missing = Vec::new();
    for (what, images) in [
        ("the prober", &[&*prober][..]),
        ("what builds download", &carried[..]),
    ] {
        let mut there = !images.is_empty();
        for image in images {
            there &= matches!(engine.image(image).await, Ok(Some(_)));
        }
        if !there {
            missing.push(what);
        }
    }
    if missing.is_empty() {
        let says =
            "modules, packages and wheels of labs and exercises are there: builds need no network";
        return Item::ready("modules", says.into());
    }
    Item::doubtful(
        "modules",
        format!(
            "{} must be fetched over the room's network",
            missing.join(" and ")
        ),
        "bring a kit, if that is a poor one: playground kit make room.kit where there is a network, then playground kit load room.kit",
    )
}

/// What all browsers fetch together when a class begins.
fn air(seats: u32, visit_bytes: u64) -> Item {
    let all = u64::from(seats) * visit_bytes;
    let seconds = (all * 8).div_ceil(POOR_WIFI);
    let says = format!(
        "a browser fetches at most {:.1} MB when a learner joins: {seats} of them {:.0} MB, which is \
         {seconds} s where all share {} Mb/s. Images stay on this machine",
        visit_bytes as f64 / 1e6,
        all as f64 / 1e6,
        POOR_WIFI / 1_000_000,
    );
    match seconds <= 300 {
        true => Item::ready("air", says),
        false => Item::doubtful(
            "air",
            says,
            "use a wire for this machine, or let them join in turns",
        ),
    }
}

async fn tried(state: &Arc<AppState>) -> Item {
    let runs = Runs::new(state.clone());
    let (lab, variant) = TRIED;
    let run = match runs.start(lab, variant, BTreeMap::new()) {
        Ok(run) => run,
        Err(error) => return Item::broken("run", &error),
    };
    let mut seen = 0;
    loop {
        let entries = run.log.next(seen).await;
        let Some(last) = entries.last() else { break };
        seen = last.seq;
    }
    runs.close().await;
    let finished = run.log.latest(|event| match event {
        Event::Finished(finished) => Some(finished.clone()),
        _ => None,
    });
    match finished {
        Some(finished) if finished.ending == Ending::AsDeclared => Item::ready(
            "run",
            format!(
                "{lab}/{variant} ran as declared in {:.1} s",
                finished.ms as f64 / 1e3
            ),
        ),
        other => {
            let why = other.and_then(|finished| {
                let said = finished.message.clone();
                finished.error.or_else(|| {
                    Some(UserError {
                        what: said?,
                        cause: "the lab did not do what it declares".into(),
                        next: format!("playground run {lab}/{variant}"),
                    })
                })
            });
            let unknown = UserError {
                what: format!("{lab}/{variant} did not do what it declares."),
                cause: "the engine or its network".into(),
                next: format!("playground run {lab}/{variant}"),
            };
            Item::broken("run", &why.unwrap_or(unknown))
        }
    }
}

/// The usual address: this machine's own, or the one in the room's network.
pub fn usual_address(lan: bool, named: Option<IpAddr>, port: u16) -> Option<SocketAddr> {
    let ip = match (named, lan) {
        (Some(ip), _) => Some(ip),
        (None, false) => Some(IpAddr::from([127, 0, 0, 1])),
        (None, true) => super::lan_address(),
    };
    ip.map(|ip| SocketAddr::new(ip, port))
}

/// What a browser fetches at most when it opens the book for the first time, in bytes: the largest
/// page with all styles, scripts and fonts. The search index comes when somebody searches.
pub fn visit_bytes(out: &Path) -> u64 {
    let (mut shared, mut page) = (0, 0);
    let mut folders = vec![out.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, facts) = (entry.path(), entry.metadata());
            let bytes = facts.as_ref().map_or(0, std::fs::Metadata::len);
            let name = entry.file_name().to_string_lossy().into_owned();
            match path.extension().and_then(|end| end.to_str()) {
                _ if facts.is_ok_and(|facts| facts.is_dir()) => folders.push(path),
                Some("html") if !name.starts_with("print") => page = bytes.max(page),
                Some("js") if name.starts_with("searchindex") => {}
                Some("css" | "js" | "svg" | "woff2") => shared += bytes,
                _ => {}
            }
        }
    }
    shared + page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_says_what_it_is_made_of() {
        let item = air(50, 1_000_000);
        assert_eq!(item.state, State::Ready);
        assert!(
            item.says.contains("50 of them 50 MB, which is 20 s"),
            "{}",
            item.says
        );
        assert_eq!(air(200, 20_000_000).state, State::Doubtful);
    }

    #[test]
    fn what_will_not_do_says_what_to_do() {
        let full = disk("data-disk", "here", Some(1), MIN_FREE_DATA);
        assert_eq!(full.state, State::Broken);
        assert!(full.next.is_some());
        assert_eq!(disk("d", "here", Some(u64::MAX), 1).state, State::Ready);
        assert_eq!(disk("d", "here", None, 1).state, State::Doubtful);
    }

    #[test]
    fn a_port_that_is_taken_is_told() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut asked = Asked {
            address: Some(taken.local_addr().expect("an address")),
            lan: false,
            seats: 1,
            at_once: 1,
            visit_bytes: 0,
            run: false,
        };
        assert_eq!(address(&asked).state, State::Broken);
        drop(taken);
        assert_eq!(
            address(&asked).state,
            State::Doubtful,
            "loopback is no class yet"
        );
        asked.address = None;
        assert_eq!(address(&asked).state, State::Broken);
    }

    #[test]
    fn without_being_asked_nothing_but_this_machine_is_opened() {
        let own = usual_address(false, None, 4443).expect("an address");
        assert!(own.ip().is_loopback());
        let named = usual_address(true, Some(IpAddr::from([192, 0, 2, 7])), 4443);
        assert_eq!(named, Some(SocketAddr::from(([192, 0, 2, 7], 4443))));
    }
}
