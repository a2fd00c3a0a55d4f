//! Whether the other side did the same work: a command that gives up early is fast, and no measure.

use super::Bench;
use catalog::{EngineTraits, Moment, Outcome, Reporter, Variant};
use engine::EngineKind;

/// What the other side came to.
pub(crate) struct Ended {
    pub(crate) built: bool,
    /// Exit code of `docker run`, where it was built.
    pub(crate) code: Option<i32>,
    /// All that was written, build and run.
    pub(crate) said: String,
}

impl Bench {
    /// The variant as it must end on this engine.
    pub(crate) fn declared(&self, variant: &Variant) -> Variant {
        let docker = match self.engine.kind() {
            EngineKind::Docker { major } => major,
            EngineKind::Podman => None,
        };
        let traits = EngineTraits {
            docker,
            podman: docker.is_none(),
            emulates: false,
            go: catalog::go_version(self.state.go()).unwrap_or_default(),
            cut_off: false,
        };
        variant.on(traits).0
    }
}

impl Ended {
    /// Fails where this is not what the variant declares.
    pub(crate) fn must_be(&self, variant: &Variant) -> anyhow::Result<()> {
        let expect = &variant.expect;
        let wanted = expect.outcome.shown();
        match expect.outcome {
            Outcome::BuildFails => anyhow::ensure!(!self.built, "it built; declared: {wanted}"),
            _ => anyhow::ensure!(self.built, "the build failed; declared: {wanted}"),
        }
        let code = self.code.map(i64::from);
        match expect.outcome {
            Outcome::Exits => anyhow::ensure!(
                code == expect.exit_code,
                "exit code {code:?}; declared: {:?}",
                expect.exit_code
            ),
            // Told after the start, it is the container's code; else the CLI's own, 125 where
            // there is no better one.
            Outcome::CannotStart if expect.moment == Some(Moment::Wait) => anyhow::ensure!(
                code.is_some_and(|code| code != 0),
                "exit code {code:?}; declared: {wanted}"
            ),
            Outcome::CannotStart => anyhow::ensure!(
                matches!(code, Some(125..=128)),
                "exit code {code:?}; declared: {wanted}"
            ),
            Outcome::BuildFails | Outcome::Serves => {}
        }
        let at_once = !matches!(
            expect.moment,
            Some(Moment::Exec | Moment::Health | Moment::Stop | Moment::Answer)
        );
        let tells = expect.reporter != Some(Reporter::Nobody) && at_once;
        if let Some(message) = expect.message.as_ref().filter(|_| tells) {
            anyhow::ensure!(message.is_match(&self.said), "it does not say `{message}`");
        }
        Ok(())
    }
}
