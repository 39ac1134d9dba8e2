//! The conversation: which command a line belongs to, and what follows when the command ends.

use super::alignment::{End, Step};
use super::answers::{answer, listed, octets, opened, whole};
use super::commands::{Command, is_answer};
use super::flight::{Ending, Flight, GUARD, Head, PATIENT_GUARD, Whose};
use super::unsolicited::{Unsolicited, looks_unsolicited};
use super::{Alignment, Dialogue, Event, Instant, NetworkError, NotSubmitted, Stage};
use std::time::Duration;

/// Heads that wait for their PDU: unsolicited ones may stand between a head and its PDU.
const MOST_HEADS: usize = 4;
/// What looks like a foreign answer makes us resynchronise at most so often.
const RESYNCHRONISE: Duration = Duration::from_secs(1);

impl Dialogue {
    /// Takes one line: an echo, an answer, the PDU of a head, something unasked, or noise that is counted.
    pub(super) fn line(&mut self, line: &str) {
        if self.is_echo(line) {
            return self.echo();
        }
        if self.takes_answer(line) || self.takes_ussd(line) {
            return;
        }
        if let Some(said) = Unsolicited::read(line) {
            return self.unsolicited(said);
        }
        if let Some(ending) = self.ending(line) {
            return self.final_result(ending);
        }
        if answer(line, "+CMGS").is_some_and(|text| self.answered_again(text)) {
            return;
        }
        if is_answer(line) {
            return self.foreign_answer();
        }
        if !looks_unsolicited(line) && self.takes_pdu(line) {
            return;
        }
        if self.takes_free_text(line) {
            return;
        }
        self.unknown_lines = self.unknown_lines.saturating_add(1);
    }

    fn is_echo(&self, line: &str) -> bool {
        self.sending.is_echo(line)
            || self.flight.as_ref().is_some_and(|flight| line.eq_ignore_ascii_case(&flight.text))
    }

    /// Echo where it was switched off: the modem restarted, unless it never obeyed.
    fn echo(&mut self) {
        let Some(flight) = &self.flight else { return };
        if flight.command == Command::Align {
            self.echo_stays = true;
        }
        let early = matches!(flight.command, Command::Flush | Command::EchoOff | Command::Words);
        if !early && !self.echo_stays && !self.sending.is_given() && self.is_ready() {
            self.restarted();
        }
    }

    fn takes_answer(&mut self, line: &str) -> bool {
        let Some(flight) = &mut self.flight else { return false };
        let Some(text) = flight.command.prefix().and_then(|prefix| answer(line, prefix)) else {
            return false;
        };
        if matches!(flight.command, Command::Submit(_)) {
            self.reference_told(text);
            return true;
        }
        let head = if let Command::List(memory) = &flight.command {
            listed(text).map(|(index, state, octets)| (memory.clone(), index, state, octets))
        } else if let Command::Read(memory, index) = &flight.command {
            opened(text).map(|(state, octets)| (memory.clone(), *index, state, octets))
        } else {
            flight.keep(text);
            return true;
        };
        if let Some((memory, index, state, octets)) = head.filter(|(.., octets)| *octets > 0) {
            self.expect_pdu(Head::of_slot(memory, index, state, octets));
        }
        true
    }

    fn takes_free_text(&mut self, line: &str) -> bool {
        let Some(flight) = &mut self.flight else { return false };
        if !flight.command.answers_in_free_text() || looks_unsolicited(line) {
            return false;
        }
        flight.keep(line);
        true
    }

    /// The next line is to be the PDU of this head; when too many wait, the oldest waits no longer.
    pub(super) fn expect_pdu(&mut self, head: Head) {
        while self.heads.len() >= MOST_HEADS {
            self.drop_head();
        }
        self.heads.push_back(head);
    }

    /// The oldest head will not get its PDU any more.
    fn drop_head(&mut self) {
        if let Some(head) = self.heads.pop_front()
            && let Whose::Slot { memory, index, state } = head.whose
        {
            self.head_without_pdu(memory, index, state, head.instead);
        }
    }

