//! A class over HTTPS: the book and its API for each seat, joining, and the instructor's board.
//!
//! What a request reaches follows from who asks. Without a key: pages, and joining. With a seat's
//! key: the same API as at home, over that seat's own files, progress and runs. With the
//! instructor's key: the instructor's own, and the board. A seat cannot name what belongs to
//! another one, because its handlers do not hold it.

mod board;
mod files;
mod guard;
mod idle;
mod join;
mod listener;
mod seat;

use super::{App, Refused, routes};
use crate::class::{Certificate, Class, authority};
use crate::run::{Ended, Runs};
use crate::scans::Scans;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use files::Files;
use guard::Who;
use listener::{Caller, TlsListener};
use policy::UserError;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;

/// Largest body of what is not the book's own API, in bytes: a name and a code.
const MAX_BODY: usize = 4096;
/// What of the API can be asked without a key.
const OPEN: [&str; 2] = ["/api/class/join", "/api/class/return"];

/// How far a class is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To this machine alone: a rehearsal.
    Loopback,
    /// To the network of the room.
    Lan,
}

/// What the handlers of a class share.
#[derive(Debug)]
pub struct ClassApp {
    class: Arc<Class>,
    /// The instructor's own book and runs.
    host: Arc<App>,
    host_router: Router,
    seats: Mutex<HashMap<u32, Router>>,
    files: Files,
    certificate: Certificate,
    way: Way,
    /// What `Host` may say.
    hosts: Vec<String>,
    /// The instructor's key of this launch.
    key: String,
    ending: CancellationToken,
    ended: AtomicBool,
}

impl ClassApp {
    /// Over the book that lies rendered in a folder, with a new key for the instructor.
    ///
    /// # Errors
    /// The book is not whole, the certificate cannot be made, or there is no randomness.
    pub fn new(
        class: Arc<Class>,
        address: SocketAddr,
        way: Way,
        rendered: &Path,
    ) -> anyhow::Result<Arc<ClassApp>> {
        let state = class.state().clone();
        let names = vec![address.ip().to_string()];
        let dir = Class::dir(&state.data);
        let certificate = Certificate::in_dir(&dir, &names, jiff::Zoned::now().date())?;
        let mut hosts = vec![authority(address)];
        if address.ip().is_loopback() && address.port() != 443 {
            hosts.push(format!("localhost:{}", address.port()));
        }
        // The instructor waits in the same queue, as seat 0.
        let ended = Ended::new(|_| {});
        let runs = Arc::new(Runs::of_seat(state.clone(), class.turns(), 0, ended));
        let scans = Scans::of_seat(state.clone(), runs.clone(), class.scan_turns(), 0);
        let files = Files::load(&state.root)?;
        let here = (address.port(), Vec::new());
        let host = App::with(state, runs, Arc::new(scans), here, rendered)?;
        Ok(Arc::new(ClassApp {
            host_router: routes(host.clone()),
            host,
            class,
            seats: Mutex::default(),
            files,
            certificate,
            way,
            hosts,
            key: engine::random_hex(16)?,
            ending: CancellationToken::new(),
            ended: AtomicBool::new(false),
        }))
    }

    /// Where learners join; the code goes into the fragment, which no server sees.
    pub fn join_url(&self) -> String {
        let (code, _) = self.class.code();
        format!("{}#code={code}", self.join_page())
    }

    fn join_page(&self) -> String {
        format!("https://{}/class/join", self.hosts[0])
    }

    /// Where the instructor looks; with the key of this launch.
    pub fn board_url(&self) -> String {
        format!("https://{}/class/board#key={}", self.hosts[0], self.key)
    }

    /// The instructor's key of this launch.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What browsers are shown.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The class.
    pub fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// The instructor's own book and runs.
    pub fn host(&self) -> &Arc<App> {
        &self.host
    }

    /// Over for good: everything of it is to be removed.
    fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.ending.cancel();
    }

    /// What a seat may reach.
    fn room(&self, number: u32) -> Result<Router, UserError> {
        let room = self.class.room(number)?;
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(router) = seats.get(&number) {
            return Ok(router.clone());
        }
        let (state, runs, scans) = (room.state.clone(), room.runs.clone(), room.scans.clone());
        let over = self.host.over(state, runs, scans);
        let app = over.map_err(|error| UserError {
            what: format!("Your room could not be opened: {error}"),
            cause: "the operating system has no randomness".into(),
            next: "tell the instructor".into(),
        })?;
        let router = routes(app);
        seats.insert(number, router.clone());
        Ok(router)
    }

    /// Sends somebody away, with everything that was theirs.
    async fn remove(&self, number: u32) -> Result<(), UserError> {
        let removed = self.class.remove(number).await;
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.remove(&number);
        removed
    }

    async fn close(&self) {
        tokio::join!(self.class.close(), self.host.close());
        // Those that seats used until now.
        self.class.state().remove_kept().await;
    }
}

