package eventsource

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/chitor-go/chitor/plugins/sse"
)

// done is the data of the event that ends an answer in OpenAI's form, and is no
// JSON.
const done = "[DONE]"

// IsDone reports whether an event is the last one of an answer in the form of
// OpenAI's chat completions, which most models speak. It is meant for
// [Config.IsLast].
func IsDone(event sse.Event) bool { return event.Data == done }

// Values loops over what events hold as JSON, in order. The type of an event
// does not matter: models that send one have it in the JSON too. Events without
// data, such as the first of an MCP stream, and comments hold no value, nor does
// the event that [IsDone] is about, nor data that begins with a colon, by which
// some relays mean a comment. An error of events is yielded as it is, with the
// zero T, and so is data that is not the JSON of a T; both end the loop.
//
// Ktor: deserialize.
func Values[T any](events iter.Seq2[sse.Event, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for event, err := range events {
			var value T
			if err != nil {
				yield(value, err)
				return
			}
			data := strings.TrimSpace(event.Data)
			if data == "" || data[0] == ':' || IsDone(event) {
				continue
			}
			if err := json.Unmarshal([]byte(event.Data), &value); err != nil {
				var zero T
				yield(zero, fmt.Errorf("decode event: %w", err))
				return
			}
			if !yield(value, nil) {
				return
			}
		}
	}
}
