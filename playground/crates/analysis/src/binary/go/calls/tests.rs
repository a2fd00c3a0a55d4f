//! Machine code as Go 1.26 writes it, and what is read from it.

use super::reach::{Reach, is_init, wrapped_in};
use super::*;

const WANTED: u64 = 0x9000;

fn wanted(address: u64) -> Option<Target> {
    match address {
        WANTED => Some(Target::Wanted),
        0x9100 => Some(Target::Other),
        _ => None,
    }
}

/// These instructions for amd64 and a call of a function behind them.
fn amd64(code: &[&[u8]], target: u64) -> Vec<u8> {
    let mut code = code.concat();
    let next = 0x1000 + code.len() as u64 + 5;
    code.push(0xe8);
    code.extend((target.wrapping_sub(next) as u32).to_le_bytes());
    code
}

fn arguments(code: &[u8]) -> Vec<Value> {
    let mut sites = amd64::calls(code, 0x1000, &wanted);
    assert_eq!(sites.len(), 1);
    sites.remove(0).arguments
}

/// `lea rax, [rip + 0x100]`, `mov ebx, 3`.
const LEA: &[u8] = &[0x48, 0x8d, 0x05, 0, 1, 0, 0];
const THREE: &[u8] = &[0xbb, 3, 0, 0, 0];

#[test]
fn constants_of_amd64_are_read_from_registers() {
    let read = arguments(&amd64(&[LEA, THREE], WANTED));
    assert_eq!(read[..2], [Value::Address(0x1107), Value::Number(3)]);
    // xor esi, esi; xor r8d, r8d; mov rax, [rip + …]
    let read = arguments(&amd64(
        &[
            &[0x31, 0xf6],
            &[0x45, 0x31, 0xc0],
            &[0x48, 0x8b, 0x05, 0, 1, 0, 0],
        ],
        WANTED,
    ));
    assert_eq!((read[4], read[5]), (Value::Number(0), Value::Number(0)));
    assert_eq!((read[0], read[1]), (Value::Global, Value::Unknown));
}

#[test]
fn what_may_have_changed_a_register_makes_it_unknown() {
    // mov rax, [rsp + 8]; mov rax, rdx; pop rax; call [rdx]
    for change in [
        &[0x48, 0x8b, 0x44, 0x24, 8][..],
        &[0x48, 0x89, 0xd0],
        &[0x58],
        &[0xff, 0x12],
    ] {
        let read = arguments(&amd64(&[LEA, change, THREE], WANTED));
        assert_eq!(read[0], Value::Unknown, "{change:x?}");
        assert_eq!(read[1], Value::Number(3));
    }
    // Behind a prefix it is another register: mov r8d, 0x1a4 is no mov eax, xor r8d, r8d no xor eax.
    for other in [&[0x41, 0xb8, 0xa4, 1, 0, 0][..], &[0x45, 0x31, 0xc0]] {
        let read = arguments(&amd64(&[LEA, THREE, other], WANTED));
        assert_eq!(read[..2], [Value::Address(0x1107), Value::Number(3)]);
    }
    // Registers with the same low bits are others: mov r9, r8 changes no rcx.
    let rcx = [0x48, 0x8d, 0x0d, 0, 1, 0, 0];
    let read = arguments(&amd64(&[&rcx, &[0x4d, 0x89, 0xc1]], WANTED));
    assert_eq!(read[2], Value::Address(0x1107));
}

#[test]
fn what_was_laid_out_on_one_way_alone_is_not_known() {
    // je to the call, or to the first of the two.
    let read = arguments(&amd64(&[&[0x74, 12], LEA, THREE], WANTED));
    assert_eq!(read[..2], [Value::Unknown; 2]);
    let read = arguments(&amd64(&[&[0x74, 7], LEA, THREE], WANTED));
    assert_eq!(read[..2], [Value::Unknown, Value::Number(3)]);
    let read = arguments(&amd64(&[&[0x74, 0], LEA, THREE], WANTED));
    assert_eq!(read[..2], [Value::Address(0x1109), Value::Number(3)]);
    // cbz x2, +8; mov x0, #3; bl .
    let words: [u32; 3] = [0xb400_0042, 0xb240_07e0, 0x9400_0000];
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let find = |address: u64| (address == 0x1008).then_some(Target::Wanted);
    assert_eq!(
        arm64::calls(&code, 0x1000, &find)[0].arguments[0],
        Value::Unknown
    );
}

