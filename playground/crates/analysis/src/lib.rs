//! What images, executables and Dockerfiles are, read from their own bytes.
//!
//! - [`binary`] sees through an executable: linkage, sections, Go packages by bytes.
//! - [`image`] reads archives, layers and the merged tree; computes sizes.
//! - [`inspect`] reads an image whole, once, and keeps what X-ray and preflight ask for.
//! - [`manifest`] reads what starts containers: Kubernetes objects, Compose files, ECS tasks.
//! - [`entrypoint`] finds the programs that a container of an image would start.
//! - [`xray`] tells what is in an image or binary, and what differs between two.
//! - [`preflight`] says how an image will fail before it is started.
//! - [`subject`] says what a report is about.
//! - [`dockerfile`] knows which images a Dockerfile stands on.
//!
//! Sync and pure. Refuses to know engines, HTTP, terminals and pages.

pub mod binary;
pub mod dockerfile;
pub mod entrypoint;
pub mod image;
pub mod inspect;
pub mod manifest;
pub mod preflight;
pub mod subject;
pub mod xray;
