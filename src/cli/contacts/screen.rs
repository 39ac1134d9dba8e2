//! The table of contacts on a screen, written over itself: no more of it than the window has room for.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::seen::{Board, Line};
use crate::cli::site_time::SiteTime;
use crate::cli::terminal::{Style, Terminal};
use crate::host::window;
use crate::watch::time::Utc;

/// So many of the latest changes stand below the table.
const LATEST: usize = 8;
/// A window that does not know its size.
const USUAL: (usize, usize) = (24, 80);

const HEADINGS: [&str; 7] = ["CONTACT", "SHOWS", "IS", "EXPECTED", "FOR", "CHANGES", "EDGES"];

/// What stands on the screen.
#[derive(Default)]
pub(super) struct Screen {
    latest: VecDeque<Line>,
    /// So many lines are written over next.
    drawn: usize,
}

impl Screen {
    pub(super) fn draw(
        &mut self,
        board: &Board,
        news: Vec<Line>,
        time: &SiteTime,
        now: Utc,
        terminal: &mut Terminal,
    ) {
        for line in news {
            if self.latest.len() >= LATEST {
                self.latest.pop_front();
            }
            self.latest.push_back(line);
        }
        let (rows, columns) = window::size().unwrap_or(USUAL);
        let lines = self.lines(board, time, now, rows);
        let mut text = String::new();
        if self.drawn > 0 {
            // Writing to a text does not fail.
            let _ = write!(text, "\x1b[{}A", self.drawn);
        }
        text.push('\r');
        for (style, line) in &lines {
            let line: String = line.chars().take(columns.saturating_sub(1)).collect();
            text.push_str(&terminal.styled(*style, line));
            text.push_str("\x1b[K\n");
        }
        text.push_str("\x1b[J");
        self.drawn = lines.len();
        // A screen that is gone is noted by the terminal.
        let _ = terminal.output().write_all(text.as_bytes());
    }

    fn lines(&self, board: &Board, time: &SiteTime, now: Utc, rows: usize) -> Vec<(Style, String)> {
        let mut lines = Vec::new();
        let table: Vec<([String; 7], Style)> = board
            .devices()
            .iter()
            .flat_map(|device| device.contacts.iter().map(|contact| contact.row(now)))
            .collect();
        let mut widths = HEADINGS.map(str::len);
        for (cells, _) in &table {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let row = |cells: &[String; 7]| {
            let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ")
        };
        lines.push((Style::Strong, row(&HEADINGS.map(str::to_owned))));
        let mut contacts = table.iter();
        for device in board.devices() {
            let style = if device.is_up { Style::Faint } else { Style::Wrong };
            lines.push((style, device.heading.clone()));
            let of_this = contacts.by_ref().take(device.contacts.len());
            lines.extend(of_this.map(|(cells, style)| (*style, row(cells))));
        }
        let room = rows.saturating_sub(1);
        if lines.len() > room {
            let more = lines.len().saturating_sub(room).saturating_add(1);
            lines.truncate(room.saturating_sub(1));
            lines.push((
                Style::Warning,
                format!("... {more} lines more: make the window higher, or name one device"),
            ));
            return lines;
        }
        let left = room.saturating_sub(lines.len());
        let beyond = self.latest.len().saturating_sub(left);
        let latest = self.latest.iter().skip(beyond);
        lines.extend(latest.map(|line| (Style::Plain, line.words(time))));
        lines
    }
}
