package eventsource_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/sse"
)

// The tests of Ktor 3.5 for its reader of streams, SSESessionParserTest, by
// name. The line ends of Ktor's inputs are CRLF or LF; what is different here,
// and why, is in docs/conformance.md.
func TestSSESessionParserTest(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  []sse.Event
	}{
		"testOnlyData": {
			[]string{"data: This is the first message.", "", "data: This is the second message, it", "data: has two lines.", "",
				"data: This is the third message.", "", ""},
			[]sse.Event{{Data: "This is the first message."}, {Data: "This is the second message, it\nhas two lines."},
				{Data: "This is the third message."}},
		},
		"testEventsWithDifferentTypes": {
			[]string{"event: add", "data: 73857293", "", "event: remove", "data: 2153", "", "event: add", "data: 113411", "", ""},
			[]sse.Event{{Event: "add", Data: "73857293"}, {Event: "remove", Data: "2153"}, {Event: "add", Data: "113411"}},
		},
		"testMultilineEvent": {
			[]string{"data: HI", "data: +7", "data: 10", "", ""},
			[]sse.Event{{Data: "HI\n+7\n10"}},
		},
		"testComments": { // of an event and comments Ktor makes one
			[]string{": it is comment", "", "", ": second comment", "data: Hello", ": one more comment", "data: World", "",
				":just comment", "", ":not a comment"},
			[]sse.Event{{Comments: "it is comment"}, {Comments: "second comment"}, {Comments: "one more comment"},
				{Data: "Hello\nWorld"}, {Comments: "just comment"}},
		},
		"testEmptyFields": {
			[]string{"data: first event", "id: 1", "", "data:empty id", "id", "", "id", "data", "event", "", "data", "", "data", "data", "", ""},
			[]sse.Event{{ID: "1", Data: "first event"}, {Data: "empty id"}, {}, {}, {Data: "\n"}},
		},
		"testEventEndsWithEmptyLine": {
			[]string{"data: first event", "", "data: second event", "", "data: no event", "data: because no empty line after it"},
			[]sse.Event{{Data: "first event"}, {Data: "second event"}},
		},
		"testIdenticalEvents": {
			[]string{"data: event", "", "data:event", "", ""},
			[]sse.Event{{Data: "event"}, {Data: "event"}},
		},
		"testIdAndEventField": { // an event without data is none
			[]string{"id: 1", "id: 2", "id: 3", "data: id is", "data: 3", "", "event: add", "event: remove", "", ""},
			[]sse.Event{{ID: "3", Data: "id is\n3"}},
		},
		"testFullEvents": {
			[]string{"id: 1", "data: 12", "event: add", "", "event: remove", "id: 2", "data: -3", "", ""},
			[]sse.Event{{Data: "12", ID: "1", Event: "add"}, {Data: "-3", ID: "2", Event: "remove"}},
		},
		"testSkipBlankLines": {
			[]string{"data: first", "", "", "", "data: second", "", ""},
			[]sse.Event{{Data: "first"}, {Data: "second"}},
		},
		"testNoEvents": {},
		"testNullCharacterInIdIgnored": {
			[]string{"data: data\x00", "id: 123\x00456", "", ""},
			[]sse.Event{{Data: "data\x00"}},
		},
		"testRetryField": { // a retry field alone is no event, but counts
			[]string{"data: first", "", "data: second", "retry: 100", "", "retry: 200", "", "retry: no12", "", ""},
			[]sse.Event{{Data: "first"}, {Data: "second", Retry: 100 * time.Millisecond}},
		},
		"testJsonInput": {
			[]string{"data: { ", `data:   "id": 1, `, `data:   "firstName": "Jet", `, `data:   "lastName": "Brains" `, "data: } ", "", ""},
			[]sse.Event{{Data: "{ \n  \"id\": 1, \n  \"firstName\": \"Jet\", \n  \"lastName\": \"Brains\" \n} "}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				for _, lineEnd := range []string{"\r\n", "\n"} {
					h := start(t, protocol, answers(strings.Join(test.lines, lineEnd)))
					events, err := collect(h.stream(attempts(0), withComments))
					assert.NoError(t, err)
					assert.Equal(t, test.want, events)
				}
			})
		})
	}
}
