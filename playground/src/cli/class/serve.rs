//! `playground class serve`

use super::super::build::rendered;
use super::super::serve_while_looking;
use super::Place;
use crate::app_state::AppState;
use crate::class::{Class, Size, qr};
use crate::web::{ClassApp, Way, serve_class};
use anyhow::bail;
use console::style;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// With the newest Go (1.27) in place of the one that the sources quote (1.23)
    #[arg(long, value_name = "VERSION")]
    go: Option<String>,
}

pub(super) async fn serve(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state.with_go(args.go.as_deref())?);
    let asked = args.place.reachable()?;
    let size = Size {
        seats: args.place.seats,
        at_once: args.place.at_once(),
    };
    let class = Class::open(state.clone(), size)?;
    // A class is at the address that learners were told: no other port will do.
    let listener = match TcpListener::bind(asked).await {
        Ok(listener) => listener,
        Err(error) => bail!(
            "{asked} cannot be opened: {error}\n  next: end what listens there, or name another \
             port: --port 4500"
        ),
    };
    let address = listener.local_addr()?;
    let way = match address.ip().is_loopback() {
        true => Way::Loopback,
        false => Way::Lan,
    };
    let out = rendered(&state)?;
    let app = ClassApp::new(class.clone(), address, way, out.path())?;
    announce(&app, way);
    let looking = look_for_an_engine(state.clone());
    let serve = |end| serve_class(app, listener, end);
    let ended = serve_while_looking(&state, looking, serve).await?;
    let data = state.data.clone();
    drop(class);
    if ended {
        Class::end(&data)?;
        say!(
            "The class is over; seats, files, progress, certificate, containers and images are gone."
        );
    } else {
        say!("Stopped; containers, networks and images of its runs are gone.");
        say!(
            "Seats and progress are kept: start it again, or remove them with `playground class end`."
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn look_for_an_engine(state: Arc<AppState>) {
    match state.engine().await {
        Ok(engine) => {
            let facts = engine.facts();
            say!(
                "  Engine: {} {} on {}",
                facts.name,
                facts.version,
                facts.address
            );
        }
        Err(error) => say!("  {error}\n\n  Learners can join and read all the same."),
    }
}

fn announce(app: &ClassApp, way: Way) {
    let class = app.class();
    let size = class.size();
    let (code, _) = class.code();
    let join = app.join_url();
    match way {
        Way::Loopback => {
            say!("\n  A rehearsal: only this machine can join. Add --lan for a class.");
        }
        Way::Lan => {
            let warning = style(" OPEN TO THE NETWORK ").bold().reverse();
            say!("\n  {warning}");
            say!(
                "  Whoever is in this network and knows the code can take one of {} seats, and",
                size.seats
            );
            say!(
                "  build and run programs of their own on this machine's engine. Containers have no"
            );
            say!("  network; builds have: they reach what this machine reaches.");
            say!(
                "  One port is open, with TLS. Ctrl-C closes it; the board ends the class for good."
            );
        }
    }
    let seats = class.seats().len();
    if seats > 0 {
        let (began, _) = class.age();
        say!("\n  The class that began {began} goes on, with {seats} seats.");
    }
    say!(
        "\n  Learners join at  {}",
        join.split('#').next().unwrap_or_default()
    );
    say!("  with the code     {}\n", style(&code).bold());
    for line in qr::text(&qr::rows(&join)) {
        // White on black in every terminal: cameras want dark squares on a light ground.
        say!("    {}", style(line).white().bright().on_black());
    }
    let certificate = app.certificate();
    say!(
        "\n  Browsers warn once: the certificate is this machine's own, and nobody vouches for it."
    );
    say!("  Let learners compare its SHA-256 fingerprint with this one before they go on:");
    let (head, tail) = certificate
        .fingerprint
        .split_at(certificate.fingerprint.len() / 2 + 1);
    say!("    {head}\n    {tail}");
    say!(
        "\n  Your board (its key is for you alone):\n    {}\n",
        app.board_url()
    );
    say!(
        "  {} runs work at the same time; the rest wait in turn, seat by seat.",
        size.at_once
    );
    say!("  Ctrl-C stops it; seats and progress stay.\n");
}
