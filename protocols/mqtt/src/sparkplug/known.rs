//! What a birth has said of one node's or device's metrics: their names, types and aliases.
//!
//! It turns the metrics of later messages into named ones, and counts those that no birth has named.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::metric::{Metric, MetricValue, Type};
use super::payload::{RawMetric, RawValue};
use crate::time;

/// The metrics of one node or device.
#[derive(Debug, Default)]
pub(super) struct Known {
    types: BTreeMap<Arc<str>, Type>,
    aliases: BTreeMap<u64, Arc<str>>,
    /// Messages were lost since, and with them perhaps a birth: an alias may mean another metric.
    pub(super) doubtful: bool,
}

/// The metrics of one message, named.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Those that have a name, in the order of the message.
    pub(super) metrics: Vec<Metric>,
    /// How many no birth has named.
    pub(super) unknown: usize,
}

/// The longest name with those of the templates around it.
const LONGEST_NAME: usize = 1024;

impl Known {
    /// How many metrics there are.
    pub(super) fn len(&self) -> usize {
        self.types.len()
    }

    /// What a birth says: the metrics to know from now on, and their values.
    pub(super) fn born(metrics: &[RawMetric], sent: Option<Timestamp>) -> (Self, Named) {
        let mut known = Self::default();
        known.learn(metrics, None);
        let named = known.name(metrics, sent);
        (known, named)
    }

    fn learn(&mut self, metrics: &[RawMetric], template: Option<&str>) {
        for metric in metrics {
            let Some(name) = metric.name.as_deref().and_then(|name| full_name(template, name))
            else {
                continue;
            };
            let name: Arc<str> = name.into();
            let datatype = metric.datatype.map_or(Type::Plain, Type::from_number);
            self.types.insert(Arc::clone(&name), datatype);
            if let Some(alias) = metric.alias {
                self.aliases.insert(alias, Arc::clone(&name));
            }
            if let RawValue::Template(members) = &metric.value {
                self.learn(members, Some(&name));
            }
        }
    }

    /// The metrics of a message, by their names.
    pub(super) fn name(&self, metrics: &[RawMetric], sent: Option<Timestamp>) -> Named {
        let mut named = Named::default();
        self.name_within(metrics, None, sent, &mut named);
        named
    }

    fn name_within(
        &self,
        metrics: &[RawMetric],
        template: Option<(&str, bool)>,
        sent: Option<Timestamp>,
        named: &mut Named,
    ) {
        for metric in metrics {
            let Some((name, by_alias)) = self.name_of(metric, template.map(|(name, _)| name))
            else {
                named.unknown += 1;
                continue;
            };
            let known = self.types.get(&*name).copied();
            if known.is_none() {
                named.unknown += 1;
            }
            let by_alias = by_alias || template.is_some_and(|(_, by_alias)| by_alias);
            let timestamp = metric.timestamp.and_then(time::instant).or(sent);
            if let RawValue::Template(members) = &metric.value {
                self.name_within(members, Some((&name, by_alias)), timestamp, named);
                continue;
            }
            let datatype = metric.datatype.map(Type::from_number).or(known);
            named.metrics.push(Metric {
                value: MetricValue::read(metric, datatype),
                stale: (by_alias && self.doubtful) || is_bad(metric.quality),
                historical: metric.historical,
                timestamp,
                name: name.to_string(),
            });
        }
    }

    /// The full name, and whether only the alias gave it.
    fn name_of(&self, metric: &RawMetric, template: Option<&str>) -> Option<(Arc<str>, bool)> {
        match (&metric.name, metric.alias) {
            (Some(name), _) if !name.is_empty() => {
                full_name(template, name).map(|name| (name.into(), false))
            }
            (_, Some(alias)) => self.aliases.get(&alias).map(|name| (Arc::clone(name), true)),
            (_, None) => None,
        }
    }

    /// All of them, as they are after a death: without a value to rely upon.
    pub(super) fn stale(&self) -> Vec<Metric> {
        let stale = |name: &Arc<str>| Metric {
            name: name.to_string(),
            value: MetricValue::Null,
            stale: true,
            historical: false,
            timestamp: None,
        };
        self.types.keys().map(stale).collect()
    }
}

fn full_name(template: Option<&str>, name: &str) -> Option<String> {
    let name = match template {
        None => name.to_owned(),
        Some(template) => format!("{template}/{name}"),
    };
    (!name.is_empty() && name.len() <= LONGEST_NAME).then_some(name)
}

/// Stale or bad by the sender's own word (§6.4.5); only those that are good need not say so.
fn is_bad(quality: Option<u64>) -> bool {
    matches!(quality, Some(0 | 500))
}
