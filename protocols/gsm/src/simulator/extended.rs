//! Extended commands that concern the modem, the SIM and the network (27.007). Messages are in `messages`.

use super::Modem;
use super::commands::{Answer, Form, Refusal};
use super::sim::PinError;

/// What is only kept and given back, with what it may be; clients set these and rely on nothing.
const KEPT: [(&str, &str, &str); 10] = [
    ("+CLIP", "0", "(0,1)"),
    ("+CRC", "0", "(0,1)"),
    ("+CMMS", "0", "(0-2)"),
    ("+CCWA", "0", "(0,1)"),
    ("+CSMP", "17,167,0,0", ""),
    ("+CSDH", "0", "(0,1)"),
    ("+CGSMS", "1", "(0-3)"),
    ("+CTZU", "0", "(0,1)"),
    ("+CVHU", "1", "(0,1)"),
    ("+IPR", "115200", "(),(9600,115200)"),
];

/// What asks for an open SIM (27.007 5.2, 27.005 3.2.5: CMS 311, CME 11; without any SIM 310 and 10).
const WANT_SIM: [&str; 10] =
    ["+CMGS", "+CMGL", "+CMGR", "+CMGD", "+CPMS", "+CNMI", "+CSCA", "+CIMI", "+COPS", "+CLCK"];

impl Modem {
    pub(super) fn extended(&mut self, name: &str, form: Form<'_>) -> Result<Answer, Refusal> {
        if WANT_SIM.contains(&name) && !self.sim.is_open() {
            let of_messages = name.starts_with("+CM") || name == "+CPMS";
            return Err(match (of_messages, self.sim.is_inserted()) {
                (true, true) => Refusal::Cms(311),
                (true, false) => Refusal::Cms(310),
                (false, true) => Refusal::Cme(11),
                (false, false) => Refusal::Cme(10),
            });
        }
        if self.profile.unknown.iter().any(|unknown| unknown == name) {
            return Err(Refusal::Plain);
        }
        if let Some(code) = self.sim_is_busy()
            && (name == "+CPIN" || WANT_SIM.contains(&name))
        {
            return Err(Refusal::Cme(code));
        }
        match name {
            "+CMGF" | "+CMGS" | "+CMGL" | "+CMGR" | "+CMGD" | "+CPMS" | "+CNMI" | "+CSMS"
            | "+CSCA" => self.of_messages(name, form),
            "+CREG" => self.registration(name, 0, form),
            "+CGREG" => self.registration(name, 1, form),
            "+CEREG" if self.profile.lte => self.registration(name, 2, form),
            "+CPIN" => self.pin(form),
            "+CPINR" if self.profile.tries_told => Ok(Answer::of(self.sim.tries())),
            "+CMEE" => self.error_codes(form),
            "+CUSD" => self.ussd(form),
            "+CNMA" => self.acknowledge(form),
            "+COPS" => self.operator(form),
            "+CSCS" => self.character_set(form),
            "+CFUN" => self.functionality(form),
            "+CHUP" => {
                self.end_call();
                Ok(Answer::default())
            }
            _ => self.identity(name, form).or_else(|| self.kept(name, form)).ok_or(Refusal::Plain),
        }
    }

    fn identity(&self, name: &str, form: Form<'_>) -> Option<Answer> {
        let profile = &self.profile;
        if form == Form::Test {
            return matches!(name, "+CGMI" | "+CGMM" | "+CGMR" | "+CGSN" | "+CIMI" | "+CSQ")
                .then(Answer::default);
        }
        let line = match (name, form) {
            ("+CGMI" | "+GMI", _) => profile.manufacturer.clone(),
            ("+CGMM" | "+GMM", _) => profile.model.clone(),
            ("+CGMR" | "+GMR", _) => profile.revision.clone(),
            ("+CGSN" | "+GSN", _) => "356938035643809".to_owned(),
            ("+CIMI", _) => profile.subscriber.clone(),
            ("+CNUM", _) => "+CNUM: \"\",\"+33700000099\",145".to_owned(),
            ("+GCAP", _) => "+GCAP: +CGSM".to_owned(),
            ("+CSQ", _) => format!("+CSQ: {},99", self.network.signal),
            ("+CBC", _) => "+CBC: 0,100".to_owned(),
            ("+CGATT", Form::Read) => format!("+CGATT: {}", u8::from(self.network.is_registered())),
            ("+CCLK", Form::Read) => "+CCLK: \"26/01/01,00:00:00+00\"".to_owned(),
            ("+CLCK", Form::Set(_)) => format!("+CLCK: {}", u8::from(profile.pin.is_some())),
            _ => return None,
        };
        Some(Answer::of(line))
    }

