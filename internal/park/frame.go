package park

import (
	"strconv"
	"sync"
	"syscall"
)

// A scratch is what a write needs for a moment: room for a chunk, and what it
// tells the socket. It is kept, so that a write allocates nothing.
type scratch struct {
	chunk []byte

	// What is given to the socket, and comes back.
	piece []byte
	n     int
	err   error
	room  bool

	// What the socket calls, made once.
	write func(fd uintptr) bool
	poll  func(fd uintptr)
}

var scratches = sync.Pool{New: func() any {
	s := &scratch{}
	s.prepare()
	return s
}}

func (s *scratch) free() {
	s.piece, s.err = nil, nil
	scratches.Put(s)
}

// frame returns text as it travels. It is valid until the next call.
func (s *scratch) frame(text []byte, chunked bool) []byte {
	if !chunked {
		return text
	}
	s.chunk = appendHead(s.chunk[:0], text)
	s.chunk = append(s.chunk, text...)
	s.chunk = append(s.chunk, crlf...)
	return s.chunk
}

const crlf = "\r\n"

// appendHead appends what stands before text in a chunk.
func appendHead(b, text []byte) []byte {
	return append(strconv.AppendUint(b, uint64(len(text)), 16), crlf...)
}

// try writes what the socket takes without waiting.
func (s *scratch) try(raw syscall.RawConn, piece []byte) (int, error) {
	s.piece, s.n, s.err = piece, 0, nil
	if err := raw.Write(s.write); err != nil {
		return 0, err
	}
	return s.n, s.err
}

// hasRoom reports whether the socket has room for a short piece.
func (s *scratch) hasRoom(raw syscall.RawConn) bool {
	s.room = false
	err := raw.Control(s.poll)
	return err == nil && s.room
}
