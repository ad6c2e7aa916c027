//! Manifests: texts in YAML or JSON that hold pods or nodes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1;

use self::format::Format;
use self::json::Json;
use self::kind::{Found, Place, PodPath, objects, one_pod, only_nodes, only_pods};
use self::schema::{AnyObject, Workload};
use self::yaml::Yaml;
use super::error::excerpt;
use super::{AssignedPod, ManifestError, ManifestErrorKind, assigned_pod, node, pod};
use crate::scheduling::{Node, Pod};

mod format;
mod json;
mod kind;
mod schema;
mod yaml;

/// Reads the pod of a manifest; `origin` names the text in errors, usually a path.
///
/// The text is YAML or JSON and holds exactly one pod: a `Pod`, a `List` with one, or the pod that a `Deployment`,
/// `StatefulSet`, `DaemonSet`, `ReplicaSet`, `Job` or `CronJob` has as its template. The pod of a template bears the
/// name and namespace of its workload. Objects of other kinds beside it, such as the `Service` in the same file, are
/// passed over. See [`pod`] for what becomes of the fields.
///
/// # Errors
/// When the text is malformed or too large, holds no pod or several, or has a field that cannot be used.
pub fn read_pod(text: &str, origin: &str) -> Result<Pod, ManifestError> {
    let text = without_byte_order_mark(text);
    let read = if looks_like_json(text) { pod_in::<Json>(text) } else { pod_in::<Yaml>(text) };
    read.map_err(|error| error.with_origin(origin))
}

/// Reads the nodes of a manifest, in their order; `origin` names the text in errors, usually a path.
///
/// The text is YAML or JSON and holds `Node`s and nothing else: one, several documents, or a list, such as the output
/// of `kubectl get nodes -o json`. There is at least one, and no two have the same name. See [`node`] for what becomes of
/// the fields.
///
/// # Errors
/// When the text is malformed or too large, holds no node or anything else, names two nodes alike, or has a field that
/// cannot be used.
pub fn read_nodes(text: &str, origin: &str) -> Result<Vec<Node>, ManifestError> {
    let text = without_byte_order_mark(text);
    let read = if looks_like_json(text) { nodes_in::<Json>(text) } else { nodes_in::<Yaml>(text) };
    read.map_err(|error| error.with_origin(origin))
}

/// Reads the pods of a manifest that are on nodes, in their order; `origin` names the text in errors, usually a path.
///
/// The text is YAML or JSON and holds `Pod`s and nothing else: one, several documents, or a list, such as the output of
/// `kubectl get pods -o json`, which may be empty. No two have the same namespace and name. Those that were not assigned yet,
/// or have ended, are passed over: see [`assigned_pod`].
///
/// # Errors
/// When the text is empty, malformed or too large, holds anything else, names two pods alike, or has a field that cannot be
/// used.
pub fn read_assigned_pods(text: &str, origin: &str) -> Result<Vec<AssignedPod>, ManifestError> {
    let text = without_byte_order_mark(text);
    let read = if looks_like_json(text) { assigned_pods_in::<Json>(text) } else { assigned_pods_in::<Yaml>(text) };
    read.map_err(|error| error.with_origin(origin))
}

fn pod_in<F: Format>(text: &str) -> Result<Pod, ManifestError> {
    let documents = F::parse::<Workload<F::Quantity>>(text)
        .map_err(|error| wrong_kind_or::<F>(error, text, |objects| one_pod(objects).map(|_| ())))?;
    let (path, Found { place, object }) = one_pod(objects(documents)?)?;
    let parent = format!("{}{}", place.parent, path.parent());
    let object = pod_at(path, object)
        .ok_or_else(|| ManifestError::in_field("", "missing; this kind of object has its pod there").under(&parent))?;
    pod(&object).map_err(|error| error.under(&parent))
}

fn nodes_in<F: Format>(text: &str) -> Result<Vec<Node>, ManifestError> {
    let documents = F::parse::<schema::Node<F::Quantity>>(text)
        .map_err(|error| wrong_kind_or::<F>(error, text, |objects| only_nodes(objects).map(|_| ())))?;
    let objects = only_nodes(objects(documents)?)?;
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    let mut nodes = Vec::with_capacity(objects.len());
    for Found { place, object } in objects {
        let node = node(&object.into()).map_err(|error| error.under(&place.parent))?;
        if let Some(first) = places.get(&node.name) {
            return Err(named_alike("node", &node.name, first, &place));
        }
        places.insert(node.name.clone(), place);
        nodes.push(node);
    }
    Ok(nodes)
}

fn assigned_pods_in<F: Format>(text: &str) -> Result<Vec<AssignedPod>, ManifestError> {
    let documents = F::parse::<schema::AssignedPod<F::Quantity>>(text)
        .map_err(|error| wrong_kind_or::<F>(error, text, |objects| only_pods(objects).map(|_| ())))?;
    if documents.is_empty() {
        let message =
            "holds no pods; give the output of \"kubectl get pods -o json\", with an empty list if there are none";
        return Err(ManifestError::new(ManifestErrorKind::Empty, message));
    }
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    let mut pods = Vec::new();
    for Found { place, object } in only_pods(objects(documents)?)? {
        let Some(assigned) = assigned_pod(&object.into()).map_err(|error| error.under(&place.parent))? else {
            continue;
        };
        // Neither has a slash in it.
        let name = format!("{}/{}", assigned.pod.namespace, assigned.pod.name);
        if let Some(first) = places.get(&name) {
            return Err(named_alike("pod", &name, first, &place));
        }
        places.insert(name, place);
        pods.push(assigned);
    }
    Ok(pods)
}

fn named_alike(what: &str, name: &str, first: &Place, second: &Place) -> ManifestError {
    let (name, first) = (excerpt(name), first.name());
    let message = format!("there is a {what} {name:?} already, {first}; keep one of them");
    let error = ManifestError::new(ManifestErrorKind::Ambiguous, message);
    error.with_field("metadata.name").under(&second.parent)
}

/// What is wrong with a text that cannot be read: an object of another kind may well have other types in the same
/// fields, and then the kind is what is wrong, not the field.
fn wrong_kind_or<F: Format>(
    error: ManifestError,
    text: &str,
    check: impl Fn(Vec<Found<AnyObject>>) -> Result<(), ManifestError>,
) -> ManifestError {
    if error.kind() != ManifestErrorKind::Field {
        return error;
    }
    F::parse::<AnyObject>(text).and_then(objects).and_then(check).err().unwrap_or(error)
}

/// The pod of an object, under the name of that object.
fn pod_at<Quantity: Into<String>>(path: PodPath, mut object: Workload<Quantity>) -> Option<v1::Pod> {
    let owner = object.metadata.clone().unwrap_or_default();
    if path == PodPath::JobTemplate {
        object = *object.spec?.job_template?;
    }
    if path != PodPath::Itself {
        object = *object.spec?.template?;
    }
    let metadata = object.metadata.get_or_insert_default();
    metadata.name = owner.name;
    metadata.generate_name = owner.generate_name;
    metadata.namespace = owner.namespace;
    Some(object.into())
}

fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Whether a text is JSON, as opposed to YAML, which may begin with a brace too, but hardly ever quotes a key then.
fn looks_like_json(text: &str) -> bool {
    text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

#[cfg(test)]
mod tests;
