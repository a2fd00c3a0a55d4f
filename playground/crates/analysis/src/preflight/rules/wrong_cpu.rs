//! The program is for another CPU than the engine has, or than the image says.
//!
//! Source: `e_machine` of the ELF header, which `elf_check_arch` of the kernel holds against its own.

use super::prelude::*;
use crate::preflight::start::CpuOutcome;

pub(in crate::preflight) static RULE: Rule = Rule {
    order: 70,
    id: "wrong-cpu",
    title: "The binary is for another CPU",
    page: Some("museum/exec-format.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

fn explain(_: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::Cpu(cpu) = &failed.error else {
        return None;
    };
    let (program, image, target) = (cpu.program, cpu.image, &cpu.target);
    let path = &failed.path;
    let what = match cpu.outcome {
        CpuOutcome::Mislabelled => format!(
            "{path} is for {program}, but the image says that it is for {image}: elsewhere it \
             will be taken for what it is not."
        ),
        CpuOutcome::Emulated => format!(
            "{path} is for {program}, and this engine's CPU is {target}: it runs here in an \
             emulator, slowly, and not at all where there is none."
        ),
        CpuOutcome::Engine => format!(
            "{path} is for {program}, and this engine's CPU is {target}: exec format error."
        ),
        CpuOutcome::Label => format!(
            "{path} is for {program}, and the image says that it is for {target}: exec format \
             error, unless the machine emulates other CPUs."
        ),
    };
    Some(Explanation::new(
        what,
        vec![
            format!("e_machine of {path}: {program}"),
            format!("architecture of the image: {image}"),
        ],
        "ARG TARGETARCH, then GOARCH=$TARGETARCH go build; or neither",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::TargetPlatform;
    use crate::preflight::testing::*;

    #[test]
    fn the_cpu_is_that_of_the_engine_or_of_the_image() {
        const ARM64: u16 = 183;
        let here = |cpu: Option<&str>, emulates| TargetPlatform {
            cpu: cpu.map(str::to_owned),
            emulates,
            ..TargetPlatform::default()
        };
        let not = "will not start: wrong-cpu";
        let (amd64, arm64) = ("amd64", "arm64");
        for (says, machine, engine, emulates, wanted) in [
            (amd64, 62, Some(amd64), false, None),
            (amd64, 62, None, false, None),
            (amd64, ARM64, None, false, Some(not)),
            (amd64, ARM64, Some(amd64), false, Some(not)),
            (amd64, ARM64, Some(amd64), true, Some("advice: wrong-cpu")),
            (amd64, ARM64, Some(arm64), false, Some("advice: wrong-cpu")),
            (arm64, ARM64, Some(amd64), false, Some(not)),
            (arm64, ARM64, None, false, None),
        ] {
            let layer = tar(&[Make::Mode("app", 0o755, &elf_for(machine))]);
            let inspection = image_for(says, &app(), &[layer]);
            let found = said(&inspection, &here(engine, emulates));
            assert_eq!(
                found.first().map(String::as_str),
                wanted,
                "{says} {machine} {engine:?}"
            );
        }
        // Kernels of 64-bit PCs run what is for 32 bits.
        let mut small = vec![0; 52];
        small[..7].copy_from_slice(b"\x7fELF\x01\x01\x01");
        small[16] = 2;
        small[18] = 3;
        small[20] = 1;
        assert_eq!(found(&app(), &[Make::Mode("app", 0o755, &small)]), [""; 0]);
    }

    #[test]
    fn an_engine_that_was_not_tried_is_promised_nothing() {
        let layer = tar(&[Make::Mode("app", 0o755, &elf_for(183))]);
        let inspection = image_for("arm64", &app(), &[layer]);
        for (tried, wanted) in [
            (Some(false), Some("will not start: wrong-cpu")),
            (Some(true), Some("advice: wrong-cpu")),
            (None, None),
        ] {
            let here = TargetPlatform {
                cpu: Some("amd64".into()),
                emulates: false,
                ..TargetPlatform::default()
            };
            let found = said(&inspection, &here.tried(tried));
            assert_eq!(found.first().map(String::as_str), wanted, "{tried:?}");
        }
    }

    #[test]
    fn an_image_may_call_its_cpu_as_the_kernel_does() {
        for (says, machine) in [("x86_64", 62), ("aarch64", 183)] {
            let layer = tar(&[Make::Mode("app", 0o755, &elf_for(machine))]);
            let inspection = image_for(says, &app(), &[layer]);
            assert_eq!(
                said(&inspection, &TargetPlatform::default()),
                [""; 0],
                "{says}"
            );
        }
    }
}
