// What the server says, as TypeScript sees it. Each type is named as the Rust type that is written
// to JSON, or as the comment before its group says; that also tells where it lies, under playground/.

// crates/policy/src/user_error.rs
export interface UserError { what: string; cause?: string; next?: string }

// src/web/api.rs: status; src/bases/status.rs; src/web/mod.rs: Preparing
export interface Status {
    engine: { state: 'ready' | 'none'; name: string; version: string; arch: string; os: string; private: boolean; error: UserError | null };
    bases: BaseStatus[];
    prepare: Preparing;
}
export interface BaseStatus { name: string; state: 'published' | 'rebuilt' | 'missing'; size_bytes: number | null; published_mb: number | null; differs: string[] }
export interface Preparing { active: boolean; text: string; current: number; total: number | null }

// crates/catalog/src/lab/mod.rs, lab/variant.rs, ending.rs: the part of a lab that the page reads
export type Role = 'stage' | 'broken' | 'fixed' | 'submission';
export interface Lab { id: string; kind: 'stage' | 'failure' | 'experiment'; title: string; stage: { number: string; order: number } | null; variants: { id: string; title: string; role: Role }[] }
export type Outcome = 'serves' | 'exits' | 'cannot-start' | 'build-fails';
export type Reporter = 'builder' | 'engine' | 'program' | 'nobody';
export type Moment = 'build' | 'create' | 'start' | 'wait' | 'answer' | 'exec' | 'health' | 'stop';

// src/run/mod.rs: Listed (here ListedRun)
export interface ListedRun { run: string; lab: string; variant: string; state: 'running' | 'finished'; age_ms: number }

// src/event.rs, crates/engine/src/event.rs, crates/analysis/src/image/size.rs;
// crates/catalog/src/actions/mod.rs, checks/mod.rs, probe.rs, check_result.rs
export type Entry = { seq: number; at_ms: number } & Event;
export type Event =
    | { event: 'run-started'; run: string; lab: string; variant: string; edited: string[] }
    | { event: 'step-started'; step: string; phase: Phase; title: string }
    | { event: 'step-progress'; step: string; what: string; current: number; total: number | null }
    | { event: 'step-log'; step: string; stream: Stream; text: string }
    | { event: 'step-finished'; step: string; status: StepStatus; ms: number; error: StepError | null }
    | { event: 'notice'; text: string }
    | ({ event: 'remark' } & BuildRemark)
    | { event: 'round'; n: string; what: string }
    | { event: 'repaired'; what: string; why: string; page: string | null }
    | ({ event: 'sizes' } & Sizes)
    | { event: 'output'; stream: Stream; text: string }
    | ({ event: 'probed' } & Probed)
    | { event: 'memory'; bytes: number }
    | ({ event: 'acted' } & ActionResult)
    | ({ event: 'looked' } & Observation)
    | ({ event: 'finished' } & Finished);
export type Phase = 'prepare' | 'build' | 'measure' | 'run' | 'probe' | 'act';
export type Stream = 'stdout' | 'stderr';
export type StepStatus = 'done' | 'cached' | 'failed' | 'canceled';
export interface BuildRemark { rule: string; what: string; url: string | null; line: number | null }
export interface StepError { message: string; file: string | null; line: number | null }
export interface Sizes { unpacked_bytes: number; compressed_bytes: number; engine_bytes: number; layers: LayerSize[] }
export interface LayerSize { unpacked_bytes: number; compressed_bytes: number; created_by: string }
export interface Probed { probe: string; get: string; status: number | null; body: string; ms: number }
export interface ActionResult { act: string; title: string; kind: 'exec' | 'debug' | 'health' | 'stop'; command: string; text: string; exit_code: number | null; status: string | null; by_engine: boolean; timed_out: boolean; ms: number }
export interface Observation { look: string; title: string; seen: Seen }
export type Seen = Clocks | { kind: 'no-clock' } | Context | Layers;
export interface Clocks { kind: 'clocks'; zone: string; program: string; expected: string; agrees: boolean }
export interface Context { kind: 'context'; bytes: number; files: number }
export interface Layers { kind: 'layers'; needle: string; found: { layer: number; path: string; created_by: string }[]; searched: number }
export type Ending = 'as-declared' | 'not-as-declared' | 'stopped' | 'error';
export interface Finished {
    ending: Ending; outcome: Outcome | null; reporter: Reporter | null; moment: Moment | null; note: string | null;
    message: string | null; exit_code: number | null; checks: CheckResult[]; error: UserError | null; ms: number;
}
export interface CheckResult { id: string; title: string; expected: string; seen: string; passed: boolean; unreached?: boolean }

