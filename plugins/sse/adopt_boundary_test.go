package sse_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhereAForeignStreamHasABoundary: a heartbeat leaves in each pause behind an
// event and in no other, and each event is counted once, as is each heartbeat.
func TestWhereAForeignStreamHasABoundary(t *testing.T) {
	t.Parallel()
	const pause = 16 * time.Second
	for name, test := range map[string]struct {
		stream foreign
		want   string
		events int
	}{
		"behind a line that ends with CRLF": {foreign{"data: a\r\n", pause, "\r\n"}, "data: a\r\n\r\n", 1},
		"inside of its CRLF":                {foreign{"data: a\r", pause, "\n", pause, "\r\n"}, "data: a\r\n\r\n", 1},
		"inside of the last CRLF":           {foreign{"data: a\r\n\r", pause, "\n", pause}, "data: a\r\n\r\n" + foreignBeat, 2},
		"behind a CR that may be half": {
			foreign{"data: a\n\r", pause, "data: b\n\n", pause}, "data: a\n\rdata: b\n\n" + foreignBeat, 3,
		},
		"CR, then LF, then CRLF": {
			foreign{"data: a\r\r", pause, "data: b\n\n", pause, "data: c\r\n\r\n", pause},
			"data: a\r\r" + foreignBeat + "data: b\n\n" + foreignBeat + "data: c\r\n\r\n" + foreignBeat, 6,
		},
		"comments and empty lines": {
			foreign{"\n\n: a\n\n: b\n", pause, "\n\n"}, "\n\n: a\n\n: b\n" + foreignBeat + "\n\n", 1,
		},
		"a comment in an event": {foreign{"data: a\n: b\n", pause, "\n", pause}, "data: a\n: b\n\n" + foreignBeat, 2},
		"fields without data":   {foreign{"id: 7\n", pause, "\n", pause}, "id: 7\n\n" + foreignBeat, 2},
		"half a mark is a field": {
			foreign{"\xef", ": a\n", pause, "\n", pause}, "\xef: a\n\n" + foreignBeat, 2,
		},
		"a whole mark is none": {foreign{"\xef\xbb\xbf", pause, "data: a\n\n"}, "\xef\xbb\xbf" + foreignBeat + "data: a\n\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				h := start(t, "HTTP/1.1", adopted(test.stream))
				body, err := rest(h.get("/foreign"))
				require.NoError(t, err)
				assert.Equal(t, test.want, body)
				settle()
				assert.EqualValues(t, test.events, h.sessions().Stats().Events)
			})
		})
	}
}
