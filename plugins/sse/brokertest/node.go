package brokertest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A node is an application with a hub, whose clients ask for topics at /events.
type node struct {
	hub  *sse.Hub
	http *http.Client
	url  string
	dead context.Context //nolint:containedctx // ends when the node is killed
	kill context.CancelFunc
}

// node starts an application that has a short log of its own, so that clients
// which come back need that of the broker. It waits for the others as long as
// they need, however slow the machine is.
func (p *probe) node() *node {
	p.Helper()
	n := &node{}
	n.dead, n.kill = context.WithCancel(context.Background())
	p.Cleanup(n.kill)
	broker := mortal{p.open(), n.dead}
	host := apptest.Start(p.TB, func(a *app.Application) {
		a.Install(sse.Plugin)
		n.hub = sse.NewHub(a, func(c *sse.HubConfig) {
			c.Broker, c.LogEvents = broker, 16
			c.StallLimit, c.LagLimit = 0, 0
		})
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				return n.hub.Join(s, s.Call().Request.URL.Query()["topic"]...)
			})
		})
	})
	n.http, n.url = host.Client(), host.URL
	return n
}

func (p *probe) nodes(count int) []*node {
	p.Helper()
	var all []*node
	for range count {
		all = append(all, p.node())
	}
	return all
}

// send publishes an event until it is acknowledged, and returns its data. Each
// attempt has other data.
func (n *node) send(ctx context.Context, topic, text string) (string, error) {
	for attempt := 0; ; attempt++ {
		data := fmt.Sprintf("%s: %s, attempt %d", topic, text, attempt)
		err := n.hub.Publish(ctx, topic, sse.Event{Data: data})
		if err == nil {
			return data, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return "", err
		case <-n.dead.Done():
			return "", errDead
		}
	}
}

// must is send, which has to succeed.
func (p *probe) must(n *node, topic, text string) string {
	p.Helper()
	data, err := n.send(p.ctx, topic, text)
	require.NoError(p, err)
	return data
}

var errDead = errors.New("the process has been killed")

// mortal is a broker in a process that may be killed at any time: after that,
// nothing comes back from it, not even what it had done.
type mortal struct {
	sse.Broker

	dead context.Context //nolint:containedctx // ends when the process is killed
}

func (m mortal) Last(ctx context.Context) (sse.Position, error) {
	position, err := m.Broker.Last(ctx)
	if m.dead.Err() != nil {
		return sse.Position{}, errDead
	}
	return position, err
}

func (m mortal) Publish(ctx context.Context, topic string, data []byte) (sse.Position, error) {
	if m.dead.Err() != nil {
		return sse.Position{}, errDead
	}
	position, err := m.Broker.Publish(ctx, topic, data)
	if m.dead.Err() != nil {
		return sse.Position{}, errDead
	}
	return position, err
}

func (m mortal) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return m.until(ctx, func(ctx context.Context) iter.Seq2[sse.Message, error] { return m.Broker.Subscribe(ctx, after) })
}

func (m mortal) Range(ctx context.Context, after sse.Position, limit int, topics []string) iter.Seq2[sse.Message, error] {
	return m.until(ctx, func(ctx context.Context) iter.Seq2[sse.Message, error] {
		return m.Broker.Range(ctx, after, limit, topics)
	})
}

// until yields what read does until the process is killed.
func (m mortal) until(
	ctx context.Context, read func(ctx context.Context) iter.Seq2[sse.Message, error],
) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(m.dead, cancel)()
		for message, err := range read(ctx) {
			if m.dead.Err() != nil {
				message, err = sse.Message{}, errDead
			}
			if !yield(message, err) || err != nil {
				return
			}
		}
	}
}