// src/journey.rs, src/journal/mod.rs
export interface JourneyStage {
    stage: string; title: string; number: string; order: number; claimed_mb: number; claimed_mb_max: number | null;
    claimed_by: string; base_label: string; measured: Measured | null;
}
export interface Measured { unpacked_bytes: number; compressed_bytes: number; engine_bytes: number; base: string; at: string; engine: string; arch: string }

// src/web/api.rs: ledger; crates/catalog/src/claims/verdict.rs. `measured` by lab, variant and metric, in words.
export interface Ledger { claims: JudgedClaim[]; measured: Record<string, Record<string, Record<string, string>>> }
export interface JudgedClaim { claim: string; measured: string; verdict: 'holds' | 'holds-with-conditions' | 'does-not-hold' | 'not-tested-here' | 'not-run-yet'; reason: string }

// crates/catalog/src/matching/answer.rs
export interface Answer { query: string; known: boolean; matches: Found[]; ask: string | null }
export interface Found { lab: string; title: string; page: string | null; confidence: 'exact' | 'likely'; by: 'message' | 'description' | 'likeness'; words: string[]; says: string; example: string; tell: string | null }

// src/scans/mod.rs; xray.rs: Status (here ScanStatus); images.rs: Listed (here ListedImage)
export type Subject = { image: string } | { lab: string; variant?: string } | { run: string };
export interface ScanStatus { xray: string; state: 'waiting' | 'building' | 'reading' | 'ready' | 'failed' | 'stopped'; text: string; current: number; total: number | null; error: UserError | null; report: Report | null }
export interface ListedImage { name: string | null; id: string; size_bytes: number }

// crates/analysis/src/xray/report.rs (ProgramIn is Program here), inspect/program.rs, binary/
export interface Report {
    subject: { name: string; id: string; platform: string };
    sizes: { unpacked_bytes: number; compressed_bytes: number | null; merged_bytes: number; wasted_bytes: number };
    config: { Entrypoint: string[]; Cmd: string[]; User: string; ExposedPorts: string[] } | null;
    layers: Layer[]; stands_out: Notable; wasted: { path: string; bytes: number; layer: number; by: number }[]; programs: Program[];
}
export interface Sum { files: number; bytes: number }
export interface Layer {
    index: number; instruction: string; unpacked_bytes: number; compressed_bytes: number | null; wasted_bytes: number;
    added: Sum; changed: Sum; removed: Sum; largest: { path: string; bytes: number; what: 'added' | 'changed' }[];
}
export interface Called { path: string; file: string }
export interface Notable {
    shells: Called[]; package_managers: Called[]; setuid: { path: string; mode: string; bytes: number }[];
    executables: { count: number; bytes: number }; packages: { database: string; name: string; version: string }[];
    users: { name: string; uid: number; shell: string }[]; ca_bundles: string[]; zoneinfo: string[]; tmp: string | null;
    git: { path: string; layer: number; visible: boolean; bytes: number }[]; secrets: { path: string; layer: number; visible: boolean; kind: string }[];
}
export interface Program { path: string; layer: number; started: boolean; bytes: number; form: { form: string; interpreter?: string }; elf: Elf | null; go: GoProgram | null; trouble: string | null }
export interface Elf { linkage: string; interpreter: string | null; needed: string[]; pie: boolean; stripped: boolean; symbol_bytes: number; dwarf_bytes: number; packer: string | null; sections: Section[] }
export interface Section { name: string; kind: string; file_bytes: number }
export interface GoProgram { build: BuildInfo | null; code: GoCode | null; trouble: string | null }
export interface BuildInfo { go_version: string; path: string; main: Module | null; modules: Module[]; settings: [string, string][] }
export interface Module { path: string; version: string; replace: Module | null }
export interface GoCode { packages: Package[]; totals: { go: number; unattributed: number }; can: Record<string, string[]> }
export interface Package { path: string; origin: 'main' | 'std' | 'module' | 'generated' | 'unknown'; code: number; table: number; stack_maps: number; types: number; variables: number; constants: number; symbols: number; debug: number; loader: number }

