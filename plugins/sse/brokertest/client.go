package brokertest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A client reads the events of topics from one node after the other, with the ID
// of the last one. It is used by one goroutine at a time.
type client struct {
	*probe

	topics []string
	lastID string
	got    []string // the data of events
	missed int      // how often it was told of a gap
	visits int
}

// A visit is a stream that is open.
type visit struct {
	*client

	response *http.Response
	reader   *sse.Reader
	end      context.CancelFunc
}

func (p *probe) client(topics ...string) *client { return &client{probe: p, topics: topics} }

// visit connects to a node, and returns when the head of the response is there.
func (c *client) visit(n *node) (*visit, error) {
	ctx, cancel := context.WithCancel(c.ctx)
	stop := context.AfterFunc(n.dead, cancel)
	end := func() {
		stop()
		cancel()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, n.url+"/events?"+url.Values{"topic": c.topics}.Encode(), nil)
	if err != nil {
		end()
		return nil, err
	}
	if c.lastID != "" {
		request.Header.Set("Last-Event-ID", c.lastID)
	}
	response, err := n.http.Do(request)
	if err != nil {
		end()
		return nil, err
	}
	c.visits++
	if response.StatusCode != http.StatusOK {
		end()
		_ = response.Body.Close()
		return nil, fmt.Errorf("the status is %s", response.Status)
	}
	reader := sse.NewReader(response.Body, func(config *sse.ReaderConfig) { config.LastEventID = c.lastID })
	return &visit{c, response, reader, end}, nil
}

// join is visit, which has to succeed.
func (c *client) join(n *node) *visit {
	c.Helper()
	v, err := c.visit(n)
	require.NoError(c, err)
	return v
}

// read reads until enough says so of the data of an event. It returns false if
// the stream ends before.
func (v *visit) read(enough func(data string) bool) bool {
	for event, err := range v.reader.All() {
		if err != nil {
			return false
		}
		v.lastID = v.reader.LastEventID()
		if event.Event == "missed" {
			v.missed++
			continue
		}
		v.got = append(v.got, event.Data)
		if enough(event.Data) {
			return true
		}
	}
	return false
}

// told reads until the client is told of a gap. It returns false if the stream
// ends before.
func (v *visit) told() bool {
	for event, err := range v.reader.All() {
		if err != nil {
			return false
		}
		v.lastID = v.reader.LastEventID()
		if event.Event == "missed" {
			v.missed++
			return true
		}
		v.got = append(v.got, event.Data)
	}
	return false
}

func (v *visit) leave() {
	v.end()
	_ = v.response.Body.Close()
}

// readAndLeave is read for a visit that is over then.
func (v *visit) readAndLeave(enough func(data string) bool) bool {
	defer v.leave()
	return v.read(enough)
}

// stay reads until enough says so, and leaves. It comes back to the node when the
// stream ends before: a client that has not caught up may be ended.
func (v *visit) stay(n *node, enough func(data string) bool) bool {
	for !v.readAndLeave(enough) {
		if v.ctx.Err() != nil {
			return false
		}
		again, err := v.visit(n)
		if err != nil {
			return false
		}
		v = again
	}
	return true
}

// count is enough for read after n events.
func count(n int) func(string) bool {
	return func(string) bool {
		n--
		return n <= 0
	}
}

// isEnd is enough for read when the last event of a test is there.
func isEnd(data string) bool { return strings.Contains(data, "the end") }

// roam goes from one node to another, for a few events each, until the last event
// of the test. It leaves out nodes that are dead.
func (c *client) roam(begin *visit, nodes []*node, few func() int) {
	ended := false
	enough := func() func(string) bool {
		more := count(few())
		return func(data string) bool {
			ended = isEnd(data)
			return ended || more(data)
		}
	}
	begin.readAndLeave(enough())
	for at := 1; !ended && c.ctx.Err() == nil; at++ {
		n := nodes[at%len(nodes)]
		if n.dead.Err() != nil {
			continue
		}
		v, err := c.visit(n)
		if err == nil {
			v.readAndLeave(enough())
			continue
		}
		select {
		case <-time.After(pause):
		case <-c.ctx.Done():
		}
	}
	assert.True(c, ended, "a client gets no end, but %d events, the last of which is %q", len(c.got), c.last())
}

func (c *client) last() string {
	if len(c.got) == 0 {
		return ""
	}
	return c.got[len(c.got)-1]
}

// has checks that a client has got every event of its topics that was
// acknowledged, none twice, and that nothing was missed.
func (c *client) has(acknowledged []string) {
	c.Helper()
	require.Zero(c, c.missed, "a client is told of a gap")
	seen := map[string]bool{}
	for _, data := range c.got {
		require.False(c, seen[data], "%q comes twice", data)
		seen[data] = true
	}
	for _, data := range acknowledged {
		topic, _, _ := strings.Cut(data, ":")
		require.Equal(c, slices.Contains(c.topics, topic), seen[data], "whether a client of %v gets %q", c.topics, data)
	}
}
