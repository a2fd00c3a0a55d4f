//! What each target begins from: small, sound inputs of every kind that its reader knows.
//!
//! They are made anew at each start rather than kept: `corpus/TARGET` is where libFuzzer looks.

use crate::layers::{BASE, archive_of, layout_of, tar_of};
use analysis::binary::go::Layout;
use analysis::binary::testing::{Frame, TEXT_ADDRESS, function_table};
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Layers for merging; between them, what engines do about each other's entries.
const MERGES: [&str; 6] = [
    BASE,
    "d a/\nf a/x=12\n-\nf a/.wh.x\nf a/y=3\n-\nf a/.wh..wh..opq\n",
    "f a/b/c=1\n-\nf a=2\n-\nd a/\nf a/b=3\n",
    "l a>b\nd b/\nf a/c=1\n-\nf a/c=22\n-\nd a/\n",
    "f x=1\nh y>x\nh z>y\n-\nf .wh.x\n-\nh v>z\nf z=7\n",
    "s bin/sh=#!\nf .git/HEAD=ref\nf .git/objects/a=1\nf etc/ssl/certs/ca-certificates.crt=x\nd tmp/\np run/p\n-\nf .wh..git\n",
];

const LAYERS: [&str; 4] = [
    "f a/.wh.b\nf a/.wh..wh..opq\nf etc/.wh.passwd\nh y>x\n",
    "d a/\nx bin/bash=#!/bin/sh -e\ns usr/bin/su=\x7fELF\nl a/b>/etc/../../x\n",
    "f var/lib/dpkg/status=Package: a\n",
    "f a/b/c=new\nh q>a/b/c\np pipe\nf root/.netrc=machine a password b\n",
];

/// Images with a config, whose programs are to be found.
const PREFLIGHTS: [&str; 5] = [
    "E /app\nx app=#!/bin/sh\nl bin>usr/bin\nx usr/bin/sh=#!\n",
    "E /bin/sh|-c\nC exec server --port 80\nV PATH=/usr/local/bin:/bin\nU app\nf etc/passwd=app:x:1:1::/:\nx usr/local/bin/server=#!/usr/bin/env sh\n",
    "C ./serve|$PORT\nW /srv\nP 80/tcp\nU 1000:0\nx srv/serve=MZ\nH CMD-SHELL|wget -q localhost || exit 1\n",
    "E tini|--|/entry.sh\nC a\nV PATH=/sbin\nS /bin/bash|-c\nx sbin/tini=#!\nf entry.sh=#!/bin/bash\nexec \"$@\"\n",
    "E /a\nl a>b\nl b>a\nV TZ=Europe/Berlin\nU nobody\nf .git/HEAD=r\nf root/.netrc=password\n",
];

/// One manifest of each kind, with much of what they may say.
const MANIFESTS: [&str; 4] = [
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  securityContext: {runAsUser: 7, fsGroup: 8}\n  \
     containers:\n  - name: a\n    image: a:1\n    command: [/app]\n    args: [\"$(A)\"]\n    env: [{name: A, \
     value: b}]\n    securityContext: {readOnlyRootFilesystem: true, capabilities: {drop: [ALL], add: \
     [NET_BIND_SERVICE]}}\n    volumeMounts: [{name: d, mountPath: /data}]\n    livenessProbe: {exec: {command: \
     [sh, -c, x]}}\n    resources: {limits: {memory: 64Mi}}\n  volumes: [{name: d, emptyDir: {}}]\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: &s\n  template: {spec: {containers: \
     [{name: a, image: a}]}}\n---\nkind: Service\nmetadata: {name: b}\n",
    "services:\n  a:\n    image: a\n    command: /app \"x y\"\n    user: \"7:8\"\n    read_only: true\n    tmpfs: \
     /tmp\n    volumes: [\"d:/data:ro\", ./x:/x]\n    cap_drop: [ALL]\n    ports: [\"80:8080\"]\n    environment: \
     [A=b, C]\n    healthcheck: {test: curl -f x}\n    mem_limit: 64m\nvolumes: {d: {}}\n",
    "{\"containerDefinitions\":[{\"name\":\"a\",\"image\":\"a\",\"command\":[\"/app\"],\"user\":\"7\",\
     \"readonlyRootFilesystem\":true,\"mountPoints\":[{\"sourceVolume\":\"d\",\"containerPath\":\"/data\"}],\
     \"environment\":[{\"name\":\"A\",\"value\":\"b\"}],\"memory\":64}],\"volumes\":[{\"name\":\"d\"}]}",
];

/// Writes the seeds of a target to where libFuzzer is told to look.
pub fn plant(target: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let plant = || {
        fs::create_dir_all(&folder)?;
        for (n, seed) in of(target).iter().enumerate() {
            fs::write(folder.join(format!("seed-{n:02}")), seed)?;
        }
        Ok::<_, std::io::Error>(())
    };
    if let Err(error) = plant() {
        panic!("no seeds can be written to {}: {error}", folder.display());
    }
}

fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "archive" => archives(),
        "layer" => LAYERS
            .iter()
            .map(|layer| tar_of(layer))
            .chain([long_names()])
            .collect(),
        "merge" => MERGES.iter().map(|text| text.as_bytes().to_vec()).collect(),
        "elf" => tables()
            .map(|(choice, table)| Frame::chosen_by(choice).around(&table))
            .collect(),
        "pclntab" => tables()
            .map(|(choice, table)| [&[choice], &table[..]].concat())
            .collect(),
        "splice" => (0..5)
            .map(|which| vec![which, 8, 0, 0, 1, 9, 0, 0, 0])
            .collect(),
        "inspect" => files(),
        "overlay" => noises(),
        "manifest" => MANIFESTS
            .iter()
            .map(|text| text.as_bytes().to_vec())
            .collect(),
        "preflight" => PREFLIGHTS
            .iter()
            .map(|text| text.as_bytes().to_vec())
            .collect(),
        "xray" => MERGES
            .windows(2)
            .map(|two| two.join("\n=\n").into_bytes())
            .collect(),
        _ => Vec::new(),
    }
}

