//! A Kubernetes `Pod` object that is on a node, as somebody who watches a cluster sees it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use k8s_openapi::api::core::v1;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{ManifestError, pod};
use crate::scheduling::Pod;

/// A pod with the node that it was assigned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedPod {
    /// The name of the node.
    pub node: String,
    /// The pod.
    pub pod: Pod,
    /// When it was assigned, as far as the object tells: when its node began with it, or else when it was made. To the
    /// second. `None` when it states neither.
    pub since: Option<SystemTime>,
}

/// Reads a pod object that may be on a node. `None` when it takes nothing of any: it was not assigned yet
/// (`spec.nodeName`), or has ended (`status.phase` is `Succeeded` or `Failed`).
///
/// # Errors
/// When the name is missing, there is no container, or a quantity is malformed or negative; the error names the field.
pub fn assigned_pod(object: &v1::Pod) -> Result<Option<AssignedPod>, ManifestError> {
    let node = object.spec.as_ref().and_then(|spec| spec.node_name.clone()).filter(|node| !node.is_empty());
    let status = object.status.as_ref();
    let phase = status.and_then(|status| status.phase.as_deref());
    let Some(node) = node.filter(|_| !matches!(phase, Some("Succeeded" | "Failed"))) else {
        return Ok(None);
    };
    if object.metadata.name.as_ref().is_none_or(String::is_empty) {
        let message = "missing or empty; give the pod the name that it has in the cluster";
        return Err(ManifestError::in_field("metadata.name", message));
    }
    let started = status.and_then(|status| status.start_time.as_ref());
    let since = started.or(object.metadata.creation_timestamp.as_ref()).map(system_time);
    Ok(Some(AssignedPod { node, pod: pod(object)?, since }))
}

/// Kubernetes tells times in whole seconds. Times before 1970 are 1970.
fn system_time(time: &Time) -> SystemTime {
    let seconds = u64::try_from(time.0.as_second()).unwrap_or(0);
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
}
