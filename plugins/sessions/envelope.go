package sessions

import (
	"encoding/binary"
	"errors"
	"time"
)

// An envelope is what a session by value is sent in, and what a storage keeps:
//
//	version   1 byte, 1
//	issued    uvarint, seconds since 1970
//	age       uvarint, seconds from the first issue of the session to this one
//	payload   what the serializer has made
//
// The times are inside, where the signature covers them: a client that keeps a
// cookie beyond its Max-Age has no session by it.
type envelope struct {
	issued, created int64 // seconds since 1970
	payload         []byte
}

const envelopeVersion = 1

// envelopeRoom is how many bytes an envelope adds at most.
const envelopeRoom = 1 + 2*binary.MaxVarintLen64

var errEnvelope = errors.New("it is no session of this version")

// append appends the envelope to dst.
func (e envelope) append(dst []byte) []byte {
	dst = append(dst, envelopeVersion)
	dst = binary.AppendUvarint(dst, uint64(e.issued))
	dst = binary.AppendUvarint(dst, uint64(e.issued-e.created))
	return append(dst, e.payload...)
}

// parseEnvelope reads an envelope. The payload is a part of data. The times are
// those of years that there may be: a sum of them never overflows.
func parseEnvelope(data []byte) (envelope, error) {
	if len(data) == 0 || data[0] != envelopeVersion {
		return envelope{}, errEnvelope
	}
	data = data[1:]
	const farAway = 1 << 40
	issued, n := binary.Uvarint(data)
	if n <= 0 || issued >= farAway {
		return envelope{}, errEnvelope
	}
	data = data[n:]
	age, n := binary.Uvarint(data)
	if n <= 0 || age > issued {
		return envelope{}, errEnvelope
	}
	return envelope{int64(issued), int64(issued - age), data[n:]}, nil
}

// lifetimes bound a session. Both are whole seconds.
type lifetimes struct {
	idle  time.Duration // since it was issued
	total time.Duration // since it was created, 0 for no bound
}

// expiry returns when a session ends that was issued and created at those times.
func (l lifetimes) expiry(issued, created int64) time.Time {
	ends := time.Unix(issued, 0).Add(l.idle)
	if l.total > 0 {
		if last := time.Unix(created, 0).Add(l.total); last.Before(ends) {
			return last
		}
	}
	return ends
}

// clockSkew is how far the clocks of two nodes may be apart.
const clockSkew = time.Minute
