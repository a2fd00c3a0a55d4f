//! A question of the inventory as plain HTML: before the run folded in, after it with the answer
//! behind a click. The page's scripts make a form of it where a playground answers.

use super::html::escape;
use catalog::inventory::{Form, Question};
use std::fmt::Write;

/// What stands at a page's top: the question alone, and small.
pub(super) fn before(question: &Question) -> String {
    format!(
        r#"<details class="question" data-question="{id}" data-when="before"><summary class="question-head">Before you read: why does it happen?</summary>{put}<p class="question-still">Decide before you read on. The same question stands at the end of this page, with its answer.</p></details>"#,
        id = escape(&question.id),
        put = put(question),
    )
}

/// What stands after the run: the question, its answer, and why.
pub(super) fn after(question: &Question) -> String {
    format!(
        r#"<section class="question" data-question="{id}" data-when="after" aria-label="Why does it happen?"><p class="question-head">After the run: why does it happen?</p>{put}<details class="question-answer"><summary>The answer, and why</summary>{answer}</details></section>"#,
        id = escape(&question.id),
        put = put(question),
        answer = answer(question),
    )
}

/// The situation, what was said, and what can be chosen.
fn put(question: &Question) -> String {
    let asked = question.asked();
    let mut html = format!(r#"<p class="question-stem">{}</p>"#, coded(asked.stem));
    if let Some(message) = asked.message {
        let message = escape(message);
        let _ = write!(
            html,
            r#"<pre class="question-message"><code class="nohighlight">{message}</code></pre>"#
        );
    }
    if let Some(options) = asked.options {
        html.push_str(r#"<ol class="question-options">"#);
        for option in options {
            let _ = write!(html, "<li>{}</li>", coded(option.text));
        }
        html.push_str("</ol>");
    }
    html
}

fn answer(question: &Question) -> String {
    let mut html = format!(
        r#"<p><strong>{}</strong></p><p>{}</p><p>See it: <code>playground run {}</code></p>"#,
        coded(question.answer()),
        coded(&question.why),
        escape(&question.run()),
    );
    let misconceptions: Vec<(String, &str)> = match &question.form {
        Form::Choice(choices) => choices
            .iter()
            .filter_map(|choice| Some((coded(&choice.text), choice.wrong.as_deref()?)))
            .collect(),
        Form::Short(short) => {
            let near = short.near.iter();
            near.map(|near| (coded(&near.example), near.says.as_str()))
                .collect()
        }
    };
    html.push_str(r#"<dl class="question-beliefs">"#);
    for (belief, says) in misconceptions {
        let _ = write!(html, "<dt>{belief}</dt><dd>{}</dd>", coded(says));
    }
    html.push_str("</dl>");
    html
}

/// Text in which backquotes mark code, as HTML.
fn coded(text: &str) -> String {
    let mut html = String::new();
    for (at, part) in text.split('`').enumerate() {
        let part = escape(part);
        let _ = match at % 2 {
            0 => write!(html, "{part}"),
            _ => write!(html, "<code>{part}</code>"),
        };
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::inventory::Choice;

    fn question() -> Question {
        let choice = |id: &str, wrong: Option<&str>| Choice {
            id: id.into(),
            text: format!("It is `{id}` <so>"),
            wrong: wrong.map(str::to_owned),
        };
        Question {
            id: "x509".into(),
            variant: "broken".into(),
            stem: "Why?".into(),
            message: Some("x509: <no>\nmore".into()),
            form: Form::Choice(vec![
                choice("one", Some("One is refuted.")),
                choice("two", None),
            ]),
            why: "For a reason.".into(),
            line: 1,
        }
    }

    #[test]
    fn the_question_before_does_not_give_itself_away() {
        let html = before(&question());
        assert!(html.contains("<li>It is <code>two</code> &lt;so&gt;</li>"));
        for hidden in ["For a reason", "refuted", "strong"] {
            assert!(!html.contains(hidden), "{hidden}: {html}");
        }
        assert!(!html.contains('\n'), "one block of HTML");
    }

    #[test]
    fn without_a_server_the_answer_waits_behind_a_click() {
        let html = after(&question());
        let (shown, folded) = html.split_once("<details").expect("details");
        assert!(!shown.contains("For a reason"));
        for told in [
            "<strong>It is <code>two</code> &lt;so&gt;</strong>",
            "For a reason.",
            "<dt>It is <code>one</code> &lt;so&gt;</dt><dd>One is refuted.</dd>",
            "<code>playground run x509/broken</code>",
        ] {
            assert!(folded.contains(told), "{told}: {html}");
        }
        assert!(!html.contains('\n'), "one block of HTML");
    }
}
