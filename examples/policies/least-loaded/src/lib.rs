//! The policy `least-loaded`: the less a node does, the better it scores.
#![forbid(unsafe_code)]

use scorelet_guest::{MetricType, NoSettings, Node, NodePolicy, Pod, Refusal, Selector};

static CPU: Selector = Selector::average(MetricType::Cpu);
static MEMORY: Selector = Selector::average(MetricType::Memory);

/// 100 minus the worse of cpu and memory utilisation.
pub struct LeastLoaded;

impl NodePolicy for LeastLoaded {
    type Settings = NoSettings;

    fn new(_: NoSettings) -> Result<Self, Refusal> {
        Ok(Self)
    }

    fn score(&self, _: &Pod, node: &Node<'_>) -> Result<f64, Refusal> {
        let used = match (node.metric(&CPU), node.metric(&MEMORY)) {
            (Some(cpu), Some(memory)) => {
                if memory > cpu {
                    memory
                } else {
                    cpu
                }
            }
            (Some(used), None) | (None, Some(used)) => used,
            // Nobody knows what a node does that was not measured: it comes last.
            (None, None) => return Ok(0.0),
        };
        Ok(100.0 - used.clamp(0.0, 100.0))
    }
}

scorelet_guest::export!(LeastLoaded);

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use scorelet_guest::testing::{self, Cluster, NodeData};

    use super::*;

    fn score(node: NodeData) -> f64 {
        let scores = testing::evaluate::<LeastLoaded>(&Cluster::new().node(node), &Pod::named("web"), "").unwrap();
        assert_eq!(scores.len(), 1);
        scores[0]
    }

    fn node(cpu: f64, memory: f64) -> NodeData {
        NodeData::new("a").metric(CPU.clone(), cpu).metric(MEMORY.clone(), memory)
    }

    #[test]
    fn the_worse_of_cpu_and_memory_decides() {
        assert_eq!(score(node(40.0, 30.0)), 60.0);
        assert_eq!(score(node(30.0, 87.5)), 12.5);
    }

    #[test]
    fn the_one_that_is_measured_decides_alone() {
        assert_eq!(score(NodeData::new("a").metric(CPU.clone(), 40.0)), 60.0);
        assert_eq!(score(NodeData::new("a").metric(MEMORY.clone(), 90.0)), 10.0);
    }

    #[test]
    fn a_node_that_was_not_measured_comes_last() {
        assert_eq!(score(NodeData::new("a")), 0.0);
        assert_eq!(score(NodeData::new("a").metric(Selector::capacity(MetricType::Cpu), 8.0)), 0.0);
        assert_eq!(score(node(f64::NAN, f64::INFINITY)), 0.0);
    }

    #[test]
    fn utilisation_beyond_its_range_stays_within_the_score_contract() {
        assert_eq!(score(node(180.0, 10.0)), 0.0);
        assert_eq!(score(node(-20.0, -1e300)), 100.0);
        assert_eq!(score(node(f64::MAX, f64::MIN)), 0.0);
    }

    #[test]
    fn every_candidate_has_its_own_score_in_the_order_of_the_candidates() {
        let cluster = Cluster::new()
            .node(NodeData::new("b").metric(CPU.clone(), 10.0))
            .node(NodeData::new("unknown"))
            .node(NodeData::new("a").metric(CPU.clone(), 80.0));
        let scores = testing::evaluate::<LeastLoaded>(&cluster, &Pod::named("web"), "{}").unwrap();
        assert_eq!(scores, [90.0, 0.0, 20.0]);
    }

    #[test]
    fn settings_are_refused_in_words() {
        let refused =
            testing::evaluate::<LeastLoaded>(&Cluster::new(), &Pod::named("web"), r#"{"margin": 1}"#).unwrap_err();
        assert!(refused.contains("this policy has no settings, not even `margin`"), "{refused}");
    }
}
