//! The report for programs. `preflight` is the format's version: fields come, none go.

use super::{Finding, Report, Severity};
use policy::sanitize::quiet_json;
use serde_json::{Value, json};

/// The format's version.
const VERSION: u32 = 1;

/// A finding with its rule's title, and the page of the book that shows it happen.
pub fn finding(finding: &Finding) -> Value {
    let mut value = serde_json::to_value(finding).unwrap_or_default();
    value["title"] = finding.rule.title.into();
    value["page"] = finding.page().into();
    value
}

impl Report<'_> {
    /// For programs; control characters are spelt out.
    pub fn json(&self) -> String {
        let value = json!({
            "preflight": VERSION,
            "playground": env!("CARGO_PKG_VERSION"),
            "subject": self.subject,
            "container": self.judged_as.map(|judged| judged.json()),
            "verdict": self.worst(),
            "counts": {
                "will-not-start": self.count(Severity::WillNotStart),
                "will-fail": self.count(Severity::WillFail),
                "advice": self.count(Severity::Advice),
                "ignored": self.ignored,
            },
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
        });
        quiet_json(&format!("{value:#}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{hostile, missing_roots, none, report, subject};
    use super::*;

    #[test]
    fn programs_get_every_field_and_the_verdict() -> serde_json::Result<()> {
        let (subject, findings) = (subject(), [missing_roots()]);
        let value: Value = serde_json::from_str(&report(&subject, &findings).json())?;
        assert_eq!(value["preflight"], 1);
        assert_eq!(value["subject"]["name"], "team/api:7");
        assert_eq!(value["verdict"], "will-fail");
        assert_eq!(value["counts"]["will-fail"], 1);
        let found = &value["findings"][0];
        assert_eq!(found["rule"], "no-ca-certificates");
        assert_eq!(found["page"], "museum/x509.html");
        assert_eq!(found["place"]["path"], "/app");
        assert_eq!(found["when"], "dials a TLS server");
        Ok(())
    }

    #[test]
    fn a_clean_image_has_no_verdict() -> serde_json::Result<()> {
        let value: Value = serde_json::from_str(&report(&subject(), &none()).json())?;
        assert_eq!(value["verdict"], Value::Null);
        assert_eq!(value["findings"], json!([]));
        Ok(())
    }

    #[test]
    fn what_an_image_brought_comes_through_whole_and_harmless() -> serde_json::Result<()> {
        let (subject, findings) = hostile();
        let json = report(&subject, &findings).json();
        assert!(!json.chars().any(|c| c.is_control() && c != '\n'));
        assert!(!json.contains("##["));
        assert!(!json.lines().any(|line| line.trim_start().starts_with("::")));
        let value: Value = serde_json::from_str(&json)?;
        for (i, finding) in findings.iter().enumerate() {
            assert_eq!(value["findings"][i]["what"], finding.what);
        }
        Ok(())
    }
}
