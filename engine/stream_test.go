package engine_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// flood serves a stream that has always more to say, and tells why it ended.
func flood(ends chan<- error) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error {
				text := strings.Repeat("x", 16<<10)
				for {
					if err := s.SendText(text); err != nil {
						ends <- context.Cause(s.Context())
						return err
					}
				}
			})
		})
	}
}

// The network holds 8 MiB, as much as a socket may, and wakes the server when a
// third is free: at 60 KiB/s that takes 46 s, longer than a write may be stuck.
func TestStreamOfAClientThatReadsSteadilyGoesOn(t *testing.T) {
	for name, test := range map[string]struct {
		then  func(t *testing.T, conn net.Conn)
		cause error
		takes time.Duration // at most
	}{
		"until it leaves":        {func(t *testing.T, conn net.Conn) { require.NoError(t, conn.Close()) }, sse.ErrClientGone, 0},
		"until it stops reading": {func(*testing.T, net.Conn) {}, sse.ErrWriteTimeout, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ends := make(chan error, 1)
				host := apptest.Start(t, flood(ends), apptest.Buffer(8<<20))
				conn := host.Dial()
				request(t, conn, false)
				for range 10 * 300 { // five minutes
					_, err := io.CopyN(io.Discard, conn, 6<<10)
					require.NoError(t, err)
					time.Sleep(time.Second / 10)
				}
				time.Sleep(time.Second / 20) // no deadline passes at the same instant
				began := time.Now()
				test.then(t, conn)
				assert.Equal(t, test.cause, <-ends)
				assert.LessOrEqual(t, time.Since(began), test.takes)
			})
		})
	}
}
