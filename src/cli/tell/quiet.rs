//! `vigie quiet`: what is kept quiet on purpose, by whom, why and until when.

use std::path::Path;

use serde_json::Value;

use super::{text, told};
use crate::cli::site_time::SiteTime;
use crate::cli::sysexit::Sysexit;
use crate::cli::terminal::{Style, Terminal, plain};
use crate::control::protocol::Request;

pub(in crate::cli) fn quiet(path: &Path, json: bool, terminal: &mut Terminal) -> Sysexit {
    told(path, &Request::Quiet, json, terminal, |told, time, terminal| {
        let kept = told.as_array().map(Vec::as_slice).unwrap_or_default();
        if kept.is_empty() {
            let nothing = terminal.styled(Style::Good, "Nothing is kept quiet.");
            terminal.line(nothing);
        }
        kept.iter().for_each(|kept| one(kept, time, terminal));
    })
}

fn one(kept: &Value, time: &SiteTime, terminal: &mut Terminal) {
    let tag = match kept.get("key").and_then(Value::as_str) {
        None => format!("all of {}", text(kept, "definition")),
        Some("") => text(kept, "definition"),
        Some(key) => format!("{}[{key}]", text(kept, "definition")),
    };
    let suppression = text(kept, "suppression").replace('_', " ");
    let is_active = kept.get("active").and_then(Value::as_bool) == Some(true);
    let style = if is_active { Style::Warning } else { Style::Faint };
    let words = terminal.styled(style, format!("{suppression:<14}"));
    terminal.line(format_args!("{words} {}{}", plain(&tag), plain(&why(kept, time))));
    let mut rest = String::new();
    if is_active {
        let since = time.read(&text(kept, "active_since"));
        rest.push_str(&format!("active since {since}: {}", text(kept, "text")));
    }
    match kept.get("came").and_then(Value::as_u64) {
        Some(0) | None => {}
        Some(times) => {
            let comma = if is_active { ", " } else { "" };
            let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            rest.push_str(&format!("{comma}came {times} in silence"));
        }
    }
    if !rest.is_empty() {
        let rest = terminal.styled(Style::Faint, plain(&rest));
        terminal.line(format_args!("               {rest}"));
    }
}

/// By whom, until when and why.
fn why(kept: &Value, time: &SiteTime) -> String {
    let said = |key, phrase: &str| match text(kept, key).as_str() {
        "" => String::new(),
        words => format!(" {phrase} {words}"),
    };
    let at = |key, phrase: &str| match text(kept, key).as_str() {
        "" => String::new(),
        at => format!(" {phrase} {}", time.read(at)),
    };
    let once = kept.get("once").and_then(Value::as_bool) == Some(true);
    let once = if once { ", or until it returns" } else { "" };
    let reason = match text(kept, "reason").as_str() {
        "" => String::new(),
        reason => format!(" ({reason})"),
    };
    let (by, since, until) = (said("by", "by"), at("since", "since"), at("until", "until"));
    let cause = said("cause", "while this is active:");
    let maintenance = said("maintenance", "during the maintenance");
    format!("{by}{since}{until}{once}{cause}{maintenance}{reason}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::shown;
    use super::*;

    #[test]
    fn what_is_quiet_is_shown_with_who_did_it_why_and_until_when() {
        let shelved = json!({
            "definition": "link", "key": "7", "suppression": "shelved", "by": "marie",
            "reason": "fibre", "since": "2026-11-23T02:12:00Z", "until": "2026-11-23T04:12:00Z",
            "once": true, "cause": null, "active": true, "active_since": "2026-11-23T02:10:00Z",
            "text": "Lien 7", "came": 2,
        });
        let told = shown(|time, terminal| one(&shelved, time, terminal));
        assert!(told.contains("link[7] by marie since"), "{told}");
        assert!(told.contains("or until it returns (fibre)"), "{told}");
        assert!(told.contains("Lien 7, came 2 times in silence"), "{told}");
        let whole = json!({
            "definition": "door", "key": null, "suppression": "out_of_service", "by": "karim",
            "since": "2026-11-23T02:12:00Z", "active": false, "came": 0,
        });
        let told = shown(|time, terminal| one(&whole, time, terminal));
        assert!(told.starts_with("out of service all of door by karim"), "{told}");
    }
}
