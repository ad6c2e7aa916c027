//! Reading the pod to be placed and its containers, and making them in a test.

use crate::{Container, Pod, Resources, resource};

impl Pod {
    /// A pod that states nothing but its name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        value_of(&self.labels, key)
    }

    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        value_of(&self.annotations, key)
    }

    /// States a label, replacing an earlier one.
    #[must_use]
    pub fn with_label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        state(&mut self.labels, key.into(), value.into());
        self
    }

    /// States an annotation, replacing an earlier one.
    #[must_use]
    pub fn with_annotation(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        state(&mut self.annotations, key.into(), value.into());
        self
    }

    /// States what the pod requests of a resource: `cpu` in millicores, `memory` in bytes.
    #[must_use]
    pub fn with_request(mut self, resource: &str, amount: f64) -> Self {
        self.requests.set(resource, amount);
        self
    }

    /// States the pod's limit of a resource: `cpu` in millicores, `memory` in bytes.
    #[must_use]
    pub fn with_limit(mut self, resource: &str, amount: f64) -> Self {
        self.limits.set(resource, amount);
        self
    }

    /// Adds a container, after those that are there. What the pod requests as a whole stays as it is: a host computes it, and
    /// a test states it.
    #[must_use]
    pub fn with_container(mut self, container: Container) -> Self {
        self.containers.push(container);
        self
    }
}

impl Container {
    /// A container that states nothing but its name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// States what the container requests of a resource: `cpu` in millicores, `memory` in bytes.
    #[must_use]
    pub fn with_request(mut self, resource: &str, amount: f64) -> Self {
        self.requests.set(resource, amount);
        self
    }

    /// States the container's limit of a resource: `cpu` in millicores, `memory` in bytes.
    #[must_use]
    pub fn with_limit(mut self, resource: &str, amount: f64) -> Self {
        self.limits.set(resource, amount);
        self
    }
}

impl Resources {
    /// The amount of a resource by its Kubernetes name: `cpu` in millicores, `memory` and `ephemeral-storage` in bytes,
    /// others as counted. 0 when none is stated.
    #[must_use]
    pub fn amount(&self, resource: &str) -> f64 {
        match resource {
            resource::CPU => self.cpu,
            resource::MEMORY => self.memory,
            _ => self.other.iter().find(|(name, _)| name == resource).map_or(0.0, |(_, amount)| *amount),
        }
    }

    /// States an amount, replacing an earlier one.
    pub fn set(&mut self, resource: &str, amount: f64) {
        match resource {
            resource::CPU => self.cpu = amount,
            resource::MEMORY => self.memory = amount,
            _ => state(&mut self.other, resource.to_owned(), amount),
        }
    }
}

fn value_of<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

/// Keeps the byte order of the keys that the contract promises.
fn state<T>(pairs: &mut Vec<(String, T)>, key: String, value: T) {
    match pairs.binary_search_by(|(name, _)| name.cmp(&key)) {
        Ok(at) => {
            if let Some(pair) = pairs.get_mut(at) {
                pair.1 = value;
            }
        }
        Err(at) => pairs.insert(at, (key, value)),
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_is_read_back_in_byte_order_and_the_last_word_counts() {
        let pod = Pod::named("web")
            .with_label("b", "1")
            .with_label("a", "2")
            .with_label("b", "3")
            .with_annotation("note", "x")
            .with_request(resource::CPU, 500.0)
            .with_request("nvidia.com/gpu", 1.0)
            .with_request("nvidia.com/gpu", 2.0)
            .with_limit(resource::MEMORY, 1024.0);
        assert_eq!(pod.labels, [("a".to_owned(), "2".to_owned()), ("b".to_owned(), "3".to_owned())]);
        assert_eq!((pod.label("a"), pod.label("c")), (Some("2"), None));
        assert_eq!((pod.annotation("note"), pod.annotation("a")), (Some("x"), None));
        assert_eq!(pod.requests.amount("cpu"), 500.0);
        assert_eq!(pod.requests.amount("nvidia.com/gpu"), 2.0);
        assert_eq!(pod.requests.amount("memory"), 0.0);
        assert_eq!(pod.limits.amount("memory"), 1024.0);
        assert_eq!(pod.limits.amount("ephemeral-storage"), 0.0);
    }

    #[test]
    fn containers_keep_their_order_and_what_they_state() {
        let server = Container::named("server").with_request(resource::CPU, 500.0).with_limit(resource::MEMORY, 1024.0);
        let pod = Pod::named("web").with_container(server).with_container(Container::named("helper"));
        let names: Vec<&str> = pod.containers.iter().map(|container| container.name.as_str()).collect();
        assert_eq!(names, ["server", "helper"]);
        assert_eq!(pod.containers[0].requests.cpu, 500.0);
        assert_eq!(pod.containers[0].limits.memory, 1024.0);
        assert_eq!(pod.containers[1], Container { name: "helper".to_owned(), ..Container::default() });
        assert_eq!(pod.requests, Resources::default());
    }
}
