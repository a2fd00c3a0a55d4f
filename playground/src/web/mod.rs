//! The HTTP face: knows runs and pages, no containers.
//!
//! Handlers hold no domain logic: they turn requests into calls and values into JSON. Every
//! request passes `guard` first.

mod api;
mod class;
mod exercises;
mod guard;
mod inventory;
mod pages;
mod scans;
mod services;
mod stream;
mod symptoms;

pub use class::{ClassApp, Way, serve_class};
pub use guard::KEY_HEADER;

use crate::app_state::AppState;
use crate::bases::Progress;
use crate::book;
use crate::run::Runs;
use crate::scans::Scans;
use crate::services::{Service, Services};
use axum::Json;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use catalog::inventory::Inventory;
use engine::Engine;
use policy::UserError;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Largest request body in bytes: the edits of a lab (256 KiB), escaped as JSON.
const MAX_BODY: usize = 640 * 1024;

/// How long open connections may take to end once every run has.
const DRAIN: Duration = Duration::from_secs(2);

/// What the handlers share.
#[derive(Debug)]
pub struct App {
    state: Arc<AppState>,
    runs: Arc<Runs>,
    scans: Arc<Scans>,
    services: Services,
    pages: Arc<pages::Pages>,
    /// Which page holds which lab.
    lab_pages: Arc<BTreeMap<String, String>>,
    /// Questions that ask why.
    inventory: Arc<Inventory>,
    /// What each page is called.
    titles: Arc<BTreeMap<String, String>>,
    key: String,
    port: u16,
    closing: CancellationToken,
    /// Background preparation, as `/api/status` tells it.
    preparing: Arc<Mutex<Option<Progress>>>,
}

impl App {
    /// Over the book that lies rendered in a folder, with a new key. `services` may be adopted.
    ///
    /// # Errors
    /// The book is not whole, or there is no randomness for a key.
    pub fn new(
        state: Arc<AppState>,
        port: u16,
        rendered: &Path,
        services: Vec<Service>,
    ) -> anyhow::Result<Arc<App>> {
        let runs = Arc::new(Runs::keeping_images(state.clone()));
        let scans = Arc::new(Scans::new(state.clone(), runs.clone()));
        App::with(state, runs, scans, (port, services), rendered)
    }

    /// The same with runs and X-rays that may share their turns.
    fn with(
        state: Arc<AppState>,
        runs: Arc<Runs>,
        scans: Arc<Scans>,
        (port, services): (u16, Vec<Service>),
        rendered: &Path,
    ) -> anyhow::Result<Arc<App>> {
        Ok(Arc::new(App {
            services: Services::new(state.clone(), services),
            scans,
            runs,
            pages: Arc::new(pages::Pages::new(rendered)),
            lab_pages: Arc::new(book::lab_pages(&state.root)?),
            inventory: Arc::new(Inventory::load(&state.root, &state.catalog)?),
            titles: Arc::new(book::page_titles(&state.root, &state.catalog)?),
            key: engine::random_hex(16)?,
            port,
            closing: CancellationToken::new(),
            preparing: Arc::default(),
            state,
        }))
    }

    /// The same book over another's runs, X-rays, files and progress. Its key opens nothing: who
    /// may use it is settled before.
    fn over(
        &self,
        state: Arc<AppState>,
        runs: Arc<Runs>,
        scans: Arc<Scans>,
    ) -> std::io::Result<Arc<App>> {
        Ok(Arc::new(App {
            // Folders are of whoever has started the process.
            services: Services::new(state.clone(), Vec::new()),
            state,
            runs,
            scans,
            pages: self.pages.clone(),
            lab_pages: self.lab_pages.clone(),
            inventory: self.inventory.clone(),
            titles: self.titles.clone(),
            key: engine::random_hex(16)?,
            port: self.port,
            closing: self.closing.clone(),
            preparing: self.preparing.clone(),
        }))
    }

    /// The address to open, key and all. The fragment never leaves the browser.
    pub fn url(&self) -> String {
        self.url_of("")
    }

    /// The same of a page of the book, named from its top.
    pub fn url_of(&self, page: &str) -> String {
        format!("http://127.0.0.1:{}/{page}#key={}", self.port, self.key)
    }

