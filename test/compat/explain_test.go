package compat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A cell holds only if its answers differ as its row says: in these lines, and
// in no others.
func TestExplain(t *testing.T) {
	expected := &difference{mark: "X", chi: answer{"status 501"}, chitor: answer{"status 500"}}
	for name, test := range map[string]struct {
		expected   *difference
		bare, ours answer
		wrong      string // a part of what is said, "" for nothing
	}{
		"equal":                 {nil, answer{"status 200", "body"}, answer{"status 200", "body"}, ""},
		"no entry":              {nil, answer{"status 200"}, answer{"status 500"}, "no difference of the row explains it"},
		"a line too many":       {nil, answer{"event", "event"}, answer{"event"}, "no difference of the row explains it"},
		"as expected":           {expected, answer{"status 501", "body"}, answer{"status 500", "body"}, ""},
		"gone":                  {expected, answer{"status 500"}, answer{"status 500"}, `the difference "X" is gone`},
		"another":               {expected, answer{"status 501"}, answer{"status 200"}, `not as the difference "X" says`},
		"more than is expected": {expected, answer{"status 501", "a"}, answer{"status 500", "b"}, `not as the difference "X" says`},
	} {
		t.Run(name, func(t *testing.T) {
			got := explain(test.expected, test.bare, test.ours)
			if test.wrong == "" {
				assert.Empty(t, got)
				return
			}
			assert.Contains(t, got, test.wrong)
			assert.Contains(t, got, "bare chi in full:\n"+test.bare.String())
			assert.Contains(t, got, "Chitor in full:\n"+test.ours.String())
		})
	}
}
