//! Small functions, and which of their calls they come to however they go.

use super::*;

const START: u64 = 0x1000;
/// Functions elsewhere: one that returns, one that is looked for, and one that ends the program.
const OTHER: u64 = 0x9000;
const SITE: u64 = 0x9100;
const EXIT: u64 = 0x9200;
/// One that gives a text, and one that starts what was named before.
const TEXT: u64 = 0x9300;
const RUN: u64 = 0x9400;
/// What tells the collector of a pointer.
const BARRIER: u64 = 0x9500;

/// What is known of them.
const CALLED: Called<'_> = Called {
    stops: &|to| to == EXIT,
    gives_error: &|to, place| match to {
        RUN => place == 0,
        OTHER | SITE => place == 1,
        _ => false,
    },
    leaves_with_error: &|_, at, looked_at| at & 1 == 1 && looked_at != 0,
    is_barrier: &|to| to == BARRIER,
    quiet: &|_| false,
    starts_program: &|to| (to == RUN).then_some(0),
};

/// A function for amd64 that is written piece by piece.
#[derive(Default)]
struct Code(Vec<u8>);

impl Code {
    fn bytes(mut self, bytes: &[u8]) -> Code {
        self.0.extend(bytes);
        self
    }

    fn call(self, to: u64) -> Code {
        let next = START + self.0.len() as u64 + 5;
        let distance = (to.wrapping_sub(next) as u32).to_le_bytes();
        self.bytes(&[&[0xe8][..], &distance].concat())
    }

    /// The only call of [`SITE`].
    fn site(&self, cpu: Cpu) -> u64 {
        let places = (0..self.0.len()).filter(|at| {
            let step = (cpu.step)(&self.0[*at..], START + *at as u64);
            step.is_some_and(|(_, step)| step == Step::Call(Some(SITE)))
        });
        let places: Vec<_> = places.collect();
        assert_eq!(places.len(), 1, "{:x?}", self.0);
        START + places[0] as u64
    }

    /// Whether that call is come to.
    fn comes(&self, cpu: Cpu) -> bool {
        let budget = Cell::new(10_000);
        let flow = Flow::of(&self.0, START, cpu, &CALLED, &budget);
        let flow = flow.filter(|flow| flow.nodes.len() <= self.0.len());
        flow.is_some_and(|flow| flow.comes_to(self.site(cpu), &budget))
    }

