//! A Kubernetes `Pod` object as the pod to be placed.

use k8s_openapi::api::core::v1;

use super::ManifestError;
use super::pod_resources::{PodResources, pod_resources};
use crate::scheduling::Pod;

/// The namespace of an object that names none.
const DEFAULT_NAMESPACE: &str = "default";

/// Reads a pod object.
///
/// Requests and limits are those of the pod as a whole, as kube-scheduler computes them for a pod that it is about to
/// place: the sum over containers and sidecars, at least the peak of the initialisation, overridden by what
/// `spec.resources` states for the pod, plus `spec.overhead` (which is added to a limit only where there is one). As in
/// the API, which completes objects before anybody sees them, a container or pod with a limit and no request requests
/// its limit. A limit is the sum of the limits there are, even if some containers have none. The containers are the
/// regular ones, each with what it states, completed in the same way.
///
/// The name is `metadata.generateName` when there is no `metadata.name`, and may be empty. What only a cluster can add
/// (`LimitRange`, the overhead of a `runtimeClassName`, the priority of a `priorityClassName`) is not known here.
///
/// # Errors
/// When there is no container, or a quantity is malformed or negative; the error names the field.
pub fn pod(pod: &v1::Pod) -> Result<Pod, ManifestError> {
    let spec = pod.spec.as_ref().filter(|spec| !spec.containers.is_empty()).ok_or_else(|| {
        ManifestError::in_field("spec.containers", "missing or empty; a pod needs at least one container")
    })?;
    let PodResources { requests, limits, containers, overhead } = pod_resources(spec)?;
    let metadata = &pod.metadata;
    let stated = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Ok(Pod {
        name: stated(&metadata.name).or_else(|| stated(&metadata.generate_name)).unwrap_or_default(),
        namespace: stated(&metadata.namespace).unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()),
        labels: metadata.labels.clone().unwrap_or_default(),
        annotations: metadata.annotations.clone().unwrap_or_default(),
        requests,
        limits,
        containers,
        overhead,
        priority: spec.priority.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;
    use crate::scheduling::{Container, Resources};

    fn object(metadata: ObjectMeta) -> v1::Pod {
        let requests = [("cpu".to_owned(), Quantity("1500m".to_owned()))];
        let resources = v1::ResourceRequirements { requests: Some(requests.into()), ..Default::default() };
        let container = v1::Container { resources: Some(resources), ..Default::default() };
        let spec = v1::PodSpec { containers: vec![container], priority: Some(-7), ..Default::default() };
        v1::Pod { metadata, spec: Some(spec), status: None }
    }

    #[test]
    fn the_fields_of_an_object_become_those_of_the_pod() {
        let map = |key: &str, value: &str| [(key.to_owned(), value.to_owned())].into();
        let read = pod(&object(ObjectMeta {
            name: Some("web-0".to_owned()),
            generate_name: Some("web-".to_owned()),
            namespace: Some("shop".to_owned()),
            labels: Some(map("app", "web")),
            annotations: Some(map("note", "")),
            ..Default::default()
        }));
        let expected = Pod {
            name: "web-0".to_owned(),
            namespace: "shop".to_owned(),
            labels: map("app", "web"),
            annotations: map("note", ""),
            requests: Resources::new().with("cpu", 1500),
            limits: Resources::new(),
            containers: vec![Container { requests: Resources::new().with("cpu", 1500), ..Container::default() }],
            overhead: Resources::new(),
            priority: -7,
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn a_name_to_be_generated_stands_for_a_missing_one() {
        let metadata =
            ObjectMeta { name: Some(String::new()), generate_name: Some("web-".to_owned()), ..Default::default() };
        assert_eq!(pod(&object(metadata)).map(|pod| pod.name), Ok("web-".to_owned()));
        assert_eq!(pod(&object(ObjectMeta::default())).map(|pod| pod.name), Ok(String::new()));
    }

    #[test]
    fn the_namespace_is_default_by_default() {
        for namespace in [None, Some(String::new())] {
            let metadata = ObjectMeta { namespace, ..Default::default() };
            assert_eq!(pod(&object(metadata)).map(|pod| pod.namespace), Ok("default".to_owned()));
        }
    }

    #[test]
    fn an_object_without_containers_is_refused() {
        let expected = "spec.containers: missing or empty; a pod needs at least one container";
        let empty = v1::Pod { spec: Some(v1::PodSpec::default()), ..Default::default() };
        for object in [v1::Pod::default(), empty] {
            assert_eq!(pod(&object).map_err(|error| error.to_string()), Err(expected.to_owned()));
        }
    }
}