/// Every byte may begin any entry; these have several layers.
fn noises() -> Vec<Vec<u8>> {
    let noise = |n: u8| {
        (0..60)
            .map(move |at: u8| at.wrapping_mul(37).wrapping_add(n))
            .collect()
    };
    [0, 11, 23, 59].map(noise).into()
}

fn archives() -> Vec<Vec<u8>> {
    let layers = [tar_of(BASE), tar_of(LAYERS[0])];
    let legacy = archive_of(&layers);
    vec![
        layout_of(&layers, <[u8]>::to_vec),
        layout_of(&layers, gzip),
        layout_of(&layers, zstd),
        gzip(&legacy),
        zstd(&legacy),
        archive_of(&[]),
        legacy,
    ]
}

/// A layer with GNU's and PAX's long names, and a sparse file.
fn long_names() -> Vec<u8> {
    let long = "long/".repeat(30);
    let mut tar = tar_of(&format!("f {long}x=1\nl link>{long}\n"));
    let mut pax = tar::Builder::new(Vec::new());
    let records = [("path", &b"pax/name"[..]), ("SCHILY.xattr.user.a", b"b")];
    let _ = pax.append_pax_extensions(records);
    let mut sparse = tar::Header::new_gnu();
    sparse.set_entry_type(tar::EntryType::GNUSparse);
    sparse.set_size(0);
    let _ = sparse.set_path("sparse");
    sparse.set_cksum();
    let _ = pax.append(&sparse, &b""[..]);
    // Without the two empty blocks that end a tar.
    tar.truncate(tar.len().saturating_sub(1024));
    [tar, pax.into_inner().unwrap_or_default()].concat()
}

/// Every layout in every frame that it was written for.
fn tables() -> impl Iterator<Item = (u8, Vec<u8>)> {
    let layouts = [Layout::Go12, Layout::Go116, Layout::Go118, Layout::Go120];
    layouts.into_iter().enumerate().flat_map(|(n, layout)| {
        let choices = (0..16).filter(move |choice| choice % 4 == n as u8 || *choice == 5);
        choices.map(move |choice| {
            let Frame { wide, big, .. } = Frame::chosen_by(choice);
            (choice, function_table(layout, wide, big, TEXT_ADDRESS))
        })
    })
}

/// Files, each behind the number of its path in the target.
fn files() -> Vec<Vec<u8>> {
    let texts: [(u8, &[u8]); 8] = [
        (0, b"#!/usr/bin/env -S sh -e\n"),
        (1, b"root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/sbin/nologin\n"),
        (2, b"Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\n\nPackage: b\nVersion: 1\n"),
        (3, b"Package: base-files\nVersion: 12.4\n"),
        (4, b"P:musl\nV:1.2.5-r0\n\nP:busybox\nV:1.36.1-r29\n"),
        (5, b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n"),
        (7, b"AWS_SECRET_ACCESS_KEY=wJalr\n"),
        (8, b"{\"auths\":{\"a.test\":{\"auth\":\"YTpi\"}}}"),
    ];
    let texts = texts
        .iter()
        .map(|(choice, text)| [&[*choice], *text].concat());
    let programs = [0, 6].map(|choice| {
        let frame = Frame::chosen_by(13);
        [
            &[choice],
            &frame.around(&function_table(Layout::Go120, true, false, TEXT_ADDRESS))[..],
        ]
        .concat()
    });
    texts.chain(programs).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    // Into memory: that cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}
