//! What is counted of a connection.
//!
//! Each message is counted once as a message, and besides under each of the other names that hold for it.

/// Messages that came, all of them.
pub(super) const MESSAGES: &str = "messages";
/// The bytes of their payloads.
pub(super) const BYTES: &str = "bytes";
/// Of these, those of which the broker says that it may have sent them before.
pub(super) const DUPLICATES: &str = "duplicates";
/// Of these, those that the broker had kept: states, and no news.
pub(super) const RETAINED: &str = "retained";
/// Of these, those that were not read: a payload beyond `max-payload`, or no topic. They are recorded and acknowledged.
pub(super) const REFUSED: &str = "refused";
/// Of these, those under a topic that nobody asks for any more: the broker's session still has an old subscription.
pub(super) const UNASKED: &str = "unasked";
/// Of these, those whose payload did not read as its beginning promised.
pub(super) const ODD: &str = "odd";
/// How often a Sparkplug node was asked for its birth.
pub(super) const BIRTHS_ASKED: &str = "births_asked";
/// How often there was no room to ask one.
pub(super) const BIRTHS_NOT_ASKED: &str = "births_not_asked";
/// Messages whose acknowledgement went out.
pub(super) const ACKNOWLEDGED: &str = "acknowledged";
/// Messages that were not acknowledged because they were not recorded; the broker sends them again.
pub(super) const UNANSWERED: &str = "unanswered";
/// Connections after the first.
pub(super) const RECONNECTIONS: &str = "reconnections";
/// How often the broker had forgotten us, and what came meanwhile with us.
pub(super) const SESSIONS_LOST: &str = "sessions_lost";
/// Words that the broker has taken of us.
pub(super) const PUBLISHED: &str = "published";
/// Kept messages of alarms that are no more, which were taken away.
pub(super) const TAKEN_AWAY: &str = "taken_away";
/// Words for which the broker ended the connection, and which are said no more.
pub(super) const SET_ASIDE: &str = "set_aside";
/// What people have ordered on topics.
pub(super) const ORDERS: &str = "orders";
/// Messages under our own prefix, which came in again: they are acknowledged, and say nothing.
pub(super) const OUR_OWN: &str = "our_own";
