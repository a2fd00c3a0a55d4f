//! The stand-in for Alpine on a real engine: what Dockerfiles ask of it works.

use super::support::engine;
use engine::{Engine, ImageError, build_context};
use playground::bases::{Bases, Progress};

pub(crate) async fn alpine() -> Engine {
    let engine = engine().await;
    let bases = Bases::load().expect("sound");
    bases
        .ensure(&engine, "alpine:3.20", &quiet)
        .await
        .unwrap_or_else(|t| panic!("{t:?}"));
    engine
}

/// A build context of these files.
pub(crate) fn context(files: &[(&str, &str)]) -> Vec<u8> {
    let files = files.iter();
    let files = files.map(|(name, content)| (*name, 0o644, content.as_bytes()));
    build_context(files).expect("in memory")
}

/// Builds with the classic builder; the last word of the build, good or bad.
pub(crate) async fn build(
    engine: &Engine,
    name: &str,
    dockerfile: &str,
) -> Result<String, ImageError> {
    engine
        .build_classic(context(&[("Dockerfile", dockerfile), ("file", name)]), name)
        .await
}

pub(crate) fn quiet(_: Progress) {}

#[tokio::test]
async fn apk_refuses_what_it_does_not_serve() {
    let engine = alpine().await;
    let dockerfile = "FROM alpine:3.20\nRUN apk add --no-cache git tzdata\n";
    let said = build(&engine, "empty-room-test/apk-refuses:1", dockerfile).await;
    let said = said.expect_err("git is not served").to_string();
    assert!(said.contains("git (no such package)"), "{said}");
    assert!(said.contains("stand-in for Alpine"), "{said}");
    assert!(
        !said.contains("Installing tzdata"),
        "all or nothing: {said}"
    );
}

#[tokio::test]
async fn apk_adds_zones_and_certificates_that_the_base_lacks() {
    let engine = alpine().await;
    let name = "empty-room-test/apk-adds:1";
    let dockerfile = "FROM alpine:3.20\nRUN test ! -e /usr/share/zoneinfo && \
        test -s /etc/ssl/certs/ca-certificates.crt && apk update && \
        apk add --no-cache ca-certificates tzdata && apk --no-cache add tzdata && \
        test -s /usr/share/zoneinfo/Europe/Berlin && \
        test \"$(TZ=Europe/Berlin date -d 2024-07-01 +%Z)\" = CEST && \
        grep -q BEGIN /etc/ssl/certs/ca-certificates.crt && \
        cp /usr/share/ca-certificates/mozilla/ISRG_Root_X1.crt /usr/local/share/ca-certificates/own.crt && \
        update-ca-certificates && \
        test \"$(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt)\" -gt 100\n";
    build(&engine, name, dockerfile)
        .await
        .unwrap_or_else(|said| panic!("{said}"));
    engine.remove_image(name).await.expect("cleaned up");
}

#[tokio::test]
async fn adduser_and_addgroup_understand_what_dockerfiles_ask() {
    let engine = alpine().await;
    let name = "empty-room-test/adduser:1";
    let dockerfile = "FROM alpine:3.20\n\
        RUN addgroup -S app && adduser -S -D -H -G app app && id app | grep -q 'groups=10[0-9](app)'\n\
        RUN addgroup -g 10001 runner && adduser -DH -u 10001 -G runner -s /sbin/nologin runner && \
            grep -qx 'runner:x:10001:10001::/home/runner:/sbin/nologin' /etc/passwd && test ! -e /home/runner\n\
        RUN adduser --disabled-password --gecos '' --home /data --uid 1500 bob && test -d /data && \
            test \"$(stat -c %u:%g /data)\" = 1500:1500\n\
        RUN adduser -S lone && grep -q '^lone:x:[0-9]*:65533:' /etc/passwd\n\
        RUN addgroup bob app && adduser lone app && grep -qx 'app:x:[0-9]*:bob,lone' /etc/group\n\
        RUN ! adduser -D bob 2>/tmp/said && grep -q 'in use' /tmp/said\n\
        RUN ! adduser -G nobodys -D eve 2>/tmp/said && grep -q 'unknown group' /tmp/said\n\
        USER runner\nRUN test \"$(id -u):$(id -g)\" = 10001:10001\n";
    build(&engine, name, dockerfile)
        .await
        .unwrap_or_else(|said| panic!("{said}"));
    engine.remove_image(name).await.expect("cleaned up");
}
