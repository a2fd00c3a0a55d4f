//! What ko makes of the same command: the bytes of its layer, without any base below.

use crate::tree::{go, out_of};
use engine::{Engine, Owner};
use playground::adopt::Plan;
use playground::bases::Bases;

/// The versions that are compared with.
const KO: &str = "github.com/google/ko@v0.19.1";
const CRANE: &str = "github.com/google/go-containerregistry/cmd/crane@v0.22.1";

/// Bytes of the layer in which ko puts the program, unpacked.
///
/// ko wants a base out of a registry: one beside it, in the same step, has an empty one.
pub(crate) async fn bytes(
    engine: &Engine,
    owner: &Owner,
    bases: &Bases,
    tree: &[u8],
    plan: &Plan,
) -> Result<u64, String> {
    let go = go(engine, bases).await?;
    let dir = match plan.module_dir.as_str() {
        "" => "/tree".to_owned(),
        dir => format!("/tree/{dir}"),
    };
    let package = &plan.package;
    let dockerfile = format!(
        "FROM {go}\nENV GOTOOLCHAIN=local\nRUN go install {KO} && go install {CRANE} && go clean -cache -modcache\n\
         ADD tree.tar /tree/\nWORKDIR {dir}\n\
         RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \\\n  \
         (crane registry serve --address 127.0.0.1:1338 & ) && \\\n  \
         until crane catalog 127.0.0.1:1338 >/dev/null 2>&1; do sleep 0.1; done && \\\n  \
         tar -cf /none.tar -T /dev/null && \\\n  \
         crane append --oci-empty-base -f /none.tar -t 127.0.0.1:1338/empty >/dev/null && \\\n  \
         crane mutate --set-platform linux/amd64 127.0.0.1:1338/empty -t 127.0.0.1:1338/empty && \\\n  \
         KO_DEFAULTBASEIMAGE=127.0.0.1:1338/empty ko build --push=false --sbom=none \\\n    \
         --platform=linux/amd64 --oci-layout-path=/out {package} && \\\n  \
         for blob in /out/blobs/sha256/*; do gzip -dc $blob 2>/dev/null | tar -tvf - 2>/dev/null; done \\\n    \
         | awk '$1 ~ /^-/ && $6 ~ /ko-app\\// {{ print $3 }}' > /bytes\n\
         FROM scratch\nCOPY --from=0 /bytes /\n"
    );
    let files = [("tree.tar", tree)];
    let told = out_of(engine, owner, "ko", &dockerfile, &files, "/bytes").await?;
    let told = String::from_utf8_lossy(&told);
    let found = told
        .lines()
        .filter_map(|line| line.trim().parse().ok())
        .max();
    found.ok_or_else(|| format!("ko's layer was not found: {}", told.trim()))
}
