package mcphttp_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A watched broker asks before each call whether it fails, and may cut those who
// read.
type watched struct {
	*sse.MemoryBroker

	mu     sync.Mutex // guards what follows
	before func(ctx context.Context, method string) error
	cut    context.CancelCauseFunc
	calls  map[string]int
}

func newWatched(keep int) *watched {
	return &watched{MemoryBroker: sse.NewMemoryBroker(keep), calls: map[string]int{}}
}

// let sets what is asked, nil for nothing.
func (w *watched) let(before func(ctx context.Context, method string) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before = before
}

// fail has some methods fail.
func (w *watched) fail(methods ...string) {
	w.let(func(_ context.Context, method string) error {
		if slices.Contains(methods, method) {
			return errors.New("the broker is away")
		}
		return nil
	})
}

func (w *watched) call(ctx context.Context, method string) error {
	w.mu.Lock()
	before := w.before
	w.calls[method]++
	w.mu.Unlock()
	if before == nil {
		return nil
	}
	return before(ctx, method)
}

func (w *watched) count(method string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[method]
}

// interrupt ends the newest subscription.
func (w *watched) interrupt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut(errors.New("the connection is lost"))
}

func (w *watched) Last(ctx context.Context) (sse.Position, error) {
	if err := w.call(ctx, "Last"); err != nil {
		return sse.Position{}, err
	}
	return w.MemoryBroker.Last(ctx)
}

func (w *watched) Publish(ctx context.Context, topic string, data []byte) (sse.Position, error) {
	if err := w.call(ctx, "Publish"); err != nil {
		return sse.Position{}, err
	}
	return w.MemoryBroker.Publish(ctx, topic, data)
}

func (w *watched) Range(ctx context.Context, after sse.Position, limit int, topics []string) iter.Seq2[sse.Message, error] {
	if err := w.call(ctx, "Range"); err != nil {
		return func(yield func(sse.Message, error) bool) { yield(sse.Message{}, err) }
	}
	return w.MemoryBroker.Range(ctx, after, limit, topics)
}

func (w *watched) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		if err := w.call(ctx, "Subscribe"); err != nil {
			yield(sse.Message{}, err)
			return
		}
		ctx, cut := context.WithCancelCause(ctx)
		defer cut(nil)
		w.mu.Lock()
		w.cut = cut
		w.mu.Unlock()
		for message, err := range w.MemoryBroker.Subscribe(ctx, after) {
			if !yield(message, err) {
				return
			}
		}
	}
}

// A broker that never answers keeps nobody waiting for ever.
func TestALogThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := newWatched(0)
		store := startStore(t, broker)
		appendAll(t, store, "s", "x", "a")
		synctest.Wait()
		broker.let(func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		start := time.Now()
		require.ErrorIs(t, store.Append(t.Context(), "s", "x", []byte("b")), context.DeadlineExceeded)
		assert.Equal(t, 10*time.Second, time.Since(start))
		_, err := after(t, store, "s", "x", -1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 20*time.Second, time.Since(start))
	})
}

// The client of a request has gone. What the request says is kept all the same.
func TestAppendAfterItsClientHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := startStore(t, sse.NewMemoryBroker(0))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, store.Append(gone, "s", "x", []byte("a")))
		found, err := after(t, store, "s", "x", -1)
		require.NoError(t, err)
		assert.Equal(t, []string{"a"}, found)
		require.NoError(t, store.SessionClosed(gone, "s"))
		_, err = after(t, store, "s", "x", -1)
		require.Error(t, err)
	})
}

// Who starts while the log is away begins with what it has once it is there.
func TestAStartWhileTheLogIsAway(t *testing.T) {
	for _, method := range []string{"Last", "Range", "Subscribe"} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := newWatched(5)
				appendAll(t, startStore(t, broker), "s", "x", "a", "b", "c", "d", "e", "f", "g")
				synctest.Wait()
				broker.fail(method)
				late := startStore(t, broker)
				time.Sleep(500 * time.Millisecond)
				broker.let(nil)
				start := time.Now()
				found, err := after(t, late, "s", "x", 1)
				require.NoError(t, err)
				assert.Equal(t, []string{"c", "d", "e", "f", "g"}, found)
				assert.Equal(t, 500*time.Millisecond, time.Since(start), "it tries again after a second")
			})
		})
	}
}

// All that the log has is found, wherever it begins.
func TestWhereTheLogBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(5)
		one := startStore(t, broker)
		for i := range 25 {
			appendAll(t, one, "s", "x", fmt.Sprint(i))
			synctest.Wait()
			found, err := after(t, startStore(t, broker), "s", "x", max(i-5, -1))
			require.NoError(t, err, i)
			assert.Len(t, found, min(i+1, 5), i)
		}
	})
}

