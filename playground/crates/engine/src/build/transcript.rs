//! The text of a classic build as the steps of a run.
//!
//! It was made for terminals; `line` says what each line is, here lines become the same events
//! that `steps` makes of BuildKit's vertices. Pure: text in, events out.

mod line;

use super::instruction::{SUBSTITUTED, same_instruction, squeeze, without_modules};
use super::request::BuildRequest;
use crate::event::{BuildEvent, OnEvent, StepError, StepFinished, StepLog, StepStatus, Stream};
use crate::refusals;
use line::Line;
use std::time::Duration;

/// The steps of one build, as far as they have been told.
pub(super) struct Transcript {
    prefix: String,
    instructions: Vec<(u32, String)>,
    /// Where to look on in `instructions`: steps come in their order.
    next: usize,
    aliases: Vec<(String, String)>,
    labels: Vec<String>,
    stage: String,
    announced: usize,
    open: Option<Open>,
}

struct Open {
    /// None where it is no business of the reader's.
    id: Option<String>,
    line: Option<u32>,
    since: Duration,
    cached: bool,
    /// Nothing has been said about it yet.
    fresh: bool,
}

impl Transcript {
    pub(super) fn new(request: &BuildRequest) -> Transcript {
        Transcript {
            prefix: request.prefix.clone(),
            instructions: analysis::dockerfile::instruction_lines(&request.dockerfile)
                .into_iter()
                .map(|(line, text)| (line, squeeze(&text)))
                .collect(),
            next: 0,
            aliases: request.aliases.clone(),
            labels: request
                .labels
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
            stage: String::new(),
            announced: 0,
            open: None,
        }
    }

    /// Takes in a piece of the stream that came `now` after the build began.
    pub(super) fn push(&mut self, text: &str, now: Duration, on_event: &mut OnEvent<'_>) {
        if let Some(text) = line::stderr(text) {
            self.log(Stream::Stderr, text, on_event);
            return;
        }
        for line in text.split_inclusive('\n') {
            match Line::parse(line) {
                Line::Step(stage, position, instruction) => {
                    self.end(StepStatus::Done, None, now, on_event);
                    self.begin(stage, position, instruction, now, on_event);
                }
                Line::Cached => {
                    if let Some(open) = &mut self.open {
                        open.cached = true;
                    }
                }
                Line::Bookkeeping => {}
                Line::Output => self.log(Stream::Stdout, line, on_event),
            }
        }
    }

    /// The failure as a learner should read it; the open step fails with it.
    pub(super) fn fail(
        &mut self,
        message: &str,
        now: Duration,
        on_event: &mut OnEvent<'_>,
    ) -> StepError {
        let message = message.trim();
        let line = match &self.open {
            Some(open) => open.line,
            None => refusals::dockerfile_line(message),
        };
        let error = StepError::new(message, line);
        self.end(StepStatus::Failed, Some(error.clone()), now, on_event);
        error
    }

    /// Ends the step that is open, where there is one.
    pub(super) fn end(
        &mut self,
        status: StepStatus,
        error: Option<StepError>,
        now: Duration,
        on_event: &mut OnEvent<'_>,
    ) {
        let Some(open) = self.open.take() else { return };
        let Some(step) = open.id else { return };
        let status = match status {
            StepStatus::Done if open.cached => StepStatus::Cached,
            other => other,
        };
        let ms = now.saturating_sub(open.since).as_millis();
        on_event(BuildEvent::StepFinished(StepFinished {
            step,
            status,
            ms: u64::try_from(ms).unwrap_or(u64::MAX),
            error,
        }));
    }

    fn log(&mut self, stream: Stream, text: &str, on_event: &mut OnEvent<'_>) {
        let Some(open) = &mut self.open else { return };
        // Docker ends the line that announces a step in a piece of its own.
        if std::mem::take(&mut open.fresh) && text == "\n" {
            return;
        }
        if let Some(step) = &open.id {
            on_event(BuildEvent::StepLog(StepLog {
                step: step.clone(),
                stream,
                text: text.to_owned(),
            }));
        }
    }

