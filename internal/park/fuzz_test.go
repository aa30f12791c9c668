package park_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/park"
)

// FuzzWrite has net/http read what was written.
func FuzzWrite(f *testing.F) {
	f.Add([]byte("data: 1\n\n"), uint16(4), 1)
	f.Add([]byte("0\r\n\r\n"), uint16(0), 9000)
	f.Add([]byte("\r\n"), uint16(1), 16<<10)
	f.Fuzz(func(t *testing.T, text []byte, split uint16, repeated int) {
		repeated = max(0, min(repeated, 1<<20/(len(text)+1)))
		long := []byte(strings.Repeat(string(text), repeated))
		first := min(int(split), len(long))
		client, server := connectMemory(t)
		var poller park.Poller
		defer poller.Close()
		conn := poller.Take(server, true, nil)
		var wg sync.WaitGroup
		wg.Go(func() {
			assert.NoError(t, conn.Write(long[:first], time.Minute, nil))
			assert.NoError(t, conn.Write(long[first:], time.Minute, nil))
			conn.End(nil)
		})
		head := strings.NewReader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(io.MultiReader(head, client)), nil)
		require.NoError(t, err)
		got, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		wg.Wait()
		require.Equal(t, string(long), string(got))
	})
}
