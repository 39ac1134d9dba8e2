//! What is proposed for a signal that nobody claims: where a MIB file names the trap, with all that the file says.

use std::collections::BTreeMap;
use std::sync::Arc;

use vigie_snmp::Oid;
use vigie_snmp::names::{Kind, Names};

use crate::watch::field::Field;
use crate::watch::name::InputName;
use crate::watch::signal::{Signal, Value};
use crate::watch::unclaimed::{Trap, TrapObject, suggest, suggest_knowing};

/// Proposals by the names that each input has in force. What was looked up once is at hand for the next.
#[derive(Debug, Default)]
pub struct Proposals {
    names: BTreeMap<InputName, Arc<Names>>,
    modules: BTreeMap<(InputName, String), Vec<Trap>>,
}

impl Proposals {
    /// By these names.
    pub fn new(names: impl IntoIterator<Item = (InputName, Arc<Names>)>) -> Self {
        Self { names: names.into_iter().collect(), modules: BTreeMap::new() }
    }

    /// A definition that selects this signal and those like it.
    pub fn of(&mut self, signal: &Signal) -> String {
        self.filed(signal).unwrap_or_else(|| suggest(signal))
    }

    /// It may have come before its file: its number tells what it is called now.
    fn filed(&mut self, signal: &Signal) -> Option<String> {
        let names = Arc::clone(self.names.get(&signal.input)?);
        let oid: Oid = match signal.field("trap_oid")? {
            Field::Text(text) => text.parse().ok()?,
            Field::Value(Value::Text(text)) => text.parse().ok()?,
            Field::Value(_) | Field::Time(_) => return None,
        };
        let name = names.notification(&oid)?;
        let place = (signal.input.clone(), name.module.to_owned());
        let module = self.modules.entry(place).or_insert_with(|| traps(&names, name.module));
        Some(suggest_knowing(signal, &name.to_string(), module))
    }
}

/// The notifications of a module.
fn traps(names: &Names, module: &str) -> Vec<Trap> {
    let of_module = names.notifications().filter(|name| name.module == module);
    of_module
        .filter_map(|name| {
            let oid = names.oid(&name.to_string())?;
            let objects = names.carried(&oid).into_iter();
            Some(Trap {
                module: name.module.to_owned(),
                name: name.object.to_owned(),
                oid: oid.to_string(),
                description: String::new(),
                objects: objects.map(|object| trap_object(names, object)).collect(),
            })
        })
        .collect()
}

fn trap_object(names: &Names, object: &str) -> TrapObject {
    let oid = names.oid(object);
    let known = oid.as_ref().and_then(|oid| names.lookup(oid));
    let column = known.filter(|known| known.kind == Kind::Column);
    let index = column.map(|column| column.row.parts());
    let index = index.unwrap_or_default().into_iter().map(|part| part.object.to_owned()).collect();
    let has_labels = known.is_some_and(|known| known.syntax.has_words());
    TrapObject { name: object.to_owned(), index, has_labels }
}
