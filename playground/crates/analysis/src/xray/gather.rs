//! A report put together from what was read.

use super::layers;
use super::report::*;
use crate::binary::Form;
use crate::entrypoint::{Entrypoint, ImageContext, Role};
use crate::image::changes::changes;
use crate::image::notable;
use crate::image::tree::{NodeId, Tree};
use crate::inspect::{Inspection, Program};
use crate::subject::{Subject, SubjectKind, SubjectName};
use std::collections::HashSet;
use std::sync::Arc;

/// What is in an image; `tree` is its tree.
pub fn image(name: SubjectName, inspection: &Inspection, tree: &Tree<'_>) -> Report {
    let image = &inspection.image;
    let changes = changes(image, tree);
    let unpacked = image.layers.iter().map(|layer| layer.unpacked_bytes);
    let compressed = image.layers.iter().map(|layer| layer.compressed_bytes);
    let (programs, other_programs) = programs(inspection, tree);
    Report {
        xray: VERSION,
        subject: Subject::of_image(name, image),
        sizes: Sizes {
            unpacked_bytes: unpacked.fold(0, u64::saturating_add),
            compressed_bytes: compressed.sum(),
            merged_bytes: tree.node(NodeId::ROOT).bytes,
            wasted_bytes: changes.wasted_bytes,
            efficiency: changes.efficiency(),
        },
        config: Some(image.config.runtime.clone()),
        layers: layers::layers(image, &changes),
        notable: Some(notable_files(inspection, tree)),
        wasted: layers::wasted(image, &changes),
        programs,
        other_programs,
    }
}

/// What is in a binary.
pub fn binary(name: &str, program: Arc<Program>) -> Report {
    let platform = match &program.form {
        Form::Elf(head) => head.goarch().map(|cpu| format!("linux/{cpu}")),
        _ => None,
    };
    Report {
        xray: VERSION,
        subject: Subject {
            kind: SubjectKind::Binary,
            name: name.to_owned(),
            id: String::new(),
            platform: platform.unwrap_or_default(),
        },
        sizes: Sizes {
            unpacked_bytes: program.bytes,
            merged_bytes: program.bytes,
            efficiency: 1.0,
            ..Sizes::default()
        },
        config: None,
        layers: Vec::new(),
        notable: None,
        wasted: Vec::new(),
        programs: vec![ProgramIn {
            path: name.to_owned(),
            layer: 0,
            started: true,
            commanded: false,
            program,
        }],
        other_programs: Sum::default(),
    }
}

/// Programs written in Go and started ones; a file with several names counts under its first.
fn programs(inspection: &Inspection, tree: &Tree<'_>) -> (Vec<ProgramIn>, Sum) {
    let entrypoint = Entrypoint::of_image(&ImageContext::of(inspection, tree));
    let started = entrypoint.files().into_iter();
    let started: HashSet<_> = started.filter_map(|node| tree.node(node).id).collect();
    let commanded = entrypoint.of(Role::Command);
    let commanded = commanded.filter_map(|start| tree.node(*start.file.as_ref().ok()?).id);
    let commanded: HashSet<_> = commanded.collect();
    let (mut programs, mut others, mut known) = (Vec::new(), Sum::default(), HashSet::new());
    for node in tree.walk() {
        let id = tree.node(node).id;
        let program = id.and_then(|id| inspection.seen.get(id)?.program.as_ref());
        let (Some(id), Some(program)) = (id, program) else {
            continue;
        };
        if !known.insert(id) {
            continue;
        }
        let started = started.contains(&id);
        if !started && program.go.is_none() {
            others.add(program.bytes);
            continue;
        }
        programs.push(ProgramIn {
            path: tree.path(node),
            layer: id.layer + 1,
            started,
            commanded: commanded.contains(&id),
            program: program.clone(),
        });
    }
    programs.sort_by(|a, b| {
        let rank = |p: &ProgramIn| (!p.started, std::cmp::Reverse(p.program.bytes));
        rank(a).cmp(&rank(b)).then_with(|| a.path.cmp(&b.path))
    });
    (programs, others)
}

fn notable_files(inspection: &Inspection, tree: &Tree<'_>) -> Notable {
    let (image, seen) = (&inspection.image, &inspection.seen);
    let setuid = notable::setuid_files(tree).into_iter().map(|id| Setuid {
        path: tree.path(id),
        mode: format!("{:o}", tree.node(id).mode()),
        bytes: tree.node(id).entry.map_or(0, |entry| entry.size),
    });
    let capable = |id| {
        let node = tree.node(id);
        Some(Capable {
            path: tree.path(id),
            capabilities: node.capabilities()?.to_string(),
            bytes: node.entry?.size,
        })
    };
    let capabilities = notable::capable_files(tree).into_iter();
    let mut executables = Executables::default();
    for id in notable::executables(tree) {
        executables.count += 1;
        executables.bytes = executables.bytes.saturating_add(tree.node(id).bytes);
    }
    let packages = notable::packages(tree, seen).into_iter();
    Notable {
        shells: notable::shells(tree),
        package_managers: notable::package_managers(tree),
        setuid: setuid.collect(),
        capabilities: capabilities.filter_map(capable).collect(),
        executables,
        packages: packages
            .map(|(database, package)| Installed {
                database,
                name: package.name,
                version: package.version,
            })
            .collect(),
        users: notable::users(tree, seen).unwrap_or_default().to_vec(),
        ca_bundles: notable::ca_bundles(tree, &inspection.seen),
        zoneinfo: notable::zoneinfo(tree),
        tmp: notable::tmp(tree).map(|mode| format!("{mode:o}")),
        git: notable::git_directories(image, tree),
        secrets: notable::secrets(image, tree, seen),
    }
}