// crates/analysis/src/xray/map/mod.rs: Map (here TreeMap); map/layout.rs
export interface TreeMap { at: string; name: string; bytes: number; crumbs: { name: string; at: string }[]; cells: Cell[] }
export interface Cell {
    name: string; at: string | null; kind: string; bytes: number; count: number | null; layer: number | null; marks: string[]; opens: boolean;
    depth: number; of: number | null; x: number; y: number; w: number; h: number;
}

// crates/analysis/src/xray/difference.rs, tree_diff.rs, program_diff.rs
export type Change = 'left' | 'came' | 'changed' | 'stayed';
export interface FromTo { from: number; to: number }
export interface Group { path: string; fate: Change; files: number; bytes: number }
export interface Difference {
    bytes: FromTo; left: Sum; came: Sum; changed: { files: number; from_bytes: number; to_bytes: number }; stayed: Sum;
    groups: Group[]; counts: Record<string, FromTo> | null; programs: Pair[];
}
export interface Pair { path: string; from: ProgramSummary | null; to: ProgramSummary | null; packages: (FromTo & { path: string })[]; sections: (FromTo & { name: string })[] }
export interface ProgramSummary { path: string; bytes: number }

// crates/analysis/src/preflight/finding.rs, with what the server adds of the rule
export interface Finding {
    rule: string; title: string; page: string | null; severity: 'will-not-start' | 'will-fail' | 'advice'; what: string; when?: string;
    evidence: string[]; fix: string; place?: { path?: string; layer?: number };
}

// src/services/mod.rs: Listed (here ListedAdoption), Status (here AdoptionStatus); folder.rs: Service (here
// ListedService); src/adopt/report.rs: Report (here Adopted); write.rs: File (here Outfile); current.rs, journey/
export interface ListedService { service: string; name: string; path: string }
export interface ListedAdoption { adoption: string; service: string; state: 'running' | 'finished'; age_ms: number }
export interface OwnServices { services: ListedService[]; adoptions: ListedAdoption[] }
export type AdoptionStatus = ListedAdoption & { report: Adopted | null; files: Outfile[] };
export interface Outfile { name: string; text: string }
export type AdoptOutcome = 'answers' | 'listens' | 'tool' | 'runs' | 'builds' | 'nothing';
export interface Weight { unpacked: number; compressed: number }
export interface PortHeard { port: number; udp: boolean; loopback: boolean; answers: { get: string; status: number | null; body: string; ms: number }[] }
export interface Decision { topic: string; value: string; evidence: string[]; otherwise: string; page?: string }
export interface Adopted {
    path: string; outcome: AdoptOutcome; decisions: Decision[]; rounds: { n: number; build_ms: number }[]; plan: object | null; weight: Weight | null;
    ports: PortHeard[]; answered_ms: number | null; findings: Finding[]; unmended: { what: string; page?: string; next: string; said: string[] } | null;
    proof: string[]; current?: CurrentDockerfile; journey?: OwnStage[]; ms: number;
}
export interface CurrentDockerfile {
    file: string; ours: boolean; context: string; bases: string[]; build_ms: number; outcome: AdoptOutcome; weight: Weight | null; ports: PortHeard[];
    answered_ms: number | null; said?: string; why?: string; untold?: 'network' | 'frontend' | 'ignored'; findings: Finding[]; checks: BuildRemark[] | null; left?: Difference;
}
export interface OwnStage {
    number: string; title: string; page: string | null; base: string; dockerfile: string; build_ms: number; unpacked: number | null;
    compressed: number | null; outcome: AdoptOutcome; answered_ms: number | null; said?: string; why?: string;
}

