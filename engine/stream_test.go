package engine_test

import (
	"context"
	"io"
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
		began := time.Now()
		assert.Equal(t, sse.ErrWriteTimeout, <-ends, "it does not read any more")
		assert.LessOrEqual(t, time.Since(began), time.Minute)
	})
}
