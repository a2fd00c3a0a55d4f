//! One `[[variant]]` of a `lab.toml`: what it shows, how it runs, what must happen.

use crate::files::{Files, lay, unshowable};
use crate::lab::{Kind, Role, Variant};
use crate::parse::behaviour::read_behaviour;
use crate::parse::surroundings::Surroundings;
use crate::toml::reader::{At, Need};
use crate::toml::rules::{image_files, kebab_case, unique};
use crate::toml::table::Table;
use policy::suggest::hint;

/// A variant as far as it could be read.
pub(crate) struct VariantReading<'r> {
    pub(crate) id: Option<At<'r, String>>,
    pub(crate) role: Option<At<'r, Role>>,
    pub(crate) variant: Option<Variant>,
}

pub(crate) fn read_variant<'r>(table: Table<'r>, around: &Surroundings<'_>) -> VariantReading<'r> {
    let id = table.text("id", Need::Required);
    let title = table.text("title", Need::Required);
    let role = table.choice::<Role>("role", Need::Required);
    check_role(around.kind, id.as_ref(), role.as_ref());
    let files = id
        .as_ref()
        .map(|id| context_of(id, around))
        .unwrap_or_default();
    let show = read_show(&table, files.as_ref());
    let editable = read_editable(&table, &show);
    let touch = table.text("touch", Need::Optional);
    if let Some(touch) = &touch
        && !editable.contains(&touch.value)
    {
        touch.report(format!("`{touch}` is touched, but not in `editable`"));
    }
    let behaviour = read_behaviour(&table, around, role.as_ref().map(|role| role.value));
    table.finish();
    let variant = match (&id, title, &role, behaviour) {
        (Some(id), Some(title), Some(role), Some(behaviour)) => {
            Some(behaviour.into_variant(Variant {
                id: id.value.clone(),
                title: title.value,
                role: role.value,
                show: show.into_iter().map(|path| path.value).collect(),
                editable,
                touch: touch.map(|touch| touch.value),
                layers: vec![id.value.clone()],
                ..Variant::default()
            }))
        }
        _ => None,
    };
    VariantReading { id, role, variant }
}

fn check_role(kind: Option<Kind>, id: Option<&At<'_, String>>, role: Option<&At<'_, Role>>) {
    if let Some(id) = id {
        kebab_case("variant", id);
        if ["src", "peers", "debug"].contains(&id.value.as_str()) {
            id.report(format!(
                "`{id}` cannot name a variant: the folder has a meaning"
            ));
        }
        if kind == Some(Kind::Stage) && id.value != "image" {
            id.report(format!("a stage's variant is called `image`, not `{id}`"));
        }
    }
    match (kind, role) {
        (Some(Kind::Stage), Some(role)) if role.value != Role::Stage => {
            role.report("a stage's variant has the role `stage`");
        }
        (Some(Kind::Failure), Some(role)) if matches!(role.value, Role::Stage | Role::Case) => {
            role.report("a failure lab's variants are `broken` or `fixed`");
        }
        (Some(Kind::Experiment), Some(role)) if role.value != Role::Case => {
            role.report("an experiment's variants have the role `case`");
        }
        _ => {}
    }
}

/// The files that lie on disk for the build context; `None` where the folder is missing.
fn context_of(id: &At<'_, String>, around: &Surroundings<'_>) -> Option<Files> {
    let folder = around.folder;
    let own = image_files(id, &folder.shown, &folder.variants)?;
    let layers = around.sources.iter().copied().chain([&folder.src, own]);
    lay(layers)
        .map_err(|why| id.report(format!("variant `{id}`: {why}")))
        .ok()
}

fn read_show<'r>(table: &Table<'r>, files: Option<&Files>) -> Vec<At<'r, String>> {
    let Some(show) = table.list("show", Need::Required) else {
        return Vec::new();
    };
    if show.value.is_empty() {
        show.report("`show` names no file");
    }
    unique("tab", &show.value);
    for path in &show.value {
        let Some(files) = files else { break };
        match files.get(&path.value) {
            None => {
                let hint = hint(&path.value, files.keys().map(String::as_str), "it holds");
                path.report(format!("the build context has no file `{path}`{hint}"));
            }
            Some(file) => {
                if let Some(why) = unshowable(file) {
                    path.report(format!("`{path}` {why}"));
                }
            }
        }
    }
    show.value
}

fn read_editable(table: &Table<'_>, show: &[At<'_, String>]) -> Vec<String> {
    let listed = table.texts("editable");
    unique("editable file", &listed);
    for path in &listed {
        if !show.iter().any(|shown| shown.value == path.value) {
            let hint = hint(
                &path.value,
                show.iter().map(|shown| shown.value.as_str()),
                "shown are",
            );
            path.report(format!("`{path}` is editable, but not in `show`{hint}"));
        }
    }
    listed.into_iter().map(|path| path.value).collect()
}
