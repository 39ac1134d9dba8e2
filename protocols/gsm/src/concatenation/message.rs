//! A message as it is handed to whoever reads it: whole, or with gaps that show.

use crate::pdu::{Address, Body, Class, Deliver, GAP, TimeStamp};
use std::collections::BTreeMap;

/// One message, of however many parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<T> {
    /// Who sent it.
    pub sender: Address,
    /// The service centre that brought it, as the first part that we have says.
    pub service_centre: Option<Address>,
    /// The service centre's time stamp of the first part that we have.
    pub time: TimeStamp,
    /// The class of the first part that we have.
    pub class: Option<Class>,
    /// The text, with [`GAP`] where parts are missing.
    pub text: String,
    /// How many parts the message has; 1 if it stands alone.
    pub total: u8,
    /// Which parts are missing or were cut short, counted from 1; empty if it is whole.
    pub missing: Vec<u8>,
    /// The caller's tokens of all parts that are in the text, in the order of the text.
    pub tokens: Vec<T>,
}

impl<T> Message<T> {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// A message that stands alone.
    pub(super) fn alone(deliver: &Deliver, token: T) -> Self {
        let mut message = Self::headed(deliver, 1);
        message.text = deliver.user_data.text();
        message.tokens.push(token);
        if deliver.user_data.is_cut() {
            message.missing.push(1);
        }
        message
    }

    /// A message of these parts, by their numbers; nothing if there are none.
    pub(super) fn of_parts(total: u8, mut parts: BTreeMap<u8, (Deliver, T)>) -> Option<Self> {
        let mut message =
            parts.first_key_value().map(|(_, (first, _))| Self::headed(first, total))?;
        let mut text = Text::default();
        for number in 1..=total {
            let mut whole = false;
            if let Some((deliver, token)) = parts.remove(&number) {
                text.add(deliver.user_data.body());
                message.tokens.push(token);
                whole = !deliver.user_data.is_cut();
            }
            if !whole {
                text.add_gap();
                message.missing.push(number);
            }
        }
        message.text = text.finish();
        Some(message)
    }

    fn headed(deliver: &Deliver, total: u8) -> Self {
        Self {
            sender: deliver.sender.clone(),
            service_centre: deliver.service_centre.clone(),
            time: deliver.time,
            class: deliver.user_data.coding().class(),
            text: String::new(),
            total,
            missing: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

/// The text that grows part by part. Parts that follow each other in one alphabet are joined before they are
/// read: a sender may have cut a surrogate pair or an escape in two.
#[derive(Default)]
struct Text {
    read: String,
    unread: Option<Body>,
    after_gap: bool,
}

impl Text {
    fn add(&mut self, body: &Body) {
        if std::mem::take(&mut self.after_gap) {
            self.read.push(' ');
        }
        if !self.unread.as_mut().is_some_and(|unread| unread.append(body)) {
            self.read_on();
            self.unread = Some(body.clone());
        }
    }

    fn add_gap(&mut self) {
        if self.after_gap {
            return;
        }
        self.read_on();
        if !self.read.is_empty() {
            self.read.push(' ');
        }
        self.read.push_str(GAP);
        self.after_gap = true;
    }

    fn read_on(&mut self) {
        if let Some(unread) = self.unread.take() {
            self.read.push_str(&unread.text());
        }
    }

    fn finish(mut self) -> String {
        self.read_on();
        self.read
    }
}
