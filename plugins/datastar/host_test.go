package datastar_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// sent is a sender that keeps what it is given, as it goes over the wire.
type sent struct{ wire []byte }

func (s *sent) Send(event sse.Event) (err error) {
	s.wire, err = event.AppendText(s.wire)
	return err
}

// record returns the bytes of a stream in which send has sent.
func record(t *testing.T, send func(to *sent) error) string {
	t.Helper()
	var to sent
	require.NoError(t, send(&to))
	return string(to.wire)
}