    fn kept(&mut self, name: &str, form: Form<'_>) -> Option<Answer> {
        let (name, initial, range) = KEPT.iter().find(|(kept, ..)| *kept == name)?;
        Some(match form {
            Form::Set(value) => {
                self.settings.kept.insert(name, value.chars().take(64).collect());
                Answer::default()
            }
            Form::Read => Answer::of(format!(
                "{name}: {}",
                self.settings.kept.get(name).map_or(*initial, String::as_str)
            )),
            Form::Test => Answer::of(format!("{name}: {range}")),
            Form::Execute => Answer::default(),
        })
    }

    fn registration(&mut self, name: &str, at: usize, form: Form<'_>) -> Result<Answer, Refusal> {
        let circuit = self.profile.circuit.filter(|_| name == "+CREG");
        let status = circuit.unwrap_or(self.network.registration);
        let reports = self.settings.registration.get_mut(at).ok_or(Refusal::Plain)?;
        match form {
            Form::Test => Ok(Answer::of(format!("{name}: (0-2)"))),
            Form::Read if *reports == 2 => {
                Ok(Answer::of(format!("{name}: 2,{status},\"00C3\",\"0000A1B2\"")))
            }
            Form::Read => {
                let form = self.profile.registration_form.as_deref().unwrap_or("{n},{stat}");
                let state = form
                    .replace("{n}", &reports.to_string())
                    .replace("{stat}", &status.to_string());
                Ok(Answer::of(format!("{name}: {state}")))
            }
            Form::Set(value) => {
                *reports = value.trim().parse().ok().filter(|n| *n <= 2).ok_or(Refusal::Cme(50))?;
                Ok(Answer::default())
            }
            Form::Execute => {
                *reports = 0;
                Ok(Answer::default())
            }
        }
    }

    fn pin(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        match form {
            _ if !self.sim.is_inserted() => Err(Refusal::Cme(10)),
            Form::Read => Ok(Answer::of(format!("+CPIN: {}", self.sim.state()))),
            Form::Test => Ok(Answer::default()),
            Form::Set(pin) => match self.sim.enter(pin.trim_matches('"')) {
                Ok(()) => Ok(Answer::default()),
                Err(PinError::Wrong) => Err(Refusal::Cme(16)),
                Err(PinError::NotWanted) => Err(Refusal::Cme(3)),
                Err(PinError::Blocked) => Err(Refusal::Cme(12)),
            },
            Form::Execute => Err(Refusal::Plain),
        }
    }

    fn error_codes(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        match form {
            Form::Read => Ok(Answer::of(format!("+CMEE: {}", self.settings.error_codes))),
            Form::Test => Ok(Answer::of("+CMEE: (0-2)")),
            Form::Set(value) => {
                self.settings.error_codes =
                    value.trim().parse().ok().filter(|n| *n <= 2).ok_or(Refusal::Plain)?;
                Ok(Answer::default())
            }
            Form::Execute => Err(Refusal::Plain),
        }
    }

    fn functionality(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        match form {
            Form::Read => Ok(Answer::of(format!("+CFUN: {}", u8::from(self.settings.radio)))),
            Form::Test => Ok(Answer::of("+CFUN: (0,1,4),(0,1)")),
            Form::Set(value) => {
                let (level, restart) = value.split_once(',').unwrap_or((value, "0"));
                self.settings.radio = match level.trim() {
                    "1" => true,
                    "0" | "4" => false,
                    _ => return Err(Refusal::Cme(50)),
                };
                Ok(Answer { restart: restart.trim() == "1", ..Answer::default() })
            }
            Form::Execute => Err(Refusal::Plain),
        }
    }
}
