//! What Go's `time` needs to know time zones, for the rules about them.

use super::go_binary::GoBinary;
use crate::binary::go::BuildInfo;
use crate::entrypoint::ImageContext;

pub(super) const FIX: &str = "import _ \"time/tzdata\" in main (or go build -tags timetzdata), or \
                              COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo";

/// Whether the image has the archive of a Go installation that the program was told of: by the
/// environment, or when it was built, which `-trimpath` makes it forget.
pub(super) fn toolchain_data(image: &ImageContext<'_>, go: &GoBinary<'_>) -> bool {
    let root = image.env("GOROOT").filter(|root| !root.is_empty());
    let build = go.program.build();
    let forgot = build.is_some_and(BuildInfo::has_trimmed_paths);
    if root.is_none() && forgot {
        return false;
    }
    let root = root.unwrap_or("/usr/local/go");
    let archive = format!("{root}/lib/time/zoneinfo.zip");
    image.tree.lookup(&archive).is_ok()
}
