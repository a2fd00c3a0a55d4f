//! ECS task definitions.

use super::{image, read, refused, words};
use crate::manifest::MountKind;

/// Indented with tabs, as some tools do.
const TASK: &str = r#"{
	"family": "shop",
	"memory": "1024",
	"volumes": [
		{ "name": "scratch" },
		{ "name": "files", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }
	],
	"containerDefinitions": [
		{
			"name": "api",
			"image": "1.dkr.ecr.eu-central-1.amazonaws.com/api:7",
			"command": ["serve"],
			"user": "10001:10001",
			"readonlyRootFilesystem": true,
			"environment": [{ "name": "LEVEL", "value": "info" }],
			"secrets": [{ "name": "KEY", "valueFrom": "arn:aws:ssm:x" }],
			"portMappings": [{ "containerPort": 80 }],
			"mountPoints": [
				{ "sourceVolume": "scratch", "containerPath": "/scratch" },
				{ "sourceVolume": "files", "containerPath": "/files", "readOnly": true }
			],
			"linuxParameters": {
				"capabilities": { "drop": ["ALL"] },
				"tmpfs": [{ "containerPath": "/tmp", "size": 64 }]
			},
			"healthCheck": { "command": ["CMD", "/app", "-health"] }
		},
		{ "name": "side", "image": "envoy", "entryPoint": ["/envoy"], "memory": 64 }
	]
}"#;

#[test]
fn a_task_definition_is_read_whole() {
    let manifest = read(TASK);
    let api = manifest.choose(Some("api:latest"), None).expect("it");
    assert_eq!((api.full_name().as_str(), api.line), ("shop/api", 9));
    assert_eq!(words(api), ["/app", "serve"]);
    let runtime = api.over(&image());
    assert_eq!(runtime.user, "10001:10001");
    assert_eq!(runtime.env, ["PATH=/bin", "A=1", "LEVEL=info"]);
    assert_eq!(runtime.exposed_ports, ["80/tcp"]);
    assert_eq!(api.memory.as_deref(), Some("1024 MiB"));
    assert!(api.hides("KEY") && api.read_only);
    assert!(!api.capabilities.leave("cap_net_bind_service", true));
    let kind = |path: &str| {
        api.mount_at(path)
            .map(|mount| (mount.kind, mount.read_only))
    };
    assert_eq!(kind("/tmp"), Some((MountKind::Tmpfs, false)));
    assert_eq!(kind("/scratch"), Some((MountKind::Filled, false)));
    assert_eq!(kind("/files"), Some((MountKind::Other, true)));
    let side = &manifest.containers[1];
    assert_eq!(
        (words(side), side.memory.as_deref()),
        (vec!["/envoy".into()], Some("64 MiB"))
    );
    assert!(
        side.over(&image()).healthcheck.is_none(),
        "ECS asks no image's own"
    );
}

#[test]
fn what_describe_task_definition_prints_will_do() {
    let manifest = read(&format!("{{\"taskDefinition\": {TASK}, \"tags\": []}}"));
    assert_eq!(manifest.containers.len(), 2);
}

#[test]
fn what_ecs_would_refuse_is_refused_with_its_line() {
    let gone = TASK.replace(
        "\"sourceVolume\": \"scratch\"",
        "\"sourceVolume\": \"gone\"",
    );
    let error = refused(&gone);
    assert_eq!(error.line, Some(19), "{error}");
    let number = TASK.replace("\"value\": \"info\"", "\"value\": 7");
    assert!(refused(&number).what.contains("a number"));
}
