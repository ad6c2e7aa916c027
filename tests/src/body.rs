//! Answers of a load monitor, put together by a test.

use serde_json::{Map, Value, json};

/// An answer in the form that load monitors publish: `timestamp` first, then window, source, nodes and statistics.
#[derive(Clone, Debug)]
pub struct Body {
    timestamp: Option<i64>,
    window_end: i64,
    nodes: Map<String, Value>,
    /// `None` for `"statistics": null`.
    labels: Option<Map<String, Value>>,
}

impl Body {
    /// An answer of this moment in Unix seconds, at which its window of five minutes ends; without nodes and labels.
    #[must_use]
    pub fn at(timestamp: i64) -> Self {
        Self { timestamp: Some(timestamp), window_end: timestamp, nodes: Map::new(), labels: Some(Map::new()) }
    }

    /// Ends the window at another moment.
    #[must_use]
    pub fn window_end(mut self, end: i64) -> Self {
        self.window_end = end;
        self
    }

    /// Leaves the timestamp out.
    #[must_use]
    pub fn without_timestamp(mut self) -> Self {
        self.timestamp = None;
        self
    }

    /// Publishes `null` in the place of statistics.
    #[must_use]
    pub fn null_statistics(mut self) -> Self {
        self.labels = None;
        self
    }

    /// Adds a node with its average utilisation in per cent.
    #[must_use]
    pub fn node(mut self, name: &str, cpu: f64, memory: f64) -> Self {
        let ratio = |name: &str, kind: &str, value: f64| {
            json!({
                "name": name, "type": kind, "operator": "Avg", "rollup": "5m", "value": value, "unit": "ratio",
            })
        };
        let metrics = [
            ratio("instance:node_cpu:ratio", "cpu", cpu),
            ratio("instance:node_memory_utilisation:ratio", "memory", memory),
        ];
        self.nodes.insert(name.to_owned(), entry(&metrics));
        self
    }

    /// Adds a label with the standard deviation of its pods' processor time in millicores.
    #[must_use]
    pub fn label(mut self, label: &str, deviation: f64) -> Self {
        let metric = json!({
            "name": "statistic", "type": "cpu", "operator": "Std", "rollup": "15d", "value": deviation, "unit": "m",
        });
        self.labels.get_or_insert_default().insert(label.to_owned(), entry(&[metric]));
        self
    }
}

impl From<Body> for Vec<u8> {
    fn from(body: Body) -> Self {
        // By hand, as the order of the fields matters: a load monitor writes its timestamp first.
        let timestamp = body.timestamp.map(|timestamp| format!(r#""timestamp":{timestamp},"#)).unwrap_or_default();
        let window = json!({"duration": "5m", "start": body.window_end - 300, "end": body.window_end});
        let data = json!({"NodeMetricsMap": body.nodes});
        let statistics = body.labels.map_or(Value::Null, |labels| json!({"StatisticsMap": labels}));
        let rest = format!(r#""window":{window},"source":"Prometheus","data":{data},"statistics":{statistics}"#);
        format!("{{{timestamp}{rest}}}").into_bytes()
    }
}

fn entry(metrics: &[Value]) -> Value {
    json!({"metrics": metrics, "tags": {}, "metadata": {"dataCenter": ""}})
}
