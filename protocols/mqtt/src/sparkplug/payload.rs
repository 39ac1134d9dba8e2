//! A Sparkplug B payload (Sparkplug 3.0 §6.4), read from its Protocol Buffers into metrics whose names are not known yet.
//!
//! Read: time, sequence number, and of each metric the name, alias, time, type, value, and whether it is null, historical or of
//! bad quality; the members of a template instance. Skipped: metadata, other properties, data sets. What cannot be read in part
//! is refused as a whole: a payload that breaks off could have lost the one metric that matters, and a rebirth gets it anew.
//!
//! Text that is not UTF-8 is kept with replacement characters: one bad letter must not cost a message.

use super::Broken;
use super::wire::{Fields, Wire};
use crate::words::hexadecimal;

/// A payload: when, which number, and what was measured.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Payload {
    /// When it was sent: milliseconds since 1970.
    pub(super) timestamp: Option<u64>,
    /// The sequence number: 0 to 255, and again.
    pub(super) seq: Option<u64>,
    /// In the order of the wire.
    pub(super) metrics: Vec<RawMetric>,
}

/// A metric as the wire has it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RawMetric {
    /// Its name; data that bears an alias has none.
    pub(super) name: Option<String>,
    /// The number that its birth has given it.
    pub(super) alias: Option<u64>,
    /// When it was measured: milliseconds since 1970.
    pub(super) timestamp: Option<u64>,
    /// The number of its type.
    pub(super) datatype: Option<u64>,
    /// A value of the past.
    pub(super) historical: bool,
    /// There is no value.
    pub(super) null: bool,
    /// 192 is good, 0 bad, 500 stale (§6.4.5).
    pub(super) quality: Option<u64>,
    /// The value, read by the type alone.
    pub(super) value: RawValue,
}

/// A value as the wire has it; the type says what it means.
#[derive(Debug, Default, PartialEq)]
pub(super) enum RawValue {
    #[default]
    Absent,
    Int(u64),
    Float(f32),
    Double(f64),
    Boolean(bool),
    Text(String),
    /// As hexadecimal digits.
    Octets(String),
    /// A table, which is not read.
    DataSet,
    /// The members of an instance; of a definition none, since it has no values.
    Template(Vec<RawMetric>),
}

/// The most metrics of one payload, members of templates included.
pub(super) const MOST_METRICS: usize = 20_000;

/// The most templates inside each other.
const DEPTH: usize = 8;

/// The longest name of a metric.
const LONGEST_NAME: usize = 512;

/// Of a value in octets, as many are shown.
const SHOWN: usize = 4096;

/// What the common library writes in the place of a schema where it has compressed the metrics.
const COMPRESSED: &[u8] = b"SPBV1.0_COMPRESSED";

/// Reads a payload; what breaks off, has too many metrics or is compressed is refused as a whole.
pub(super) fn read(octets: &[u8]) -> Result<Payload, Broken> {
    let mut payload = Payload::default();
    let mut room = MOST_METRICS;
    let mut fields = Fields::new(octets);
    while let Some((field, wire)) = fields.next()? {
        match (field, wire.number(), wire.octets()) {
            (1, Some(time), _) => payload.timestamp = Some(time),
            (2, _, Some(octets)) => payload.metrics.push(metric(octets, DEPTH, &mut room)?),
            (3, Some(seq), _) => payload.seq = Some(seq),
            (4, _, Some(COMPRESSED)) => return Err(Broken::Compressed),
            (_, _, _) => {}
        }
    }
    Ok(payload)
}

fn metric(octets: &[u8], depth: usize, room: &mut usize) -> Result<RawMetric, Broken> {
    *room = room.checked_sub(1).ok_or(Broken::TooManyMetrics)?;
    let mut metric = RawMetric::default();
    let mut fields = Fields::new(octets);
    while let Some((field, wire)) = fields.next()? {
        match wire {
            Wire::Varint(number) => metric.take_number(field, number),
            Wire::Fixed32(octets) if field == 12 => {
                metric.value = RawValue::Float(f32::from_le_bytes(octets));
            }
            Wire::Fixed64(octets) if field == 13 => {
                metric.value = RawValue::Double(f64::from_le_bytes(octets));
            }
            Wire::Octets(octets) => metric.take_octets(field, octets, depth, room)?,
            Wire::Fixed32(_) | Wire::Fixed64(_) => {}
        }
    }
    Ok(metric)
}

impl RawMetric {
    fn take_number(&mut self, field: u64, number: u64) {
        match field {
            2 => self.alias = Some(number),
            3 => self.timestamp = Some(number),
            4 => self.datatype = Some(number),
            5 => self.historical = number != 0,
            7 => self.null = number != 0,
            10 | 11 => self.value = RawValue::Int(number),
            14 => self.value = RawValue::Boolean(number != 0),
            _ => {}
        }
    }

    fn take_octets(
        &mut self,
        field: u64,
        octets: &[u8],
        depth: usize,
        room: &mut usize,
    ) -> Result<(), Broken> {
        match field {
            1 if octets.len() > LONGEST_NAME => return Err(Broken::LongName),
            1 => self.name = Some(text(octets)),
            9 => self.quality = quality(octets)?,
            15 => self.value = RawValue::Text(text(octets)),
            16 => {
                let shown = octets.get(..SHOWN).unwrap_or(octets);
                self.value = RawValue::Octets(hexadecimal(shown));
            }
            17 => self.value = RawValue::DataSet,
            18 => self.value = template(octets, depth, room)?,
            _ => {}
        }
        Ok(())
    }
}

fn template(octets: &[u8], depth: usize, room: &mut usize) -> Result<RawValue, Broken> {
    let depth = depth.checked_sub(1).ok_or(Broken::TooDeep)?;
    let mut members = Vec::new();
    let mut is_definition = false;
    let mut fields = Fields::new(octets);
    while let Some((field, wire)) = fields.next()? {
        match (field, wire.number(), wire.octets()) {
            (2, _, Some(octets)) => members.push(metric(octets, depth, room)?),
            (5, Some(flag), _) => is_definition = flag != 0,
            (_, _, _) => {}
        }
    }
    Ok(RawValue::Template(if is_definition { Vec::new() } else { members }))
}

/// The property `Quality` among the others: names and values are two lists.
fn quality(properties: &[u8]) -> Result<Option<u64>, Broken> {
    let (mut names, mut values) = (0_usize, 0_usize);
    let mut place = None;
    let mut fields = Fields::new(properties);
    while let Some((field, wire)) = fields.next()? {
        if let (1, Some(name)) = (field, wire.octets()) {
            if name == b"Quality" {
                place = Some(names);
            }
            names += 1;
        }
    }
    let mut fields = Fields::new(properties);
    while let Some((field, wire)) = fields.next()? {
        if let (2, Some(value)) = (field, wire.octets()) {
            if Some(values) == place {
                return int_value(value);
            }
            values += 1;
        }
    }
    Ok(None)
}

fn int_value(property: &[u8]) -> Result<Option<u64>, Broken> {
    let mut fields = Fields::new(property);
    while let Some((field, wire)) = fields.next()? {
        if let (3 | 4, Some(number)) = (field, wire.number()) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
