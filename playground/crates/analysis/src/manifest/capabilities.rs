//! Which capabilities a container has, by what its manifest adds and drops.
//!
//! Source: moby's `TweakCapabilities` (`oci/caps/utils.go`); containerd does the same for Kubernetes.

/// What is added to and taken from what an engine gives by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// All there are, and no question asked.
    pub(crate) privileged: bool,
    added: Vec<String>,
    dropped: Vec<String>,
}

impl Changes {
    pub(super) fn add(&mut self, name: &str) {
        self.added.push(plain(name));
    }

    pub(super) fn drop(&mut self, name: &str) {
        self.dropped.push(plain(name));
    }

    /// Whether a container has this one (`cap_chown`), which engines give by themselves or do not.
    pub(crate) fn leave(&self, name: &str, given: bool) -> bool {
        let name = plain(name);
        let has = |list: &[String], name: &str| list.iter().any(|one| one == name);
        let (added, dropped) = (has(&self.added, &name), has(&self.dropped, &name));
        match () {
            () if self.privileged => true,
            () if has(&self.added, "all") => !dropped,
            () if has(&self.dropped, "all") => added,
            () => added || (given && !dropped),
        }
    }

    /// What the manifest says, for people; `None` where it says nothing.
    pub(crate) fn said(&self) -> Option<String> {
        let list = |word: &str, names: &[String]| {
            let names: Vec<_> = names.iter().map(|name| name.to_uppercase()).collect();
            (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
        };
        let privileged = self.privileged.then(|| "privileged".to_owned());
        let said = [
            privileged,
            list("drop", &self.dropped),
            list("add", &self.added),
        ];
        let said: Vec<_> = said.into_iter().flatten().collect();
        (!said.is_empty()).then(|| format!("capabilities: {}", said.join("; ")))
    }
}

/// `NET_BIND_SERVICE` and `CAP_NET_BIND_SERVICE` are one.
fn plain(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    name.strip_prefix("cap_")
        .map_or(name.clone(), str::to_owned)
}
