//! One `[[variant]]` of a `lab.toml`: what it shows, how it runs, what must happen.

use super::act::{check_order, read_act};
use super::expect::{Part, read_expect};
use super::lab::{Kind, Outcome, Probe, Role, Variant};
use super::limits::MAX_ACTIONS;
use super::look::{check_unbuilt, read_look};
use super::peer::read_provides;
use super::read::{Folder, kebab_case};
use super::reader::{At, Need};
use super::settings::read_run;
use super::table::Table;
use super::tree::{Files, lay, unshowable};
use policy::suggest::hint;
use std::iter;

/// What a variant is held against.
pub(super) struct Surroundings<'f> {
    pub(super) kind: Option<Kind>,
    pub(super) folder: &'f Folder,
    pub(super) sources: Vec<&'f Files>,
    pub(super) peers: Vec<&'f str>,
}

/// A variant as far as it could be read.
pub(super) struct VariantReading {
    pub(super) id: Option<At<String>>,
    pub(super) role: Option<At<Role>>,
    pub(super) variant: Option<Variant>,
}

pub(super) fn read_variant(table: Table<'_>, around: &Surroundings<'_>) -> VariantReading {
    let roles = [
        ("stage", Role::Stage),
        ("broken", Role::Broken),
        ("fixed", Role::Fixed),
    ];
    let id = table.text("id", Need::Required);
    let title = table.text("title", Need::Required);
    let role = table.choice("role", Need::Required, &roles);
    check_role(&table, around.kind, id.as_ref(), role.as_ref());
    let files = id
        .as_ref()
        .map(|id| context_of(&table, id, around))
        .unwrap_or_default();
    let show = read_show(&table, files.as_ref());
    let editable = read_editable(&table, &show);
    let provides = read_provides(&table, around);
    let run_table = table.table("run", Need::Optional);
    let has_port = run_table.as_ref().is_some_and(|run| run.has("port"));
    let run = run_table.map(read_run).unwrap_or_default();
    let mut check_ids = Vec::new();
    let mut probes = Vec::new();
    let probe_tables = table.tables("probe");
    let first_probe = probe_tables.first().map(|probe| probe.line);
    for probe in probe_tables {
        let (id, probe) = read_probe(probe);
        check_ids.extend(id);
        probes.extend(probe);
    }
    let act_tables = table.tables("act");
    let first_act = act_tables.first().map(|act| act.line);
    if let Some(table) = act_tables.get(MAX_ACTIONS) {
        let count = act_tables.len();
        let text = format!("a variant has {count} acts; {MAX_ACTIONS} are allowed");
        table.report(table.line, text);
    }
    let mut acts = Vec::new();
    for act in act_tables {
        let (id, act) = read_act(act, around.folder);
        check_ids.extend(id);
        acts.extend(act);
    }
    check_order(&table, &acts);
    let mut looks = Vec::new();
    let mut look_lines = Vec::new();
    for look in table.tables("look") {
        let line = look.line;
        let (id, look) = read_look(look);
        check_ids.extend(id);
        look_lines.extend(look.as_ref().map(|_| line));
        looks.extend(look);
    }
    unique(&table, "check", &check_ids);
    let part = Part {
        role: role.as_ref().map(|role| role.value),
        acts: &acts,
        probed: first_probe.is_some(),
    };
    let expect_table = table.table("expect", Need::Required);
    let expect = expect_table.and_then(|expect| read_expect(expect, &part));
    let serves = expect
        .as_ref()
        .is_none_or(|expect| expect.outcome == Outcome::Serves);
    // On whichever engine.
    if expect.as_ref().is_some_and(|expect| {
        let differing = expect.differs.iter().filter_map(|one| one.outcome);
        iter::once(expect.outcome)
            .chain(differing)
            .any(|outcome| outcome == Outcome::BuildFails)
    }) {
        for (look, line) in looks.iter().zip(look_lines) {
            check_unbuilt(&table, look, line);
        }
    }
    if let (Some(line), false) = (first_act, serves) {
        table.report(
            line,
            "only a variant with the outcome `serves` can be acted on",
        );
    }
    if let Some(line) = first_probe {
        if !has_port {
            table.report(line, "probes need a `port` in [variant.run]");
        }
        if !serves {
            table.report(
                line,
                "only a variant with the outcome `serves` can be probed",
            );
        }
    }
    table.finish();
    let variant = match (&id, title, &role, expect) {
        (Some(id), Some(title), Some(role), Some(expect)) => Some(Variant {
            id: id.value.clone(),
            title: title.value,
            role: role.value,
            show: show.into_iter().map(|path| path.value).collect(),
            editable,
            provides,
            run,
            probes,
            acts,
            looks,
            expect,
        }),
        _ => None,
    };
    VariantReading { id, role, variant }
}