    /// The per-launch key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Sees to all bases in the background; the status line tells how far, and `on` is told what
    /// of each base, in order.
    pub async fn prepare_bases(&self, engine: &Engine, on: impl Fn(&str, &str) + Send + Sync) {
        for name in self.state.bases.names().map(str::to_owned) {
            let on_progress = |progress: Progress| {
                if progress.total.is_none() {
                    on(&name, &progress.text);
                }
                self.show_preparing(Some(progress));
            };
            let outcome = self.state.bases.ensure(engine, &name, &on_progress).await;
            self.show_preparing(None);
            match outcome {
                Ok(state) => on(&name, state.name()),
                // The run that needs it says so again, where it can be read.
                Err(error) => on(&name, &error.to_string()),
            }
        }
    }

    fn show_preparing(&self, preparing: Option<Progress>) {
        let mut shown = self
            .preparing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *shown = preparing;
    }

    /// Stops all that is under way, and waits until it has cleaned up after itself.
    async fn close(&self) {
        tokio::join!(self.runs.close(), self.scans.close(), self.services.close());
        self.state.remove_kept().await;
    }

    /// What the commands share.
    pub fn state(&self) -> &Arc<AppState> {
        &self.state
    }
}

/// Serves until `stop` completes, then stops every run and X-ray and cleans up.
///
/// # Errors
/// The listener breaks.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = router(app.clone());
    let closing = app.closing.clone();
    let shutdown = async move {
        stop.await;
        // Ends the event streams, which would otherwise keep their connections open.
        closing.cancel();
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(shutdown);
    // A client that sends half a request or reads no more must not keep us.
    let drained = async {
        app.closing.cancelled().await;
        app.close().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = server => served?,
        () = drained => {}
    }
    app.close().await;
    Ok(())
}

fn router(app: Arc<App>) -> Router {
    routes(app.clone()).layer(from_fn_with_state(app, guard::guard))
}

/// What can be asked for, by whoever was let in.
fn routes(app: Arc<App>) -> Router {
    let import = DefaultBodyLimit::max(exercises::MAX_IMPORT);
    Router::new()
        .route("/api/status", get(api::status))
        .route("/api/labs", get(api::labs))
        .route("/api/symptoms", get(symptoms::answer))
        .route("/symptoms", get(symptoms::page))
        .route("/api/runs", get(api::runs).post(api::start))
        .route("/api/runs/{run}/events", get(api::events))
        .route("/api/runs/{run}/stop", post(api::stop))
        .route("/api/journey", get(api::journey))
        .route("/api/ledger", get(api::ledger))
        .route("/api/inventory", get(inventory::questions))
        .route("/api/inventory/{question}", post(inventory::answer))
        .route("/api/images", get(scans::images))
        .route("/api/xrays", post(scans::start))
        .route("/api/xrays/{xray}", get(scans::status))
        .route("/api/xrays/{xray}/stop", post(scans::stop))
        .route("/api/xrays/{xray}/map", get(scans::map))
        .route("/api/xrays/{xray}/preflight", get(scans::preflight))
        .route("/api/xrays/{xray}/against/{other}", get(scans::difference))
        .route("/api/services", get(services::list))
        .route("/api/services/{service}/adopt", post(services::start))
        .route("/api/adoptions/{adoption}", get(services::status))
        .route("/api/adoptions/{adoption}/events", get(services::events))
        .route("/api/adoptions/{adoption}/report", get(services::report))
        .route("/api/adoptions/{adoption}/stop", post(services::stop))
        .route("/api/exercises", get(exercises::list))
        .route("/api/exercises/export", get(exercises::export))
        .route(
            "/api/exercises/import",
            post(exercises::import).layer(import),
        )
        .route("/api/exercises/{id}", get(exercises::show))
        .route("/api/exercises/{id}/files", post(exercises::save))
        .route("/api/exercises/{id}/check", post(exercises::check))
        .route("/api/exercises/{id}/checks/{run}", get(exercises::verdict))
        .route("/api/exercises/{id}/hint", post(exercises::hint))
        .route("/api/exercises/{id}/reset", post(exercises::reset))
        .route(
            "/api/exercises/{id}/solution",
            get(exercises::solution).post(exercises::give_up),
        )
        .route("/api/{*rest}", get(api::unknown).post(api::unknown))
        .fallback(get(pages::page))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(app)
}

/// The book's pages without anything behind them.
fn pages_only(app: Arc<App>) -> Router {
    Router::new().fallback(get(pages::page)).with_state(app)
}

/// What a handler refuses: an error for people, as JSON.
struct Refused(StatusCode, UserError);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

/// A request that is not well-formed, in axum's words.
fn rejected(status: StatusCode, what: String) -> Refused {
    let error = UserError {
        what,
        cause: "the request is not what this version of the page sends".into(),
        next: "reload the page".into(),
    };
    Refused(status, error)
}
