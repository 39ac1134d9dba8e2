//! MQTT filters as a tree of levels. A walk visits each node at most once.

use std::collections::HashMap;

use super::index::Fixed;
use crate::watch::matching::{Level, TopicFilter};
use crate::watch::signal::Value;

/// The filters of one field.
#[derive(Debug)]
pub(super) struct Topics {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    named: HashMap<Box<str>, usize, Fixed>,
    any: Option<usize>,
    /// Filters that end here.
    here: Vec<usize>,
    /// Filters that end here in `#`.
    open: Vec<usize>,
}

impl Default for Topics {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl Topics {
    pub(super) fn insert(&mut self, filter: &TopicFilter, place: usize) {
        let mut at = 0;
        for level in filter.levels() {
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else {
                return;
            };
            at = match level {
                Level::Any => *node.any.get_or_insert(fresh),
                Level::Named(name) => *node.named.entry(name.clone()).or_insert(fresh),
            };
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            if filter.is_open() { node.open.push(place) } else { node.here.push(place) }
        }
    }

    /// Visits the places of all filters that a topic may pass.
    pub(super) fn walk(&self, topic: &[Value], visit: &mut impl FnMut(usize)) {
        self.visit(0, topic, visit);
    }

    fn visit(&self, at: usize, topic: &[Value], visit: &mut impl FnMut(usize)) {
        let Some(node) = self.nodes.get(at) else {
            return;
        };
        node.open.iter().for_each(|place| visit(*place));
        let Some((level, rest)) = topic.split_first() else {
            node.here.iter().for_each(|place| visit(*place));
            return;
        };
        if let Value::Text(name) = level
            && let Some(next) = node.named.get(&**name)
        {
            self.visit(*next, rest, visit);
        }
        if let Some(next) = node.any {
            self.visit(next, rest, visit);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }
}
