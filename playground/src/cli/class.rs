//! `playground class`: one engine and many seats, in one room.

mod check;
mod serve;

use crate::app_state::AppState;
use crate::class::{Class, MAX_AT_ONCE, MAX_SEATS, USUAL_SEATS, usual_address};
use clap::Subcommand;
use policy::UserError;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open a class: a join code for learners, a board for you
    Serve(serve::Args),
    /// Look whether everything is ready for a class
    Check(check::Args),
    /// Remove the class of this data folder: seats, files, progress, certificate
    End,
}

/// Where a class listens, and how large it may become.
#[derive(Debug, clap::Args)]
struct Place {
    /// Let other machines of this network in; without it, only this one (a rehearsal)
    #[arg(long)]
    lan: bool,
    /// The address to open, where this machine has several
    #[arg(long, requires = "lan")]
    address: Option<IpAddr>,
    /// Port
    #[arg(long, default_value_t = 4443)]
    port: u16,
    /// Seats
    #[arg(long, default_value_t = USUAL_SEATS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SEATS)))]
    seats: u32,
    /// Runs that work at the same time; one for each core by default
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=MAX_AT_ONCE as i64))]
    at_once: Option<u16>,
}

impl Place {
    fn at_once(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let asked = self.at_once.map_or(cores, usize::from);
        asked.clamp(1, MAX_AT_ONCE)
    }

    fn address(&self) -> Option<SocketAddr> {
        usual_address(self.lan, self.address, self.port)
    }

    fn reachable(&self) -> anyhow::Result<SocketAddr> {
        let error = UserError {
            what: "This machine is in no network.".into(),
            cause: "it has no address that others could reach".into(),
            next: "join the room's network, or name an address: --address 192.168.1.5".into(),
        };
        Ok(self.address().ok_or(error)?)
    }
}

pub(super) async fn class(
    args: Args,
    data: &Path,
    open: impl FnOnce() -> anyhow::Result<AppState>,
) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Serve(args) => serve::serve(open()?, args).await,
        Command::Check(args) => check::check(open()?, &args).await,
        Command::End => end(data),
    }
}

fn end(data: &Path) -> anyhow::Result<ExitCode> {
    match Class::end(data)? {
        true => say!("The class is removed: seats, files, progress and certificate."),
        false => say!("There is no class in {}.", data.display()),
    }
    Ok(ExitCode::SUCCESS)
}
