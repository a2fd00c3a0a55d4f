//! `playground serve`

use super::build::rendered;
use super::exercises::Work;
use super::published;
use super::serve_while_looking;
use crate::app_state::AppState;
use crate::services::Service;
use crate::web::{self, App};
use anyhow::{anyhow, bail};
use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Ports tried after the wanted one.
const MORE_PORTS: u16 = 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Port on 127.0.0.1; where it is taken, the next free one is used
    #[arg(long, default_value_t = 4180)]
    port: u16,
    /// Fetch or rebuild all base images in the background, before they are asked for
    #[arg(long)]
    prepare: bool,
    /// In a container: listen on its own network, so that `docker run -p 127.0.0.1:4180:4180`
    /// reaches it; the key is asked for all the same
    #[arg(long)]
    published: bool,
    /// A Go repository that the page "Your service" may adopt; as often as needed. Pages never name
    /// a path
    #[arg(long = "service", value_name = "PATH")]
    services: Vec<PathBuf>,
    #[command(flatten)]
    work: Work,
}

pub(super) async fn serve(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state.with_work(args.work.work));
    let services = Service::all(&args.services).map_err(|error| anyhow!("{error}"))?;
    let listener = match args.published {
        true => published::listen(args.port).await?,
        false => listen(args.port).await?,
    };
    let port = listener.local_addr()?.port();
    if port != args.port && args.port != 0 {
        say!("Port {} is taken; using {port} instead.", args.port);
    }
    let out = rendered(&state)?;
    let app = App::new(state.clone(), port, out.path(), services)?;
    say!("\n  The book is open:  {}\n", app.url());
    if !args.services.is_empty() {
        say!("  Your service:      {}\n", app.url_of("service.html"));
    }
    say!("  Ctrl-C ends it and cleans up.\n");
    let looking = look_for_an_engine(app.clone(), args.prepare);
    serve_while_looking(&state, looking, |end| web::serve(app, listener, end)).await?;
    say!("Stopped; containers, networks and images of its runs are gone.");
    Ok(ExitCode::SUCCESS)
}

async fn listen(wanted: u16) -> anyhow::Result<TcpListener> {
    let last = wanted.saturating_add(MORE_PORTS);
    for port in wanted..=last {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => bail!(
                "port {port} cannot be opened: {error}\n  next: try another one, `--port 8080`"
            ),
        }
    }
    bail!("ports {wanted} to {last} are all taken\n  next: name a free one with --port")
}

/// Finds (or starts) the engine at once, sweeps, and sees to the bases where asked to.
async fn look_for_an_engine(app: Arc<App>, prepare: bool) {
    match app.state().engine().await {
        Ok(engine) => {
            let facts = engine.facts();
            let (name, version) = (&facts.name, &facts.version);
            say!("  Engine: {name} {version} on {}", facts.address);
            if prepare {
                let on = |base: &str, text: &str| say!("  [{base}] {text}");
                app.prepare_bases(&engine, on).await;
            }
        }
        Err(error) => say!("  {error}\n\n  The book opens all the same."),
    }
}
