//! The people of the site and what they read: numbers, codes, messages.

/// Marie's number; she is called first.
pub(crate) const MARIE: &str = "+33612345678";
/// Karim's number; he is called when Marie is silent.
pub(crate) const KARIM: &str = "+33698765432";
/// Léa's number; she is the last resort.
pub(crate) const LEA: &str = "+33655443322";
/// A number that belongs to nobody.
pub(crate) const NOBODY: &str = "+33700000099";

/// A message that left the modem.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Sms {
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Sms {
    /// The code on its own at the end of a call.
    pub(crate) fn code(&self) -> String {
        let code = self.text.rsplit(' ').next().unwrap();
        let digits = code.len() == 4 && code.bytes().all(|digit| digit.is_ascii_digit());
        assert!(digits, "no code of four digits at the end of {self:?}");
        code.to_owned()
    }

    /// Whether it asks for an answer with a code: every other kind of message ends in words.
    pub(crate) fn is_call(&self) -> bool {
        self.text.contains(" Répondez ")
    }
}
