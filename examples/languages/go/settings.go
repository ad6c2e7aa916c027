package main

import (
	"encoding/json"
	"io"
	"math"
	"strings"
)

// How much variation matters.
type settings struct {
	margin, sensitivity float64
}

// From JSON to settings, or the words of a refusal. Token by token, because a struct of encoding/json takes names in
// any case, and the last of a name that is given twice.
func readSettings(text string) (settings, string) {
	known := settings{margin: 1, sensitivity: 1}
	text = strings.TrimSpace(text)
	if text == "" || text == "null" {
		return known, ""
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if token, err := decoder.Token(); err != nil {
		return known, notJSON(err)
	} else if token != json.Delim('{') {
		return known, `the settings have to be an object, such as {"margin": 1.5}`
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return known, notJSON(err)
		}
		// Within an object, the decoder takes nothing else.
		name := token.(string)
		if name != "margin" && name != "sensitivity" {
			return known, "unknown field `" + name + "`, expected `margin` or `sensitivity`"
		}
		if seen[name] {
			return known, "`" + name + "` is given twice"
		}
		seen[name] = true
		if token, err = decoder.Token(); err != nil {
			return known, notJSON(err)
		}
		number, isNumber := token.(json.Number)
		if !isNumber {
			return known, "`" + name + "` has to be a number"
		}
		// An error is a number that is too large, and infinite.
		value, _ := number.Float64()
		if name == "margin" {
			if math.IsInf(value, 0) || value < 0 {
				return known, "`margin` is " + number.String() + ": it has to be finite and at least 0"
			}
			known.margin = value
		} else {
			if math.IsInf(value, 0) || value == 0 {
				return known, "`sensitivity` is " + number.String() +
					": it has to be finite and not 0; a negative one takes the deviation as it is"
			}
			known.sensitivity = value
		}
	}
	if _, err := decoder.Token(); err != nil {
		return known, notJSON(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return known, "the settings have to be one object, and nothing after it"
	}
	return known, ""
}

func notJSON(err error) string {
	return "the settings are not JSON: " + err.Error()
}
