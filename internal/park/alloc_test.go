//go:build linux && !race

package park_test

import (
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/park"
)

// The race detector makes pools forget what they hold, so this counts without
// it. What crypto/tls allocates is not counted: that of the bare connection, and
// of the client, which reads in turns.
func TestWriteDoesNotAllocate(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		for _, chunked := range []bool{true, false} {
			client, server := k.connect(t)
			var poller park.Poller
			event, into := make([]byte, 1000), make([]byte, 10<<10)
			exchange := func(write func() error) func() {
				return func() {
					if err := write(); err != nil {
						t.Error(err)
					}
					if _, err := io.ReadAtLeast(client, into, len(event)); err != nil {
						t.Error(err)
					}
				}
			}
			bare := exchange(func() error { _, err := server.Write(event); return err })
			bare()
			net := testing.AllocsPerRun(1000, bare)
			conn := poller.Take(server, chunked, nil)
			parked := exchange(func() error { return conn.Write(event, time.Minute, nil) })
			parked()
			assert.LessOrEqual(t, testing.AllocsPerRun(1000, parked), net)
			conn.End(nil)
			poller.Close()
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	for _, k := range kinds {
		if k.name == "memory in a bubble" {
			continue
		}
		b.Run(k.name, func(b *testing.B) {
			client, server := k.connect(b)
			var poller park.Poller
			conn := poller.Take(server, true, nil)
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = io.Copy(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{client}) })
			event := make([]byte, 100)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, conn.Write(event, time.Minute, nil))
			}
			conn.End(nil)
			wg.Wait()
			poller.Close()
		})
	}
}
