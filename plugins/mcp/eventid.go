package mcphttp

import (
	"errors"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A place is where a client stands in a stream.
type place struct {
	stream string
	index  uint64       // of the event that it has last, in a stream with an ID
	at     sse.Position // of the event that it has last, in the stream without one
}

var errEventID = errors.New("it is not the ID of an event")

// id returns the ID of the event that a client is to have last. Those of streams
// with an ID are the SDK's, since it writes them too: the stream, an underscore
// and the index. In the stream without one, to which several nodes may append, it
// is an underscore and the position in the log.
func (p place) id() string {
	if p.stream == "" {
		return "_" + p.at.String()
	}
	return p.stream + "_" + strconv.FormatUint(p.index, 10)
}

// parseEventID reads what id returns, and nothing else.
func parseEventID(id string) (place, error) {
	stream, rest, found := strings.Cut(id, "_")
	if !found || len(stream) > longestStream {
		return place{}, errEventID
	}
	if stream == "" {
		at, err := sse.ParsePosition(rest)
		if err != nil {
			return place{}, errEventID
		}
		return place{at: at}, nil
	}
	index, err := strconv.ParseUint(rest, 10, 63)
	p := place{stream: stream, index: index}
	if err != nil || p.id() != id {
		return place{}, errEventID
	}
	return p, nil
}