// crates/catalog/src/inventory/mod.rs: Asked (here Question, with what src/web/inventory.rs adds), Explanation
export interface Question { id: string; stem: string; message: string | null; options: { id: string; text: string }[] | null; before: boolean; after: boolean }
export interface Explanation { right: boolean; belief: string | null; says: string | null; answer: string; why: string; run: string }

// src/web/exercises/; src/exercises/progress.rs: Standing; progress/transfer.rs: Imported
export interface Standing { attempts: number; passed_at: string | null; best_bytes: number | null; failing: string | null; failing_for: number; hints: Record<string, Record<string, number>> }
export interface Exercises { exercises: ListedExercise[]; next: string | null }
export interface ListedExercise { id: string; number: number; title: string; unit: string; minutes: number; golf: boolean; begun: boolean; standing: Standing }
export interface ExerciseWork { id: string; folder: string; begun: boolean; files: WorkFile[]; standing: Standing; advice: Advice | null }
export interface WorkFile { path: string; text: string | null; revision: string | null }
export interface PageLink { href: string; title: string }
export interface Advice { check: string; cause: string; page: PageLink | null; told: string[]; levels: number }
export interface ExerciseVerdict { passed: boolean; pages: Record<string, PageLink>; museum: PageLink | null; advice: Advice | null; standing: Standing }
export interface Imported { acts: number; files: string[]; kept: string[]; unknown: string[] }

// src/web/class/: board, projector (without seat and name), seat; src/class/board.rs, stuck.rs, call.rs
export interface ClassCall { lab: string; variant: string; title: string; page: string | null; at: string }
export interface ClassHere { seat: number; name: string; hand: boolean; call: ClassCall | null }
export interface ClassLab { id: string; title: string; variants: { id: string; title: string }[] }
export interface ClassDoor { code: string; page: string; qr: string[]; fingerprint: string; open?: boolean; lan?: boolean; url?: string; until?: string; seats?: number; began?: string }
export interface ClassBoard {
    seats: ClassSeat[]; funnel: ClassReached[]; commonest: ClassCommon[]; queue: { working: number; waiting: number };
    call: ClassCall | null; door: ClassDoor | null; alarms?: { at: string; text: string }[]; labs?: ClassLab[];
}
export interface ClassSeat {
    seat?: number; name?: string; doing: 'asks' | 'stuck' | 'runs' | 'waits' | 'reads' | 'away'; page: PageLink | null;
    running: { object: string; variant: string; waits: boolean } | null; stuck: ClassStuck | null; hand_seconds: number | null;
    passed: number; runs: number; last: { object: string; variant: string; ending: Ending; failing: string | null } | null; called: ClassCalled | null;
}
export type ClassStuck = { why: 'same-check'; object: string; check: string; message: string; times: number } | { why: 'no-progress'; object: string; check: string | null; minutes: number };
export type ClassCalled = { state: 'open' | 'waits' | 'runs' } | { state: 'over'; ending: Ending; ms: number };
export interface ClassReached { exercise: string; number: number; title: string; tried: number; failing: number; passed: number }
export interface ClassCommon { exercise: string; check: string; message: string; seats: number }