#[test]
fn behind_an_unknown_instruction_no_constant_is_sure() {
    // push es, which there is not in 64 bits; jumps behind it are not found.
    let code = amd64(&[&[0x06], LEA, THREE], WANTED);
    assert_eq!((flow::amd64::CPU.step)(&code, 0x1000), None);
    assert_eq!(arguments(&code), [Value::Unknown; 9]);
    // It does not matter behind the call.
    let code = [amd64(&[LEA, THREE], WANTED), vec![0x06]].concat();
    assert_eq!(arguments(&code)[1], Value::Number(3));
}

#[test]
fn a_call_leaves_no_constant_to_the_next() {
    let mut code = amd64(&[LEA, THREE], 0x9100);
    let next = 0x1000 + code.len() as u64 + 5;
    code.push(0xe8);
    code.extend((WANTED.wrapping_sub(next) as u32).to_le_bytes());
    assert_eq!(arguments(&code), [Value::Unknown; 9]);
}

#[test]
fn constants_of_arm64_are_read_from_registers() {
    // As `go tool objdump` shows them of a program at 0x22c3a0.
    let words: [u32; 7] = [
        0xb000_06e0, // adrp x0, 905216
        0x9101_1800, // add x0, x0, #70
        0xb240_07e1, // mov x1, #3
        0xaa1f_03e2, // mov x2, xzr
        0xd280_01a3, // mov x3, #13
        0xb27f_07e4, // mov x4, #6
        0x9400_0000, // bl .
    ];
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let at = 0x22c3a0;
    let sites = arm64::calls(&code, at, &|address| {
        (address == at + 24).then_some(Target::Wanted)
    });
    let page = (at & !0xfff) + 905216;
    assert_eq!(
        sites[0].arguments[..5],
        [
            Value::Address(page + 70),
            Value::Number(3),
            Value::Number(0),
            Value::Number(13),
            Value::Number(6)
        ]
    );
}

#[test]
fn what_a_statement_wraps_belongs_to_its_function() {
    assert_eq!(wrapped_in("main.(*T).run.gowrap2"), Some("main.(*T).run"));
    // Whether it comes to what is put off, hangs on the way there.
    assert_eq!(wrapped_in("main.main.deferwrap1"), None);
    assert_eq!(wrapped_in("main.main.func1"), None);
}

#[test]
fn only_packages_have_inits() {
    for (name, is) in [
        ("main.init", true),
        ("main.init.0", true),
        ("example.com/a/b.init.12", true),
        ("main.(*T).init", false),
        ("main.init.func1", false),
        ("main.run.init.0", false),
        ("main.main.func1.2", false),
    ] {
        assert_eq!(is_init(name), is, "{name}");
    }
}

#[test]
fn calls_within_the_program_have_no_arguments() {
    let own = |address: u64| (address == WANTED).then_some(Target::Own);
    let sites = amd64::calls(&amd64(&[LEA, THREE], WANTED), 0x1000, &own);
    assert_eq!((sites[0].target, sites[0].arguments.len()), (WANTED, 0));
}

#[test]
fn what_ends_the_program_is_known_by_its_name() {
    for (name, ends) in [
        ("os.Exit", true),
        ("log.Fatalf", true),
        ("log.(*Logger).Fatal", true),
        ("github.com/sirupsen/logrus.Fatalln", true),
        ("runtime.gopanic", true),
        ("runtime.panicIndex", true),
        ("main.fatalities", false),
        ("os.OpenFile", false),
    ] {
        assert_eq!(ends_all(name), ends, "{name}");
    }
}

