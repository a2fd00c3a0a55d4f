//! Whether an engine runs programs for another CPU, as Docker Desktop's does: its kernel
//! hands them to an emulator (binfmt_misc). There `exec format error` never happens.
//!
//! Nothing in the API tells, so it is tried: an image of one program of some hundred bytes
//! for a foreign CPU, which exits with 0 if anybody can run it.

use crate::build::build_context;
use crate::connection::Engine;
use crate::container_request::{Attachment, ContainerRequest};
use crate::error::{EngineError, StartError};
use crate::names::run_tag;
use crate::owner::{LABEL, Owner};
use crate::random::random_hex;
use std::time::Duration;

/// The program does nothing; an emulator that takes longer than this to do that is none.
const LIMIT: Duration = Duration::from_secs(10);

/// A CPU that a program can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cpu {
    X86_64,
    Aarch64,
}

impl Cpu {
    /// One that the engine's own is not; engines spell theirs as Go does.
    fn foreign_to(arch: &str) -> Cpu {
        match arch {
            "amd64" | "x86_64" => Cpu::Aarch64,
            _ => Cpu::X86_64,
        }
    }
}

impl Engine {
    /// Whether it runs programs for another CPU than its own. It is tried once per connection;
    /// an engine that does not answer gives no, and is asked again the next time.
    pub async fn emulates(&self, owner: &Owner) -> bool {
        let tried = self.emulates.get_or_try_init(|| async {
            let runs = self.runs(owner, Cpu::foreign_to(&self.facts().arch)).await;
            runs.inspect_err(|error| log::warn!("emulation could not be tried: {error}"))
        });
        tried.await.copied().unwrap_or(false)
    }

    /// Whether a program for `cpu` runs; nothing stays behind.
    async fn runs(&self, owner: &Owner, cpu: Cpu) -> Result<bool, EngineError> {
        let id = random_hex(6)?;
        let image = run_tag(owner, &format!("{id}.emulation"));
        let context = context(cpu)?;
        let built = self.build_classic(context, &image).await;
        let runs = match built {
            Ok(_) => {
                self.runs_image(owner, &format!("empty-room-{id}-emulation"), &image)
                    .await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = self.remove_image(&image).await {
            log::warn!("could not remove {image}: {error}");
        }
        runs
    }

    async fn runs_image(
        &self,
        owner: &Owner,
        name: &str,
        image: &str,
    ) -> Result<bool, EngineError> {
        let request = ContainerRequest::new(name.to_owned(), image, Attachment::Isolated);
        let container = self.create(owner, &request).await?;
        let ended = async {
            match self.start(&container).await {
                Ok(()) => Ok(self.wait(&container).await?.code == 0),
                // Some runtimes refuse here what others write into the container's log.
                Err(StartError::Refused { .. }) => Ok(false),
                Err(StartError::Engine(error)) => Err(error),
            }
        };
        let ended = tokio::time::timeout(LIMIT, ended).await;
        self.remove(&container).await?;
        ended.unwrap_or(Ok(false))
    }
}

/// A build context: the program, alone in an empty image.
fn context(cpu: Cpu) -> std::io::Result<Vec<u8>> {
    let dockerfile = format!(
        "FROM scratch\nLABEL {LABEL}=lab\nCOPY program /program\nENTRYPOINT [\"/program\"]\n"
    );
    let program = program(cpu);
    build_context([
        ("Dockerfile", 0o644, dockerfile.as_bytes()),
        ("program", 0o755, program.as_slice()),
    ])
}

/// `exit(0)` as a static Linux program: two headers and three instructions.
fn program(cpu: Cpu) -> Vec<u8> {
    /// Where it is loaded; above the lowest addresses, which kernels keep free.
    const BASE: u64 = 0x40_0000;
    /// Both headers; the first instruction stands right behind them.
    const HEADERS: u64 = 64 + 56;
    let (machine, code): (u16, &[u8]) = match cpu {
        Cpu::Aarch64 => (
            183,
            &[
                0xa8, 0x0b, 0x80, 0xd2, // mov x8, #93    the call: exit
                0x00, 0x00, 0x80, 0xd2, // mov x0, #0     its argument
                0x01, 0x00, 0x00, 0xd4, // svc #0
            ],
        ),
        Cpu::X86_64 => (
            62,
            &[
                0xb8, 0x3c, 0x00, 0x00, 0x00, // mov eax, 60   the call: exit
                0x31, 0xff, // xor edi, edi  its argument
                0x0f, 0x05, // syscall
            ],
        ),
    };
    let size = HEADERS + code.len() as u64;
    let mut elf = Vec::new();
    // The ELF header, 64 bytes.
    elf.extend(b"\x7fELF");
    elf.extend([2, 1, 1, 0]); // 64 bits, little endian, version 1, System V
    elf.extend([0; 8]); // padding
    elf.extend(2u16.to_le_bytes()); // executable, at fixed addresses
    elf.extend(machine.to_le_bytes());
    elf.extend(1u32.to_le_bytes()); // version, once more
    elf.extend((BASE + HEADERS).to_le_bytes()); // the first instruction
    elf.extend(64u64.to_le_bytes()); // the program headers follow this one
    elf.extend(0u64.to_le_bytes()); // no section headers
    elf.extend(0u32.to_le_bytes()); // no flags
    elf.extend(64u16.to_le_bytes()); // size of this header
    elf.extend(56u16.to_le_bytes()); // size of a program header
    elf.extend(1u16.to_le_bytes()); // one of them
    elf.extend([0; 6]); // section headers: size, count, names
    // The program header, 56 bytes: all of the file, read and executed.
    elf.extend(1u32.to_le_bytes()); // to be loaded
    elf.extend(5u32.to_le_bytes()); // readable (4), executable (1)
    elf.extend(0u64.to_le_bytes()); // from the file's beginning
    elf.extend(BASE.to_le_bytes()); // to this virtual address
    elf.extend(BASE.to_le_bytes()); // and this physical one, which nobody reads
    elf.extend(size.to_le_bytes()); // bytes in the file
    elf.extend(size.to_le_bytes()); // bytes in memory
    elf.extend(0x1_0000u64.to_le_bytes()); // aligned to the largest pages of either CPU
    elf.extend(code);
    elf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_are_as_long_as_they_say() {
        for (cpu, length) in [(Cpu::X86_64, 129), (Cpu::Aarch64, 132)] {
            assert_eq!(program(cpu).len(), length);
        }
        assert_eq!(Cpu::foreign_to("amd64"), Cpu::Aarch64);
        assert_eq!(Cpu::foreign_to("arm64"), Cpu::X86_64);
    }

    /// A program that could run nowhere would say no everywhere.
    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    #[test]
    fn the_program_for_this_cpu_runs_here_and_exits_with_0() {
        use std::os::unix::fs::PermissionsExt;
        let own = match cfg!(target_arch = "x86_64") {
            true => Cpu::X86_64,
            false => Cpu::Aarch64,
        };
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("program");
        std::fs::write(&path, program(own)).expect("written");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, mode).expect("executable");
        // A child that another test starts just now may hold the file open for a moment.
        let ended = loop {
            match std::process::Command::new(&path).status() {
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
                ended => break ended.expect("it runs"),
            }
        };
        assert_eq!(ended.code(), Some(0));
    }
}