    /// What is so of that call.
    fn says(&self, what: fn(&Flow<'_>, u64, &Cell<usize>) -> Option<bool>) -> bool {
        let budget = Cell::new(10_000);
        let flow = Flow::of(&self.0, START, amd64::CPU, &CALLED, &budget).expect("known");
        what(&flow, self.site(amd64::CPU), &budget).expect("little work")
    }

    /// Whether its error is borne.
    fn bears(&self) -> bool {
        self.says(|flow, site, budget| flow.bears(site, Callee::Other, budget))
    }

    /// Whether it is, where the call makes a command.
    fn bears_start(&self) -> bool {
        self.says(|flow, site, budget| flow.bears(site, Callee::MakesCommand, budget))
    }

    /// Whether nobody else hears of its error.
    fn keeps(&self) -> bool {
        self.says(|flow, site, budget| flow.keeps(site, Callee::Other, u16::MAX, budget))
    }

    /// The same where the caller throws it away.
    fn keeps_unseen(&self) -> bool {
        self.says(|flow, site, budget| flow.keeps(site, Callee::Other, 0, budget))
    }
}

const RET: &[u8] = &[0xc3];
/// `cmpb $0, 0x100(rip)`: a setting.
const SETTING: &[u8] = &[0x80, 0x3d, 0, 1, 0, 0, 0];
/// `test rbx, rbx`, `test al, al`.
const ERROR: &[u8] = &[0x48, 0x85, 0xdb];
const BOOL: &[u8] = &[0x84, 0xc0];
/// `mov [rsp+0x18], rax`, `mov rbx, [rsp+8]`.
const SPILL: &[u8] = &[0x48, 0x89, 0x44, 0x24, 0x18];
const RELOAD: &[u8] = &[0x48, 0x8b, 0x5c, 0x24, 8];

fn je(distance: i8) -> [u8; 2] {
    [0x74, distance.cast_unsigned()]
}

fn jne(distance: i8) -> [u8; 2] {
    [0x75, distance.cast_unsigned()]
}

fn comes(code: Code) -> bool {
    code.comes(amd64::CPU)
}

#[test]
fn a_call_in_a_row_is_come_to() {
    assert!(comes(Code::default().call(OTHER).call(SITE).bytes(RET)));
    // cmp rsp, [r14+16]; jbe to where the stack grows, and back.
    let grows = Code::default()
        .bytes(&[0x49, 0x3b, 0x66, 0x10, 0x76, 6])
        .call(SITE)
        .bytes(RET);
    let grows = grows.call(OTHER).bytes(&[0xeb, 0xed]);
    assert!(comes(grows));
}

#[test]
fn a_call_that_hangs_on_a_setting_is_not() {
    let code = || Code::default().bytes(SETTING);
    assert!(!comes(code().bytes(&je(5)).call(SITE).bytes(RET)));
    // Nor one that another way goes round for ever.
    let round = code()
        .bytes(&je(6))
        .call(SITE)
        .bytes(RET)
        .bytes(&[0xeb, 0xfe]);
    assert!(!comes(round));
    // Nor what is behind a table of jumps: jmp rcx.
    assert!(!comes(
        code()
            .bytes(&je(2))
            .bytes(&[0xff, 0xe1])
            .call(SITE)
            .bytes(RET)
    ));
    // The other way ends the program.
    let ends = code().bytes(&je(6)).call(SITE).bytes(RET).call(EXIT);
    assert!(comes(ends));
}

#[test]
fn what_is_done_about_an_error_is_no_way_around() {
    let begin = |between: &[u8]| Code::default().call(OTHER).bytes(between);
    let then = |code: Code| code.bytes(&jne(6)).call(SITE).bytes(RET).bytes(RET);
    assert!(comes(then(begin(ERROR))));
    assert!(comes(then(begin(SPILL).bytes(ERROR))));
    // Not the call's result any more, and a truth is no error.
    assert!(!comes(then(begin(RELOAD).bytes(ERROR))));
    assert!(!comes(then(begin(BOOL))));
    // What is done about an error alone is not come to.
    assert!(!comes(begin(ERROR).bytes(&je(5)).call(SITE).bytes(RET)));
    assert!(comes(
        begin(ERROR).bytes(&je(1)).bytes(RET).call(SITE).bytes(RET)
    ));
}

#[test]
fn a_text_that_is_there_is_no_error() {
    let begin = |to| Code::default().call(to).bytes(ERROR).bytes(&jne(6));
    assert!(comes(begin(OTHER).call(SITE).bytes(RET).bytes(RET)));
    assert!(!comes(begin(TEXT).call(SITE).bytes(RET).bytes(RET)));
    // Of a call through a register, an error is told by who looks at both of its words: mov [rsp+8], rcx.
    let by_register = |between: &[u8]| {
        let code = Code::default().bytes(&[0xff, 0xd1]).bytes(between);
        let code = code.bytes(ERROR).bytes(&jne(6));
        comes(code.call(SITE).bytes(RET).bytes(RET))
    };
    assert!(by_register(&[0x48, 0x89, 0x4c, 0x24, 8]));
    // xor ecx, ecx
    assert!(!by_register(&[0x31, 0xc9]));
}

#[test]
fn what_is_done_only_without_an_error_may_be_left_out() {
    // if err == nil { site() }; other()
    let begin = |way: i8| Code::default().call(OTHER).bytes(ERROR).bytes(&jne(way));
    assert!(!comes(begin(5).call(SITE).call(OTHER).bytes(RET)));
    // … and nothing behind it
    assert!(!comes(begin(5).call(SITE).bytes(RET)));
    // Where the function is left because of the error, what follows is come to.
    assert!(comes(begin(6).call(SITE).bytes(RET).call(OTHER).bytes(RET)));
}

#[test]
fn an_error_is_borne_where_all_goes_on() {
    let begin = |way: i8| Code::default().call(SITE).bytes(ERROR).bytes(&je(way));
    // It is said, and then: on.
    let goes_on = begin(5).call(OTHER).call(OTHER).bytes(RET);
    assert!(goes_on.bears());
    let returns = begin(6).call(OTHER).bytes(RET).call(OTHER).bytes(RET);
    assert!(!returns.bears());
    let ends = begin(5).call(EXIT).call(OTHER).bytes(RET);
    assert!(!ends.bears());
    // Not every error.
    let some = begin(10).call(OTHER).bytes(BOOL).bytes(&jne(1)).bytes(RET);
    assert!(!some.call(OTHER).bytes(RET).bears());
    // Nothing follows that it would go on with.
    assert!(!begin(5).call(OTHER).bytes(RET).bears());
}

#[test]
fn what_cannot_be_started_is_borne_where_nobody_asks() {
    // xor eax, eax; test rax, rax
    let (over, asks) = (&[0x31, 0xc0][..], &[0x48, 0x85, 0xc0][..]);
    let start = || Code::default().call(SITE).call(RUN);
    assert!(start().bytes(over).call(OTHER).bytes(RET).bears_start());
    let asked = start().bytes(asks).bytes(&je(1)).bytes(RET);
    assert!(!asked.call(OTHER).bytes(RET).bears_start());
    let said = start().bytes(asks).bytes(&je(5)).call(OTHER);
    assert!(said.call(OTHER).bytes(RET).bears_start());
    // It is no business of another call before.
    let other = Code::default().call(SITE).bytes(ERROR).bytes(&je(1));
    assert!(
        !other
            .bytes(RET)
            .call(RUN)
            .bytes(over)
            .call(OTHER)
            .bytes(RET)
            .bears()
    );
}

#[test]
fn a_command_that_may_never_be_started_is_no_start() {
    let made = Code::default().call(SITE);
    assert!(made.bytes(RET).bears_start());
    let made = Code::default().call(SITE).bytes(SETTING).bytes(&je(5));
    assert!(made.call(RUN).bytes(RET).bears_start());
}

#[test]
fn an_error_that_leaves_a_part_out_is_borne() {
    // if err == nil { other() }; other()
    let begin = || Code::default().call(SITE).bytes(ERROR);
    let part = begin().bytes(&jne(5)).call(OTHER);
    assert!(part.call(OTHER).bytes(RET).bears());
    // … and nothing behind it, or the end.
    assert!(!begin().bytes(&jne(5)).call(OTHER).bytes(RET).bears());
    let ends = begin().bytes(&jne(5)).call(OTHER).call(EXIT);
    assert!(!ends.bears());
}

#[test]
fn an_error_that_becomes_a_truth_may_decide_anything() {
    // sete al
    let truth = Code::default()
        .call(SITE)
        .bytes(ERROR)
        .bytes(&[0x0f, 0x94, 0xc0]);
    assert!(truth.bytes(RET).bears());
    let other = Code::default().call(SITE).bytes(RELOAD).bytes(ERROR);
    assert!(!other.bytes(&[0x0f, 0x94, 0xc0]).bytes(RET).bears());
}

#[test]
fn an_error_is_kept_where_the_caller_is_given_none() {
    // The places of instructions tell which of these returns gives an error: those at odd ones.
    let begin = |way: i8| Code::default().call(SITE).bytes(ERROR).bytes(&je(way));
    let pad: &[u8] = &[0x90];
    assert!(begin(1).bytes(RET).call(OTHER).bytes(RET).keeps());
    assert!(
        !begin(2)
            .bytes(pad)
            .bytes(RET)
            .call(OTHER)
            .bytes(RET)
            .keeps()
    );
    assert!(!begin(5).call(EXIT).bytes(RET).keeps());
    // One way or the other.
    let some = begin(8).bytes(BOOL).bytes(&jne(2)).bytes(RET).bytes(pad);
    assert!(!some.bytes(pad).bytes(RET).call(OTHER).bytes(RET).keeps());
}

#[test]
fn an_error_that_the_caller_throws_away_is_kept() {
    let pad: &[u8] = &[0x90];
    let begin = || Code::default().call(SITE).bytes(ERROR).bytes(&je(2));
    let gives = || begin().bytes(pad).bytes(RET).call(OTHER).bytes(RET);
    assert!(gives().keeps_unseen());
    assert!(!gives().keeps());
    // Given as it is: a return at an odd place, behind nothing or another call.
    assert!(Code::default().call(SITE).bytes(RET).keeps_unseen());
    assert!(!Code::default().call(SITE).bytes(RET).keeps());
    let more = Code::default().call(SITE).call(OTHER).bytes(pad);
    assert!(!more.bytes(RET).keeps_unseen());
    // One of its own tells itself: it may panic, and has to know who looks at what it gives.
    let own = Code::default().call(SITE).bytes(RET);
    assert!(!own.says(|flow, site, budget| flow.keeps(site, Callee::Own, 0, budget)));
    for looked_at in [0, u16::MAX] {
        let budget = Cell::new(10_000);
        let flow = Flow::of(&own.0, START, amd64::CPU, &CALLED, &budget).expect("known");
        let seen = flow.looked_at_behind(own.site(amd64::CPU), looked_at, &budget);
        assert_eq!(seen, looked_at);
    }
}

#[test]
fn an_error_is_seen_behind_what_the_collector_is_told() {
    // cmp [rip+…], 0; je over the call; mov [rip+…], rax
    let flag = &[0x83, 0x3d, 0, 1, 0, 0, 0][..];
    let store = &[0x48, 0x89, 0x05, 0, 1, 0, 0][..];
    let begin = || Code::default().call(SITE).bytes(flag).bytes(&je(5));
    let asks = |told: u64| begin().call(told).bytes(store).bytes(ERROR).bytes(&je(5));
    let goes_on = |told| asks(told).call(OTHER).call(OTHER).bytes(RET);
    assert!(goes_on(BARRIER).bears());
    assert!(!goes_on(OTHER).bears());
    let behind = &goes_on(BARRIER).0[5..];
    assert_eq!(amd64::looked_at(behind, START + 5) & 3, 3);
}

#[test]
fn the_program_ends_where_nothing_is_done_behind_a_call() {
    let ends = |code: Code, returns_end: bool| {
        let budget = Cell::new(10_000);
        let flow = Flow::of(&code.0, START, amd64::CPU, &CALLED, &budget).expect("known");
        flow.ends_behind(code.site(amd64::CPU), returns_end, &budget) == Some(true)
    };
    let site = || Code::default().call(SITE);
    assert!(ends(site().bytes(RET), true));
    assert!(!ends(site().bytes(RET), false));
    assert!(ends(site().call(EXIT), false));
    assert!(!ends(site().call(OTHER).bytes(RET), true));
    let or_goes_on = site().bytes(BOOL).bytes(&je(5)).call(EXIT).call(OTHER);
    assert!(!ends(or_goes_on.bytes(RET), true));
}

#[test]
fn unknown_instructions_and_too_many_give_no_answer() {
    assert!(!comes(Code::default().bytes(&[0x06]).call(SITE).bytes(RET)));
    let code = Code::default().bytes(&[0x90; 100]).call(SITE).bytes(RET);
    let budget = Cell::new(50);
    assert!(Flow::of(&code.0, START, amd64::CPU, &CALLED, &budget).is_none());
}

#[test]
fn instructions_of_amd64_have_their_lengths() {
    for whole in [
        &[0x49, 0x3b, 0x66, 0x10][..],            // cmp rsp, [r14+16]
        &[0x48, 0x83, 0xec, 0x20],                // sub rsp, 32
        &[0x48, 0x81, 0xec, 0x88, 0, 0, 0],       // sub rsp, 136
        &[0x66, 0x0f, 0x1f, 0x44, 0, 0],          // nop
        &[0x44, 0x0f, 0x11, 0x7c, 0x24, 0x10],    // movups [rsp+16], xmm15
        &[0xf3, 0x0f, 0x6f, 0x04, 0x24],          // movdqu xmm0, [rsp]
        &[0x48, 0xc7, 0x44, 0x24, 8, 1, 0, 0, 0], // mov [rsp+8], 1
        &[0x66, 0xc7, 0x00, 1, 2],                // mov word [rax], 0x201
        &[0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8],    // mov rax, …
        &[0xf6, 0xc1, 1],                         // test cl, 1
        &[0xf7, 0xd8],                            // neg eax
        &[0x48, 0xf7, 0xc1, 1, 0, 0, 0],          // test rcx, 1
        &[0x0f, 0xb6, 0x04, 0x08],                // movzx eax, [rax+rcx]
        &[0x48, 0x0f, 0xba, 0xe0, 3],             // bt rax, 3
        &[0xf0, 0x0f, 0xb1, 0x0a],                // lock cmpxchg [rdx], ecx
        &[0x83, 0x3d, 1, 2, 3, 4, 0],             // cmp [rip+…], 0
        &[0x0f, 0x84, 1, 2, 3, 4],                // je
        &[0xc5, 0xfe, 0x6f, 0x06],                // vmovdqu ymm0, [rsi]
        &[0xc4, 0xe3, 0x7d, 0x39, 0xc1, 1],       // vextracti128 xmm1, ymm0, 1
        &[0xc5, 0xf8, 0x77],                      // vzeroupper
        &[0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x06],    // vmovdqu64 zmm0, [rsi]
        &[0x66, 0x0f, 0x38, 0x00, 0xc1],          // pshufb xmm0, xmm1
        &[0x66, 0x0f, 0x3a, 0x0f, 0xc1, 4],       // palignr xmm0, xmm1, 4
        &[0x4a, 0x8d, 0x04, 0xcd, 0, 0, 0, 0],    // lea rax, [r9*8]
        &[0x64, 0x48, 0x8b, 0x0c, 0x25, 0xf8, 0xff, 0xff, 0xff], // mov rcx, fs:-8
    ] {
        let padded = [whole, &[0x90; 16]].concat();
        let read = (amd64::CPU.step)(&padded, START).map(|(length, _)| length);
        assert_eq!(read, Some(whole.len()), "{whole:x?}");
        for end in 0..whole.len() {
            assert_eq!(
                (amd64::CPU.step)(&whole[..end], START),
                None,
                "{whole:x?}, {end}"
            );
        }
    }
}

#[test]
fn arm64_is_followed_in_the_same_way() {
    let code = |words: &[u32]| {
        let words = words.iter().enumerate().map(|(n, word)| {
            // A call says where to; it is counted from where it stands.
            let to = match *word {
                0 => SITE,
                1 => OTHER,
                other => return other.to_le_bytes(),
            };
            let distance = to.wrapping_sub(START + 4 * n as u64) / 4;
            (0x9400_0000 | (distance as u32 & 0x03ff_ffff)).to_le_bytes()
        });
        Code(words.flatten().collect())
    };
    let comes = |words: &[u32]| code(words).comes(arm64::CPU);
    let (ret, spill) = (0xd65f_03c0, 0xf900_0fe0); // ret; str x0, [sp, #24]
    // cbnz x1, +12; cbnz w1, +12; tbz w1, #0, +8
    let (error, other, truth) = (0xb500_0061, 0x3500_0061, 0x3600_0041);
    assert!(comes(&[1, 0, ret]));
    assert!(comes(&[1, spill, error, 0, ret, ret]));
    assert!(!comes(&[1, spill, other, 0, ret, ret]));
    assert!(!comes(&[1, truth, 0, ret]));
    // cmp x1, #0; cset x0, eq: a truth.
    let truth = code(&[1, 0, 0xf100_003f, 0x9a9f_17e0, ret]);
    let budget = Cell::new(10_000);
    let flow = Flow::of(&truth.0, START, arm64::CPU, &CALLED, &budget).expect("known");
    let site = truth.site(arm64::CPU);
    assert_eq!(flow.bears(site, Callee::Other, &budget), Some(true));
    // ldr x1, [sp, #8] is another value.
    assert!(!comes(&[1, 0xf940_07e1, error, 0, ret, ret]));
}

#[test]
fn globals_of_two_words_are_told_by_their_loads() {
    // mov rcx, [rip+0x100]; mov rdx, [rip+0x101]: eight bytes apart; mov rax, [rip]; cmp [rip], 0
    let code = [
        &[0x48, 0x8b, 0x0d, 0, 1, 0, 0][..],
        &[0x48, 0x8b, 0x15, 1, 1, 0, 0],
        &[0x48, 0x8b, 0x05, 0, 2, 0, 0],
        &[0x83, 0x3d, 0, 1, 0, 0, 0],
        RET,
    ];
    let found = amd64::globals(&code.concat(), START);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [START + 7 + 0x100]);
}

