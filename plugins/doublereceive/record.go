package doublereceive

import (
	"io"
	"net/http"
)

// record is a body that is read once and replayed any number of times. Its
// replays may be read from several goroutines: a middleware such as
// http.TimeoutHandler leaves one behind that still reads.
type record struct {
	// turn has room for one token, whose holder may use the fields below. It is
	// no mutex because reading may take long, and in a synctest bubble time
	// stands still while a goroutine waits for a mutex.
	turn chan struct{}

	source io.Reader // nil when it has ended
	data   []byte    // what was read from it
	err    error     // how it has ended
	limit  int64     // of data; 0 is no limit
}

func newRecord(source io.Reader, limit int64) *record {
	return &record{turn: make(chan struct{}, 1), source: source, limit: limit}
}

// read copies what the body holds from offset on, and reads on where the data
// ends.
func (r *record) read(p []byte, offset int) (int, error) {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	if offset < len(r.data) {
		return copy(p, r.data[offset:]), nil
	}
	if r.source == nil || len(p) == 0 {
		return 0, r.err
	}
	n, err := r.source.Read(p)
	if r.limit > 0 && int64(len(r.data)+n) > r.limit {
		n = int(r.limit) - len(r.data)
		err = &http.MaxBytesError{Limit: r.limit}
	}
	r.data = append(r.data, p[:n]...)
	if err != nil {
		r.source, r.err = nil, err
	}
	return n, err
}

// replay returns the body from its start. Closing it has no effect: the server
// closes the body.
func (r *record) replay() io.ReadCloser { return &replay{record: r} }

// replay is one reading of a record.
type replay struct {
	record *record
	offset int
}

func (r *replay) Read(p []byte) (int, error) {
	n, err := r.record.read(p, r.offset)
	r.offset += n
	return n, err
}

func (r *replay) Close() error { return nil }
