//! About what the facts of an executable hold in memory, in bytes.
//!
//! Owns the sum: every text and list counts with its length, since each may be as long as the
//! file that it comes from says. Refuses to know what the facts mean, and how much is too much.

use super::program::{GoCode, GoProgram, Program, ProgramError};
use super::script::Commands;
use crate::binary::go::{BuildInfo, Linker, Module, Pruning};
use crate::binary::{BinaryError, Elf, Form};

/// What an entry of a map costs beside its key and value.
const ENTRY: usize = 32;

/// Bytes that a program's facts hold.
pub(super) fn heap_bytes(program: &Program) -> u64 {
    let form = match &program.form {
        Form::Script {
            interpreter,
            argument,
        } => interpreter.len() + argument.len(),
        _ => 0,
    };
    let held = size_of::<Program>()
        + form
        + program.commands.as_deref().map_or(0, commands)
        + program.error.as_ref().map_or(0, error)
        + program.elf.as_deref().map_or(0, elf)
        + program.go.as_deref().map_or(0, go);
    held as u64
}

fn commands(commands: &Commands) -> usize {
    let last = commands.last.iter().map(|last| texts(&last.words));
    size_of::<Commands>() + last.sum::<usize>() + texts(&commands.named)
}

fn error(error: &ProgramError) -> usize {
    match error {
        ProgramError::Binary(BinaryError::NotElf(text)) => text.len(),
        ProgramError::Binary(BinaryError::Damaged { why, .. }) => why.len(),
        ProgramError::Binary(BinaryError::Truncated { .. } | BinaryError::TooMany { .. })
        | ProgramError::TooLarge => 0,
    }
}

fn elf(elf: &Elf) -> usize {
    let sections = elf.sections.as_deref().unwrap_or_default();
    let names = sections.iter().map(|section| section.name.len());
    let versions = elf.needs_versions.iter();
    let versions = versions.map(|(library, of)| ENTRY + text(library) + texts(of));
    let search_path = elf.search_path.as_ref();
    size_of::<Elf>()
        + size_of_val(sections)
        + names.sum::<usize>()
        + size_of_val(elf.segments.as_slice())
        + elf.interpreter.as_ref().map_or(0, String::len)
        + search_path.map_or(0, |path| text(&path.directories))
        + texts(&elf.needed)
        + texts(&elf.defines_versions)
        + versions.sum::<usize>()
}

fn go(go: &GoProgram) -> usize {
    let said = match &go.made.linker {
        Linker::C(said) => said.len(),
        Linker::Go | Linker::Unknown => 0,
    };
    let build = go.build.as_ref().map_or(0, build);
    size_of::<GoProgram>() + said + build + go.code.as_ref().map_or(0, code)
}

fn build(build: &BuildInfo) -> usize {
    let modules = build.modules.iter().chain(&build.main).map(module);
    let settings = build.settings.iter().map(|(k, v)| text(k) + text(v));
    build.go_version.len() + build.path.len() + modules.sum::<usize>() + settings.sum::<usize>()
}

fn module(of: &Module) -> usize {
    let texts = of.path.len() + of.version.len() + of.sum.len();
    size_of::<Module>() + texts + of.replace.as_deref().map_or(0, module)
}

fn code(code: &GoCode) -> usize {
    let paths = code.packages.iter().map(|package| package.path.len());
    let can = code.can.values();
    let can = can.map(|evidence| ENTRY + size_of_val(evidence.as_slice()));
    let uses = code.uses.iter();
    let uses = uses.map(|one| size_of_val(one) + one.by.len() + one.with.len());
    let lists = size_of_val(code.packages.as_slice()) + paths.sum::<usize>();
    let pruning = code.pruning.as_ref().map_or(0, Pruning::heap_bytes);
    lists + can.sum::<usize>() + uses.sum::<usize>() + pruning
}

fn texts(texts: &[String]) -> usize {
    texts.iter().map(|of| text(of)).sum()
}

