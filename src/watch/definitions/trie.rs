//! Beginnings of texts and of addresses, found by walking down one step after the other.

/// A tree of steps: bytes of a text, bits of an address.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// In the order of the steps.
    next: Vec<(u8, usize)>,
    here: Vec<usize>,
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl Trie {
    /// Puts a place under a beginning.
    pub(super) fn insert(&mut self, beginning: impl Iterator<Item = u8>, place: usize) {
        let mut at = 0;
        for step in beginning {
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else {
                return;
            };
            match node.next.binary_search_by_key(&step, |(known, _)| *known) {
                Ok(found) => at = node.next.get(found).map_or(0, |(_, child)| *child),
                Err(gap) => {
                    node.next.insert(gap, (step, fresh));
                    self.nodes.push(Node::default());
                    at = fresh;
                }
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.here.push(place);
        }
    }

    /// Visits the places under every beginning of what is walked.
    pub(super) fn walk(&self, steps: impl Iterator<Item = u8>, visit: &mut impl FnMut(usize)) {
        let mut node = self.nodes.first();
        let mut steps = steps;
        while let Some(here) = node {
            here.here.iter().for_each(|place| visit(*place));
            node = steps.next().and_then(|step| {
                let found = here.next.binary_search_by_key(&step, |(known, _)| *known).ok()?;
                self.nodes.get(here.next.get(found)?.1)
            });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.len() == 1 && self.nodes.first().is_none_or(|root| root.here.is_empty())
    }
}
