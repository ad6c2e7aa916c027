//! Worked examples of what a pod requests and is limited to.

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::pod_resources;
use crate::scheduling::{self, Resources};

type List<'a> = &'a [(&'a str, &'a str)];

fn resources(requests: List<'_>, limits: List<'_>) -> ResourceRequirements {
    let list = |list: List<'_>| {
        Some(list.iter().map(|(name, text)| ((*name).to_owned(), Quantity((*text).to_owned()))).collect())
    };
    ResourceRequirements { requests: list(requests), limits: list(limits), ..ResourceRequirements::default() }
}

fn container(requests: List<'_>, limits: List<'_>) -> Container {
    Container { resources: Some(resources(requests, limits)), ..Container::default() }
}

fn sidecar(requests: List<'_>, limits: List<'_>) -> Container {
    Container { restart_policy: Some("Always".to_owned()), ..container(requests, limits) }
}

fn spec(containers: impl Into<Vec<Container>>, init_containers: impl Into<Vec<Container>>) -> PodSpec {
    PodSpec { containers: containers.into(), init_containers: Some(init_containers.into()), ..PodSpec::default() }
}

fn requests(spec: &PodSpec) -> Resources {
    pod_resources(spec).unwrap().requests
}

fn limits(spec: &PodSpec) -> Resources {
    pod_resources(spec).unwrap().limits
}

fn amounts(list: &[(&str, u64)]) -> Resources {
    list.iter().fold(Resources::new(), |resources, (name, amount)| resources.with(*name, *amount))
}

#[test]
fn containers_are_summed() {
    let spec = spec(
        [
            container(&[("cpu", "500m"), ("memory", "1Gi"), ("nvidia.com/gpu", "1")], &[]),
            container(&[("cpu", "0.25"), ("memory", "512Mi"), ("ephemeral-storage", "1G")], &[]),
            Container::default(),
        ],
        [],
    );
    let expected = [("cpu", 750), ("memory", 3 << 29), ("ephemeral-storage", 1_000_000_000), ("nvidia.com/gpu", 1)];
    assert_eq!(requests(&spec), amounts(&expected));
    assert_eq!(limits(&spec), Resources::new());
}

#[test]
fn regular_containers_are_told_one_by_one_with_what_they_state() {
    let named = |name: &str, container: Container| Container { name: name.to_owned(), ..container };
    let mut spec = spec(
        [named("server", container(&[("cpu", "500m")], &[("memory", "1Gi")])), named("helper", container(&[], &[]))],
        [named("proxy", sidecar(&[("cpu", "1")], &[])), named("migrate", container(&[("cpu", "2")], &[]))],
    );
    spec.overhead = resources(&[("cpu", "250m")], &[]).requests;
    let read = pod_resources(&spec).unwrap();
    let expected = [
        scheduling::Container {
            name: "server".to_owned(),
            requests: amounts(&[("cpu", 500), ("memory", 1 << 30)]),
            limits: amounts(&[("memory", 1 << 30)]),
        },
        scheduling::Container { name: "helper".to_owned(), ..scheduling::Container::default() },
    ];
    assert_eq!(read.containers, expected);
    assert_eq!(read.overhead, amounts(&[("cpu", 250)]));
}

#[test]
fn a_large_init_container_counts_where_it_exceeds_the_sum() {
    let spec = spec(
        [container(&[("cpu", "1"), ("memory", "1Gi")], &[])],
        [
            container(&[("cpu", "3"), ("memory", "1Mi")], &[]),
            container(&[("cpu", "2"), ("memory", "2Mi"), ("example.com/licence", "1")], &[]),
        ],
    );
    assert_eq!(requests(&spec), amounts(&[("cpu", 3000), ("memory", 1 << 30), ("example.com/licence", 1)]));
}

#[test]
fn sidecars_are_added_to_the_containers() {
    let spec =
        spec([container(&[("cpu", "1")], &[])], [sidecar(&[("cpu", "200m")], &[]), sidecar(&[("cpu", "300m")], &[])]);
    assert_eq!(requests(&spec), amounts(&[("cpu", 1500)]));
}

#[test]
fn an_init_container_counts_with_the_sidecars_started_before_it() {
    let (first, second) = (sidecar(&[("cpu", "1")], &[]), sidecar(&[("cpu", "2")], &[]));
    let plain = container(&[("cpu", "10")], &[]);
    let main = container(&[("cpu", "4")], &[]);
    let ordered = |init_containers: [&Container; 3]| {
        requests(&spec([main.clone()], init_containers.map(Clone::clone))).get("cpu")
    };
    assert_eq!(ordered([&first, &second, &plain]), Some(13_000));
    assert_eq!(ordered([&first, &plain, &second]), Some(11_000));
    assert_eq!(ordered([&plain, &first, &second]), Some(10_000));
}

#[test]
fn only_the_restart_policy_always_makes_a_sidecar() {
    let mut init = sidecar(&[("cpu", "1")], &[]);
    init.restart_policy = Some("OnFailure".to_owned());
    assert_eq!(requests(&spec([container(&[("cpu", "1")], &[])], [init])), amounts(&[("cpu", 1000)]));
}

