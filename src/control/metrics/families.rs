//! The families of samples: their names, what each is, what it means, and which counter of an input each of an input's tells.
//!
//! The names are a contract, like the keys of JSON: they are added to, never renamed. The README lists them, and a test compares.

use super::text::{Family, Sort};
use crate::watch::signal::Kind;

macro_rules! families {
    ($($id:ident: $sort:ident $name:literal, $help:literal;)*) => {
        $(pub(super) const $id: Family = Family { name: $name, sort: Sort::$sort, help: $help };)*
        /// All, in the order in which they are told.
        #[cfg(test)]
        pub(super) const ALL: &[Family] = &[$($id),*];
    };
}

families! {
    BUILD: Gauge "vigie_build_info", "The version that runs; always 1";
    STARTED: Gauge "vigie_start_time_seconds", "When the daemon started, since 1970";
    TASKS: Gauge "vigie_tasks", "Tasks inside the daemon that have not ended";
    ALARMS: Gauge "vigie_alarms", "Alarms that have an open occurrence, tests not counted";
    QUIET: Gauge "vigie_alarms_kept_quiet", "Alarms, or whole definitions, that are kept quiet on purpose";
    OCCURRENCES: Counter "vigie_occurrences_total", "Occurrences that were opened, ever, tests among them";
    SELF_ALARM: Gauge "vigie_self_alarm_active", "To how many subjects an alarm of Vigie about itself stands";
    SIGNALS: Counter "vigie_signals_total", "Signals by what became of them, since the daemon started";
    UNCLAIMED: Counter "vigie_unclaimed_total", "Signals that no definition claimed, ever";
    CUT: Counter "vigie_cut_total", "Keys and texts that were too long and were cut, ever";
    WAITING: Gauge "vigie_notifications_waiting", "Messages that are ready for a modem";
    OWED: Gauge "vigie_notifications_owed", "Messages that are owed, those that wait among them";
    UNREPORTED: Gauge "vigie_notifications_unreported", "Messages that a network has taken and has not reported on";
    UNKNOWN: Gauge "vigie_notifications_unknown", "Messages that are owed and of which nobody knows whether they left";
    NOTIFICATIONS: Counter "vigie_notifications_total", "Messages to people that came to be owed, ever";
    ENTRIES: Counter "vigie_journal_entries_total", "Entries of the record: the number of the last one";
    COMMITS: Histogram "vigie_commit_seconds", "How long it took until a batch was on the disk, since the daemon started";
    COMMITS_REFUSED: Counter "vigie_commits_refused_total", "Batches that the disk refused, since the daemon started";
    SNAPSHOT: Gauge "vigie_snapshot_timestamp_seconds", "When the last snapshot of this start was taken, since 1970";
    SINCE_SNAPSHOT: Gauge "vigie_snapshot_entries", "Entries of the record since the last snapshot";
    STORE_BYTES: Gauge "vigie_store_bytes", "The size of the store, without the write-ahead log";
    STORE_REFUSES: Gauge "vigie_store_refuses_writes", "1 while the store refuses writes and people are called from memory";
    STORE_SHORT: Gauge "vigie_store_short_of_room", "1 while there is too little room for the record";
    INPUT_UP: Gauge "vigie_input_up", "1 while the wire of the input works";
    INPUT_HEARD: Gauge "vigie_input_last_heard_timestamp_seconds", "When something was last heard on the input, since 1970";
    INPUT_SOURCES: Gauge "vigie_input_sources", "Sources that are remembered of the input, 1,024 at most";
    REGISTERED: Gauge "vigie_modem_registration", "1 for how the modem stands with its network";
    TECHNOLOGY: Gauge "vigie_modem_technology", "1 for the technology by which the modem is on its network";
    SIGNAL_DBM: Gauge "vigie_modem_signal_dbm", "The power that the modem receives, in dBm";
    PATH_UNKNOWN: Gauge "vigie_path_unknown", "1 where a test message between modems did not come";
    PATH_ARRIVED: Gauge "vigie_path_arrived_timestamp_seconds", "When a test message last came, since 1970";
    PATH_TOOK: Gauge "vigie_path_seconds", "How long the last test message took that came";
    PING_UP: Gauge "vigie_ping_up", "1 while life signs to a dead man's switch are answered";
    PING_ANSWERED: Gauge "vigie_ping_answered_timestamp_seconds", "When one was last answered, since 1970";
    PINGS: Counter "vigie_pings_total", "Life signs that were answered, and tries that failed";
    CONTACTS: Gauge "vigie_contacts", "Contacts of the device by what they show";
    OUTPUT_LOST: Gauge "vigie_output_lost", "1 while a siren, a lamp or a relay cannot be set";
    PUBLISHING_UP: Gauge "vigie_mqtt_publishing_up", "1 while the connection works by which the broker is told of alarms";
    SUBSCRIPTIONS: Gauge "vigie_mqtt_subscriptions", "Topics that are asked of the broker by how it serves them";
    ATTEMPTS: Counter "vigie_gsm_attempts_total", "Attempts to send a message by how they ended";
    GSM_RECEIVED: Counter "vigie_gsm_received_total", "Short messages that were received";
    GSM_UNREADABLE: Counter "vigie_gsm_unreadable_total", "Short messages that could not be read";
    GSM_REPORTS: Counter "vigie_gsm_reports_total", "Reports of the network on messages that were sent";
    GSM_FOREIGN: Counter "vigie_gsm_foreign_reports_total", "Reports on messages that we did not send";
    GSM_CALLS: Counter "vigie_gsm_calls_total", "Calls that somebody made to the modem";
    GSM_RESTARTS: Counter "vigie_gsm_restarts_total", "Restarts of the modem by itself";
    GSM_STORE_FULL: Counter "vigie_gsm_store_full_total", "Times that the modem had no room for messages";
    GSM_NOISE: Counter "vigie_gsm_noise_bytes_total", "Bytes of the modem that are no answer and no message";
    GSM_LINES: Counter "vigie_gsm_unknown_lines_total", "Lines of the modem that nobody understands";
    DATAGRAMS: Counter "vigie_snmp_datagrams_total", "Datagrams by what was done with them";
    DATAGRAMS_WAITING: Gauge "vigie_snmp_datagrams_waiting", "Datagrams that were received and wait to be recorded";
    SNMP_ODD: Counter "vigie_snmp_odd_total", "Notifications that are not as the standard has it, and were taken";
    SNMP_ANSWERED: Counter "vigie_snmp_informs_answered_total", "Informs that were answered";
    SNMP_UNANSWERED: Counter "vigie_snmp_informs_unanswered_total", "Informs that were not, so that their sender repeats them";
    SNMP_DROPPED: Counter "vigie_snmp_dropped_by_kernel_total", "Datagrams that the kernel dropped before they were read";
    SNMP_BUFFER: Gauge "vigie_snmp_receive_buffer_bytes", "The smallest receive buffer that the kernel granted";
    MQTT_MESSAGES: Counter "vigie_mqtt_messages_total", "Messages of the broker that were received";
    MQTT_BYTES: Counter "vigie_mqtt_payload_bytes_total", "Bytes of their payloads";
    MQTT_DUPLICATES: Counter "vigie_mqtt_duplicates_total", "Messages that the broker may have sent before";
    MQTT_RETAINED: Counter "vigie_mqtt_retained_total", "Messages that the broker had kept";
    MQTT_REFUSED: Counter "vigie_mqtt_refused_total", "Messages that were not read";
    MQTT_UNASKED: Counter "vigie_mqtt_unasked_total", "Messages under topics that were not asked for";
    MQTT_ODD: Counter "vigie_mqtt_odd_total", "Messages whose payload did not read as it began";
    MQTT_BIRTHS: Counter "vigie_mqtt_births_asked_total", "Times that a Sparkplug node was asked for its birth";
    MQTT_NO_BIRTHS: Counter "vigie_mqtt_births_not_asked_total", "Times that there was no room to ask one";
    MQTT_ACKNOWLEDGED: Counter "vigie_mqtt_acknowledged_total", "Messages that were acknowledged to the broker";
    MQTT_UNANSWERED: Counter "vigie_mqtt_unanswered_total", "Messages that were not, so that the broker repeats them";
    MQTT_RECONNECTIONS: Counter "vigie_mqtt_reconnections_total", "Connections after the first";
    MQTT_SESSIONS: Counter "vigie_mqtt_sessions_lost_total", "Sessions that the broker no longer had";
    MQTT_PUBLISHED: Counter "vigie_mqtt_published_total", "Words about alarms that the broker has taken of us";
    MQTT_TAKEN: Counter "vigie_mqtt_taken_away_total", "Kept messages of alarms that are no more, which were taken away";
    MQTT_ASIDE: Counter "vigie_mqtt_set_aside_total", "Words for which the broker ended the connection, and which are said no more";
    MQTT_ORDERS: Counter "vigie_mqtt_orders_total", "Orders of people that came by the broker";
    MQTT_OUR_OWN: Counter "vigie_mqtt_our_own_total", "Messages of our own that came back and were left";
    CONTACTS_SIGNALS: Counter "vigie_contacts_signals_total", "Changes of contacts that counted";
    CONTACTS_MISSED: Counter "vigie_contacts_answers_missed_total", "Answers of the device that did not come";
    CONTACTS_EDGES: Counter "vigie_contacts_edges_total", "Edges that the device showed";
    CONTACTS_TOLD: Counter "vigie_contacts_edges_told_total", "Edges that came to count and were told";
    CONTACTS_SHORT: Counter "vigie_contacts_edges_too_short_total", "Edges that did not hold for long enough to count";
    CONTACTS_CHATTER: Counter "vigie_contacts_edges_in_chatter_total", "Edges that came to count while their contact chattered";
    CONTACTS_LOST: Counter "vigie_contacts_edges_lost_total", "Edges that were lost";
    CONTACTS_PULSES: Counter "vigie_contacts_pulses_counted_total", "Pulses that only a counter saw";
    CONTACTS_UNRECORDED: Counter "vigie_contacts_changes_not_recorded_total", "Changes that could not be recorded";
    CONTACTS_PRESSES: Counter "vigie_contacts_presses_total", "Presses of buttons";
    CONTACTS_NOT_TAKEN: Counter "vigie_contacts_presses_not_taken_total", "Presses that came faster than they were taken";
}

