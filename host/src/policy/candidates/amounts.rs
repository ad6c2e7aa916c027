//! Amounts of resources, node after node, laid out in columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::scheduling::{Resources, USUAL};

/// A column for each resource that any node states; NaN where a node does not.
pub(super) type Columns = BTreeMap<String, Arc<[f64]>>;

/// Columns that grow with the nodes.
pub(super) struct Amounts {
    nodes: usize,
    /// The columns of [`USUAL`].
    usual: [Vec<f64>; USUAL.len()],
    /// They end with the last node that states them.
    others: BTreeMap<String, Vec<f64>>,
}

impl Amounts {
    pub(super) fn with_capacity(nodes: usize) -> Self {
        Self { nodes: 0, usual: USUAL.map(|_| Vec::with_capacity(nodes)), others: BTreeMap::new() }
    }

    /// Adds what the next node states.
    #[expect(clippy::cast_precision_loss, reason = "amounts are exact up to 2^53, which is 8 PiB")]
    pub(super) fn push(&mut self, stated: &Resources) {
        let (usual, others) = stated.parts();
        for (column, amount) in self.usual.iter_mut().zip(usual) {
            column.push(amount.map_or(f64::NAN, |amount| amount as f64));
        }
        for (name, amount) in others {
            if !self.others.contains_key(name) {
                self.others.insert(name.clone(), Vec::new());
            }
            if let Some(column) = self.others.get_mut(name) {
                column.resize(self.nodes, f64::NAN);
                column.push(*amount as f64);
            }
        }
        self.nodes += 1;
    }

    pub(super) fn finish(self) -> Columns {
        let usual = USUAL.into_iter().map(str::to_owned).zip(self.usual);
        let usual = usual.filter(|(_, column)| column.iter().any(|amount| !amount.is_nan()));
        let others = self.others.into_iter().map(|(name, mut column)| {
            column.resize(self.nodes, f64::NAN);
            (name, column)
        });
        usual.chain(others).map(|(name, column)| (name, column.into())).collect()
    }
}
