//! A small ELF executable that is sound, around a function table that may not be.

use super::table::Numbers;

/// Where everything is loaded: an address is this much more than a place in the file.
const BASE: u64 = 0x1_0000;
/// Where machine code begins in the file, and how much there is.
const TEXT: u64 = 0x400;
const TEXT_BYTES: u64 = 0x600;
const TABLE: u64 = TEXT + TEXT_BYTES;
/// Where the code of a sound table begins.
pub const TEXT_ADDRESS: u64 = BASE + TEXT;

const MODULES: &str = "path\texample.test/app\nmod\texample.test/app\t(devel)\t\n\
dep\tgopkg.in/yaml.v3\tv3.0.1\th1:x=\n=>\texample.test/yaml\tv0.0.0\t\nbuild\tCGO_ENABLED=0\nbuild\t-ldflags=\"-s -w\"\n";
const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

/// What kind of executable.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// 64 bits, or 32.
    pub wide: bool,
    /// Most significant byte first.
    pub big: bool,
    /// Has section headers; without them the table must be searched for.
    pub sections: bool,
    /// Has a loader, libraries and relocations.
    pub dynamic: bool,
}

impl Frame {
    /// One of all sixteen.
    pub fn chosen_by(choice: u8) -> Frame {
        Frame {
            wide: choice & 1 != 0,
            big: choice & 2 != 0,
            sections: choice & 4 != 0,
            dynamic: choice & 8 != 0,
        }
    }

    /// An executable with `table` as its function table.
    pub fn around(self, table: &[u8]) -> Vec<u8> {
        let behind = (TABLE + table.len() as u64).next_multiple_of(16);
        let data = self.data(table, behind);
        let (header, program, section) = match self.wide {
            true => (64_u16, 56_u16, 64_u16),
            false => (52, 32, 40),
        };
        let sections_at = behind + data.bytes.len() as u64;
        let parts = [
            (1, 5, TEXT, TEXT_BYTES),
            (1, 4, TABLE, behind - TABLE),
            (1, 6, behind, data.bytes.len() as u64),
            (3, 4, data.loader, data.loader_bytes),
            (2, 6, data.dynamic, data.dynamic_bytes),
        ];
        let parts = &parts[..if self.dynamic { 5 } else { 3 }];
        let names = b"\0.text\0.gopclntab\0.data\0.go.buildinfo\0.shstrtab\0";
        // Name, type, flags, place, bytes.
        let sections = [
            (0, 0, 0, 0, 0),
            (1, 1, 6, TEXT, TEXT_BYTES),
            (7, 1, 2, TABLE, table.len() as u64),
            (18, 1, 3, behind, data.build),
            (
                24,
                1,
                3,
                behind + data.build,
                data.bytes.len() as u64 - data.build,
            ),
            (38, 3, 0, sections_at, names.len() as u64),
        ];
        let sections_at = sections_at + names.len() as u64;
        let shown = if self.sections {
            sections.len() as u16
        } else {
            0
        };

        let mut file = self.numbers();
        file.bytes.extend(b"\x7fELF");
        let class = [
            if self.wide { 2 } else { 1 },
            if self.big { 2 } else { 1 },
            1,
        ];
        file.bytes.extend(class);
        file.bytes.resize(16, 0);
        file.two(if self.dynamic { 3 } else { 2 });
        file.two(if self.wide { 62 } else { 3 });
        file.four(1);
        file.word(TEXT_ADDRESS);
        file.word(header.into());
        file.word(if self.sections { sections_at } else { 0 });
        file.four(0);
        file.twos([
            header,
            program,
            parts.len() as u16,
            section,
            shown,
            shown.saturating_sub(1),
        ]);
        for &(kind, flags, offset, bytes) in parts {
            file.four(kind);
            if self.wide {
                file.four(flags);
            }
            file.words([offset, BASE + offset, BASE + offset, bytes, bytes]);
            if !self.wide {
                file.four(flags);
            }
            file.word(16);
        }
        file.bytes.resize(TABLE as usize, 0);
        file.bytes.extend(table);
        file.bytes.resize(behind as usize, 0);
        file.bytes.extend(data.bytes);
        file.bytes.extend(names);
        for (name, kind, flags, offset, bytes) in sections.into_iter().take(shown.into()) {
            file.four(name);
            file.four(kind);
            file.word(flags);
            file.word(if flags == 0 { 0 } else { BASE + offset });
            file.word(offset);
            file.word(bytes);
            file.fours([0, 0]);
            file.words([1, 0]);
        }
        file.bytes
    }