#[test]
fn an_error_that_nobody_looks_at_is_told() {
    let looked = |code: &[&[u8]]| amd64::looked_at(&code.concat(), START);
    let (first, second) = (1, 2);
    let call = &[0xe8, 0, 1, 0, 0][..];
    // mov [rip+…], rax; xor ebx, ebx: the first is kept, the second thrown away.
    let keeps = &[0x48, 0x89, 0x05, 0, 1, 0, 0][..];
    assert_eq!(looked(&[keeps, &[0x31, 0xdb], call]) & 3, first);
    assert_eq!(looked(&[keeps, call]) & 3, first);
    assert_eq!(looked(&[ERROR, call]) & 3, second);
    // mov rcx, rbx; mov [rsp+8], rbx; mov rcx, [rbx+8]
    for reads in [
        &[0x48, 0x89, 0xd9][..],
        &[0x48, 0x89, 0x5c, 0x24, 8],
        &[0x48, 0x8b, 0x4b, 8],
    ] {
        assert_eq!(looked(&[reads, call]) & 3, second, "{reads:x?}");
    }
    // Handed on to the caller, or to whoever is jumped to.
    assert_eq!(looked(&[RET]) & 3, first | second);
    assert_eq!(looked(&[keeps, &[0x31, 0xdb], &je(5)]) & 3, first);
}

