package memnet_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/memnet"
)

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	a, b := connect(t)
	out, in := make([]byte, 1000), make([]byte, 3000)
	exchange := func() {
		deadline := time.Now().Add(time.Hour)
		a.SetDeadline(deadline)
		b.SetDeadline(deadline)
		a.Write(out)
		a.Write(out)
		b.Read(in)
		a.SetDeadline(never)
	}
	exchange()
	require.Zero(t, testing.AllocsPerRun(1000, exchange))
}

// BenchmarkWriteRead moves one message at a time through the buffer, without a
// second goroutine.
func BenchmarkWriteRead(b *testing.B) {
	for _, size := range []int{64, 4 << 10, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			client, server := connect(b)
			out, in := make([]byte, size), make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				client.Write(out)
				server.Read(in)
			}
		})
	}
}

// BenchmarkStream has a writer and a reader race, the buffer between them.
func BenchmarkStream(b *testing.B) {
	for _, size := range []int{64, 4 << 10, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			client, server := connect(b)
			drained := start(func(in []byte) (int, error) {
				n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, server, in)
				return int(n), err
			}, make([]byte, 32<<10))
			out := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				client.Write(out)
			}
			client.Close()
			<-drained
		})
	}
}

// BenchmarkSetDeadline is what a server does around each piece: set and lift.
func BenchmarkSetDeadline(b *testing.B) {
	client, _ := connect(b, memnet.Buffer(1))
	b.ReportAllocs()
	for b.Loop() {
		client.SetWriteDeadline(time.Now().Add(10 * time.Second))
		client.SetWriteDeadline(time.Time{})
	}
}
