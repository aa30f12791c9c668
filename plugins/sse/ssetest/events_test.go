package ssetest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

// recorder is a test that keeps its failures to itself.
type recorder struct {
	testing.TB

	errors, fatals []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatals = append(r.fatals, fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// run runs a test body that may end early.
func (r *recorder) run(test func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		test()
	}()
	<-done
}

func TestEvents(t *testing.T) {
	t.Parallel()
	body := io.NopCloser(strings.NewReader("data: this is SSE #0\r\n\r\n: beat\r\n\r\nid: 1\r\ndata: this is SSE #1\r\n\r\ndata: cut"))
	var got []sse.Event
	for event := range ssetest.Events(t, body) {
		require.Contains(t, event.Data, "this is SSE")
		got = append(got, event)
	}
	assert.Equal(t, []sse.Event{{Data: "this is SSE #0"}, {Data: "this is SSE #1", ID: "1"}}, got)
}

func TestEventsCanBeConfigured(t *testing.T) {
	t.Parallel()
	var got []sse.Event
	for event := range ssetest.Events(t, strings.NewReader(": beat\r\n\r\ndata: x\r\n\r\n"), func(c *sse.ReaderConfig) {
		c.Comments = true
		c.LastEventID = "7"
	}) {
		got = append(got, event)
	}
	assert.Equal(t, []sse.Event{{Comments: "beat"}, {Data: "x", ID: "7"}}, got)
}

func TestEventsFailsTheTest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		last error
		want []string
	}{
		"end":     {io.EOF, nil},
		"aborted": {io.ErrUnexpectedEOF, []string{"read event stream: unexpected EOF"}},
		"broken":  {errors.New("broken"), []string{"read event stream: broken"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := io.MultiReader(strings.NewReader("data: x\n\ndata: y"), iotest.ErrReader(test.last))
			var failed recorder
			var got []sse.Event
			for event := range ssetest.Events(&failed, body) {
				got = append(got, event)
			}
			assert.Equal(t, []sse.Event{{Data: "x"}}, got)
			assert.Equal(t, test.want, failed.errors)
			assert.Empty(t, failed.fatals)
		})
	}
}

func TestEventsOfAnAbortedResponse(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, "data: x\r\n\r\n")
		assert.NoError(t, err)
		assert.NoError(t, http.NewResponseController(w).Flush())
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	defer response.Body.Close()
	var failed recorder
	for event := range ssetest.Events(&failed, response.Body) {
		assert.Equal(t, "x", event.Data)
	}
	assert.Equal(t, []string{"read event stream: unexpected EOF"}, failed.errors)
}

func TestTakeLeavesTheRest(t *testing.T) {
	t.Parallel()
	body := strings.NewReader("data: 1\r\n\r\ndata: 2\r\rdata: 3\n\ndata: 4\n\ndata: 5\n\nrest")
	assert.Empty(t, ssetest.Take(t, body, 0))
	assert.Equal(t, []sse.Event{{Data: "1"}}, ssetest.Take(t, body, 1))
	assert.Equal(t, []sse.Event{{Data: "2"}, {Data: "3"}}, ssetest.Take(t, body, 2))
	for event := range ssetest.Events(t, body) {
		assert.Equal(t, "4", event.Data)
		break
	}
	assert.Equal(t, []sse.Event{{Data: "5"}}, ssetest.Take(t, body, 1))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Equal(t, "rest", string(rest))
}

func TestTakeFailsTheTest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		last error
		want string
	}{
		"too few": {io.EOF, "event 2 of 3: the stream has ended"},
		"aborted": {io.ErrUnexpectedEOF, "event 2 of 3: read event stream: unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var failed recorder
			returned := false
			failed.run(func() {
				ssetest.Take(&failed, io.MultiReader(strings.NewReader("data: x\n\n"), iotest.ErrReader(test.last)), 3)
				returned = true
			})
			assert.False(t, returned)
			assert.Equal(t, []string{test.want}, failed.fatals)
			assert.Empty(t, failed.errors)
		})
	}
}
