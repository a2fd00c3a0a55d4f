//! A registry to pull from.

use axum::http::Uri;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

/// A registry that has one and the same small image by every name; the port it listens on.
pub(crate) async fn registry() -> u16 {
    let layer = [0; 1024].to_vec();
    let digest = |bytes: &[u8]| format!("sha256:{:x}", Sha256::digest(bytes));
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "history": [{ "created_by": "published" }],
        "rootfs": { "type": "layers", "diff_ids": [digest(&layer)] },
    });
    let config = config.to_string().into_bytes();
    let kind = "application/vnd.docker.distribution.manifest.v2+json";
    let part = |kind: &str, bytes: &[u8]| {
        json!({
            "mediaType": format!("application/vnd.docker.{kind}"),
            "size": bytes.len(), "digest": digest(bytes),
        })
    };
    let manifest = json!({
        "schemaVersion": 2, "mediaType": kind,
        "config": part("container.image.v1+json", &config),
        "layers": [part("image.rootfs.diff.tar", &layer)],
    });
    let manifest = manifest.to_string().into_bytes();
    let answer = async move |uri: Uri| {
        let blob = [&layer, &config]
            .into_iter()
            .find(|bytes| uri.path().ends_with(&digest(bytes)));
        let (kind, bytes) = match blob {
            Some(bytes) => ("application/octet-stream", bytes),
            None => (kind, &manifest),
        };
        ([("content-type", kind)], bytes.clone())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    port
}
