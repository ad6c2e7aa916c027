//! The parts of Kubernetes objects that are read from manifests, and what they are as `k8s-openapi` types.
//!
//! Not read as the `k8s-openapi` types themselves: those take a quantity that is written as a number through `f64`,
//! insist on the types of fields that do not matter here, and keep everything that a node says about its images.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1;
use k8s_openapi::apimachinery::pkg::api::resource;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Any object, or a list of objects. The template of a pod is one too, without a kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a Kubernetes object")]
pub(super) struct Object<Metadata, Spec, Status> {
    pub(super) api_version: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) metadata: Option<Metadata>,
    pub(super) spec: Option<Spec>,
    pub(super) status: Option<Status>,
    pub(super) items: Option<Vec<Self>>,
}

/// An object of which only the kind matters.
pub(super) type AnyObject = Object<IgnoredAny, IgnoredAny, IgnoredAny>;
/// A pod, or something that makes pods.
pub(super) type Workload<Quantity> = Object<Metadata, WorkloadSpec<Quantity>, IgnoredAny>;
/// A pod that may be on a node.
pub(super) type AssignedPod<Quantity> = Object<Metadata, WorkloadSpec<Quantity>, PodStatus>;
/// A node.
pub(super) type Node<Quantity> = Object<Metadata, IgnoredAny, NodeStatus<Quantity>>;

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the metadata of an object")]
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    pub(super) generate_name: Option<String>,
    pub(super) namespace: Option<String>,
    creation_timestamp: Option<Time>,
    labels: Option<Texts>,
    annotations: Option<Texts>,
}

/// Strings by key. An absent value, as templates of manifests leave it behind, is the empty string in Kubernetes.
type Texts = BTreeMap<String, Option<String>>;

/// The spec of a pod, or of something that has one in a template.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the spec of a pod or workload")]
pub(super) struct WorkloadSpec<Quantity> {
    containers: Option<Vec<Container<Quantity>>>,
    init_containers: Option<Vec<Container<Quantity>>>,
    overhead: Option<BTreeMap<String, Quantity>>,
    resources: Option<ResourceRequirements<Quantity>>,
    priority: Option<i32>,
    node_name: Option<String>,
    pub(super) template: Option<Box<Workload<Quantity>>>,
    pub(super) job_template: Option<Box<Workload<Quantity>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a container")]
struct Container<Quantity> {
    name: Option<String>,
    restart_policy: Option<String>,
    resources: Option<ResourceRequirements<Quantity>>,
}

#[derive(Deserialize)]
#[serde(expecting = "requests and limits")]
struct ResourceRequirements<Quantity> {
    requests: Option<BTreeMap<String, Quantity>>,
    limits: Option<BTreeMap<String, Quantity>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the status of a pod")]
pub(super) struct PodStatus {
    phase: Option<String>,
    start_time: Option<Time>,
}

#[derive(Deserialize)]
#[serde(expecting = "the status of a node")]
pub(super) struct NodeStatus<Quantity> {
    allocatable: Option<BTreeMap<String, Quantity>>,
    capacity: Option<BTreeMap<String, Quantity>>,
}

impl<Quantity: Into<String>> From<Workload<Quantity>> for v1::Pod {
    fn from(object: Workload<Quantity>) -> Self {
        Self { metadata: object.metadata.unwrap_or_default().into(), spec: object.spec.map(Into::into), status: None }
    }
}

impl<Quantity: Into<String>> From<AssignedPod<Quantity>> for v1::Pod {
    fn from(object: AssignedPod<Quantity>) -> Self {
        Self {
            metadata: object.metadata.unwrap_or_default().into(),
            spec: object.spec.map(Into::into),
            status: object.status.map(|status| v1::PodStatus {
                phase: status.phase,
                start_time: status.start_time,
                ..v1::PodStatus::default()
            }),
        }
    }
}

impl<Quantity: Into<String>> From<WorkloadSpec<Quantity>> for v1::PodSpec {
    fn from(spec: WorkloadSpec<Quantity>) -> Self {
        let containers = |list: Vec<Container<Quantity>>| list.into_iter().map(Into::into).collect();
        Self {
            containers: spec.containers.map(containers).unwrap_or_default(),
            init_containers: spec.init_containers.map(containers),
            overhead: spec.overhead.map(quantities),
            resources: spec.resources.map(Into::into),
            priority: spec.priority,
            node_name: spec.node_name,
            ..Self::default()
        }
    }
}

impl<Quantity: Into<String>> From<Container<Quantity>> for v1::Container {
    fn from(container: Container<Quantity>) -> Self {
        Self {
            name: container.name.unwrap_or_default(),
            restart_policy: container.restart_policy,
            resources: container.resources.map(Into::into),
            ..Self::default()
        }
    }
}

impl<Quantity: Into<String>> From<ResourceRequirements<Quantity>> for v1::ResourceRequirements {
    fn from(resources: ResourceRequirements<Quantity>) -> Self {
        Self {
            requests: resources.requests.map(quantities),
            limits: resources.limits.map(quantities),
            ..Self::default()
        }
    }
}

impl<Quantity: Into<String>> From<Node<Quantity>> for v1::Node {
    fn from(object: Node<Quantity>) -> Self {
        Self {
            metadata: object.metadata.unwrap_or_default().into(),
            spec: None,
            status: object.status.map(|status| v1::NodeStatus {
                allocatable: status.allocatable.map(quantities),
                capacity: status.capacity.map(quantities),
                ..v1::NodeStatus::default()
            }),
        }
    }
}

impl From<Metadata> for ObjectMeta {
    fn from(metadata: Metadata) -> Self {
        let texts = |texts: Texts| texts.into_iter().map(|(key, text)| (key, text.unwrap_or_default())).collect();
        Self {
            name: metadata.name,
            generate_name: metadata.generate_name,
            namespace: metadata.namespace,
            creation_timestamp: metadata.creation_timestamp,
            labels: metadata.labels.map(texts),
            annotations: metadata.annotations.map(texts),
            ..Self::default()
        }
    }
}

fn quantities<Quantity: Into<String>>(list: BTreeMap<String, Quantity>) -> BTreeMap<String, resource::Quantity> {
    list.into_iter().map(|(name, quantity)| (name, resource::Quantity(quantity.into()))).collect()
}