    /// A line that can be the PDU of a head, since it has the length that was announced: of the newest such head.
    /// Any other line is noise, and the heads wait on.
    fn takes_pdu(&mut self, line: &str) -> bool {
        let Some(bytes) = octets(line) else {
            self.came_instead(line.as_bytes().to_vec(), false);
            return false;
        };
        let fits = |head: &Head| whole(bytes.clone(), head.octets).ok();
        let mut heads = self.heads.iter().enumerate().rev();
        let Some((at, pdu)) = heads.find_map(|(at, head)| Some((at, fits(head)?))) else {
            self.came_instead(bytes, true);
            return false;
        };
        match self.heads.remove(at).map(|head| head.whose) {
            Some(Whose::Slot { memory, index, state }) => self.read(memory, index, state, pdu),
            Some(Whose::Report) => self.tell(Event::DirectReport { pdu }),
            Some(Whose::Message) => self.tell(Event::DirectMessage { pdu }),
            None => {}
        }
        true
    }

    /// A line that is no head's PDU, in the place of the newest one's. A slot is read again, and keeps the longest
    /// such line for the record; what comes directly does not come again, so its octets are told as they are, once.
    fn came_instead(&mut self, bytes: Vec<u8>, octets: bool) {
        let Some(head) = self.heads.back_mut() else { return };
        match head.whose {
            Whose::Slot { .. } if bytes.len() > head.instead.len() => head.instead = bytes,
            Whose::Report if octets && head.instead.is_empty() => {
                head.instead.clone_from(&bytes);
                self.tell(Event::DirectReport { pdu: bytes });
            }
            Whose::Message if octets && head.instead.is_empty() => {
                head.instead.clone_from(&bytes);
                self.tell(Event::DirectMessage { pdu: bytes });
            }
            Whose::Slot { .. } | Whose::Report | Whose::Message => {}
        }
    }

    /// Whether a line ends the command in flight.
    pub(super) fn is_result(&self, line: &str) -> bool {
        self.flight.is_some() && self.ending(line).is_some()
    }

    fn ending(&self, line: &str) -> Option<Ending> {
        let digits = self.flight.as_ref().is_some_and(|flight| flight.command.answers_in_digits());
        if line.eq_ignore_ascii_case("OK") || (digits && line == "0") {
            return Some(Ending::Ok);
        }
        if digits && line == "4" {
            return Some(Ending::Refused(NetworkError::Unexplained));
        }
        NetworkError::read(line).map(Ending::Refused)
    }

    /// A final result: of the command in flight, or of one that was given up.
    fn final_result(&mut self, ending: Ending) {
        let asked = self.awaits_prompt();
        self.result_at = Some(self.now);
        if let Ending::Refused(error) = ending
            && self.refused_after_all(error)
        {
            return;
        }
        let Some(flight) = &mut self.flight else {
            self.unknown_lines = self.unknown_lines.saturating_add(1);
            return;
        };
        let answered = !flight.answers.is_empty();
        let ok = matches!(ending, Ending::Ok);
        // No modem says OK before the prompt: it belongs to the past. So does what comes before the question's answer.
        let past = asked && ok && matches!(flight.command, Command::Submit(_));
        if flight.command == Command::Flush || past {
            return;
        }
        if flight.command == Command::Align {
            flight.foreign |= !answered;
            if answered {
                self.end_flight(ending);
            }
            return;
        }
        let shifted = flight.foreign || (ok && flight.command.wants_answer() && !answered);
        self.end_flight(if shifted { Ending::Lost } else { ending });
    }

    /// An answer that no command in flight asked for.
    fn foreign_answer(&mut self) {
        self.unknown_lines = self.unknown_lines.saturating_add(1);
        if self.now < self.resynchronised.saturating_add(RESYNCHRONISE) || self.sending.is_given() {
            return;
        }
        match &mut self.flight {
            Some(flight) if matches!(flight.command, Command::Submit(_)) => {}
            Some(flight) => flight.foreign = true,
            None if self.alignment.is_done() => self.resynchronise(),
            None => {}
        }
    }

    /// The command in flight has run out of time.
    pub(super) fn expire(&mut self) {
        let Some(flight) = &self.flight else { return };
        let silent =
            flight.command != Command::Flush && flight.answers.is_empty() && !flight.foreign;
        let too_soon = |at: Instant| flight.said < at.saturating_add(PATIENT_GUARD);
        if silent && self.result_at.is_some_and(too_soon) {
            self.guard = PATIENT_GUARD;
        }
        if matches!(flight.command, Command::Submit(_)) {
            self.flight = None;
            self.submit_expired();
            return self.resynchronise();
        }
        // Wavecom says what the SIM wants, and forgets the result (python-gsmmodem, fakemodems): it was told.
        let told = flight.command == Command::PinState && !flight.answers.is_empty();
        // It spoke, and it is silent now: it does not know the question.
        let unknown =
            flight.command == Command::Align && flight.foreign && flight.answers.is_empty();
        self.end_flight(if unknown {
            Ending::Refused(NetworkError::Unexplained)
        } else if told {
            Ending::Ok
        } else {
            Ending::Lost
        });
        if told {
            self.resynchronise();
        }
    }