// The connection to the log is lost. What has come is not read again, since the
// log has lost it by now, and what comes then is read as soon as that is possible.
func TestAConnectionToTheLogThatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := newWatched(3)
		var store *mcphttp.Store
		host := apptest.Start(t, func(a *app.Application) {
			store = mcphttp.NewStore(a, func(c *mcphttp.StoreConfig) { c.Broker = broker })
		})
		lines := func() int { return len(host.Log().Find("MCP events cannot be read")) }
		for i := range 10 {
			appendAll(t, store, "s", "x", fmt.Sprint(i))
			synctest.Wait()
		}
		broker.interrupt()
		synctest.Wait()
		assert.Equal(t, 1, lines())
		broker.fail("Subscribe")
		appendAll(t, store, "s", "x", "10")
		before := broker.count("Subscribe")
		time.Sleep(time.Minute)
		assert.InDelta(t, 60, broker.count("Subscribe")-before, 1)
		assert.Equal(t, 1, lines(), "it is not said again")
		broker.let(nil)
		found, err := after(t, store, "s", "x", -1)
		require.NoError(t, err)
		assert.Len(t, found, 11)
		broker.interrupt()
		synctest.Wait()
		assert.Equal(t, 2, lines(), "messages have come since")
	})
}

// What else is in the log, or pretends to be a record, is passed over.
func TestWhatIsNoRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		store := startStore(t, broker)
		long := strings.Repeat("l", 200)
		publish := func(topic, data string) {
			_, err := broker.Publish(t.Context(), topic, []byte(data))
			require.NoError(t, err)
		}
		publish("news", "m\x01s\x01x\x00a")
		publish("mcp", "m\xc8"+long+"\x01x\x00a")
		publish("mcp", "m\x00\x01x\x00a")
		for _, session := range []string{"s", long, ""} {
			_, err := after(t, store, session, "x", -1)
			require.ErrorContains(t, err, "no session has the ID", session)
		}
		publish("mcp", "m\x01s\x01x\x00a")
		publish("mcp", "garbage")
		publish("news", "b")
		start := time.Now()
		found, err := after(t, store, "s", "x", -1)
		require.NoError(t, err)
		assert.Equal(t, []string{"a"}, found)
		assert.Zero(t, time.Since(start), "what is passed over has come too")
	})
}

func TestRecordsThatAreNone(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":                        "",
		"a kind alone":                   "m",
		"a kind that is unknown":         "q\x01s\x00\x00",
		"a session that is cut":          "m\x02s",
		"a session that is cut to none":  "m\x01",
		"a session and no more":          "m\x01s",
		"a stream that is cut":           "m\x01s\x02x",
		"no index":                       "m\x01s\x01x",
		"an index that is cut":           "m\x01s\x01x\x80",
		"an index that is long for less": "m\x01s\x01x\x85\x00data",
		"an index of more than 64 bits":  "m\x01s\x01x\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	} {
		_, err := mcphttp.Record([]byte(in)[:len(in):len(in)])
		require.ErrorContains(t, err, "it is not a record", name)
	}
}

func TestEventIDsThatAreNone(t *testing.T) {
	for _, id := range []string{
		"", "_", "A", "A_", "A_-1", "A_+1", "A_01", "A_1 ", "A_0x1", "_abc-012", "a_b_1",
		"A_9223372036854775808", "A_18446744073709551615", strings.Repeat("A", 65) + "_1",
	} {
		_, err := mcphttp.EventID(id)
		require.Error(t, err, id)
	}
	for _, id := range []string{"A_0", "A_9223372036854775807", "_abc-12", strings.Repeat("A", 64) + "_1"} {
		_, err := mcphttp.EventID(id)
		require.NoError(t, err, id)
	}
}

// Until a node has read the log that begins anew, it answers nothing from the one
// before.
func TestALogThatHasJustBegunAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		one, two := startStore(t, broker), startStore(t, broker)
		appendAll(t, one, "s", "x", "a", "b")
		synctest.Wait()
		broker.Reset()
		_, err := after(t, two, "s", "x", -1)
		require.ErrorContains(t, err, "no session has the ID", "nothing is left of it")
		broker.Reset()
		appendAll(t, one, "s", "x", "c")
		_, err = after(t, two, "s", "x", -1)
		require.ErrorIs(t, err, mcp.ErrEventsPurged)
	})
}
