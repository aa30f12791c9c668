package mcphttp_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A client loses its connection in the middle of a request and resumes on another
// node. The request goes on where it was.
func TestResumeOnAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0)}
		board := newSwitchboard("ada", apptest.Start(t, k.module), apptest.Start(t, k.module))
		client := connect(t, board)
		go func() {
			time.Sleep(3500 * time.Millisecond)
			board.turnTo(1)
			time.Sleep(4 * time.Second)
			board.turnTo(0)
			time.Sleep(4 * time.Second)
			board.turnTo(1)
		}()
		text, err := client.count(t.Context(), 20)
		require.NoError(t, err)
		assert.Equal(t, "counted to 20", text)
		synctest.Wait()
		var every []float64
		for i := range 20 {
			every = append(every, float64(i+1))
		}
		assert.Equal(t, every, client.told())
		t.Log(board.requests())
		require.NoError(t, client.Close())
	})
}
