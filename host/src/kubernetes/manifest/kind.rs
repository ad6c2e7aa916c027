//! What the objects of a manifest are: their kinds, and where in the text they stand.

use super::schema::Object;
use crate::kubernetes::error::excerpt;
use crate::kubernetes::{ManifestError, ManifestErrorKind};

/// An object of a manifest, taken out of its list.
pub(super) struct Found<T> {
    pub(super) place: Place,
    pub(super) object: T,
}

/// Where an object stands and what it says it is.
pub(super) struct Place {
    /// What to put before the path of a field of the object, such as `items[3].`; empty for a lone object.
    pub(super) parent: String,
    kind: String,
    api_version: Option<String>,
}

/// Where an object has its pod.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PodPath {
    /// It is the pod.
    Itself,
    /// `spec.template`.
    Template,
    /// `spec.jobTemplate.spec.template`.
    JobTemplate,
}

impl PodPath {
    /// What to put before the path of a field of the pod.
    pub(super) fn parent(self) -> &'static str {
        match self {
            Self::Itself => "",
            Self::Template => "spec.template.",
            Self::JobTemplate => "spec.jobTemplate.spec.template.",
        }
    }
}

impl Place {
    /// Where this kind of object has its pod, if it has one.
    pub(super) fn pod_path(&self) -> Option<PodPath> {
        let (path, group) = match self.kind.as_str() {
            "Pod" => (PodPath::Itself, ""),
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => (PodPath::Template, "apps"),
            "Job" => (PodPath::Template, "batch"),
            "CronJob" => (PodPath::JobTemplate, "batch"),
            _ => return None,
        };
        self.is_of_group(group).then_some(path)
    }

    fn is_node(&self) -> bool {
        self.kind == "Node" && self.is_of_group("")
    }

    /// Other projects have kinds of the same names in groups of their own. Items of a typed list state no version.
    fn is_of_group(&self, group: &str) -> bool {
        self.api_version.as_deref().is_none_or(|version| version.split_once('/').map_or("", |(own, _)| own) == group)
    }

    /// The object itself in words, such as `items[3]`.
    pub(super) fn name(&self) -> &str {
        self.parent.trim_end_matches(['.', ',', ' '])
    }

    fn description(&self) -> String {
        match &self.api_version {
            Some(version) => format!("{:?} of {:?}", excerpt(&self.kind), excerpt(version)),
            None => format!("{:?}", excerpt(&self.kind)),
        }
    }
}

/// The objects of a text, in their order.
pub(super) type FoundObjects<Metadata, Spec, Status> = Vec<Found<Object<Metadata, Spec, Status>>>;

/// Takes the objects out of documents and lists.
///
/// # Errors
/// When an object does not say its kind.
pub(super) fn objects<Metadata, Spec, Status>(
    documents: Vec<Object<Metadata, Spec, Status>>,
) -> Result<FoundObjects<Metadata, Spec, Status>, ManifestError> {
    let several = documents.len() > 1;
    let mut objects = Vec::with_capacity(documents.len());
    for (index, mut document) in documents.into_iter().enumerate() {
        let parent = if several { format!("document {}, ", index + 1) } else { String::new() };
        let kind = kind_of(&document, None, &parent)?;
        let item_kind = kind.strip_suffix("List");
        // Only what has items is a list, since a kind may end like that by chance, but the core lists may be empty.
        let item_kind = item_kind.filter(|item| matches!(*item, "" | "Pod" | "Node") || document.items.is_some());
        let Some(item_kind) = item_kind else {
            objects.push(found(document, kind, parent));
            continue;
        };
        for (index, item) in document.items.take().unwrap_or_default().into_iter().enumerate() {
            let parent = format!("{parent}items[{index}].");
            let kind = kind_of(&item, Some(item_kind), &parent)?;
            objects.push(found(item, kind, parent));
        }
    }
    Ok(objects)
}

/// The kind of an object. The items of a `NodeList`, as the API serves it, need not say that they are nodes.
fn kind_of<Metadata, Spec, Status>(
    object: &Object<Metadata, Spec, Status>,
    otherwise: Option<&str>,
    parent: &str,
) -> Result<String, ManifestError> {
    let kind = object.kind.as_deref().or(otherwise).filter(|kind| !kind.is_empty());
    kind.map(str::to_owned).ok_or_else(|| {
        let message = "missing; say what kind of object this is, such as Pod or Node";
        ManifestError::new(ManifestErrorKind::WrongKind, message).with_field(format!("{parent}kind"))
    })
}

fn found<Metadata, Spec, Status>(
    object: Object<Metadata, Spec, Status>,
    kind: String,
    parent: String,
) -> Found<Object<Metadata, Spec, Status>> {
    Found { place: Place { parent, kind, api_version: object.api_version.clone() }, object }
}

/// The only object that has a pod; others beside it do not matter.
///
/// # Errors
/// When no object has a pod, or several have.
pub(super) fn one_pod<T>(objects: Vec<Found<T>>) -> Result<(PodPath, Found<T>), ManifestError> {
    const WANTED: &str =
        "give a Pod, a List with one Pod, or a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob";
    let none = match objects.first() {
        Some(first) => wrong_kind(&first.place, "pod", WANTED),
        None => ManifestError::new(ManifestErrorKind::Empty, format!("holds no pod; {WANTED}")),
    };
    let mut pods = objects.into_iter().filter_map(|found| Some((found.place.pod_path()?, found)));
    match (pods.next(), pods.next()) {
        (None, _) => Err(none),
        (Some(pod), None) => Ok(pod),
        (Some((_, first)), Some((_, second))) => {
            let (count, first, second) = (pods.count() + 2, first.place.name(), second.place.name());
            let message = format!("holds {count} pods, as {first} and {second}; keep the one that is to be placed");
            Err(ManifestError::new(ManifestErrorKind::Ambiguous, message))
        }
    }
}

/// The objects, if they are pods themselves. There may be none, as in a cluster where none runs.
///
/// # Errors
/// When there is an object that is no pod.
pub(super) fn only_pods<T>(objects: Vec<Found<T>>) -> Result<Vec<Found<T>>, ManifestError> {
    const WANTED: &str = "give Pods, such as the output of \"kubectl get pods -o json\"";
    match objects.iter().find(|found| found.place.pod_path() != Some(PodPath::Itself)) {
        Some(other) => Err(wrong_kind(&other.place, "pod", WANTED)),
        None => Ok(objects),
    }
}

/// The objects, if they are nodes.
///
/// # Errors
/// When there is no object, or one that is no node.
pub(super) fn only_nodes<T>(objects: Vec<Found<T>>) -> Result<Vec<Found<T>>, ManifestError> {
    const WANTED: &str = "give Nodes, such as the output of \"kubectl get nodes -o json\"";
    if objects.is_empty() {
        return Err(ManifestError::new(ManifestErrorKind::Empty, format!("holds no node; {WANTED}")));
    }
    match objects.iter().find(|found| !found.place.is_node()) {
        Some(other) => Err(wrong_kind(&other.place, "node", WANTED)),
        None => Ok(objects),
    }
}

fn wrong_kind(place: &Place, wanted: &str, advice: &str) -> ManifestError {
    let message = format!("{} is not a {wanted}; {advice}", place.description());
    ManifestError::new(ManifestErrorKind::WrongKind, message).with_field(format!("{}kind", place.parent))
}
