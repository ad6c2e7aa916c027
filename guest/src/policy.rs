//! What a policy is: all candidates at once, or one node after the other.

use serde::de::DeserializeOwned;

use crate::node::Columns;
use crate::{Candidates, Node, Pod, Refusal};

/// A policy that scores all candidates at once, column by column.
///
/// The fastest way, and the one that can compare candidates with each other. Where every node is scored by itself,
/// implement [`NodePolicy`] instead; [`export!`](crate::export) takes both.
///
/// ```
/// use scorelet_guest::{Candidates, MetricType, NoSettings, Pod, Policy, Refusal, Selector};
///
/// /// The node with the most cpu left gets 100, all others their share of it.
/// struct MostIdle;
///
/// impl Policy for MostIdle {
///     type Settings = NoSettings;
///
///     fn new(_: NoSettings) -> Result<Self, Refusal> {
///         Ok(Self)
///     }
///
///     fn score(&self, _: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
///         let cpu = candidates.measurements(&Selector::average(MetricType::Cpu));
///         let idle: Vec<f64> = cpu.map(|used| used.map_or(0.0, |used| 100.0 - used.clamp(0.0, 100.0))).collect();
///         let most = idle.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
///         Ok(idle.iter().map(|idle| 100.0 * (idle / most)).collect())
///     }
/// }
///
/// scorelet_guest::export!(MostIdle);
/// # use scorelet_guest::testing::{self, Cluster, NodeData};
/// # let node = |name, used| NodeData::new(name).metric(Selector::average(MetricType::Cpu), used);
/// # let cluster = Cluster::new().node(node("a", 50.0)).node(node("b", 75.0)).node(NodeData::new("c"));
/// # assert_eq!(testing::evaluate::<MostIdle>(&cluster, &Pod::default(), "").unwrap(), [100.0, 50.0, 0.0]);
/// ```
pub trait Policy: Sized + 'static {
    /// What the policy can be told; [`NoSettings`](crate::NoSettings) for nothing.
    ///
    /// Read from a JSON document; the empty string and `null` ask for the default. Put `#[serde(deny_unknown_fields)]` on
    /// it, or a misspelt setting will go unnoticed.
    type Settings: DeserializeOwned + Default;

    /// Takes the settings. Called once on every new instance, before the first evaluation.
    ///
    /// # Errors
    ///
    /// Refuses settings that make no sense, in words for the person who wrote them.
    fn new(settings: Self::Settings) -> Result<Self, Refusal>;

    /// Scores every candidate for the pod: 0 is worst, 100 is best.
    ///
    /// The answer has one score per candidate, in their order, each finite and within 0 to 100. The host fails the
    /// evaluation otherwise; it never clamps.
    ///
    /// # Errors
    ///
    /// Refuses to score, in words for the operator of the cluster.
    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal>;
}

/// A policy that scores every node by itself. Every one of these is a [`Policy`] too.
///
/// Import one of the two traits, not both: their functions have the same names.
pub trait NodePolicy: Sized + 'static {
    /// What the policy can be told: as [`Policy::Settings`].
    type Settings: DeserializeOwned + Default;

    /// Takes the settings: as [`Policy::new`].
    ///
    /// # Errors
    ///
    /// Refuses settings that make no sense, in words for the person who wrote them.
    fn new(settings: Self::Settings) -> Result<Self, Refusal>;

    /// Scores one node for the pod: 0 is worst, 100 is best, and nothing else is allowed.
    ///
    /// # Errors
    ///
    /// Refuses to score this node, and with it the whole evaluation; the words get the node's name in front.
    fn score(&self, pod: &Pod, node: &Node<'_>) -> Result<f64, Refusal>;
}

impl<P: NodePolicy> Policy for P {
    type Settings = P::Settings;

    fn new(settings: P::Settings) -> Result<Self, Refusal> {
        P::new(settings)
    }

    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        let columns = Columns::new(candidates);
        // Collecting into a `Result` would not know the length and grow the list step by step.
        let mut scores = Vec::with_capacity(candidates.len());
        for node in columns.nodes() {
            let score = NodePolicy::score(self, pod, &node);
            scores.push(score.map_err(|refusal| refusal.at(format_args!("node `{}`", node.name())))?);
        }
        Ok(scores)
    }
}
