//! Whose availability Zigbee2MQTT watches, after the settings in its `bridge/info`.
//!
//! It answers only what the settings say in so many words. Where they say nothing, nothing is known, and what a device's
//! availability says is believed: the other way round an alarm could be lost.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// Whose availability is watched.
#[derive(Debug, Default)]
pub(super) struct Watched {
    devices: BTreeMap<String, bool>,
}

impl Watched {
    /// Reads `bridge/info`; of a network with more devices than the limit, the rest is not known.
    pub(super) fn read(about: &Map<String, Json>, limit: usize) -> Self {
        let Some(config) = about.get("config") else {
            return Self::default();
        };
        let everybody = for_everybody(config);
        let devices = config.get("devices").and_then(Json::as_object);
        let devices = devices.into_iter().flatten().take(limit).filter_map(|(address, device)| {
            let name = device.get("friendly_name").and_then(Json::as_str).unwrap_or(address);
            Some((name.to_owned(), for_one(device).or(everybody)?))
        });
        Self { devices: devices.collect() }
    }

    /// Whether that device is watched, if the settings say so.
    pub(super) fn watches(&self, name: &str) -> Option<bool> {
        self.devices.get(name).copied()
    }
}

/// Until 1.42 `true`, `false` or an object, which means `true`; from 2.0 on an object with `enabled`. The timeout is older yet.
fn for_everybody(config: &Json) -> Option<bool> {
    let timeout = config.get("advanced").and_then(|advanced| advanced.get("availability_timeout"));
    if timeout.and_then(Json::as_f64).is_some_and(|timeout| timeout > 0.0) {
        return Some(true);
    }
    let setting = config.get("availability")?;
    match setting.get("enabled") {
        Some(enabled) => enabled.as_bool(),
        None => setting.as_bool().or(setting.is_object().then_some(true)),
    }
}

/// A device that is disabled is not watched either.
fn for_one(device: &Json) -> Option<bool> {
    if device.get("disabled").and_then(Json::as_bool) == Some(true) {
        return Some(false);
    }
    let setting = device.get("availability")?;
    setting.as_bool().or(setting.is_object().then_some(true))
}
