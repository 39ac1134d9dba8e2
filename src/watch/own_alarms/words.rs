//! What people read of Vigie's alarms about itself, in their language.

use super::SelfAlarm;
use crate::watch::site::Language;

impl SelfAlarm {
    /// What people read, as a template over `subject` and `reason`.
    pub const fn text(self, language: Language) -> &'static str {
        match language {
            Language::French => self.french(),
            Language::English => self.english(),
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Self::Store => {
                "{subject == 'reserve' ? 'Too little room for the record of Vigie' : 'Vigie cannot write its record'}: {reason}"
            }
            Self::StoreSlow => "The disk under the record of Vigie is slow: {reason}",
            Self::Nobody => "Nobody can be reached for {subject}: {reason}",
            Self::InputLost => "Input {subject} lost: {reason}",
            Self::ModemLost => "Modem {subject} is lost: {reason}",
            Self::SimRefused => "SIM of {subject} refused: {reason}",
            Self::NotRegistered => "Modem {subject} is on no network: {reason}",
            Self::WeakSignal => "Weak signal at modem {subject}: {reason}",
            Self::OldNetwork => "Modem {subject} is on an old network: {reason}",
            Self::SimChanged => "Another SIM in modem {subject}: {reason}",
            Self::PathUnknown => "Messages of modem {subject} may not arrive: {reason}",
            Self::CreditLow => "Credit of modem {subject}: {reason}",
            Self::TrapsDropped => "Traps dropped by {subject}: {reason}",
            Self::HeartbeatMissed => "Silence of {subject}: {reason}",
            Self::SourceSilent => "Nothing is heard from {subject}: {reason}",
            Self::CredentialsWrong => "SNMPv3 from {subject} not taken: {reason}",
            Self::TrapFlood => "Flood of traps from {subject}: {reason}",
            Self::SubscriptionRefused => {
                "The broker of {subject} does not serve topics as asked: {reason}"
            }
            Self::SessionLost => "Messages of {subject} may be lost: {reason}",
            Self::LatchStuck => "{subject} may not see the next pulse: {reason}",
            Self::MessageRefused => "A message of {subject} was not read: {reason}",
            Self::OutputLost => "Output {subject} lost: {reason}",
            Self::ConfigurationRefused => {
                "{subject == 'access' ? 'Any account of the machine may change the files or the record of Vigie' : 'Configuration refused, the old one is in force'}: {reason}"
            }
            Self::NumberLockedOut => {
                "{subject == '' ? 'Codes are being guessed' : 'Answers of '}{subject}{subject == '' ? '' : ' are refused for an hour'}: {reason}"
            }
            Self::TooManyAlarms => "Too many alarms at once of {subject}: {reason}",
            Self::SmsRejected => "SMS to {subject} refused: {reason}",
            Self::ReportsMissing => "No more delivery reports by modem {subject}: {reason}",
            Self::PersonUnreachable => "Messages do not reach {subject}: {reason}",
            Self::DrillUnanswered => "Drill unanswered: {reason}",
            Self::ClockStepped => "The clock jumped: {reason}",
            Self::ClockUnsynchronised => "The clock may drift: {reason}",
            Self::ScheduleUncovered => "Nobody is on call for {subject}, {reason}",
        }
    }

    const fn french(self) -> &'static str {
        match self {
            Self::Store => {
                "{subject == 'reserve' ? 'Trop peu de place pour le journal de Vigie' : 'Vigie ne peut plus écrire son journal'} : {reason}"
            }
            Self::StoreSlow => "Le disque du journal de Vigie est lent : {reason}",
            Self::Nobody => "Personne de joignable pour {subject} : {reason}",
            Self::InputLost => "Entrée {subject} perdue : {reason}",
            Self::ModemLost => "Modem {subject} perdu : {reason}",
            Self::SimRefused => "SIM de {subject} refusée : {reason}",
            Self::NotRegistered => "Modem {subject} sans réseau : {reason}",
            Self::WeakSignal => "Signal faible au modem {subject} : {reason}",
            Self::OldNetwork => "Modem {subject} sur un vieux réseau : {reason}",
            Self::SimChanged => "Autre carte SIM dans le modem {subject} : {reason}",
            Self::PathUnknown => {
                "Les messages du modem {subject} n'arrivent peut-être plus : {reason}"
            }
            Self::CreditLow => "Crédit du modem {subject} : {reason}",
            Self::TrapsDropped => "Traps perdus par {subject} : {reason}",
            Self::HeartbeatMissed => "Silence de {subject} : {reason}",
            Self::SourceSilent => "Plus rien ne vient de {subject} : {reason}",
            Self::CredentialsWrong => "SNMPv3 de {subject} non accepté : {reason}",
            Self::TrapFlood => "Avalanche de traps de {subject} : {reason}",
            Self::SubscriptionRefused => {
                "Le courtier de {subject} ne sert pas des sujets comme demandé : {reason}"
            }
            Self::SessionLost => "Des messages de {subject} sont peut-être perdus : {reason}",
            Self::LatchStuck => "{subject} pourrait manquer la prochaine impulsion : {reason}",
            Self::MessageRefused => "Message de {subject} non lu : {reason}",
            Self::OutputLost => "Sortie {subject} perdue : {reason}",
            Self::ConfigurationRefused => {
                "{subject == 'access' ? 'Tout compte de la machine peut changer les fichiers ou le journal de Vigie' : \"Configuration refusée, l'ancienne reste en vigueur\"} : {reason}"
            }
            Self::NumberLockedOut => {
                "{subject == '' ? 'Des codes sont devinés' : 'Réponses de '}{subject}{subject == '' ? '' : ' refusées pendant une heure'} : {reason}"
            }
            Self::TooManyAlarms => "Trop d'alarmes à la fois de {subject} : {reason}",
            Self::SmsRejected => "SMS à {subject} refusé : {reason}",
            Self::ReportsMissing => "Plus d'accusés de réception par le modem {subject} : {reason}",
            Self::PersonUnreachable => "Les messages n'atteignent pas {subject} : {reason}",
            Self::DrillUnanswered => "Exercice sans réponse : {reason}",
            Self::ClockStepped => "L'horloge a sauté : {reason}",
            Self::ClockUnsynchronised => "L'horloge peut dériver : {reason}",
            Self::ScheduleUncovered => "Personne d'astreinte pour {subject}, {reason}",
        }
    }
}
