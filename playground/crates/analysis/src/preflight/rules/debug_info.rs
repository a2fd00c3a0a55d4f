//! What starts carries DWARF or symbol tables. What else lies there is nobody's business.
//!
//! Source: the ELF file's sections. Go's stack traces need neither.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 290,
    id: "debug-info",
    title: "Debug information was left in",
    page: None,
    severity: Severity::Advice,
    checks: &[Check::File(check)],
};

/// Bytes of debug information that are worth a word, or percent of the file.
const MIN_DEBUG: u64 = 100_000;
const MIN_DEBUG_SHARE: u64 = 5;

fn check(context: &RuleContext<'_>, id: NodeId) -> Option<Explanation> {
    let image = &context.image;
    let program = image.program(id)?;
    let elf = program.elf.as_deref()?;
    let bytes = elf.dwarf_bytes.saturating_add(elf.symbol_bytes);
    let share = bytes.saturating_mul(100) / program.bytes.max(1);
    if bytes < MIN_DEBUG && share < MIN_DEBUG_SHARE {
        return None;
    }
    let fix = match program.go {
        Some(_) => "go build -ldflags=\"-s -w\" -trimpath; stack traces keep their names and lines",
        None => "strip it, and keep the original outside of the image",
    };
    let evidence = vec![
        format!("DWARF: {} bytes", elf.dwarf_bytes),
        format!("symbol tables: {} bytes", elf.symbol_bytes),
    ];
    let what = format!(
        "{} carries {}.{:02} MB for debuggers, {share} % of it.",
        image.tree.path(id),
        bytes / 1_000_000,
        bytes % 1_000_000 / 10_000
    );
    Some(Explanation::new(what, evidence, fix))
}

#[cfg(test)]
mod tests {
    use crate::preflight::TargetPlatform;
    use crate::preflight::testing::*;

    #[test]
    fn symbols_that_were_left_in_are_told_from_a_share_of_the_file_on() {
        let elf = elf();
        let run = |symbols: u64, debug: u64| {
            let mut inspection = image(&app(), &[Make::Mode("app", 0o755, &elf)]);
            let facts = elf_at(&mut inspection, "/app");
            (facts.symbol_bytes, facts.dwarf_bytes) = (symbols, debug);
            said(&inspection, &TargetPlatform::default())
        };
        // The file has 64 bytes.
        assert_eq!(run(2, 2), ["advice: debug-info"]);
        assert_eq!(run(1, 2), [""; 0]);
        assert_eq!(run(0, 100_000), ["advice: debug-info"]);
    }
}
