//! What the first bytes of an ELF file say: for whom and for which CPU it is.

use serde::Serialize;

/// The ELF header's facts. Source: `e_ident`, `e_type`, `e_machine`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Width of an address.
    pub class: Class,
    /// Byte order.
    pub order: Order,
    /// `e_machine` as a number; [`Head::goarch`] says it in words.
    pub machine: u16,
    /// `e_type`.
    pub kind: Kind,
    /// `EI_OSABI`: nothing to Linux, which starts programs for other systems, too.
    #[serde(skip)]
    pub os_abi: u8,
}

/// Width of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Class {
    /// ELFCLASS32
    #[serde(rename = "32")]
    Bits32,
    /// ELFCLASS64
    #[serde(rename = "64")]
    Bits64,
}

/// Byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// `e_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// ET_EXEC: runs at a fixed address.
    Executable,
    /// ET_DYN: a position independent executable, or a library.
    Dynamic,
    /// ET_REL: input of a linker.
    Object,
    /// ET_CORE
    Core,
    /// Anything else.
    Other,
}

impl Head {
    /// Reads the header's first 20 bytes; `None` if they are none of an ELF file.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..20)?;
        if !head.starts_with(b"\x7fELF") {
            return None;
        }
        let class = match head[4] {
            1 => Class::Bits32,
            2 => Class::Bits64,
            _ => return None,
        };
        let order = match head[5] {
            1 => Order::Little,
            2 => Order::Big,
            _ => return None,
        };
        let kind = match order.word(head, 16, 2)? {
            1 => Kind::Object,
            2 => Kind::Executable,
            3 => Kind::Dynamic,
            4 => Kind::Core,
            _ => Kind::Other,
        };
        Some(Self {
            class,
            order,
            machine: order.word(head, 18, 2)? as u16,
            kind,
            os_abi: head[7],
        })
    }

    /// The CPU as Go and OCI image indexes call it; `None` for one that Go has no port for.
    pub fn goarch(&self) -> Option<&'static str> {
        let little = self.order == Order::Little;
        let wide = self.class == Class::Bits64;
        Some(match (self.machine, wide, little) {
            (62, true, true) => "amd64",
            (183, true, true) => "arm64",
            (40, false, true) => "arm",
            (3, false, true) => "386",
            (22, true, false) => "s390x",
            (21, true, true) => "ppc64le",
            (21, true, false) => "ppc64",
            (243, true, true) => "riscv64",
            (258, true, true) => "loong64",
            (8, false, false) => "mips",
            (8, false, true) => "mipsle",
            (8, true, false) => "mips64",
            (8, true, true) => "mips64le",
            _ => return None,
        })
    }

    /// The system that it says it is for, where that is not Linux: Go's linker writes that for
    /// these (`asmbElf` in `cmd/link/internal/ld/elf.go`).
    pub fn other_system(&self) -> Option<&'static str> {
        Some(match self.os_abi {
            2 => "NetBSD",
            6 => "Solaris",
            9 => "FreeBSD",
            12 => "OpenBSD",
            _ => return None,
        })
    }

    /// Bytes of the whole ELF header.
    pub fn bytes(&self) -> u64 {
        match self.class {
            Class::Bits32 => 52,
            Class::Bits64 => 64,
        }
    }

    /// Bytes of an address.
    pub fn word(&self) -> usize {
        match self.class {
            Class::Bits32 => 4,
            Class::Bits64 => 8,
        }
    }
}

impl Order {
    /// The four bytes at `at`.
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        Some(self.word(bytes, at, 4)? as u32)
    }

    /// The `width` (at most 8) bytes at `at`.
    pub(super) fn word(self, bytes: &[u8], at: usize, width: usize) -> Option<u64> {
        let digits = bytes.get(at..at.checked_add(width)?)?;
        // Nearly all are of these two widths, and there are millions.
        if let Ok(eight) = digits.try_into() {
            return Some(match self {
                Self::Little => u64::from_le_bytes(eight),
                Self::Big => u64::from_be_bytes(eight),
            });
        }
        if let Ok(four) = digits.try_into() {
            return Some(u64::from(match self {
                Self::Little => u32::from_le_bytes(four),
                Self::Big => u32::from_be_bytes(four),
            }));
        }
        let digits = digits.iter();
        let number = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(match self {
            Self::Little => digits.rev().fold(0, number),
            Self::Big => digits.fold(0, number),
        })
    }
}
