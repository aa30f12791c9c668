package wire_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// collecting is a server's writer that keeps what it is given until a flush, and
// is not safe for two goroutines: -race sees whether both come at once.
type collecting struct {
	http.ResponseWriter
	buffer, sent bytes.Buffer
}

func (w *collecting) Write(p []byte) (int, error) { return w.buffer.Write(p) }
func (w *collecting) FlushError() error           { _, err := w.buffer.WriteTo(&w.sent); return err }

// TestASecondWriterWaitsForTheFirst: two goroutines write lines of pieces, and
// each line arrives whole.
func TestASecondWriterWaitsForTheFirst(t *testing.T) {
	const lines, pieces = 200, 5
	server := &collecting{}
	w := open(t, server, nil)
	w.Share()
	var writing sync.WaitGroup
	for _, piece := range []string{"first ", "second "} {
		writing.Go(func() {
			for range lines {
				w.Lock()
				for range pieces {
					_, err := w.Write(t.Context(), []byte(piece))
					assert.NoError(t, err)
				}
				assert.NoError(t, w.WriteText(t.Context(), "\n"))
				assert.False(t, w.Flushed())
				assert.NoError(t, w.Flush(t.Context()))
				w.Unlock()
			}
		})
	}
	writing.Wait()
	w.Finish()
	w.Close()
	got := strings.SplitAfter(server.sent.String(), "\n")
	require.Len(t, got, 2*lines+1)
	for _, line := range got[:2*lines] {
		assert.Contains(t, []string{strings.Repeat("first ", pieces) + "\n", strings.Repeat("second ", pieces) + "\n"}, line)
	}
}

func TestAWireOfOneWriterHasNoLock(t *testing.T) {
	w := open(t, &collecting{}, nil)
	defer w.Close()
	w.Lock()
	w.Lock() // a lock would never return
	assert.True(t, w.Flushed())
	w.Unlock()
	w.Unlock()
}
