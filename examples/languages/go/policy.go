// The policy `load-variation`: prefers nodes whose load is low and steady.
//
// Formula, settings and the treatment of missing values are those of examples/policies/load-variation, whose README
// explains them.
package main

import "math"

// Never called: what is built is a library.
func main() {}

var (
	current      settings
	isConfigured bool
)

// The words of a refusal, or nothing.
func configure(text string) string {
	if isConfigured {
		return "this instance has its settings already: configure a new one"
	}
	given, words := readSettings(text)
	current, isConfigured = given, words == ""
	return words
}

func score(requests *resources, nodes candidates) (scores []float64, words string) {
	if !isConfigured {
		return nil, "this instance was asked to score before it was configured: call `configure` first"
	}
	scores = resourceScores(nodes, cpu, "cpu", requests.cpu)
	for index, ofMemory := range resourceScores(nodes, memory, "memory", requests.memory) {
		scores[index] = lower(scores[index], ofMemory)
	}
	return scores, ""
}

// The score of a resource of each node; NaN where its average, or what the node offers, is not known.
func resourceScores(nodes candidates, kind metricType, resource string, requested float64) []float64 {
	capacities := nodes.allocatable(resource)
	averages := nodes.column(kind, average)
	deviations := nodes.column(kind, standardDeviation)
	scores := make([]float64, len(capacities))
	for index, capacity := range capacities {
		scores[index] = resourceScore(capacity, averages[index], deviations[index], requested)
	}
	return scores
}

func resourceScore(capacity, average, deviation, requested float64) float64 {
	if math.IsNaN(capacity) || math.IsNaN(average) {
		return math.NaN()
	}
	if capacity <= 0 {
		return 0
	}
	// A load monitor that publishes no deviation leaves the average to decide.
	if math.IsNaN(deviation) {
		deviation = 0
	}
	load := clamp(average*capacity/100, capacity) + max(requested, 0)
	mu := clamp(load/capacity, 1)
	power := clamp(deviation*capacity/100/capacity, 1)
	if current.sensitivity >= 0 {
		power = math.Pow(power, 1/current.sensitivity)
	}
	sigma := clamp(power*current.margin, 1)
	return (1 - (mu+sigma)/2) * 100
}

// The lower one of those that were measured, 0 when none was.
func lower(a, b float64) float64 {
	switch {
	case !math.IsNaN(a) && !math.IsNaN(b):
		return min(a, b)
	case !math.IsNaN(a):
		return a
	case !math.IsNaN(b):
		return b
	}
	return 0
}

func clamp(value, most float64) float64 {
	return min(max(value, 0), most)
}
