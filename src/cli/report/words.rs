//! A report as text, for a terminal.

use jiff::{SignedDuration, Timestamp};

use super::super::site_time::SiteTime;
use super::super::terminal::{Style, Terminal, plain};
use super::figures::{Often, Report};

pub(super) fn tell(report: &Report, time: &SiteTime, terminal: &mut Terminal) {
    let shown = |at: Timestamp| time.show(at);
    let Report { alarms, repeats, open, days, .. } = report;
    let heading = format!("{} to {}, {days:.1} days", shown(report.from), shown(report.to));
    let heading = terminal.styled(Style::Strong, heading);
    terminal.line(heading);
    terminal.line(format_args!("{alarms} alarms ({repeats} repeats), {open} of them open now"));
    let most = report.most_at.map_or_else(String::new, |at| {
        format!(", at most {} from {}", report.most_in_ten_minutes, shown(at))
    });
    terminal.line(format_args!(
        "{:.1} a day, {:.2} in ten minutes{most}",
        report.a_day, report.in_ten_minutes
    ));
    terminal.line(format_args!(
        "floods (more than ten in ten minutes): {}, {:.1} % of the time",
        report.floods.len(),
        report.flooded_percent
    ));
    for flood in &report.floods {
        let (from, to) = (shown(flood.from), shown(flood.to));
        terminal.line(format_args!("    {from} to {to}: {} alarms", flood.alarms));
    }
    section(terminal, "Priorities");
    for share in &report.priorities {
        let (priority, percent) = (share.priority, share.percent);
        terminal.line(format_args!("    {priority:8} {:6}  {percent:5.1} %", share.alarms));
    }
    section(terminal, "Answers, from the alarm to who took it");
    for answers in &report.answers {
        let times = [answers.median, answers.nine_in_ten, answers.longest].map(said);
        let [median, nine_in_ten, longest] = times;
        terminal.line(format_args!(
            "    {:8} {} of {} answered; half within {median}, nine in ten within {nine_in_ten}, the last after {longest}",
            answers.priority, answers.answered, answers.asked
        ));
    }
    section(terminal, "People");
    for person in &report.people {
        let unsent = match person.unsent {
            0 => String::new(),
            1 => "; 1 message never sent".to_owned(),
            many => format!("; {many} messages never sent"),
        };
        terminal.line(format_args!(
            "    {}: {} calls of {} messages{unsent}; woken in {} nights by {} calls; took {}, half within {}; confirmed {}",
            plain(&person.person), person.calls, person.messages, person.nights, person.calls_at_night,
            person.taken, said(person.median), person.confirmed
        ));
    }
    most_often(terminal, "Most often", &report.most_often);
    most_often(terminal, "Chattering (three times in a minute)", &report.chattering);
    if !report.stale.is_empty() {
        section(terminal, "Stale (active for more than a day)");
    }
    for stale in &report.stale {
        let until = stale.until.map_or_else(|| "now".to_owned(), shown);
        let (number, tag) = (stale.occurrence, tag(&stale.definition, &stale.key));
        terminal.line(format_args!("    #{number} {tag}: {} to {until}", shown(stale.since)));
    }
}

fn section(terminal: &mut Terminal, name: &str) {
    terminal.line("");
    let name = terminal.styled(Style::Strong, name);
    terminal.line(name);
}

fn most_often(terminal: &mut Terminal, name: &str, alarms: &[Often]) {
    if alarms.is_empty() {
        return;
    }
    section(terminal, name);
    for often in alarms {
        let tag = tag(&often.definition, &often.key);
        terminal.line(format_args!("    {:6}  {:5.1} %  {tag}", often.alarms, often.percent));
    }
}

/// `link[10.0.0.1/7]`; what came from a wire is shown so that no terminal obeys it.
pub(super) fn tag(definition: &str, key: &str) -> String {
    let key = if key.is_empty() { String::new() } else { format!("[{}]", plain(key)) };
    format!("{}{key}", plain(definition))
}

/// `4m 12s`, or a dash where there is nothing.
pub(super) fn said(seconds: Option<i64>) -> String {
    seconds.map_or_else(
        || "-".to_owned(),
        |seconds| format!("{:#}", SignedDuration::from_secs(seconds)),
    )
}