fn check_role(
    table: &Table<'_>,
    kind: Option<Kind>,
    id: Option<&At<String>>,
    role: Option<&At<Role>>,
) {
    if let Some(id) = id {
        kebab_case(table, "variant", id);
        if ["src", "peers", "debug"].contains(&id.value.as_str()) {
            table.report(
                id.line,
                format!(
                    "`{}` cannot name a variant: the folder has a meaning",
                    id.value
                ),
            );
        }
        if kind == Some(Kind::Stage) && id.value != "image" {
            table.report(
                id.line,
                format!("a stage's variant is called `image`, not `{}`", id.value),
            );
        }
    }
    match (kind, role) {
        (Some(Kind::Stage), Some(role)) if role.value != Role::Stage => {
            table.report(role.line, "a stage's variant has the role `stage`");
        }
        (Some(Kind::Failure), Some(role)) if role.value == Role::Stage => {
            table.report(
                role.line,
                "a failure lab's variants are `broken` or `fixed`",
            );
        }
        _ => {}
    }
}

/// The files that lie on disk for the build context; `None` where the folder is missing.
fn context_of(table: &Table<'_>, id: &At<String>, around: &Surroundings<'_>) -> Option<Files> {
    let folder = around.folder;
    let Some(own) = folder.variants.get(&id.value) else {
        let hint = hint(
            &id.value,
            folder.variants.keys().map(String::as_str),
            "there are",
        );
        table.report(
            id.line,
            format!("there is no folder {}/{}{hint}", folder.shown, id.value),
        );
        return None;
    };
    if !own.contains_key("Dockerfile") {
        table.report(
            id.line,
            format!("{}/{} has no Dockerfile", folder.shown, id.value),
        );
    }
    let layers = around.sources.iter().copied().chain([&folder.src, own]);
    lay(layers)
        .map_err(|why| table.report(id.line, format!("variant `{}`: {why}", id.value)))
        .ok()
}

fn read_show(table: &Table<'_>, files: Option<&Files>) -> Vec<At<String>> {
    let Some(show) = table.list("show", Need::Required) else {
        return Vec::new();
    };
    if show.value.is_empty() {
        table.report(show.line, "`show` names no file");
    }
    unique(table, "tab", &show.value);
    for path in &show.value {
        let Some(files) = files else { break };
        match files.get(&path.value) {
            None => {
                let hint = hint(&path.value, files.keys().map(String::as_str), "it holds");
                table.report(
                    path.line,
                    format!("the build context has no file `{}`{hint}", path.value),
                );
            }
            Some(file) => {
                if let Some(why) = unshowable(file) {
                    table.report(path.line, format!("`{}` {why}", path.value));
                }
            }
        }
    }
    show.value
}

fn read_editable(table: &Table<'_>, show: &[At<String>]) -> Vec<String> {
    let listed = table
        .list("editable", Need::Optional)
        .map(|list| list.value)
        .unwrap_or_default();
    unique(table, "editable file", &listed);
    for path in &listed {
        if !show.iter().any(|shown| shown.value == path.value) {
            let hint = hint(
                &path.value,
                show.iter().map(|shown| shown.value.as_str()),
                "shown are",
            );
            table.report(
                path.line,
                format!("`{}` is editable, but not in `show`{hint}", path.value),
            );
        }
    }
    listed.into_iter().map(|path| path.value).collect()
}

fn read_probe(table: Table<'_>) -> (Option<At<String>>, Option<Probe>) {
    let id = table.text("id", Need::Required);
    let title = table.text("title", Need::Required);
    let get = table.text("get", Need::Required);
    let status = table.integer("status", Need::Required, 100..=599);
    let body = table.regex("body", Need::Optional);
    if let Some(id) = &id {
        check_id(&table, "a probe", id);
    }
    if let Some(get) = &get
        && !(get.value.starts_with('/') && get.value.bytes().all(|b| b.is_ascii_graphic()))
    {
        table.report(
            get.line,
            format!("`{}` is not a path such as /time?zone=UTC", get.value),
        );
    }
    table.finish();
    let probe = (|| {
        Some(Probe {
            id: id.clone()?.value,
            title: title?.value,
            get: get?.value,
            status: status?.value,
            body: body.map(|body| body.value),
        })
    })();
    (id, probe)
}

/// The id of a probe, an act or a look; each becomes a check of the verdict.
pub(super) fn check_id(table: &Table<'_>, noun: &str, id: &At<String>) {
    kebab_case(
        table,
        noun.trim_start_matches("an ").trim_start_matches("a "),
        id,
    );
    // The verdict's own checks carry these names.
    if ["outcome", "exit-code", "reporter", "message", "moment"].contains(&id.value.as_str()) {
        table.report(
            id.line,
            format!("{noun} cannot be called `{}`: a check is", id.value),
        );
    }
}

/// Reports names that a list holds twice.
pub(super) fn unique(table: &Table<'_>, noun: &str, names: &[At<String>]) {
    for (index, name) in names.iter().enumerate() {
        if names[..index]
            .iter()
            .any(|earlier| earlier.value == name.value)
        {
            table.report(
                name.line,
                format!("{noun} `{}` is listed twice", name.value),
            );
        }
    }
}

/// Relative, with `/`, and without `.`, `..` or empty parts.
pub(super) fn is_plain_path(path: &str) -> bool {
    !path.contains(['\\', '\0']) && path.split('/').all(|part| !["", ".", ".."].contains(&part))
}