#[test]
fn an_error_that_nobody_looks_at_is_told_on_arm64_too() {
    let looked = |words: &[u32]| {
        let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        arm64::looked_at(&code, START) & 3
    };
    let (first, second, call, ret) = (1, 2, 0x9400_0100, 0xd65f_03c0);
    // str x0, [sp, #24]; mov x1, xzr; adrp x1, …; ldp x1, x2, [sp, #8]
    let keeps = 0xf900_0fe0;
    for over in [0xaa1f_03e1, 0x9000_0001, 0xa940_8be1] {
        assert_eq!(looked(&[keeps, over, call]), first, "{over:x}");
    }
    assert_eq!(looked(&[keeps, call]), first);
    // cbnz x1, …; str x1, [sp, #8]; mov x2, x1; cmp x1, #0; ldr x2, [x1, #8]; stp x3, x1, [sp, #8]
    for reads in [
        0xb500_0061,
        0xf900_07e1,
        0xaa01_03e2,
        0xf100_003f,
        0xf940_0422,
        0xa900_87e3,
    ] {
        assert_eq!(looked(&[reads, call]), second, "{reads:x}");
    }
    assert_eq!(looked(&[ret]), first | second);
    // adrp x27, …; ldr w3, [x27]; cbz w3, +5; adrp x27, …; ldr x3, [x27]; bl gcWriteBarrier2;
    // stp x0, x3, [x25]; adrp x27, …; str x0, [x27]: a pointer is kept, the collector told of it.
    let asks = [0x9000_001b, 0xb940_0363, 0x3400_00a3];
    let tells = [0x9000_001b, 0xf940_0363, 0x9400_0000, 0xa900_0f20];
    let stores = [0x9000_001b, 0xf900_0360];
    let told = [&asks[..], &tells, &stores].concat();
    assert_eq!(
        looked(&[&told[..], &[0xb400_0081, call]].concat()),
        first | second
    );
    assert_eq!(looked(&[&told[..], &[call]].concat()), first);
    // A call that nothing is told of is one as any other.
    let other = [&asks[..], &[0x9000_001b, 0xf940_0363, call, 0xd503_201f]].concat();
    assert_eq!(looked(&[&other[..], &[0xb400_0081, call]].concat()), 0);
}

#[test]
fn what_a_question_clears_is_paid_for() {
    let long = Code::default()
        .bytes(&[0x90; 6400])
        .call(SITE)
        .bytes(&[0xc3]);
    let budget = Cell::new(10_000);
    let flow = Flow::of(&long.0, START, amd64::CPU, &CALLED, &budget).expect("known");
    budget.set(10_000);
    let site = long.site(amd64::CPU);
    assert_eq!(flow.bears(site, Callee::MakesCommand, &budget), Some(true));
    assert!(budget.get() <= 9_900, "{}", budget.get());
    budget.set(50);
    assert_eq!(flow.bears(site, Callee::MakesCommand, &budget), None);
}
