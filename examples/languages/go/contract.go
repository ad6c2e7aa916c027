package main

// The package scorelet:policy@0.1.0 for Go, by hand: as much of it as a policy of columns needs.
//
// Go of its own knows how to import and export functions of numbers and pointers; the rest is the canonical ABI, which
// lays records out as C does and passes a string or a list as pointer and length. `wasm-tools component embed
// --dummy-names legacy --world policy -t wit` prints the names and signatures of what is missing here (the collector's
// queries, the log); a core module imports only what it calls.

import (
	"structs"
	"unsafe"
)

// A pointer of 32 bits, which those of Go are not in memory.
type address uint32

type list struct {
	_             structs.HostLayout
	start, length address
}

// scheduling: resources
type resources struct {
	_      structs.HostLayout
	cpu    float64 // millicores
	memory float64 // bytes
	other  list    // list<tuple<string, f64>>
}

// scheduling: pod, with which the parameters of `score` begin. They are more than sixteen numbers, so they come as one
// record.
type scoreParameters struct {
	_                                    structs.HostLayout
	name, namespace, labels, annotations list
	requests, limits                     resources
	containers                           list
	overhead                             resources
	priority                             int32
	_                                    int32 // a pod is aligned to eight bytes
	candidates                           candidates
}

// types: metric-type and operator, the cases that are used here. The string of a case `other` is passed beside the
// number.
type metricType int32
type metricOperator int32

const (
	cpu    metricType = 0
	memory metricType = 1

	average           metricOperator = 0
	standardDeviation metricOperator = 1
)

// scheduling: the resource `candidates`, as a handle. One that was lent has to be dropped before the call ends.
type candidates int32

//go:wasmimport scorelet:policy/scheduling@0.1.0 [resource-drop]candidates
func dropCandidates(self int32)

//go:wasmimport scorelet:policy/scheduling@0.1.0 [method]candidates.allocatable
func allocatable(self int32, resource string, result unsafe.Pointer)

// A selector is flattened into its parts: each variant and each option is a number, and pointer and length of its
// string.
//
//go:wasmimport scorelet:policy/scheduling@0.1.0 [method]candidates.column
func column(self int32, kind int32, otherKind string, operator int32, otherOperator string,
	hasRollup int32, rollup string, hasName int32, name string, result unsafe.Pointer)

func (self candidates) drop() {
	dropCandidates(int32(self))
}

func (self candidates) allocatable(resource string) []float64 {
	var result list
	allocatable(int32(self), resource, unsafe.Pointer(&result))
	return numbers(result)
}

// A column of any rollup and name.
func (self candidates) column(kind metricType, operator metricOperator) []float64 {
	var result list
	column(int32(self), int32(kind), "", int32(operator), "", 0, "", 0, "", unsafe.Pointer(&result))
	return numbers(result)
}

func numbers(of list) []float64 {
	return unsafe.Slice((*float64)(pointer(of.start)), of.length)
}

func pointer(to address) unsafe.Pointer {
	return unsafe.Pointer(uintptr(to))
}

// result<_, string>, and result<list<f64>, string>
type result struct {
	_       structs.HostLayout
	isError uint8
	payload list // the scores, or the words
}

// What a call returns, and what it was handed, until the host calls `cabi_post_…`: of addresses, the garbage
// collector knows nothing.
var (
	returned result
	held     [][]float64
	kept     string
)

func returnScores(scores []float64) unsafe.Pointer {
	held = append(held, scores)
	returned = result{payload: list{
		start: address(uintptr(unsafe.Pointer(unsafe.SliceData(scores)))), length: address(len(scores)),
	}}
	return unsafe.Pointer(&returned)
}

func returnNothing() unsafe.Pointer {
	returned = result{}
	return unsafe.Pointer(&returned)
}

func returnError(words string) unsafe.Pointer {
	kept = words
	returned = result{isError: 1, payload: list{
		start: address(uintptr(unsafe.Pointer(unsafe.StringData(words)))), length: address(len(words)),
	}}
	return unsafe.Pointer(&returned)
}

func release() {
	held, kept = nil, ""
}

// Where the host puts what it hands over. Numbers are what is aligned the most.
//
//go:wasmexport cabi_realloc
func allocate(old unsafe.Pointer, oldSize, alignment, newSize uint32) unsafe.Pointer {
	block := make([]float64, newSize/8+1)
	held = append(held, block)
	if oldSize > 0 {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&block[0])), newSize), unsafe.Slice((*byte)(old), oldSize))
	}
	return unsafe.Pointer(&block[0])
}

//go:wasmexport scorelet:policy/scorer@0.1.0#configure
func exportedConfigure(text unsafe.Pointer, length uint32) unsafe.Pointer {
	if words := configure(string(unsafe.Slice((*byte)(text), length))); words != "" {
		return returnError(words)
	}
	return returnNothing()
}

//go:wasmexport scorelet:policy/scorer@0.1.0#score
func exportedScore(parameters unsafe.Pointer) unsafe.Pointer {
	given := (*scoreParameters)(parameters)
	scores, words := score(&given.requests, given.candidates)
	given.candidates.drop()
	if words != "" {
		return returnError(words)
	}
	return returnScores(scores)
}

//go:wasmexport cabi_post_scorelet:policy/scorer@0.1.0#configure
func configureReturned(unsafe.Pointer) {
	release()
}

//go:wasmexport cabi_post_scorelet:policy/scorer@0.1.0#score
func scoreReturned(unsafe.Pointer) {
	release()
}
