//! Letters that nobody sees: what commands a terminal, turns a line round, or is shown as nothing.
//!
//! A text of the world may hold them. Where people read it they are shown by their numbers, so that what is read is what is there.

/// Whether a letter is obeyed, or passed over, where others are shown. The space and its kin are not among them.
pub fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::is_unseen;

    #[test]
    fn what_turns_a_line_or_is_shown_as_nothing_is_known_and_letters_of_people_are_not_among_it() {
        let unseen = "\u{0}\u{1b}\n\u{7f}\u{9b}\u{ad}\u{61c}\u{180e}\u{200e}\u{202e}\u{2066}\u{feff}\u{e0041}";
        assert!(unseen.chars().all(is_unseen));
        assert!(!"aé ß€\u{a0}日本 \u{627}\u{301}\u{1f525}".chars().any(is_unseen));
    }
}
