//! What is kept quiet at this instant, by whom, why and until when: for those who ask.

use std::sync::Arc;

use super::hiding::present_cause;
use super::{Cause, Hidden, Mark, Shelf, Suppression};
use crate::watch::Watch;
use crate::watch::alarm::Alarm;
use crate::watch::name::DefinitionName;

/// One alarm that is kept quiet, or all of a definition.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept<'a> {
    /// The definition.
    pub definition: &'a DefinitionName,
    /// The key; `None`: all alarms of the definition.
    pub key: Option<&'a Arc<str>>,
    /// What keeps it quiet.
    pub suppression: Suppression,
    /// Who did it, where it was a person.
    pub mark: Option<&'a Mark>,
    /// That it is shelved.
    pub shelf: Option<&'a Shelf>,
    /// The alarm that explains it.
    pub cause: Option<&'a Cause>,
    /// The window of maintenance that is open for it.
    pub window: Option<&'a Arc<str>>,
    /// What is present and kept quiet.
    pub hidden: Option<&'a Hidden>,
    /// How often it came while it was quiet.
    pub came: u64,
}

impl Watch {
    /// All that is kept quiet: whole definitions first, then alarms in the order in which they were first known.
    pub fn kept_quiet(&self) -> Vec<Kept<'_>> {
        let out = self.state.quiet.definitions().map(|(definition, mark)| Kept {
            definition,
            key: None,
            suppression: Suppression::OutOfService,
            mark: Some(mark),
            shelf: None,
            cause: None,
            window: None,
            hidden: None,
            came: 0,
        });
        let alarms = self.state.quiet.alarms();
        let alarms = alarms.filter_map(|number| self.state.alarm_numbered(number));
        out.chain(alarms.filter_map(|alarm| self.kept(alarm))).collect()
    }

    fn window(&self, alarm: &Alarm) -> Option<&Arc<str>> {
        let at = self.state.latest().map(|latest| latest.utc).unwrap_or_default();
        // What is hidden of Vigie's own was named.
        let windows = &self.site.maintenance;
        windows.open(&alarm.definition, false, at).map(|(name, _)| name)
    }

    fn kept<'a>(&'a self, alarm: &'a Alarm) -> Option<Kept<'a>> {
        let quiet = alarm.quiet.as_deref()?;
        let suppression = self.state.suppression(alarm);
        let is_by_design = suppression == Suppression::ByDesign;
        let whole = self.state.quiet.is_out(&alarm.definition);
        let (mark, cause) = match suppression {
            Suppression::None => return None,
            Suppression::OutOfService => (alarm.service().or(whole), None),
            Suppression::Shelved => (alarm.shelf().map(|shelf| &shelf.mark), None),
            Suppression::ByDesign => {
                let causes = alarm.hidden().and_then(|hidden| hidden.activation.causes.as_deref());
                (None, present_cause(&self.site, &self.state, &alarm.definition, causes))
            }
        };
        Some(Kept {
            definition: &alarm.definition,
            key: Some(&alarm.key),
            suppression,
            mark,
            shelf: alarm.shelf().filter(|_| suppression == Suppression::Shelved),
            cause,
            window: self.window(alarm).filter(|_| is_by_design && cause.is_none()),
            hidden: alarm.hidden(),
            came: quiet.came,
        })
    }
}
