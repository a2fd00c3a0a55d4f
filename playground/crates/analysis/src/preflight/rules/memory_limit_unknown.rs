//! The container's memory is limited, and the Go program does not know: its collector lets the heap
//! double before it works, until the kernel ends the process.
//!
//! Source: `GOMEMLIMIT` of package `runtime`, since Go 1.19. Since Go 1.25 it reads a cgroup's CPU
//! limit by itself, and not its memory limit.

use super::prelude::*;

/// It reads the limit and sets GOMEMLIMIT by itself.
const READS_IT: &str = "github.com/KimMachineGun/automemlimit";

pub(super) static RULE: Rule = Rule {
    order: 232,
    id: "memory-limit-unknown",
    title: "Go does not know the container's memory limit",
    page: Some("museum/out-of-memory.html"),
    severity: Severity::Advice,
    checks: &[Check::GoBinary(check)],
};

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let container = image.container?;
    let limit = container.memory.as_ref()?;
    let set = image.env("GOMEMLIMIT").is_some() || image.env_unknown("GOMEMLIMIT");
    let build = go.program.build();
    let reads = build.is_some_and(|build| build.modules.iter().any(|it| it.path == READS_IT));
    if set || container.env_elsewhere || reads {
        return None;
    }
    Some(Explanation::new(
        format!(
            "{} may use {limit} of memory and does not know: Go reads no limit of a container, and \
             lets its heap double before it collects. Above the limit the kernel ends it, with exit \
             code 137.",
            go.path
        ),
        vec![
            format!("memory limit {limit}"),
            "GOMEMLIMIT is not set".into(),
        ],
        "GOMEMLIMIT in the manifest's environment, at some nine tenths of the limit",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;

    #[test]
    fn a_limit_that_go_does_not_know_is_advice() {
        let elf = elf();
        let mut inspection = image(&app(), &[Make::Mode("app", 0o755, &elf)]);
        make_go(&mut inspection, "/app", "0", &[]);
        let run = |more: &str| said_as(&inspection, &format!("services:\n  a:\n    {more}\n"));
        let told = ["advice: memory-limit-unknown"];
        assert_eq!(run("mem_limit: 64m"), told);
        assert_eq!(
            run("deploy: { resources: { limits: { memory: 64m } } }"),
            told
        );
        assert_eq!(run("mem_limit: 0"), NOTHING);
        assert_eq!(run("cpus: 1"), NOTHING);
        for env in [
            "environment: [GOMEMLIMIT=58MiB]",
            "environment: [GOMEMLIMIT]",
            "env_file: .env",
        ] {
            assert_eq!(run(&format!("mem_limit: 64m\n    {env}")), NOTHING, "{env}");
        }
    }
}
