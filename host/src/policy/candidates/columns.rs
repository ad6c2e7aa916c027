//! Amounts of resources, node after node, laid out in columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::scheduling::{Resources, USUAL};

/// A column for each resource that any node states; NaN where a node does not.
pub(super) type Columns = BTreeMap<String, Arc<[f64]>>;

/// Columns that grow with the nodes.
pub(super) struct ColumnsBuilder {
    nodes: usize,
    /// The columns of [`USUAL`].
    usual: [Vec<f64>; USUAL.len()],
    /// They end with the last node that states them.
    others: BTreeMap<String, Vec<f64>>,
}

impl ColumnsBuilder {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduling::{CPU, MEMORY, PODS};

    #[test]
    fn each_resource_has_a_column_with_a_place_for_every_node() {
        let nodes = [
            Resources::new(),
            Resources::new().with("b", 1).with("a", 2).with(CPU, 4000),
            Resources::new().with("a", 3),
            Resources::new().with(MEMORY, 1 << 40),
            Resources::new().with("c", 0).with(CPU, 0),
            Resources::new(),
        ];
        let mut columns = ColumnsBuilder::with_capacity(nodes.len());
        for node in &nodes {
            columns.push(node);
        }
        let columns = columns.finish();

        let value = |value: &f64| (!value.is_nan()).then_some(*value);
        let column = |name| columns.get(name).map(|column: &Arc<[f64]>| column.iter().map(value).collect::<Vec<_>>());
        assert_eq!(columns.keys().collect::<Vec<_>>(), ["a", "b", "c", CPU, MEMORY]);
        assert_eq!(column("a"), Some(vec![None, Some(2.0), Some(3.0), None, None, None]));
        assert_eq!(column("b"), Some(vec![None, Some(1.0), None, None, None, None]));
        assert_eq!(column("c"), Some(vec![None, None, None, None, Some(0.0), None]));
        assert_eq!(column(CPU), Some(vec![None, Some(4000.0), None, None, Some(0.0), None]));
        assert_eq!(column(MEMORY), Some(vec![None, None, None, Some(1_099_511_627_776.0), None, None]));
        assert_eq!(column(PODS), None);
    }

    #[test]
    fn without_nodes_there_are_no_columns() {
        assert_eq!(ColumnsBuilder::with_capacity(0).finish(), Columns::new());
    }
}
