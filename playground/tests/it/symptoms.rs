//! From a real message, however it was copied, to the page about it.

use super::support::{Server, root};
use catalog::{Catalog, Kind};
use playground::book::lab_pages;
use playground::web::KEY_HEADER;
use reqwest::{Client, redirect};
use serde_json::{Value, json};

/// What engines, programs and people said, word for word, and the lab about it.
const MESSAGES: &[(&str, &str)] = &[
    (
        "copy-missing",
        r#"failed to compute cache key: "/nope.txt" not found: not found"#,
    ),
    (
        "copy-missing",
        r#"ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref 7ac8e0ab-5cb9-4a43-8a6f-b5ba8ae3d9a1::q3kx8: "/out/app": not found"#,
    ),
    (
        "toolchain-too-old",
        "go: go.mod requires go >= 1.24.0 (running go 1.23.8; GOTOOLCHAIN=local)",
    ),
    (
        "toolchain-too-old",
        "go: golang.org/x/tools/gopls@v0.18.1 requires go >= 1.23.4 (running go 1.22.12; GOTOOLCHAIN=local)",
    ),
    (
        "private-modules",
        "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
    ),
    (
        "private-modules",
        "go: git.shop.test/price@v1.4.0: reading https://proxy.golang.org/git.shop.test/price/@v/v1.4.0.mod: 404 Not Found",
    ),
    (
        "build-ca",
        r#"go: github.com/gorilla/mux@v1.8.1: Get "https://proxy.golang.org/github.com/gorilla/mux/@v/v1.8.1.mod": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
    ),
    (
        "cgo-cross",
        "gcc_arm64.S:30: Error: no such instruction: `stp x29,x30,[sp,'",
    ),
    (
        "cgo-cross",
        "gcc: error: unrecognized command line option '-m64'; did you mean '-mabi'?",
    ),
    ("vcs-stamp", "error obtaining VCS status: exit status 128"),
    (
        "wrong-platform",
        "no matching manifest for linux/arm64/v8 in the manifest list entries",
    ),
    ("missing-libc", "exec /app: no such file or directory"),
    ("missing-libc", "exec /main: no such file or directory"),
    ("pie-dynamic", "exec /app: no such file or directory"),
    ("exec-format", "exec /app: exec format error"),
    ("capability-lost", "exec /app: operation not permitted"),
    (
        "capability-lost",
        r#"standard_init_linux.go:190: exec user process caused "operation not permitted""#,
    ),
    (
        "capability-lost",
        r#"{"msg":"exec container process `/usr/bin/caddy`: Operation not permitted","level":"error","time":"2025-04-04T19:20:00.696030Z"}"#,
    ),
    (
        "no-shell-cmd",
        r#"docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown."#,
    ),
    (
        "no-shell-cmd",
        r#"Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown"#,
    ),
    (
        "no-shell-exec",
        r#"OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown"#,
    ),
    (
        "no-shell-health",
        r#"OCI runtime exec failed: exec failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown"#,
    ),
    (
        "user-by-name",
        "unable to find user app: no matching entries in passwd file",
    ),
    (
        "x509",
        r#"Get "https://upstream.test/": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
    ),
    ("unknown-time-zone", "unknown time zone Europe/Berlin"),
    (
        "user-lookup",
        "user: Current requires cgo or $USER set in environment",
    ),
    ("user-lookup", "user: unknown userid 4242"),
    (
        "files-left-behind",
        r#"ts=2026-02-20T07:02:38.301Z caller=main.go:138 level=error msg="open web/templates/index.html: no such file or directory""#,
    ),
    (
        "files-left-behind",
        "panic: html/template: pattern matches no files: templates/*",
    ),
    (
        "files-left-behind",
        "panic: open /index.html: no such file or directory",
    ),
    (
        "no-tmp",
        "open /tmp/upload-1350123456: no such file or directory",
    ),
    (
        "no-tmp",
        "open /var/tmp/multipart-1402918254: no such file or directory",
    ),
    (
        "volume-owner",
        r#"NewSQLiteDB("/root/golink.db"): unable to open database file: out of memory (14)"#,
    ),
    (
        "volume-owner",
        "error executing command: error creating dbservice: sqlite ping: sqlite3: unable to open database file (code=14 extended=14)",
    ),
    ("volume-owner", "open /data/starts: permission denied"),
    ("read-only", "open /data/state.json: read-only file system"),
    (
        "thread-refused",
        "runtime/cgo: pthread_create failed: Operation not permitted\nSIGABRT: abort\nPC=0x7f299d101ccc m=0 sigcode=18446744073709551610",
    ),
    (
        "dns",
        "dial tcp: lookup upstream.test on [::1]:53: read udp [::1]:44331->[::1]:53: read: connection refused",
    ),
    (
        "cgo-driver",
        "Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work. This is a stub",
    ),
    ("privileged-port", "listen tcp :80: bind: permission denied"),
    (
        "mime-types",
        r#"Failed to load module script: Expected a JavaScript module script but the server responded with a MIME type of "text/plain". Strict MIME type checking is enforced for module scripts per HTML spec."#,
    ),
    (
        "mime-types",
        "The stylesheet http://localhost:2015/main.css was not loaded because its MIME type, \"text/plain\", is not \"text/css\".",
    ),
    (
        "out-of-memory",
        "Last State: Terminated, Reason: OOMKilled, Exit Code: 137",
    ),
    ("out-of-memory", r#""OOMKilled": true"#),
    ("out-of-memory", "app-1 exited with code 137"),
    (
        "loopback-bind",
        "Serving for webhooks on http://localhost:3333",
    ),
    ("loopback-bind", "listening on 127.0.0.1:8080"),
    (
        "loopback-bind",
        r#"Readiness probe failed: Get "http://10.244.0.7:8080/healthz": dial tcp 10.244.0.7:8080: connect: connection refused"#,
    ),
    ("silent-utc", "the time is one hour off"),
    ("silent-utc", "Clock is wrong by an hour"),
    ("silent-utc", "the times in the log are off by 2 hours"),
    ("silent-utc", "container time is two hours behind"),
    ("silent-utc", "time.Local is always UTC"),
    ("silent-utc", "TZ has no effect in the container"),
    ("pid1-signals", "exited with code 137"),
    ("pid1-signals", "docker stop takes ten seconds"),
    ("pid1-signals", "docker compose down takes 10s"),
    (
        "pid1-signals",
        "stopping my container always takes 10 seconds",
    ),
    ("pid1-signals", "the pod takes 10s to terminate"),
    ("fat-context", "transferring context: 312.45MB"),
    (
        "script-start",
        "exec /docker-entrypoint.sh: no such file or directory",
    ),
    (
        "script-start",
        "[FATAL tini (7)] exec /entrypoint.sh failed: No such file or directory",
    ),
    ("script-start", "exec /entrypoint.sh: exec format error"),
    (
        "not-executable",
        r#"docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/rails/bin/docker-entrypoint": permission denied: unknown."#,
    ),
    (
        "not-executable",
        r#"unable to start container process: error during container init: exec: "/data": is a directory: unknown"#,
    ),
    ("not-a-program", "libstage24.so: current ar archive"),
    ("not-a-program", "go: no main packages to build"),
    (
        "cpu-level",
        "This program can only be run on AMD64 processors with v3 microarchitecture support.",
    ),
    (
        "cpu-level",
        "Fatal glibc error: CPU does not support x86-64-v2",
    ),
    (
        "glibc-too-old",
        "`GLIBC_2.38' not found (required by /usr/lib/libstdc++.so.6)",
    ),
    (
        "glibc-too-old",
        "/placement: /lib64/libc.so.6: version `GLIBC_2.34' not found (required by /placement)",
    ),
    (
        "passwd-link",
        "failed to create containerd container: … openat etc/passwd: path escapes from parent",
    ),
];

/// What other worlds say. None of it is about an empty container.
const STRANGERS: &[&str] = &[
    "npm ERR! code ENOENT\nnpm ERR! syscall open\nnpm ERR! path /home/ann/shop/package.json\nnpm ERR! errno -2\nnpm ERR! enoent ENOENT: no such file or directory, open '/home/ann/shop/package.json'",
    "npm ERR! Missing script: \"start\"",
    "Error: Cannot find module 'express'\nRequire stack:\n- /srv/app.js\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1075:15)",
    "Exception in thread \"main\" java.lang.NullPointerException: Cannot invoke \"String.length()\"\n\tat com.example.Shop.main(Shop.java:14)\nCaused by: java.io.FileNotFoundException: shop.properties (No such file or directory)\n\tat java.base/java.io.FileInputStream.open0(Native Method)\n\t... 3 more",
    "java.lang.OutOfMemoryError: Java heap space",
    "2024-05-01 12:00:00.123 UTC [71] FATAL:  password authentication failed for user \"shop\"",
    "psql: error: connection to server at \"db\" (10.0.0.3), port 5432 failed: FATAL:  database \"shop\" does not exist",
    "pq: duplicate key value violates unique constraint \"orders_pkey\"",
    "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
    "bash: ./deploy.sh: Permission denied",
    "bash: kubectl: command not found",
    "cat: notes.txt: No such file or directory",
    "./main.go:14:2: undefined: shop\n./main.go:15:9: cannot use x (variable of type int) as string value in argument to print",
    "main.go:5:2: no required module provides package github.com/x/y; to add it:\n\tgo get github.com/x/y",
    "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f1a2]\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:9 +0x1d",
    "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n    import flask\nModuleNotFoundError: No module named 'flask'",
    "error[E0382]: borrow of moved value: `x`\n --> src/main.rs:4:20",
    "Error response from daemon: pull access denied for shop, repository does not exist or may require 'docker login'",
    "Error response from daemon: driver failed programming external connectivity on endpoint web: Bind for 0.0.0.0:8080 failed: port is already allocated",
    "Error: listen EADDRINUSE: address already in use :::3000",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "ImagePullBackOff",
    "curl: (7) Failed to connect to localhost port 8080: Connection refused",
    "make: *** [Makefile:3: build] Error 1",
    "HTTP/1.1 404 Not Found",
    "exited with code 1",
    "exited with code 0",
    "E: Unable to locate package golang",
    "Segmentation fault (core dumped)",
    "nginx: [emerg] host not found in upstream \"api\" in /etc/nginx/conf.d/default.conf:3",
    "the build is slow",
    "the deploy went wrong 2 hours ago",
    "the build time was one hour too long",
    "Train times: 3 hours late",
    "our log shipping is 2 hours behind",
    "by noon the clock tower had been closed for one hour too many",
    "t := time.Now().UTC()",
    "if loc == time.Local || loc == time.UTC {",
    "\tcreated := time.Now() // for the report, which wants UTC",
    "login takes two hours; restart job takes 10s",
    "deploying the site takes 10 seconds",
    "multipart: NextPart: open foo: no such file",
    "multipart: NextPart: open foo: no such file or directory",
    "CONTAINER ID   IMAGE         COMMAND   CREATED        STATUS                 PORTS     NAMES\n1f0c2d3e4b5a   shop:latest   \"/app\"    2 hours ago    Up 2 hours (healthy)   8080/tcp  shop\n2f0c2d3e4b5a   shop:latest   \"/app\"    2 hours ago    Exited (1) 2 hours ago           job",
    "x509: certificate has expired or is not yet valid: current time 2024-05-01T12:00:00Z is after 2024-04-01T00:00:00Z",
    "listen tcp :8080: bind: address already in use",
    "dial tcp 10.0.0.3:5432: connect: connection refused",
    "open config.yaml: no such file or directory",
    "exec: \"git\": executable file not found in $PATH",
    "bash: line 1: exec: shop: not found",
    "mkdir: cannot create directory '/root/x': Permission denied",
    "sqlite3.OperationalError: no such table: orders",
    "transferring context: 2.31kB 0.0s done",
    "Sending build context to Docker daemon  2.048kB",
    "user: ann\ngroup: staff\n",
    "Error: Process completed with exit code 1.",
    "time=2024-05-01T12:00:00.000Z level=INFO msg=\"listening\" addr=:8080",
    "The time zone database was updated to 2024a",
    "Lorem ipsum dolor sit amet, consectetur adipisici elit",
    "",
];

/// The ways in which a message travels.
fn wrapped(message: &str) -> Vec<(&'static str, String)> {
    let json = |text: &str| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let broken = |width: usize| {
        let chars: Vec<char> = message.chars().collect();
        let lines: Vec<String> = chars.chunks(width).map(|c| c.iter().collect()).collect();
        lines.join("\n")
    };
    let folded = |between: &str, width: usize| {
        let mut lines = vec![String::new()];
        for word in message.split(' ') {
            let line = lines.last_mut().expect("a line");
            if !line.is_empty() && line.len() + word.len() >= width {
                lines.push(word.to_owned());
            } else {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
        lines.join(between)
    };
    let event =
        json!({ "type": "Warning", "reason": "Failed", "message": format!("Error: {message}") });
    vec![
        ("as it is", message.to_owned()),
        ("in capitals", message.to_uppercase()),
        (
            "docker run",
            format!("docker: Error response from daemon: {message}.\nSee 'docker run --help'.\n"),
        ),
        (
            "docker logs -t",
            format!("2024-05-01T12:00:00.123456789Z {message}"),
        ),
        (
            "compose",
            format!(
                "Attaching to app-1\napp-1  | 2024/05/01 12:00:00 starting\napp-1  | {message}\napp-1 exited with code 1\n"
            ),
        ),
        (
            "compose, old",
            format!("app_1  | {message}\nshop_app_1 exited with code 1\n"),
        ),
        (
            "compose, coloured",
            format!("\x1b[36mapp-1  | \x1b[0m\x1b[1;31m{message}\x1b[0m\r\n"),
        ),
        ("go log", format!("2024/05/01 12:00:00 {message}")),
        (
            "buildkit",
            format!(
                "#7 [build 4/4] RUN /app\n#7 0.312 {message}\n#7 ERROR: exit code: 1\n------\n"
            ),
        ),
        (
            "kubectl describe",
            format!(
                "      Reason:       StartError\n      Message:      {message}\n      Exit Code:    128\nEvents:\n  Warning  Failed   3s (x3 over 20s)  kubelet            Error: {message}\n  Warning  BackOff  2s (x4 over 19s)  kubelet  Back-off restarting failed container app in pod shop\n"
            ),
        ),
        (
            "kubectl events, JSON",
            serde_json::to_string_pretty(&event).expect("JSON"),
        ),
        ("JSON in JSON", json(&event.to_string())),
        (
            "kubectl logs --prefix",
            format!("[pod/shop-7d9c-x2/app] {message}"),
        ),
        (
            "kubectl get, YAML",
            format!(
                "    state:\n      waiting:\n        message: '{}'\n        reason: CreateContainerError\n",
                folded("\n          ", 60)
            ),
        ),
        (
            "CRI's log",
            format!("2024-05-01T12:00:00.123456789+02:00 stderr F {message}"),
        ),
        (
            "containerd",
            format!(
                "time=\"2024-05-01T12:00:00.123Z\" level=error msg=\"StartContainer for \\\"1f0c\\\" failed\" error=\"{}\"",
                json(message)
            ),
        ),
        (
            "journald",
            format!(
                "May 01 12:00:00 node-2 dockerd[812]: time=\"2024-05-01T12:00:00Z\" level=error msg=\"{}\"\n",
                json(message)
            ),
        ),
        (
            "kubelet",
            format!(
                "May 01 12:00:00 node-2 kubelet[812]: E0501 12:00:00.123456     812 pod_workers.go:1300] \"Error syncing pod\" err=\"{}\"",
                json(message)
            ),
        ),
        (
            "docker's log file",
            json!({ "log": format!("{message}\n"), "stream": "stderr" }).to_string(),
        ),
        (
            "program's JSON log",
            json!({ "level": "ERROR", "msg": message, "time": "2024-05-01T12:00:00Z" }).to_string(),
        ),
        ("40 columns", broken(40)),
        ("79 columns", broken(79)),
        (
            "mail",
            format!("> It says:\n> {}\n> What now?", folded("\n> ", 50)),
        ),
        (
            "chat",
            message
                .replace('"', "”")
                .replace('\'', "’")
                .replace(' ', "\u{a0}"),
        ),
        (
            "in the middle of a log",
            format!(
                "{0}{message}\n{0}",
                "2024/05/01 12:00:00 GET /healthz 200\n".repeat(20)
            ),
        ),
        (
            "at the end of a long log",
            format!(
                "{0}{message}\n",
                "2024/05/01 12:00:00 GET /healthz 200\n".repeat(2000)
            ),
        ),
    ]
}

fn catalog() -> Catalog {
    Catalog::load(&root()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn labs<'c>(catalog: &'c Catalog, text: &str) -> Vec<&'c str> {
    let found = catalog.explain(text).matches;
    found.iter().map(|found| found.lab.id.as_str()).collect()
}

#[test]
fn every_failure_is_found_from_its_real_message_however_it_was_copied() {
    let catalog = catalog();
    let mut wrong = Vec::new();
    for (lab, message) in MESSAGES {
        let mut forms = Vec::new();
        for (form, text) in wrapped(message) {
            if !labs(&catalog, &text).contains(lab) {
                forms.push(form);
            }
        }
        if !forms.is_empty() {
            wrong.push(format!("{lab} from {message}\n  {}", forms.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for lab in catalog.labs.iter().filter(|lab| lab.kind == Kind::Failure) {
        let asked = MESSAGES.iter().any(|(id, _)| *id == lab.id);
        assert!(asked, "no real message of {} is tried here", lab.id);
    }
}

#[test]
fn every_example_of_a_lab_finds_it_however_it_was_copied() {
    let catalog = catalog();
    let mut wrong = Vec::new();
    for lab in &catalog.labs {
        // What people tell is not broken by a terminal.
        let messages = lab
            .symptoms
            .iter()
            .filter(|symptom| symptom.pattern.is_some());
        for symptom in messages {
            for (form, text) in wrapped(&symptom.example) {
                if !labs(&catalog, &text).contains(&lab.id.as_str()) {
                    wrong.push(format!("{}, {form}: {}", lab.id, symptom.example));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_other_worlds_say_is_not_known() {
    let catalog = catalog();
    let mut wrong = Vec::new();
    for text in STRANGERS {
        let found = catalog.explain(text).matches;
        wrong.extend(
            found
                .iter()
                .map(|found| format!("{}: {} in {text}", found.lab.id, found.symptom.example)),
        );
    }
    // Likeness guesses, and may be wrong now and then.
    let guessed = |text: &&&str| catalog.explain(text).alike.is_some();
    let guessed: Vec<_> = STRANGERS.iter().filter(guessed).collect();
    assert!(guessed.len() * 20 <= STRANGERS.len(), "{guessed:#?}");
    // All of them in one log: nothing is read across the messages, either.
    let all = STRANGERS.join("\n");
    wrong.extend(
        labs(&catalog, &all)
            .iter()
            .map(|lab| format!("{lab}: in the whole log")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn long_repetitions_are_answered_like_any_text() {
    let catalog = catalog();
    for piece in [
        "exec /app: ",
        "\n",
        "a\n",
        "\\n\\\"",
        "\u{1b}[",
        "TZ one hour ",
        "é",
        "((",
    ] {
        let text = piece.repeat((64 << 10) / piece.len());
        // Bounded by construction; one that were not would keep this test for hours.
        assert!(catalog.explain(&text).matches.len() <= catalog.labs.len());
    }
}

#[test]
fn every_failure_has_a_page() {
    let pages = lab_pages(&root()).expect("the book is read");
    for lab in catalog().labs {
        let page = pages.get(&lab.id).map(String::as_str).unwrap_or_default();
        let folder = match lab.kind {
            Kind::Stage => "journey/",
            Kind::Failure => "museum/",
            // Experiments stand in the chapter that they are about.
            Kind::Experiment | Kind::Exercise => "",
        };
        assert!(
            !page.is_empty() && page.starts_with(folder),
            "{}: {page:?}",
            lab.id
        );
    }
}

async fn ask(server: &Server, question: &[(&str, &str)]) -> (u16, Value) {
    let answer = server.get("/api/symptoms").query(question).send().await;
    let answer = answer.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_with_the_page_and_only_with_the_key() {
    let server = Server::start(&root()).await;
    let catalog = &server.state.catalog;
    let pages = lab_pages(&root()).expect("pages");
    for lab in catalog.labs.iter().filter(|lab| !lab.symptoms.is_empty()) {
        let query = &lab.symptoms[0].example;
        let (status, answer) = ask(&server, &[("q", query)]).await;
        assert_eq!(status, 200);
        assert_eq!(
            (&answer["query"], &answer["known"]),
            (&json!(query), &json!(true))
        );
        let matches = answer["matches"].as_array().expect("matches");
        let found = matches.iter().find(|found| found["lab"] == lab.id);
        let found = found.unwrap_or_else(|| panic!("{}: {answer}", lab.id));
        assert_eq!(found["title"], lab.title);
        assert_eq!(
            found["page"].as_str(),
            pages.get(&lab.id).map(String::as_str)
        );
        assert!(["message", "description"].contains(&found["by"].as_str().unwrap_or("")));
        assert!(["exact", "likely"].contains(&found["confidence"].as_str().unwrap_or("")));
        assert!(found["says"].is_string() && found["example"].is_string());
    }
    // A report that is only alike: there are some whose words no lab declares.
    let reports = root().join("playground/crates/catalog/tests/reports.jsonl");
    let reports = std::fs::read_to_string(reports).expect("the reports");
    let text = |line| serde_json::from_str::<Value>(line).expect("JSON")["message"].clone();
    let mut texts = reports.lines().map(text);
    let guessed = texts.find(|text| catalog.explain(text.as_str().unwrap_or("")).alike.is_some());
    let guessed = guessed.expect("one that is guessed");
    let (_, answer) = ask(&server, &[("q", guessed.as_str().unwrap_or(""))]).await;
    let found = &answer["matches"][0];
    assert_eq!(
        (&answer["known"], &found["by"]),
        (&json!(false), &json!("likeness"))
    );
    assert!(
        found["tell"].is_string() && found["words"][0].is_string(),
        "{answer}"
    );
    let bare = reqwest::Client::new();
    for key in ["", "0"] {
        let url = format!("{}/api/symptoms?q=x", server.base);
        let answer = bare.get(url).header(KEY_HEADER, key).send().await;
        assert_eq!(answer.expect("an answer").status(), 401);
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_question_can_harm_the_api() {
    let server = Server::start(&root()).await;
    for query in [
        "",
        "\0\u{1}\u{1b}[31m\u{7f}\u{feff}",
        ".*",
        "(((((((((((a+)+)+)+)+)+)+)+)+)+)+$",
        "(?i)[",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "' OR 1=1 --",
        "../../etc/passwd",
        "{{#lab x509}}",
        "\\u0000\\ud800",
        &"\u{fffd}".repeat(2000),
        &"\n".repeat(20 << 10),
        &"x".repeat(32 << 10),
    ] {
        let (status, answer) = ask(&server, &[("q", query)]).await;
        assert_eq!(status, 200, "{query:?}: {answer}");
        assert_eq!(
            answer,
            json!({ "query": query, "known": false, "matches": [], "ask": null })
        );
    }
    let answer = server
        .get("/api/symptoms?q=%ff%fe%00")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.status(), 200);
    let long = "x".repeat((32 << 10) + 1);
    for (question, expected) in [
        (&[("q", long.as_str())][..], 414),
        (&[], 400),
        (&[("q", "a"), ("q", "b")], 400),
        (&[("q", "a"), ("lab", "x509")], 400),
    ] {
        let (status, answer) = ask(&server, question).await;
        assert_eq!(status, expected, "{answer}");
        for part in ["what", "cause", "next"] {
            assert!(answer["error"][part].is_string(), "{answer}");
        }
    }
    let endless = "x".repeat(1 << 20);
    let answer = server
        .get("/api/symptoms")
        .query(&[("q", endless)])
        .send()
        .await;
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status().is_client_error()));
    let (status, _) = ask(&server, &[("q", "still there?")]).await;
    assert_eq!(status, 200);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_address_leads_to_the_page_and_keeps_the_question() {
    let server = Server::start(&root()).await;
    let client = Client::builder().redirect(redirect::Policy::none()).build();
    let client = client.expect("a client");
    for (from, to) in [
        ("/symptoms", "/symptoms.html"),
        (
            "/symptoms?q=exec%20%2Fapp%3A%20no&x",
            "/symptoms.html?q=exec%20%2Fapp%3A%20no&x",
        ),
        (
            "/symptoms?q=%0d%0aSet-Cookie:%20a=b",
            "/symptoms.html?q=%0d%0aSet-Cookie:%20a=b",
        ),
    ] {
        let answer = client.get(format!("{}{from}", server.base)).send().await;
        let answer = answer.expect("an answer");
        assert!(
            answer.status().is_redirection(),
            "{from}: {}",
            answer.status()
        );
        assert_eq!(answer.headers()["location"], to);
        assert!(!answer.headers().contains_key("set-cookie"));
    }
    let page = server.get("/symptoms?q=x").send().await.expect("an answer");
    assert_eq!(page.status(), 200);
    let html = page.text().await.expect("text");
    assert!(html.contains(r#"<section class="symptoms" data-symptoms>"#));
    let pages = lab_pages(&root()).expect("pages");
    for lab in &server.state.catalog.labs {
        let page = pages.get(&lab.id).map_or("", String::as_str);
        let row = format!(r#"<tr data-lab="{}" data-page="{page}">"#, lab.id);
        assert_eq!(html.matches(&row).count(), lab.symptoms.len(), "{row}");
    }
    server.close().await;
}