    fn begin(
        &mut self,
        stage: Option<usize>,
        position: &str,
        instruction: &str,
        now: Duration,
        on_event: &mut OnEvent<'_>,
    ) {
        let instruction = squeeze(instruction);
        let (written, substituted) = self.as_written(&instruction);
        let found = self.find(stage, &written);
        let line = found.and_then(|at| self.instructions.get(at)).map(|i| i.0);
        // Labels that we asked for come as a step that no Dockerfile has.
        let ours = found.is_none()
            && instruction.starts_with("LABEL ")
            && self.labels.iter().any(|name| instruction.contains(name));
        let mut title = found
            .and_then(|at| self.instructions.get(at))
            .map_or(written, |i| i.1.clone());
        if let Some(at) = found {
            self.next = at + 1;
            if is_from(&title) {
                self.stage = self.stage_at(at);
            }
        }
        if substituted {
            title.push_str(SUBSTITUTED);
        }
        let mut id = None;
        if !ours {
            self.announced += 1;
            let step = format!("{}{:02}", self.prefix, self.announced);
            let place = match self.stage.as_str() {
                "" => position.to_owned(),
                stage => format!("{stage} {position}"),
            };
            on_event(BuildEvent::StepStarted {
                step: step.clone(),
                title: format!("[{place}] {title}"),
            });
            id = Some(step);
        }
        self.open = Some(Open {
            id,
            line,
            since: now,
            cached: false,
            fresh: true,
        });
    }

    /// The instruction that the engine means. Podman leaves out stages that nothing needs
    /// and resolves the image of a `FROM`, but says the stage's number.
    fn find(&self, stage: Option<usize>, wanted: &str) -> Option<usize> {
        let all = || self.instructions.iter().map(|i| &i.1).enumerate();
        let ahead = || all().skip(self.next);
        let numbered = stage.filter(|_| is_from(wanted)).and_then(|stage| {
            let mut froms = all().filter(|(_, text)| is_from(text));
            froms.nth(stage.checked_sub(1)?)
        });
        numbered
            .or_else(|| ahead().find(|(_, text)| same_instruction(text, wanted)))
            .or_else(|| ahead().find(|(_, text)| is_from(wanted) && is_from(text)))
            .map(|(at, _)| at)
    }

    /// As BuildKit names it: by its own name, else by its number where there are several.
    fn stage_at(&self, at: usize) -> String {
        let froms = |upto: usize| {
            let some = self.instructions.iter().take(upto);
            some.filter(|(_, text)| is_from(text)).count()
        };
        let text = self.instructions.get(at).map_or("", |i| i.1.as_str());
        let mut words = text.split(' ');
        match words.find(|word| word.eq_ignore_ascii_case("AS")) {
            Some(_) => words.next().unwrap_or_default().to_lowercase(),
            None if froms(usize::MAX) > 1 => format!("stage-{}", froms(at)),
            None => String::new(),
        }
    }

    /// `FROM golang:1.23`, as the reader wrote it, and whether another stood in for it.
    fn as_written(&self, instruction: &str) -> (String, bool) {
        let instruction = &without_modules(instruction);
        let alias = self.aliases.iter().find(|(alias, _)| {
            is_from(instruction) && instruction.split(' ').any(|word| word == alias)
        });
        match alias {
            Some((alias, written)) => (instruction.replacen(alias, written, 1), true),
            None => (instruction.to_owned(), false),
        }
    }
}

