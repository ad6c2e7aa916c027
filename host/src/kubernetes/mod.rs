//! Kubernetes objects and manifests as the plain values of [`crate::scheduling`].
//!
//! - [`pod`], [`node`] and [`assigned_pod`] take objects of `k8s-openapi`, as an embedder with a Kubernetes client has them.
//! - [`read_pod`], [`read_nodes`] and [`read_assigned_pods`] take texts in YAML or JSON: files as people write them, or what
//!   `kubectl get` prints.
//! - [`Quantity`] is an amount such as `500m` or `1.5Gi`, exact.
//!
//! ```
//! use scorelet_host::kubernetes::read_pod;
//!
//! let pod = read_pod(
//!     "
//!     apiVersion: v1
//!     kind: Pod
//!     metadata: { name: web }
//!     spec:
//!       containers:
//!         - name: server
//!           resources: { requests: { cpu: 500m, memory: 1.5Gi } }
//!         - name: log-shipper
//!           resources: { requests: { cpu: 0.1 }, limits: { memory: 64Mi } }
//!     ",
//!     "web.yaml",
//! )?;
//! assert_eq!(pod.requests.get("cpu"), Some(600));
//! assert_eq!(pod.requests.get("memory"), Some(1600 << 20));
//! # Ok::<(), scorelet_host::kubernetes::ManifestError>(())
//! ```

mod amounts;
mod assigned_pod;
mod error;
mod manifest;
mod node;
mod pod;
mod pod_resources;
mod quantity;

pub use assigned_pod::{AssignedPod, assigned_pod};
pub use error::{ManifestError, ManifestErrorKind};
pub use manifest::{read_assigned_pods, read_nodes, read_pod};
pub use node::node;
pub use pod::pod;
pub use quantity::{Quantity, QuantityError};
