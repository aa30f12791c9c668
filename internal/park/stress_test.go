package park_test

import (
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/internal/park"
)

// A Poller is without connections again and again while others come: what a
// watch has in hand must not be taken for another connection's.
func TestLastLeavesWhileFirstComes(t *testing.T) {
	connect := connector(t, "tcp", "127.0.0.1:0")
	for _, k := range []kind{{name: "tcp", connect: connect}, {name: "wrapped", connect: wrapped(connect)}} {
		t.Run(k.name, func(t *testing.T) {
			var poller park.Poller
			defer poller.Close()
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for round := range 100 {
						client, server := k.connect(t)
						var gone atomic.Int32
						var ended atomic.Bool
						seen := make(chan struct{})
						conn := poller.Take(server, true, func() {
							assert.False(t, ended.Load())
							if gone.Add(1) == 1 {
								close(seen)
							}
						})
						assert.NoError(t, conn.Write([]byte("1"), time.Minute, nil))
						if round%2 == 0 {
							client.Close()
							<-seen
						} else {
							assert.Zero(t, gone.Load(), "the client is there")
						}
						conn.End(nil)
						ended.Store(true)
						assert.LessOrEqual(t, gone.Load(), int32(1))
						client.Close()
					}
				})
			}
			wg.Wait()
			requireQuiet(t)
		})
	}
}

// Everything at once to a thousand connections: writes, clients that leave, cuts,
// and ends of all sorts.
func TestThousandConnections(t *testing.T) {
	const count = 1000
	connect := connector(t, "tcp", "127.0.0.1:0")
	for _, stopped := range []bool{false, true} {
		for _, k := range []kind{{name: "tcp", connect: connect}, {name: "wrapped", connect: wrapped(connect)}} {
			t.Run(k.name, func(t *testing.T) {
				var poller park.Poller
				var gone, left atomic.Int32
				var wg sync.WaitGroup
				random := rand.New(rand.NewPCG(1, 2))
				begin := make(chan struct{})
				for i := range count {
					client, server := k.connect(t)
					if i%3 == 0 {
						left.Add(1)
					}
					dice := random.IntN(4)
					over := make(chan struct{})
					conn := poller.Take(server, true, func() { gone.Add(1); close(over) })
					wg.Go(func() { // the client
						<-begin
						if i%3 != 0 {
							_, _ = io.Copy(io.Discard, client)
						}
						client.Close()
					})
					wg.Go(func() { // whoever sends
						<-begin
						for range 5 {
							if conn.Write(make([]byte, 100), time.Minute, nil) != nil {
								break
							}
						}
						if i%3 == 0 {
							<-over
						}
						switch dice {
						case 0:
							conn.Abort()
						case 1:
							conn.Cut()
							conn.End(nil)
						default:
							conn.End(nil)
						}
						conn.Abort()
					})
				}
				if stopped {
					wg.Go(func() { <-begin; poller.Close() })
				}
				close(begin)
				wg.Wait()
				if !stopped {
					assert.Equal(t, left.Load(), gone.Load())
				}
				requireQuiet(t)
				poller.Close()
			})
		}
	}
}