/// A counter of an input, and as what it is told.
pub(super) struct Counted {
    /// Of which kind of input.
    pub(super) kind: Kind,
    /// As `vigie status --json` has it.
    pub(super) counter: &'static str,
    /// The family that it is told in.
    pub(super) family: Family,
    /// Where several counters share a family: by which label they are told apart.
    pub(super) label: Option<(&'static str, &'static str)>,
}

macro_rules! counted {
    ($($kind:ident { $($counter:literal => $family:ident $(($label:literal = $value:literal))?,)* })*) => {
        /// Every counter of an input; those of one family follow each other.
        pub(super) const COUNTED: &[Counted] = &[$($(Counted {
            kind: Kind::$kind,
            counter: $counter,
            family: $family,
            label: counted!(@label $(($label, $value))?),
        },)*)*];
    };
    (@label) => { None };
    (@label $label:expr) => { Some($label) };
}

counted! {
    Gsm {
        "sent" => ATTEMPTS("outcome" = "sent"),
        "failed" => ATTEMPTS("outcome" = "failed"),
        "refused" => ATTEMPTS("outcome" = "refused"),
        "unknown" => ATTEMPTS("outcome" = "unknown"),
        "received" => GSM_RECEIVED,
        "unreadable" => GSM_UNREADABLE,
        "reports" => GSM_REPORTS,
        "foreign_reports" => GSM_FOREIGN,
        "calls" => GSM_CALLS,
        "restarts" => GSM_RESTARTS,
        "store_full" => GSM_STORE_FULL,
        "noise_bytes" => GSM_NOISE,
        "unknown_lines" => GSM_LINES,
    }
    Snmp {
        "traps" => DATAGRAMS("outcome" = "trap"),
        "informs" => DATAGRAMS("outcome" = "inform"),
        "strangers" => DATAGRAMS("outcome" = "stranger"),
        "wrong_community" => DATAGRAMS("outcome" = "wrong_community"),
        "malformed" => DATAGRAMS("outcome" = "malformed"),
        "version_3" => DATAGRAMS("outcome" = "version_3"),
        "wrong_version" => DATAGRAMS("outcome" = "wrong_version"),
        "wrong_credentials" => DATAGRAMS("outcome" = "wrong_credentials"),
        "discovery" => DATAGRAMS("outcome" = "discovery"),
        "not_a_notification" => DATAGRAMS("outcome" = "not_a_notification"),
        "limited" => DATAGRAMS("outcome" = "limited"),
        "deferred" => DATAGRAMS("outcome" = "deferred"),
        "copies" => DATAGRAMS("outcome" = "copies"),
        "waiting" => DATAGRAMS_WAITING,
        "odd" => SNMP_ODD,
        "answered" => SNMP_ANSWERED,
        "unanswered" => SNMP_UNANSWERED,
        "dropped_by_kernel" => SNMP_DROPPED,
        "receive_buffer" => SNMP_BUFFER,
    }
    Mqtt {
        "messages" => MQTT_MESSAGES,
        "bytes" => MQTT_BYTES,
        "duplicates" => MQTT_DUPLICATES,
        "retained" => MQTT_RETAINED,
        "refused" => MQTT_REFUSED,
        "unasked" => MQTT_UNASKED,
        "odd" => MQTT_ODD,
        "births_asked" => MQTT_BIRTHS,
        "births_not_asked" => MQTT_NO_BIRTHS,
        "acknowledged" => MQTT_ACKNOWLEDGED,
        "unanswered" => MQTT_UNANSWERED,
        "reconnections" => MQTT_RECONNECTIONS,
        "sessions_lost" => MQTT_SESSIONS,
        "published" => MQTT_PUBLISHED,
        "taken_away" => MQTT_TAKEN,
        "set_aside" => MQTT_ASIDE,
        "orders" => MQTT_ORDERS,
        "our_own" => MQTT_OUR_OWN,
    }
    Contacts {
        "signals" => CONTACTS_SIGNALS,
        "answers_missed" => CONTACTS_MISSED,
        "edges" => CONTACTS_EDGES,
        "edges_told" => CONTACTS_TOLD,
        "edges_too_short" => CONTACTS_SHORT,
        "edges_in_chatter" => CONTACTS_CHATTER,
        "edges_lost" => CONTACTS_LOST,
        "pulses_counted" => CONTACTS_PULSES,
        "changes_not_recorded" => CONTACTS_UNRECORDED,
        "presses" => CONTACTS_PRESSES,
        "presses_not_taken" => CONTACTS_NOT_TAKEN,
    }
}

/// What of all datagrams the families of a trap receiver tell by parts, and so do not tell as a whole.
#[cfg(test)]
pub(super) const WHOLES: &[(Kind, &str)] = &[(Kind::Snmp, "datagrams")];
