package app_test

import (
	"bufio"
	"net"
	"net/http/httptest"
)

// hijackRecorder is a recorder whose connection can be taken.
type hijackRecorder struct{ *httptest.ResponseRecorder }

func (w *hijackRecorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	ours, theirs := net.Pipe()
	return ours, bufio.NewReadWriter(bufio.NewReader(ours), bufio.NewWriter(ours)), theirs.Close()
}
