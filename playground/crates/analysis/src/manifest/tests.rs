//! Manifests as people write them, and as nobody should.

mod hostile;
mod of_compose;
mod of_ecs;
mod of_kubernetes;

use super::{Container, Manifest, ManifestError};
use crate::image::config::Runtime;
use serde_json::json;

fn read(text: &str) -> Manifest {
    Manifest::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> ManifestError {
    let read = Manifest::read(text.as_bytes());
    read.expect_err("refused")
}

/// The image that tests are about: `ENTRYPOINT ["/app"]`, `CMD ["serve"]`.
fn image() -> Runtime {
    let image = json!({ "Entrypoint": ["/app"], "Cmd": ["serve"], "Env": ["PATH=/bin", "A=1"],
        "User": "app", "ExposedPorts": { "80/tcp": {} }, "Volumes": { "/data": {} },
        "Healthcheck": { "Test": ["CMD", "/app", "-health"] } });
    serde_json::from_value(image).expect("a configuration")
}

fn words(container: &Container) -> Vec<String> {
    let runtime = container.over(&image());
    runtime.entrypoint.into_iter().chain(runtime.cmd).collect()
}

#[test]
fn the_container_is_found_by_the_images_repository() {
    let compose = "services:\n  web: { image: 'registry.test:5000/team/api:1' }\n  db: { image: \
                   'docker.io/library/postgres:16@sha256:0' }\n  job: { build: . }\n";
    let manifest = read(compose);
    let name = |image: &str| {
        let chosen = manifest.choose(Some(image), None);
        chosen
            .map(|one| one.name.clone())
            .map_err(|error| error.what)
    };
    assert_eq!(name("registry.test:5000/team/api:2"), Ok("web".into()));
    assert_eq!(name("api"), Ok("web".into()));
    assert_eq!(name("postgres"), Ok("db".into()));
    let unknown = name("nginx:1").expect_err("none fits");
    for wanted in [
        "nginx",
        "web (registry.test:5000/team/api:1, line 2)",
        "job (no image, line 4)",
    ] {
        assert!(unknown.contains(wanted), "{wanted} in {unknown}");
    }
    let job = manifest.choose(Some("nginx"), Some("job")).expect("it");
    assert_eq!(job.name, "job");
    let none = manifest.choose(None, Some("jobs")).expect_err("none");
    assert!(none.what.contains("\"jobs\"") && none.next.contains("--container"));
}

#[test]
fn two_containers_of_one_image_have_to_be_told_apart() {
    let manifest = read(
        "kind: List\nitems:\n- kind: Deployment\n  metadata: { name: a }\n  spec: { template: { spec: \
         { containers: [{ name: app, image: api }] } } }\n- kind: CronJob\n  metadata: { name: b }\n  \
         spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: app, image: api }] } } \
         } } }\n",
    );
    let unclear = manifest.choose(Some("api:1"), None).expect_err("two");
    assert!(
        unclear.what.contains("Deployment/a/app"),
        "{}",
        unclear.what
    );
    assert!(manifest.choose(None, Some("app")).is_err());
    let one = manifest.choose(None, Some("b/app")).expect("one");
    assert_eq!(one.full_name(), "CronJob/b/app");
}

#[test]
fn what_is_no_manifest_is_said_with_what_there_is() {
    let chart = refused("name: chart\nversion: 1\n");
    assert!(chart.what.contains("name, version"), "{}", chart.what);
    assert_eq!(chart.line, Some(1));
    let service = refused("kind: Service\nmetadata: { name: api }\n---\nkind: Secret\n");
    assert!(
        service
            .what
            .contains("Service/api (line 1), Secret (line 4)"),
        "{}",
        service.what
    );
    assert!(refused("").what.contains("empty"));
    assert!(refused("- a\n- b\n").what.contains("no mapping"));
    let template = refused("kind: Pod\nspec:\n  {{- if .Values.x }}\n");
    assert!(template.line.is_some() && template.next.contains("helm template"));
}