    fn numbers(self) -> Numbers {
        Numbers::new(self.wide, self.big)
    }

    /// Module data, build info, and what the loader reads, from `at` on.
    fn data(self, table: &[u8], at: u64) -> Data {
        let word = if self.wide { 8 } else { 4 };
        let number = |field: usize| -> u64 {
            let bytes = table
                .get(8 + field * word..)
                .and_then(|rest| rest.get(..word));
            let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
            match (bytes.unwrap_or_default(), self.big) {
                (bytes, true) => bytes.iter().fold(0, fold),
                (bytes, false) => bytes.iter().rev().fold(0, fold),
            }
        };
        // Go 1.27 leaves the start of the code to the module data. Names come fourth.
        let names = (BASE + TABLE).wrapping_add(number(3));
        let mut all = self.numbers();
        for field in 0..50 {
            all.word(match field {
                0 => BASE + TABLE,
                1 => names,
                22 => TEXT_ADDRESS,
                23 => TEXT_ADDRESS + TEXT_BYTES,
                35..=43 => BASE + TABLE,
                _ => 0,
            });
        }
        all.bytes.resize(all.bytes.len().next_multiple_of(16), 0);
        let build = all.at();
        all.bytes.extend(b"\xff Go buildinf:");
        all.bytes.extend([word as u8, 2]);
        all.bytes.resize(build as usize + 32, 0);
        all.bytes.push(8);
        all.bytes.extend(b"go1.23.9");
        let modules = MODULES.len() + 32;
        all.bytes
            .extend([modules as u8 | 0x80, (modules >> 7) as u8]);
        all.bytes.extend([b'0'; 16]);
        all.bytes.extend(MODULES.as_bytes());
        all.bytes.extend([b'1'; 16]);
        all.bytes.resize(all.bytes.len().next_multiple_of(16), 0);

        let loader = all.at();
        all.bytes.extend(LOADER.as_bytes());
        all.bytes.push(0);
        let names = all.at();
        all.bytes.extend(b"\0libc.so.6\0/opt/lib\0");
        all.bytes.resize(all.bytes.len().next_multiple_of(16), 0);
        let relocations = all.at();
        for (place, value) in [(0, BASE + TABLE), (22, TEXT_ADDRESS)] {
            all.word(BASE + at + place * word as u64);
            all.word(8);
            all.word(value);
        }
        let dynamic = all.at();
        let entries = [
            (1, 1),
            (5, BASE + at + names),
            (29, 11),
            (7, BASE + at + relocations),
            (8, dynamic - relocations),
            (0x6fff_fffb, 0x0800_0000),
            (0, 0),
        ];
        for (tag, value) in entries {
            all.word(tag);
            all.word(value);
        }
        Data {
            build,
            loader: at + loader,
            loader_bytes: LOADER.len() as u64 + 1,
            dynamic: at + dynamic,
            dynamic_bytes: all.at() - dynamic,
            bytes: all.bytes,
        }
    }
}

/// Bytes, and places of their parts in the file; `build` is counted from their start.
struct Data {
    bytes: Vec<u8>,
    build: u64,
    loader: u64,
    loader_bytes: u64,
    dynamic: u64,
    dynamic_bytes: u64,
}