/// Serves a class until `stop` completes or the instructor ends it, then stops every run and cleans
/// up. Returns whether it was ended for good.
///
/// # Errors
/// TLS cannot be set up, or the listener breaks.
pub async fn serve_class(
    app: Arc<ClassApp>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<bool> {
    let parts = app.certificate.parts()?;
    let listener = TlsListener::new(listener, parts, app.join_page())?;
    let service = router(app.clone()).into_make_service_with_connect_info::<Caller>();
    let (closing, ending) = (app.host.closing.clone(), app.ending.clone());
    let shutdown = async move {
        tokio::select! {
            () = stop => {}
            () = ending.cancelled() => {}
        }
        // Ends the event streams, which would otherwise keep their connections open.
        closing.cancel();
    };
    let server = axum::serve(listener, service).with_graceful_shutdown(shutdown);
    // A client that sends half a request or reads no more must not keep us.
    let drained = async {
        app.host.closing.cancelled().await;
        app.close().await;
        tokio::time::sleep(super::DRAIN).await;
    };
    let watched = async {
        app.class.watch_disk().await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = server => served?,
        () = drained => {}
        () = watched => {}
    }
    app.close().await;
    Ok(app.ended.load(Ordering::Relaxed))
}

fn router(app: Arc<ClassApp>) -> Router {
    let instructors = Router::new()
        .route("/api/class/board", get(board::board))
        .route("/api/class/projector", get(board::projector))
        .route("/api/class/door", post(board::door))
        .route("/api/class/code", post(board::code))
        .route("/api/class/call", post(board::call))
        .route("/api/class/seats/{seat}/return", post(board::let_back))
        .route("/api/class/seats/{seat}/lower", post(board::lower))
        .route("/api/class/seats/{seat}/remove", post(board::remove))
        .route("/api/class/export.csv", get(board::csv))
        .route("/api/class/export.jsonl", get(board::statements))
        .route("/api/class/end", post(board::end))
        .route_layer(from_fn(board::only_instructor));
    let own = Router::new()
        .route("/class/join", get(files::join))
        .route("/class/board", get(files::board))
        .route("/class/projector", get(files::projector))
        .route("/class/class.css", get(files::style))
        .route("/class/icon.svg", get(files::icon))
        .route("/class/certificate.pem", get(files::certificate))
        .route("/api/class/join", post(join::join))
        .route("/api/class/return", post(join::come_back))
        .route("/api/class/here", post(seat::here))
        .route("/api/class/hand", post(seat::hand))
        .route("/api/class/leave", post(seat::leave))
        .merge(instructors)
        .layer(DefaultBodyLimit::max(MAX_BODY));
    // Fifty people share the air. Packed is only what holds no key: joining and the board are not.
    let others = Router::new()
        .fallback(by_who)
        .layer(CompressionLayer::new());
    own.merge(others)
        .layer(from_fn_with_state(app.clone(), guard::guard))
        .with_state(app)
}

/// Hands a request to what belongs to whoever asks.
async fn by_who(State(app): State<Arc<ClassApp>>, request: Request) -> Response {
    let who = request.extensions().get::<Who>().copied();
    let router = match who {
        // Pages only: no API is behind them.
        None => super::pages_only(app.host.clone()),
        Some(Who::Instructor) => app.host_router.clone(),
        Some(Who::Seat(number)) => match seat_router(&app, number, &request) {
            Ok(router) => router,
            Err(refused) => return refused.into_response(),
        },
    };
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// A seat's handlers, where what it asks fits into its limits.
fn seat_router(app: &ClassApp, number: u32, request: &Request) -> Result<Router, Refused> {
    let full = |error| Refused(StatusCode::INSUFFICIENT_STORAGE, error);
    if request.method() == Method::POST {
        let path = request.uri().path();
        let builds = ["/api/runs", "/api/xrays"].contains(&path) || path.ends_with("/check");
        if builds {
            app.class.may_run().map_err(full)?;
        }
        // Submissions are remembered, too.
        let writes = path.starts_with("/api/exercises/") || path.starts_with("/api/inventory/");
        if writes {
            app.class.may_write(number).map_err(full)?;
        }
    }
    let room = app.room(number);
    room.map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error))
}