#[test]
fn a_container_with_a_limit_and_no_request_requests_its_limit() {
    let spec = spec(
        [
            container(&[("cpu", "100m")], &[("cpu", "1"), ("memory", "1Gi")]),
            container(&[], &[("cpu", "500m")]),
            container(&[("cpu", "0")], &[("cpu", "2")]),
        ],
        [sidecar(&[], &[("memory", "1Mi")]), container(&[], &[("cpu", "5")])],
    );
    assert_eq!(requests(&spec), amounts(&[("cpu", 5000), ("memory", (1 << 30) + (1 << 20))]));
    assert_eq!(limits(&spec), amounts(&[("cpu", 5000), ("memory", (1 << 30) + (1 << 20))]));
}

#[test]
fn overhead_is_added_to_every_request_but_only_to_limits_that_there_are() {
    let mut spec = spec([container(&[("cpu", "1")], &[("cpu", "2"), ("example.com/free", "0")])], []);
    spec.overhead = resources(&[("cpu", "250m"), ("memory", "120Mi"), ("example.com/free", "7")], &[]).requests;
    assert_eq!(requests(&spec), amounts(&[("cpu", 1250), ("memory", 120 << 20), ("example.com/free", 7)]));
    assert_eq!(limits(&spec), amounts(&[("cpu", 2250), ("example.com/free", 0)]));
}

#[test]
fn what_is_stated_for_the_pod_overrides_the_sum_of_that_resource() {
    let mut spec = spec([container(&[("cpu", "1"), ("memory", "1Gi")], &[("memory", "2Gi")])], []);
    spec.resources = Some(resources(
        &[("cpu", "3"), ("example.com/gpu", "9"), ("ephemeral-storage", "9")],
        &[("cpu", "4"), ("example.com/gpu", "9")],
    ));
    spec.overhead = resources(&[("cpu", "100m")], &[]).requests;
    assert_eq!(requests(&spec), amounts(&[("cpu", 3100), ("memory", 1 << 30)]));
    assert_eq!(limits(&spec), amounts(&[("cpu", 4100), ("memory", 2 << 30)]));
}

#[test]
fn a_limit_of_the_pod_is_its_request_where_no_container_requests_the_resource() {
    let mut spec = spec([container(&[("cpu", "1")], &[("hugepages-2Mi", "2Mi")])], []);
    spec.resources = Some(resources(&[], &[("cpu", "4"), ("memory", "1Gi"), ("hugepages-2Mi", "4Mi")]));
    assert_eq!(requests(&spec), amounts(&[("cpu", 1000), ("memory", 1 << 30), ("hugepages-2Mi", 4 << 20)]));
    assert_eq!(limits(&spec), amounts(&[("cpu", 4000), ("memory", 1 << 30), ("hugepages-2Mi", 4 << 20)]));
}

#[test]
fn each_amount_is_rounded_up_to_a_thousandth_before_it_is_added() {
    let tiny = container(&[("cpu", "100n"), ("memory", "100m")], &[]);
    let spec = spec([tiny.clone(), tiny.clone(), tiny], []);
    assert_eq!(requests(&spec), amounts(&[("cpu", 3), ("memory", 1)]));
}

#[test]
fn sums_of_the_largest_amounts_do_not_overflow() {
    let huge = container(&[("cpu", "8E"), ("memory", "9Ei")], &[]);
    let spec = spec([huge.clone(), huge.clone()], [huge]);
    let most = u64::try_from(i64::MAX).unwrap();
    assert_eq!(requests(&spec), amounts(&[("cpu", most), ("memory", most)]));
}

#[test]
fn space_around_a_quantity_is_ignored_as_in_the_api() {
    assert_eq!(requests(&spec([container(&[("cpu", " 1\n")], &[])], [])), amounts(&[("cpu", 1000)]));
}

#[test]
fn an_unusable_quantity_is_named_with_its_field() {
    let error = |spec: &PodSpec| pod_resources(spec).unwrap_err().to_string();
    let good = || container(&[], &[]);
    assert_eq!(
        error(&spec([good(), container(&[("cpu", "-1")], &[])], [])),
        "spec.containers[1].resources.requests.cpu: \"-1\" is below zero; write an amount of 0 or more"
    );
    assert_eq!(
        error(&spec([good()], [sidecar(&[], &[("nvidia.com/gpu", "one")])])),
        "spec.initContainers[0].resources.limits.nvidia.com/gpu: \"one\" is not a quantity; \
         write a number and at most a suffix, such as 500m, 1.5 or 2Gi"
    );
    let mut spec = spec([good()], []);
    spec.overhead = resources(&[("memory", "")], &[]).requests;
    assert_eq!(
        error(&spec),
        "spec.overhead.memory: \"\" is not a quantity; \
         write a number and at most a suffix, such as 500m, 1.5 or 2Gi"
    );
    spec.resources = Some(resources(&[("memory", "1GB")], &[]));
    assert_eq!(
        error(&spec),
        "spec.resources.requests.memory: \"1GB\" is not a quantity because \"GB\" is not a suffix; \
         use n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, an exponent such as e3, or none"
    );
}