fn is_from(instruction: &str) -> bool {
    let keyword = instruction.split(' ').next().unwrap_or_default();
    keyword.eq_ignore_ascii_case("FROM")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCKERFILE: &str = "# comment\nFROM golang:1.23-alpine AS build\nWORKDIR /src\n\
        COPY main.txt .\nRUN --mount=type=cache,target=/cache echo out; \\\n    echo err >&2\n\n\
        FROM scratch AS other\nCOPY main.txt /z\n\nFROM scratch\nCOPY --from=build /app /app\n\
        LABEL a=b\nENTRYPOINT [\"/app\"]\n";

    /// What Podman 4.3.1 said.
    const PODMAN: [&str; 24] = [
        "[1/3] STEP 1/4: FROM empty-room/trust:5cdaaa180dc2 AS build\n",
        "[1/3] STEP 2/4: WORKDIR /src\n",
        "--> Using cache cde4c31b35b955d2acc479d5d535759a0773f84b445727a55018be4b870aee26\n",
        "--> cde4c31b35b\n",
        "[1/3] STEP 3/4: COPY main.txt .\n",
        "--> ac62a6851af\n",
        "[1/3] STEP 4/4: RUN --mount=type=cache,target=/cache echo out;     echo err >&2\n",
        "err\n",
        "out\n",
        "--> 0ea035c8aba\n",
        "[3/3] STEP 1/5: FROM scratch\n",
        "[3/3] STEP 2/5: COPY --from=build /app /app\n",
        "--> 9c2221059b2\n",
        "[3/3] STEP 3/5: LABEL a=b\n",
        "--> 4d82744e40d\n",
        "[3/3] STEP 4/5: ENTRYPOINT [\"/app\"]\n",
        "--> da313da34c1\n",
        "[3/3] STEP 5/5: LABEL \"org.emptyroom\"=\"lab\"\n",
        "[3/3] COMMIT docker.io/er/a:1\n",
        "--> 966158aff92\n",
        "Successfully tagged docker.io/er/a:1\n",
        "966158aff92e0daeb1c66247b016b27ddc2487b014c017c3f056d484dc18dd20\n",
        "Successfully built 966158aff92e\n",
        "Successfully tagged er/a:1\n",
    ];

    /// What Docker's classic builder said (20.10 and 28).
    const DOCKER: [&str; 22] = [
        "Step 1/9 : FROM golang:1.23-alpine AS build",
        "\n",
        " ---> c4f4aab238f0\n",
        "Step 2/9 : WORKDIR /src",
        "\n",
        " ---> Using cache\n",
        " ---> e4387f267b0a\n",
        "Step 3/9 : COPY main.txt .",
        "\n",
        " ---> f3cabc4f62ed\n",
        "Step 4/9 : RUN echo out;     echo err >&2",
        "\n",
        " ---> Running in 1eab88fd7a4f\n",
        "\u{1b}[91merr\n\u{1b}[0m",
        "out\n",
        "Removing intermediate container 1eab88fd7a4f\n",
        " ---> 7481f0fa3762\n",
        "Step 5/9 : FROM scratch AS other",
        "\n",
        " ---> \n",
        "Step 9/9 : LABEL org.emptyroom=lab",
        " ---> Running in f2c51f840767\n",
    ];

    fn transcript() -> Transcript {
        Transcript::new(&BuildRequest {
            context: bytes::Bytes::new(),
            dockerfile: DOCKERFILE.into(),
            tag: "er/a:1".into(),
            aliases: vec![(
                "empty-room/trust:5cdaaa180dc2".into(),
                "golang:1.23-alpine".into(),
            )],
            labels: vec![("org.emptyroom".into(), "lab".into())],
            cache_namespace: None,
            no_cache: false,
            network: crate::BuildNetwork::Engines,
            prefix: "b".into(),
            limit: Duration::ZERO,
            patience: super::super::Patience::default(),
            stopped: super::super::StoppedBuilds::default(),
        })
    }

    /// Events in short, one piece of the stream a second.
    fn events(transcript: &mut Transcript, pieces: &[&str]) -> Vec<String> {
        let mut seen = Vec::new();
        for (second, piece) in (0..).zip(pieces) {
            transcript.push(piece, Duration::from_secs(second), &mut |event| {
                seen.push(short(&event));
            });
        }
        seen
    }

    fn short(event: &BuildEvent) -> String {
        match event {
            BuildEvent::StepStarted { step, title, .. } => format!("{step} {title}"),
            BuildEvent::StepLog(StepLog { step, stream, text }) => {
                format!("{step} {stream:?} {text:?}")
            }
            BuildEvent::StepFinished(StepFinished {
                step, status, ms, ..
            }) => format!("{step} {status:?} {ms}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn podmans_words_become_steps() {
        let seen = events(&mut transcript(), &PODMAN);
        assert_eq!(
            seen,
            [
                "b01 [build 1/4] FROM golang:1.23-alpine AS build (trusting this machine's CAs)",
                "b01 Done 1000",
                "b02 [build 2/4] WORKDIR /src",
                "b02 Cached 3000",
                "b03 [build 3/4] COPY main.txt .",
                "b03 Done 2000",
                "b04 [build 4/4] RUN --mount=type=cache,target=/cache echo out; echo err >&2",
                "b04 Stdout \"err\\n\"",
                "b04 Stdout \"out\\n\"",
                "b04 Done 4000",
                "b05 [stage-2 1/5] FROM scratch",
                "b05 Done 1000",
                "b06 [stage-2 2/5] COPY --from=build /app /app",
                "b06 Done 2000",
                "b07 [stage-2 3/5] LABEL a=b",
                "b07 Done 2000",
                "b08 [stage-2 4/5] ENTRYPOINT [\"/app\"]",
                "b08 Done 2000",
            ]
        );
    }

    #[test]
    fn dockers_words_become_steps() {
        let seen = events(&mut transcript(), &DOCKER);
        assert_eq!(
            seen,
            [
                "b01 [build 1/9] FROM golang:1.23-alpine AS build",
                "b01 Done 3000",
                "b02 [build 2/9] WORKDIR /src",
                "b02 Cached 4000",
                "b03 [build 3/9] COPY main.txt .",
                "b03 Done 3000",
                "b04 [build 4/9] RUN --mount=type=cache,target=/cache echo out; echo err >&2",
                "b04 Stderr \"err\\n\"",
                "b04 Stdout \"out\\n\"",
                "b04 Done 7000",
                "b05 [other 5/9] FROM scratch AS other",
                "b05 Done 3000",
            ]
        );
    }

    #[test]
    fn a_failure_points_at_its_line_and_ends_its_step() {
        let mut transcript = transcript();
        events(&mut transcript, &PODMAN[..7]);
        let mut seen = Vec::new();
        let message = "building at STEP \"RUN …\": while running runtime: exit status 3\n";
        let error = transcript.fail(message, Duration::from_secs(9), &mut |e| seen.push(e));
        assert_eq!(error.line, Some(5));
        assert_eq!(error.message, message.trim());
        assert!(matches!(
            seen.as_slice(),
            [BuildEvent::StepFinished(StepFinished { status: StepStatus::Failed, error: Some(e), .. })] if *e == error
        ));
    }

    #[test]
    fn what_is_refused_before_any_step_keeps_the_line_that_the_engine_names() {
        let mut seen = 0;
        let message = "dockerfile parse error line 2: unknown instruction: RUNN";
        let error = transcript().fail(message, Duration::ZERO, &mut |_| seen += 1);
        assert_eq!((error.line, seen), (Some(2), 0));
    }

    #[test]
    fn an_equal_instruction_is_found_where_it_stands() {
        let mut transcript = transcript();
        events(
            &mut transcript,
            &[
                "Step 5/9 : FROM scratch AS other",
                "Step 6/9 : COPY main.txt /z",
            ],
        );
        let error = transcript.fail("no", Duration::ZERO, &mut |_| {});
        assert_eq!(error.line, Some(9));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_leave_a_step_open(
            text in "(Step|STEP| |1/2| ?: |FROM|scratch|LABEL|org.emptyroom|-->|\n|\u{1b}\\[91m|ß){0,30}"
        ) {
            let (mut begun, mut over) = (0, 0);
            let mut on_event = |event: BuildEvent| match event {
                BuildEvent::StepStarted { .. } => begun += 1,
                BuildEvent::StepFinished(_) => over += 1,
                _ => {}
            };
            let mut transcript = transcript();
            transcript.push(&text, Duration::ZERO, &mut on_event);
            transcript.end(StepStatus::Canceled, None, Duration::ZERO, &mut on_event);
            proptest::prop_assert_eq!(begun, over);
        }
    }
}
