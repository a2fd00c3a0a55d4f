//! A Go program that was built for a newer CPU than the oldest of its kind.
//!
//! Source: `GOAMD64`, `GOARM64` and `GOARM` of the build info. Which CPU it is to run on, the image does
//! not tell, so this is a question.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 75,
    id: "cpu-level",
    title: "Built for a newer CPU than the oldest",
    page: Some("museum/cpu-level.html"),
    severity: Severity::Advice,
    checks: &[Check::File(check)],
};

fn check(context: &RuleContext<'_>, id: NodeId) -> Option<Explanation> {
    let image = &context.image;
    let build = image.program(id)?.build()?;
    let path = image.tree.path(id);
    let platform = &image.inspection.image.config.platform;
    let variant = platform.variant.as_deref().unwrap_or_default();
    let set = |name| Some((name, build.setting(name)?));
    let level = set("GOAMD64")
        .or_else(|| set("GOARM64"))
        .or_else(|| set("GOARM"));
    let (name, value) = level?;
    let (needs, then, lowest) = needs(name, value, variant)?;
    let mut evidence = vec![format!("build info of {path}: {name}={value}")];
    if !variant.is_empty() {
        evidence.push(format!("variant of the image's platform: {variant}"));
    }
    Some(Explanation::new(
        format!(
            "{path} was built with {name}={value}. Has every machine that it is to run on {needs}, \
             an emulated one too? {then}"
        ),
        evidence,
        format!("{lowest} go build; or an image for each level, with its own tag"),
    ))
}

/// What the CPU needs, what happens without, and the setting that needs nothing; `None` where every
/// CPU of the kind has it, or the image says that it is for those that have.
fn needs(
    name: &str,
    value: &str,
    variant: &str,
) -> Option<(&'static str, &'static str, &'static str)> {
    let (level, options) = value.split_once(',').unwrap_or((value, ""));
    let declared = level.split('.').next() == Some(variant);
    match (name, level) {
        ("GOAMD64", "v3") if !declared => Some((
            "x86-64-v3 (AVX2, BMI and FMA: Intel since Haswell, AMD since Excavator, no Atom)",
            "One that has not ends it before main: This program can only be run on AMD64 processors \
             with v3 microarchitecture support.",
            "GOAMD64=v1",
        )),
        ("GOAMD64", "v4") if !declared => Some((
            "x86-64-v4 (AVX-512, which many new CPUs lack)",
            "One that has not ends it before main: This program can only be run on AMD64 processors \
             with v4 microarchitecture support.",
            "GOAMD64=v1",
        )),
        ("GOARM64", level) if level != "v8.0" || options.split(',').any(|it| it == "lse") => {
            Some((
                "the atomic instructions of ARMv8.1 (LSE), which a Raspberry Pi 4 and Graviton 1 lack",
                "One that has not ends it at its start, or with SIGILL.",
                "GOARM64=v8.0",
            ))
        }
        // The image itself says that it is for older ones.
        ("GOARM", "7") if matches!(variant, "v5" | "v6") => Some((
            "ARMv7, which is more than the image says of itself",
            "One that has not ends it at its start, or with SIGILL.",
            "GOARM=6",
        )),
        ("GOARM", "6") if variant == "v5" => Some((
            "ARMv6, which is more than the image says of itself",
            "One that has not ends it at its start, or with SIGILL.",
            "GOARM=5",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::preflight::TargetPlatform;
    use crate::preflight::testing::*;

    #[test]
    fn a_level_above_the_lowest_is_asked_about() {
        let run = |cpu: &str, machine: u16, setting: (&str, &str), variant: &str| {
            let layer = tar(&[Make::Mode("app", 0o755, &elf_for(machine))]);
            let mut inspection = image_for(cpu, &app(), &[layer]);
            make_go(&mut inspection, "/app", "0", &[]);
            set(&mut inspection, "/app", setting.0, setting.1);
            let platform = &mut inspection.image.config.platform;
            platform.variant = Some(variant.to_owned()).filter(|variant| !variant.is_empty());
            said(&inspection, &TargetPlatform::default())
        };
        let asked = ["advice: cpu-level"];
        for level in ["v1", "v2"] {
            assert_eq!(run("amd64", 62, ("GOAMD64", level), ""), NOTHING);
        }
        for level in ["v3", "v4"] {
            assert_eq!(run("amd64", 62, ("GOAMD64", level), ""), asked);
            assert_eq!(run("amd64", 62, ("GOAMD64", level), level), NOTHING);
        }
        assert_eq!(run("arm64", 183, ("GOARM64", "v8.0"), "v8"), NOTHING);
        assert_eq!(run("arm64", 183, ("GOARM64", "v8.0,crypto"), ""), NOTHING);
        for level in ["v8.0,lse", "v8.1", "v9.0"] {
            assert_eq!(
                run("arm64", 183, ("GOARM64", level), "v8"),
                asked,
                "{level}"
            );
        }
    }

    #[test]
    fn a_level_above_what_the_image_says_of_itself_is_asked_about() {
        let needs = |value, variant| super::needs("GOARM", value, variant).is_some();
        assert!(needs("7", "v6") && needs("6,softfloat", "v5"));
        assert!(!needs("7", "v7") && !needs("7", "") && !needs("5", "v5"));
    }
}
