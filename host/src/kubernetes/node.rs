//! A Kubernetes `Node` object as a node that may be offered to a policy.

use k8s_openapi::api::core::v1;

use super::ManifestError;
use super::amounts::Amounts;
use crate::scheduling::{Node, Resources};

/// Reads a node object.
///
/// What it offers is `status.allocatable`, or `status.capacity` if there is no `allocatable` at all, as the Kubernetes
/// API has it. `requested` stays empty: a node object does not say what the pods on the node request.
///
/// # Errors
/// When the name is missing, or a quantity is malformed or negative; the error names the field.
pub fn node(node: &v1::Node) -> Result<Node, ManifestError> {
    let name = node.metadata.name.clone().filter(|name| !name.is_empty()).ok_or_else(|| {
        ManifestError::in_field("metadata.name", "missing or empty; give the node the name that it has in the cluster")
    })?;
    let status = node.status.as_ref();
    let allocatable = status.and_then(|status| status.allocatable.as_ref());
    let capacity = status.and_then(|status| status.capacity.as_ref());
    let (list, field) = match allocatable {
        Some(_) => (allocatable, "status.allocatable"),
        None => (capacity, "status.capacity"),
    };
    Ok(Node {
        name,
        labels: node.metadata.labels.clone().unwrap_or_default(),
        allocatable: Amounts::read(list, field)?.into_resources(),
        requested: Resources::new(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;

    type List = BTreeMap<String, Quantity>;

    fn list(amounts: &[(&str, &str)]) -> List {
        amounts.iter().map(|(name, text)| ((*name).to_owned(), Quantity((*text).to_owned()))).collect()
    }

    fn object(name: &str, allocatable: Option<List>, capacity: Option<List>) -> v1::Node {
        v1::Node {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                labels: Some([("zone".to_owned(), "a".to_owned())].into()),
                ..Default::default()
            },
            spec: None,
            status: Some(v1::NodeStatus { allocatable, capacity, ..Default::default() }),
        }
    }

    #[test]
    fn what_is_allocatable_counts_and_not_the_capacity() {
        let allocatable = list(&[("cpu", "3920m"), ("memory", "15Gi"), ("pods", "110")]);
        let read = node(&object("a", Some(allocatable), Some(list(&[("cpu", "4"), ("ephemeral-storage", "1Ti")]))));
        let expected = Node {
            name: "a".to_owned(),
            labels: [("zone".to_owned(), "a".to_owned())].into(),
            allocatable: Resources::new().with("cpu", 3920).with("memory", 15 << 30).with("pods", 110),
            requested: Resources::new(),
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn the_capacity_counts_when_nothing_is_said_about_what_is_allocatable() {
        let capacity = Some(list(&[("cpu", "4")]));
        let allocatable = |node: Result<Node, ManifestError>| node.map(|node| node.allocatable);
        assert_eq!(allocatable(node(&object("a", None, capacity.clone()))), Ok(Resources::new().with("cpu", 4000)));
        assert_eq!(allocatable(node(&object("a", Some(List::new()), capacity))), Ok(Resources::new()));
        assert_eq!(allocatable(node(&object("a", None, None))), Ok(Resources::new()));
    }

    #[test]
    fn a_node_without_a_name_is_refused() {
        let expected = "metadata.name: missing or empty; give the node the name that it has in the cluster";
        for object in [v1::Node::default(), object("", None, None)] {
            assert_eq!(node(&object).map_err(|error| error.to_string()), Err(expected.to_owned()));
        }
    }

    #[test]
    fn an_unusable_quantity_is_named_with_its_field() {
        assert_eq!(
            node(&object("a", None, Some(list(&[("memory", "-1Ki")])))).map_err(|error| error.to_string()),
            Err("status.capacity.memory: \"-1Ki\" is below zero; write an amount of 0 or more".to_owned())
        );
    }
}