fn text(text: &str) -> usize {
    size_of::<String>() + text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{PathKind, SearchPath};
    use crate::image::limits::MAX_PROGRAM_FACTS;
    use crate::image::testing::{Make, image_of, tar};
    use crate::image::{Compressed, ImageSelector, ReadError};
    use crate::inspect::inspect;
    use serde_json::json;

    /// An executable with nothing in it but a build info that says this.
    fn stub(modules: &str) -> Vec<u8> {
        const HEADERS: u64 = 64 + 56;
        // Go puts marks of 16 bytes around it.
        let modules = format!("{0}{modules}{0}", "0".repeat(16));
        let mut build = b"\xff Go buildinf:\x08\x02".to_vec();
        build.resize(32, 0);
        build.extend(b"\x06go1.23");
        let mut length = modules.len();
        while length > 0x7f {
            build.push(length as u8 | 0x80);
            length >>= 7;
        }
        build.push(length as u8);
        build.extend(modules.as_bytes());
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(16, 0);
        file.extend(b"\x02\0\x3e\0\x01\0\0\0");
        for word in [0x10_0000_u64, 64, 0] {
            file.extend(word.to_le_bytes());
        }
        for half in [0_u16, 0, 64, 56, 1, 64, 0, 0] {
            file.extend(half.to_le_bytes());
        }
        // All behind the headers, writable, where the linker aligns it to.
        file.extend(b"\x01\0\0\0\x06\0\0\0");
        let (at, bytes) = (HEADERS.next_multiple_of(16), build.len() as u64);
        for word in [at, 0x10_0000, 0x10_0000, bytes, bytes, 16] {
            file.extend(word.to_le_bytes());
        }
        file.resize(at as usize, 0);
        file.extend(build);
        file
    }

    #[test]
    fn programs_whose_facts_fill_memory_are_refused() {
        let text = format!("mod\t{}\n", "x".repeat((1 << 20) - 100));
        let names: Vec<_> = (0..=MAX_PROGRAM_FACTS >> 20)
            .map(|n| format!("p{n}"))
            .collect();
        let stub = stub(&text);
        let read = |count: usize| {
            let names = names.iter().take(count);
            let files: Vec<_> = names.map(|name| Make::Mode(name, 0o755, &stub)).collect();
            let archive = image_of("amd64", &json!({}), &[tar(&files)]);
            inspect(&*archive, &ImageSelector::default(), Compressed::AsStored)
        };
        let few = read(2).expect("two are none too many");
        let tree = few.tree().expect("merged");
        let node = tree.lookup("/p1").expect("there");
        let program = few.program(&tree, node).expect("a program");
        let main = program.build().and_then(|build| build.main.as_ref());
        assert!(main.is_some_and(|main| main.path.len() > 1_000_000));
        let many = read(names.len()).expect_err("more than is kept");
        assert!(matches!(many, ReadError::ManyFacts), "{many}");
    }

    /// As COPY from Windows makes them.
    #[test]
    fn files_that_are_no_programs_may_all_be_executable() {
        let names: Vec<_> = (0..15_000).map(|n| format!("f{n}")).collect();
        let files = names.iter().map(|name| Make::Mode(name, 0o755, b"text"));
        let archive = image_of("amd64", &json!({}), &[tar(&files.collect::<Vec<_>>())]);
        let read = inspect(&*archive, &ImageSelector::default(), Compressed::AsStored);
        assert_eq!(read.expect("read").image.layers[0].entries.len(), 15_000);
    }

    /// A megabyte that a text may have.
    fn long() -> String {
        "x".repeat(1 << 20)
    }

    #[test]
    fn every_text_of_a_program_counts_with_its_length() {
        let program = Program::of(&stub("path\tx\nmod\tx\tv1\th1:\ndep\ty\tv1\th1:\n"));
        let before = heap_bytes(&program);
        let lengthen: [fn(&mut Elf, &mut BuildInfo); 13] = [
            |_, build| build.go_version = long(),
            |_, build| build.path = long(),
            |_, build| build.main.iter_mut().for_each(|main| main.path = long()),
            |_, build| build.modules[0].path = long(),
            |_, build| build.modules[0].version = long(),
            |_, build| build.modules[0].sum = long(),
            |_, build| {
                let replace = Module {
                    path: long(),
                    ..Module::default()
                };
                build.modules[0].replace = Some(Box::new(replace));
            },
            |_, build| build.settings.push((String::new(), long())),
            |elf, _| elf.interpreter = Some(long()),
            |elf, _| {
                elf.search_path = Some(SearchPath {
                    kind: PathKind::Rpath,
                    directories: long(),
                });
            },
            |elf, _| elf.needed.push(long()),
            |elf, _| drop(elf.needs_versions.insert(String::new(), vec![long()])),
            |elf, _| elf.defines_versions.push(long()),
        ];
        for (i, lengthen) in lengthen.iter().enumerate() {
            let mut program = program.clone();
            let elf = program.elf.as_mut().expect("an ELF file");
            let go = program.go.as_mut().expect("Go");
            lengthen(elf, go.build.as_mut().expect("build info"));
            let more = heap_bytes(&program) - before;
            assert!(more >= (1 << 20) - 100, "text {i} counts {more} bytes");
        }
    }
}
