//! What leaves the catalog as JSON, and comes back out of recordings.

use super::fixture::fixture_with;
use crate::Catalog;
use crate::actions::{ActionName, ActionResult};
use crate::checks::{Observation, Seen};
use serde_json::{Value, json};

fn variant(id: &str) -> Value {
    let fixture = fixture_with("Acts", "Acts");
    let catalog = Catalog::load(fixture.path()).unwrap_or_else(|problems| panic!("{problems}"));
    let (_, variant) = catalog.resolve(&format!("acts/{id}")).expect("a variant");
    serde_json::to_value(variant).expect("JSON")
}

#[test]
fn actions_and_checks_are_called_what_lab_toml_calls_them() {
    let acts = &variant("serves")["acts"];
    assert_eq!(
        acts[1],
        json!({
            "id": "there", "title": "A command that is there", "kind": "exec",
            "command": ["sh", "-c", "echo from inside; exit 3"], "exit_code": 3,
            "message": "^from inside$", "at_least_ms": null, "at_most_ms": null,
        })
    );
    assert_eq!(acts[2]["status"], "unhealthy");
    assert_eq!(
        (&acts[3]["kind"], &acts[3]["image"]),
        (&json!("debug"), &json!("inside"))
    );
    assert_eq!(variant("deaf")["acts"][0]["kind"], "stop");
    let looks = variant("luggage")["looks"].to_string();
    assert!(looks.contains(r#""kind":"context""#) && looks.contains(r#""kind":"layers""#));
}

#[test]
fn what_came_of_an_action_is_read_back_as_it_was_written() {
    let text = r#"{"act":"a","title":"t","kind":"exec","command":"c","text":"x","exit_code":3,"status":null,"by_engine":true,"timed_out":false,"ms":5}"#;
    let result: ActionResult = serde_json::from_str(text).expect("a result");
    assert_eq!((result.kind, result.reply.ms), (ActionName::Exec, 5));
    assert_eq!(serde_json::to_string(&result).expect("JSON"), text);
    let older = text.replace(r#""timed_out":false,"#, "");
    assert_eq!(
        serde_json::from_str::<ActionResult>(&older).expect("a result"),
        result
    );
}

#[test]
fn what_a_check_has_seen_is_read_back_as_it_was_written() {
    for seen in [
        r#"{"kind":"clocks","zone":"UTC","program":"p","expected":"e","agrees":true}"#,
        r#"{"kind":"no-clock"}"#,
        r#"{"kind":"context","bytes":1,"files":2}"#,
        r#"{"kind":"layers","needle":"n","found":[{"layer":1,"path":"p","created_by":"c"}],"searched":3}"#,
    ] {
        let text = format!(r#"{{"look":"l","title":"t","seen":{seen}}}"#);
        let observation: Observation = serde_json::from_str(&text).expect(&text);
        assert_eq!(serde_json::to_string(&observation).expect("JSON"), text);
    }
    assert!(serde_json::from_str::<Seen>(r#"{"kind":"smell","bytes":1,"files":2}"#).is_err());
}