/// `main.setup` calls what is looked for, returns where that gives an error, and else does more.
#[test]
fn a_function_that_keeps_an_error_matters_where_nothing_is_done_behind_it() {
    const SETUP: u64 = 0x2000;
    const OTHER: u64 = 0x9100;
    const RECOVERS: u64 = 0x9200;
    let call = |from: u64, to: u64| {
        let distance = to.wrapping_sub(from + 5) as u32;
        [&[0xe8][..], &distance.to_le_bytes()].concat()
    };
    // test rbx, rbx; je over ret
    let asks = vec![0x48, 0x85, 0xdb, 0x74, 1, 0xc3];
    let more = [call(SETUP + 11, OTHER), vec![0xc3]].concat();
    let setup = [call(SETUP, WANTED), asks, more].concat();
    let comes = |begins: &str, behind: &[u8], gives: bool, [third, fourth]: [&str; 2]| {
        // A second beginning, or what recovers, and what puts that off.
        let third_calls = if third.contains(".init") {
            SETUP
        } else {
            RECOVERS
        };
        let of_third = [call(0xa000, third_calls), vec![0xc3]].concat();
        let of_fourth = [call(0xb000, 0xa000), vec![0xc3]].concat();
        let first = [&call(0x1000, SETUP)[..], behind].concat();
        let function = |name, start, code: &[u8]| Function {
            name,
            start,
            bytes: code.len() as u64,
            package: None,
        };
        let functions = [
            function(begins, 0x1000, &first),
            function("main.setup", SETUP, &setup),
            function("time.LoadLocation", WANTED, &[0xc3]),
            function(third, 0xa000, &of_third),
            function(fourth, 0xb000, &of_fourth),
        ];
        let site = |at, target| Site {
            at,
            target,
            arguments: Vec::new(),
            looked_at: u16::MAX,
        };
        let calls = [
            (0, vec![site(0x1000, SETUP)]),
            (1, vec![site(SETUP, WANTED)]),
            (3, vec![site(0xa000, third_calls)]),
            (4, vec![site(0xb000, 0xa000)]),
        ];
        let budget = Cell::new(10_000);
        let called = Called {
            stops: &|_| false,
            gives_error: &|to, place| to == WANTED && place == 1,
            leaves_with_error: &|_, _, _| gives,
            is_barrier: &|_| false,
            quiet: &|_| false,
            starts_program: &|_| None,
        };
        let codes = [&first, &setup, &vec![0xc3], &of_third, &of_fourth];
        let flow = |at: usize| {
            let start = functions[at].start;
            Flow::of(codes[at], start, flow::amd64::CPU, &called, &budget)
        };
        let reach = Reach {
            functions: &functions,
            calls: &calls,
            leads_to: &|site| functions.iter().position(|it| it.start == site.target),
            starts: &|_| false,
            recovers: &|site| site.target == RECOVERS,
            gives_error: &|site| site.target == WANTED,
            flow: &flow,
            budget: &budget,
        };
        reach.reached_by_main().get(&1) == Some(&vec![true])
    };
    let goes_on = [call(0x1005, OTHER), vec![0xc3]].concat();
    let alone = ["main.other", "main.another"];
    assert!(comes("main.main", &[0xc3], false, alone));
    assert!(!comes("main.main", &goes_on, false, alone));
    assert!(comes("main.main", &goes_on, true, alone));
    // What it would panic for, it may leave behind.
    let recovers = ["main.setup.func1", "main.another"];
    assert!(!comes("main.main", &goes_on, true, recovers));
    let puts_off = ["main.rescue", "main.setup.deferwrap1"];
    assert!(!comes("main.main", &goes_on, true, puts_off));
    // The program goes on behind an init, whichever of the two is looked at first.
    assert!(!comes("main.init.0", &[0xc3], false, alone));
    let also = ["main.init.1", "main.another"];
    assert!(comes("main.main", &[0xc3], false, also));
    assert!(!comes("main.main", &goes_on, false, also));
}

#[test]
fn a_wait_on_a_channel_is_done_by_the_program() {
    for (name, quiet) in [
        ("runtime.makechan", true),
        ("runtime.gcWriteBarrier2", true),
        ("runtime.selectnbrecv", true),
        ("os/exec.(*Cmd).Wait", true),
        ("runtime.chanrecv1", false),
        ("runtime.chansend1", false),
        ("runtime.selectgo", false),
        ("runtime.block", false),
        ("log.Print", false),
    ] {
        assert_eq!(is_quiet(name), quiet, "{name}");
    }
}
