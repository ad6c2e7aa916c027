//! What a pod requests, and is limited to: as a whole, the sum that kube-scheduler computes; and container by container.
//!
//! Follows `PodRequests` and `PodLimits` of Kubernetes' component-helpers (with KEP-753, sidecars, and KEP-2837,
//! resources of the pod as a whole), applied to what the API's defaulting makes of a manifest. The status of a pod that
//! already runs is not considered: these are the amounts of a pod to be placed.

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};

use super::ManifestError;
use super::amounts::Amounts;
use crate::scheduling::{self, CPU, MEMORY, Resources};

const HUGE_PAGES_PREFIX: &str = "hugepages-";

/// The amounts of a pod.
#[derive(Debug)]
pub(super) struct PodResources {
    /// Of the pod as a whole.
    pub(super) requests: Resources,
    /// Of the pod as a whole.
    pub(super) limits: Resources,
    /// The regular containers, in their order.
    pub(super) containers: Vec<scheduling::Container>,
    /// In the requests already.
    pub(super) overhead: Resources,
}

/// The amounts of a pod.
///
/// # Errors
/// When a quantity cannot be read, naming its field.
pub(super) fn pod_resources(spec: &PodSpec) -> Result<PodResources, ManifestError> {
    let containers = stated(&spec.containers, "containers")?;
    let init_containers = stated(spec.init_containers.as_deref().unwrap_or_default(), "initContainers")?;
    let mut requests = total(&containers, &init_containers, |container| &container.requests);
    let mut limits = total(&containers, &init_containers, |container| &container.limits);

    let mut pod = Stated::read(spec.resources.as_ref(), "spec.resources", false)?;
    pod.requests.retain(|name, _| may_be_stated_for_the_pod(name));
    pod.limits.retain(|name, _| may_be_stated_for_the_pod(name));
    limits.replace_from(&pod.limits);
    // The API defaults a pod's request to the sum of its containers, which is there already, and else to its limit. Of
    // huge pages, which cannot be overcommitted, the limit counts even if containers request some.
    let mut defaults = pod.limits;
    defaults.retain(|name, _| name.starts_with(HUGE_PAGES_PREFIX) || requests.get(name).is_none());
    requests.replace_from(&defaults);
    requests.replace_from(&pod.requests);

    let mut overhead = Amounts::read(spec.overhead.as_ref(), "spec.overhead")?;
    let stated_overhead = overhead.clone().into_resources();
    requests.add(&overhead);
    // A resource without a limit, or with the limit 0, which stands for none, must not get the overhead as its limit.
    overhead.retain(|name, _| limits.get(name).is_some_and(|limit| !limit.is_zero()));
    limits.add(&overhead);
    let containers = spec.containers.iter().zip(containers).map(|(container, stated)| scheduling::Container {
        name: container.name.clone(),
        requests: stated.requests.into_resources(),
        limits: stated.limits.into_resources(),
    });
    Ok(PodResources {
        containers: containers.collect(),
        requests: requests.into_resources(),
        limits: limits.into_resources(),
        overhead: stated_overhead,
    })
}

/// What one container states, or the pod for all of them.
struct Stated {
    sidecar: bool,
    requests: Amounts,
    limits: Amounts,
}

impl Stated {
    fn read(resources: Option<&ResourceRequirements>, field: &str, sidecar: bool) -> Result<Self, ManifestError> {
        let requests = resources.and_then(|resources| resources.requests.as_ref());
        let limits = resources.and_then(|resources| resources.limits.as_ref());
        Ok(Self {
            sidecar,
            requests: Amounts::read(requests, format_args!("{field}.requests"))?,
            limits: Amounts::read(limits, format_args!("{field}.limits"))?,
        })
    }
}

/// What each container of a list states, with the API's defaulting: who limits a resource also requests it.
fn stated(containers: &[Container], list: &str) -> Result<Vec<Stated>, ManifestError> {
    let stated = containers.iter().enumerate().map(|(index, container)| {
        let sidecar = container.restart_policy.as_deref() == Some("Always");
        let field = format!("spec.{list}[{index}].resources");
        let mut stated = Stated::read(container.resources.as_ref(), &field, sidecar)?;
        stated.requests.complete_from(&stated.limits);
        Ok(stated)
    });
    stated.collect()
}

/// The sum over the containers and sidecars, and at least what any moment of the initialisation takes.
///
/// A plain init container runs alone but for the sidecars started before it, each of which keeps running.
fn total(containers: &[Stated], init_containers: &[Stated], amounts: impl Fn(&Stated) -> &Amounts) -> Amounts {
    let mut sum = Amounts::default();
    for container in containers {
        sum.add(amounts(container));
    }
    let mut sidecars = Amounts::default();
    let mut peak = Amounts::default();
    for container in init_containers {
        if container.sidecar {
            sum.add(amounts(container));
            sidecars.add(amounts(container));
            peak.raise_to(&sidecars);
        } else {
            let mut moment = sidecars.clone();
            moment.add(amounts(container));
            peak.raise_to(&moment);
        }
    }
    sum.raise_to(&peak);
    sum
}

/// Kubernetes ignores every other resource in `spec.resources`.
fn may_be_stated_for_the_pod(name: &str) -> bool {
    name == CPU || name == MEMORY || name.starts_with(HUGE_PAGES_PREFIX)
}

#[cfg(test)]
mod tests;
