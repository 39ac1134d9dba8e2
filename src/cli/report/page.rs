//! A report as one page of HTML with its plots, which needs nothing beside it: for a meeting, or an auditor.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::site_time::SiteTime;
use super::figures::{Often, Report};
use super::words::{said, tag};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2733}\
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse}\
td,th{text-align:left;padding:.15rem 1.2rem .15rem 0;border-bottom:1px solid #dde3e8}td.n,th.n{text-align:right}\
svg{width:100%;height:auto}rect{fill:#2b6ca3}rect:hover{fill:#c2410c}text{font-size:11px;fill:#52606d}";

/// The plots are so wide and so high, in units of their own.
const WIDE: usize = 900;
const HIGH: usize = 160;

pub(super) fn page(report: &Report, site: &str, time: &SiteTime) -> String {
    let shown = |at: Timestamp| escaped(&time.show(at));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Alarms of {site}</title><style>{STYLE}</style></head><body>\n\
         <h1>Alarms of {site}</h1>\n<p>{} to {}, {:.1} days</p>\n",
        shown(report.from),
        shown(report.to),
        report.days,
        site = escaped(site),
    );
    let most = report.most_at.map_or_else(String::new, |at| format!(" from {}", shown(at)));
    table(
        &mut page,
        &["", "alarms", "good practice"],
        [
            ["all", &report.alarms.to_string(), ""],
            ["repeats of one that was open", &report.repeats.to_string(), ""],
            ["open now", &report.open.to_string(), ""],
            ["a day", &format!("{:.1}", report.a_day), "150 for one operator"],
            ["in ten minutes", &format!("{:.2}", report.in_ten_minutes), "1"],
            ["most in ten minutes", &format!("{}{most}", report.most_in_ten_minutes), "10"],
            ["part of the time in floods", &format!("{:.1} %", report.flooded_percent), "1 %"],
        ]
        .map(|row| row.map(str::to_owned)),
    );
    let days: Vec<(String, u64)> =
        report.each_day.iter().map(|day| (day.date.to_string(), day.alarms)).collect();
    plot(&mut page, "Each day", &days);
    let hours: Vec<(String, u64)> =
        (0..).zip(report.each_hour).map(|(hour, alarms)| (format!("{hour}:00"), alarms)).collect();
    plot(&mut page, "Each hour of the day", &hours);
    heading(&mut page, "Priorities");
    table(
        &mut page,
        &["priority", "alarms", "part"],
        report.priorities.iter().map(|share| {
            [share.priority.to_owned(), share.alarms.to_string(), format!("{:.1} %", share.percent)]
        }),
    );
    heading(&mut page, "Answers, from the alarm to who took it");
    table(
        &mut page,
        &["priority", "asked", "answered", "half within", "nine in ten within", "the last after"],
        report.answers.iter().map(|answers| {
            let [median, nine_in_ten, longest] =
                [answers.median, answers.nine_in_ten, answers.longest].map(said);
            let counts = [answers.asked, answers.answered].map(|count| count.to_string());
            let [asked, answered] = counts;
            [answers.priority.to_owned(), asked, answered, median, nine_in_ten, longest]
        }),
    );
    heading(&mut page, "People");
    table(
        &mut page,
        &[
            "person",
            "messages",
            "never sent",
            "calls",
            "at night",
            "nights",
            "took",
            "half within",
            "confirmed",
        ],
        report.people.iter().map(|person| {
            let [messages, unsent, calls, at_night, nights, taken, confirmed] = [
                person.messages,
                person.unsent,
                person.calls,
                person.calls_at_night,
                person.nights,
                person.taken,
                person.confirmed,
            ]
            .map(|count| count.to_string());
            let (name, median) = (person.person.clone(), said(person.median));
            [name, messages, unsent, calls, at_night, nights, taken, median, confirmed]
        }),
    );
    often(&mut page, "Most often", &report.most_often);
    often(&mut page, "Chattering (three times in a minute)", &report.chattering);
    lasting(&mut page, report, time);
    page.push_str("</body></html>\n");
    page
}

fn lasting(page: &mut String, report: &Report, time: &SiteTime) {
    if !report.floods.is_empty() {
        heading(page, "Floods");
        let rows = report
            .floods
            .iter()
            .map(|flood| [time.show(flood.from), time.show(flood.to), flood.alarms.to_string()]);
        table(page, &["from", "to", "alarms"], rows);
    }
    if !report.stale.is_empty() {
        heading(page, "Active for more than a day");
        let rows = report.stale.iter().map(|stale| {
            let until = stale.until.map_or_else(|| "now".to_owned(), |until| time.show(until));
            let alarm = format!("#{} {}", stale.occurrence, tag(&stale.definition, &stale.key));
            [alarm, time.show(stale.since), until]
        });
        table(page, &["alarm", "from", "to"], rows);
    }
}

fn often(page: &mut String, name: &str, alarms: &[Often]) {
    if alarms.is_empty() {
        return;
    }
    heading(page, name);
    let rows = alarms.iter().map(|often| {
        let part = format!("{:.1} %", often.percent);
        [tag(&often.definition, &often.key), often.alarms.to_string(), part]
    });
    table(page, &["alarm", "alarms", "part"], rows);
}

fn heading(page: &mut String, name: &str) {
    let _ = writeln!(page, "<h2>{}</h2>", escaped(name));
}

fn table<const N: usize>(
    page: &mut String,
    names: &[&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let cells = |kind: &str, cells: Vec<&str>| {
        let mut row = String::from("<tr>");
        for (place, cell) in cells.into_iter().enumerate() {
            let class = if place == 0 { "" } else { " class=\"n\"" };
            let _ = write!(row, "<{kind}{class}>{}</{kind}>", escaped(cell));
        }
        row + "</tr>\n"
    };
    page.push_str("<table>\n");
    page.push_str(&cells("th", names.to_vec()));
    for row in rows {
        page.push_str(&cells("td", row.iter().map(String::as_str).collect()));
    }
    page.push_str("</table>\n");
}

/// A bar for each, as high as it has alarms; what each is stands under the pointer.
fn plot(page: &mut String, name: &str, bars: &[(String, u64)]) {
    heading(page, name);
    let most = bars.iter().map(|(_, alarms)| *alarms).max().unwrap_or(0).max(1);
    let _ = writeln!(page, "<svg viewBox=\"0 0 {WIDE} {}\" role=\"img\">", HIGH + 34);
    let each = bars.len().max(1);
    for (place, (label, alarms)) in bars.iter().enumerate() {
        // Thousandths, so that a bar of many days is not nothing.
        let [left, next] = [place, place + 1].map(|place| place * WIDE * 1_000 / each);
        let width = (next - left).saturating_mul(17) / 20;
        let high = usize::try_from(alarms.saturating_mul(1_000) / most).unwrap_or(0) * HIGH;
        let top = (HIGH + 14) * 1_000 - high;
        let [left, top, width, high] = [left, top, width, high].map(thousandths);
        let _ = writeln!(
            page,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{high}\"><title>{}: {alarms}</title></rect>",
            escaped(label)
        );
    }
    let at = |place: usize| bars.get(place).map_or("", |(label, _)| label);
    let (first, last) = (escaped(at(0)), escaped(at(bars.len().saturating_sub(1))));
    let _ = writeln!(
        page,
        "<text x=\"0\" y=\"10\">{most}</text><text x=\"0\" y=\"{low}\">{first}</text>\
         <text x=\"{WIDE}\" y=\"{low}\" text-anchor=\"end\">{last}</text></svg>",
        low = HIGH + 30
    );
}

fn thousandths(value: usize) -> String {
    format!("{}.{:03}", value / 1_000, value % 1_000)
}

/// What comes from wires and files is text on the page, and never a part of it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_a_wire_brought_is_text_on_the_page() {
        assert_eq!(
            escaped("<script>\"a\" & b\u{1b}</script>"),
            "&lt;script&gt;&quot;a&quot; &amp; b &lt;/script&gt;"
        );
    }
}