    /// What is heard may belong to another command: the alignment begins anew, if none is under way.
    pub(super) fn resynchronise(&mut self) {
        if self.alignment.is_done() {
            self.alignment = Alignment::begin();
            self.resynchronised = self.now;
        }
    }

    /// The command in flight has ended.
    fn end_flight(&mut self, ending: Ending) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        self.quiet_until = self.now.saturating_add(self.guard);
        self.drop_slot_heads();
        if !self.alignment.is_done() {
            return self.alignment_ended(ending);
        }
        if matches!(ending, Ending::Lost) && !matches!(flight.command, Command::Submit(_)) {
            self.resynchronise();
        }
        let stage = std::mem::replace(&mut self.stage, Stage::Serving);
        match (stage, ending) {
            (Stage::Start(start), Ending::Lost) => self.start_lost(start),
            (Stage::Start(start), ending) => {
                self.start_answered(start, &flight.answers, ending.error())
            }
            (Stage::Locked { .. }, ending) => {
                let again = self.now.saturating_add(self.settings.poll_every);
                self.stage = Stage::Locked { again };
                if !matches!(ending, Ending::Lost) {
                    self.locked_answered(&flight.answers, ending.error());
                }
            }
            (Stage::Serving, ending) => self.served(&flight, ending),
        }
    }

    fn drop_slot_heads(&mut self) {
        let heads = std::mem::take(&mut self.heads);
        for head in heads {
            match head.whose {
                Whose::Slot { memory, index, state } => {
                    self.head_without_pdu(memory, index, state, head.instead)
                }
                Whose::Report | Whose::Message => self.heads.push_back(head),
            }
        }
    }

    fn alignment_ended(&mut self, ending: Ending) {
        if matches!(self.alignment, Alignment::Flush(_)) {
            self.lines.forget();
        }
        let end = match ending {
            Ending::Ok => End::Good,
            Ending::Refused(_) => End::Refused,
            Ending::Lost => End::Silence,
        };
        match self.alignment.ended(end, self.now) {
            Step::On => {}
            Step::Mute => {
                // It was silent because it is mute, not because we were in a hurry.
                self.guard = GUARD;
                self.submit_interrupted(NotSubmitted::Mute);
                let alignment = self.alignment;
                self.begin_anew();
                self.alignment = alignment;
                if !std::mem::replace(&mut self.mute, true) {
                    self.tell(Event::Mute);
                }
            }
            Step::Done => {
                self.mute = false;
                self.storage.sweep_now();
            }
        }
    }

    /// A command of the daily work has ended.
    fn served(&mut self, flight: &Flight, ending: Ending) {
        let error = ending.error();
        match &flight.command {
            Command::Submit(_) => self.submit_ended(error),
            Command::KeepLink => {
                self.no_link |= matches!(ending, Ending::Refused(_));
                self.sending.link_told();
            }
            Command::List(memory) => self.listed(memory, error),
            Command::Read(memory, index) => self.opened(memory, *index),
            Command::Delete(memory, index) => self.deleted(memory, *index),
            Command::Select(memories) => {
                if let Some(memory) = memories.first() {
                    self.selected(memory, &flight.answers, error);
                }
            }
            Command::IndicationState => {
                self.polls.done(&flight.command);
                self.storage.checked();
                if !self.still_indicates(&flight.answers) {
                    self.restarted();
                }
            }
            // Some say OK only with the network's answer, and no call waits for that.
            Command::AskNetwork(_) => self.network_asked(error),
            Command::EndUssd => self.ussd_ended(),
            command @ (Command::EndCall | Command::EndCallOfOld) => {
                self.call_ended(command, matches!(ending, Ending::Refused(_)));
            }
            command => self.polled(command, &flight.answers, matches!(ending, Ending::Refused(_))),
        }
    }
}
