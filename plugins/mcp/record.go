package mcphttp

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The longest IDs that a record has. The SDK's are of 26 characters.
const (
	longestSession = 128
	longestStream  = 64
)

// A kind says what a record tells.
type kind byte

const (
	kindMessage kind = 'm' // a message of the server, the stream goes on
	kindAnswer  kind = 'a' // the answer that ends a stream of a request
	kindSession kind = 's' // who a session belongs to, in JSON: see card
	kindClosed  kind = 'x' // a session has ended
	kindNotice  kind = 'n' // what the client has sent to one node, for the others
)

// A record is one message in the log.
type record struct {
	kind    kind
	session string
	// stream is the ID of the stream, empty for what belongs to no request. Of a
	// notice it is the node that has published it.
	stream string
	// index is the place of a message in its stream, 0 for other records.
	index uint64
	data  []byte
}

var errRecord = errors.New("it is not a record")

// encode returns the bytes of a record: the kind, the two IDs behind their
// lengths, the index, and the data.
func (r record) encode() ([]byte, error) {
	if r.session == "" || len(r.session) > longestSession || len(r.stream) > longestStream {
		return nil, fmt.Errorf("the IDs of the session and the stream have %d and %d bytes, of %d and %d at most",
			len(r.session), len(r.stream), longestSession, longestStream)
	}
	out := make([]byte, 0, 1+1+len(r.session)+1+len(r.stream)+binary.MaxVarintLen64+len(r.data))
	out = append(out, byte(r.kind), byte(len(r.session)))
	out = append(out, r.session...)
	out = append(out, byte(len(r.stream)))
	out = append(out, r.stream...)
	out = binary.AppendUvarint(out, r.index)
	return append(out, r.data...), nil
}

// parseRecord reads what encode returns, and nothing else.
func parseRecord(in []byte) (record, error) {
	if len(in) == 0 {
		return record{}, errRecord
	}
	r := record{kind: kind(in[0])}
	switch r.kind {
	case kindMessage, kindAnswer, kindSession, kindClosed, kindNotice:
	default:
		return record{}, errRecord
	}
	var ok bool
	rest := in[1:]
	if r.session, rest, ok = cutText(rest, longestSession); !ok || r.session == "" {
		return record{}, errRecord
	}
	if r.stream, rest, ok = cutText(rest, longestStream); !ok {
		return record{}, errRecord
	}
	index, n := binary.Uvarint(rest)
	if n <= 0 || n != len(binary.AppendUvarint(nil, index)) {
		return record{}, errRecord
	}
	r.index, r.data = index, rest[n:]
	return r, nil
}

// cutText takes a text off the front that its length stands before.
func cutText(in []byte, longest int) (text string, rest []byte, ok bool) {
	if len(in) == 0 || int(in[0]) > longest || int(in[0]) >= len(in) {
		return "", nil, false
	}
	end := 1 + int(in[0])
	return string(in[1:end]), in[end:], true
}
