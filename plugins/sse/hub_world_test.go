package sse_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A world is one run of the model.
type world struct {
	t      *testing.T
	plan   plan
	topics []string
	nodes  []*modelNode
	broker *moodyBroker // nil if each node has a log of its own
	log    *journal     // errors of the application
	calm   chan struct{}
	over   atomic.Bool

	sessions, ends atomic.Int64 // how many functions have run, and OnEnd

	mu          sync.Mutex
	connections []*connection
	wrong       []string
}

// A modelNode is a host with a hub.
type modelNode struct {
	host    *apptest.Host
	hub     *sse.Hub
	log     *truth
	stopped atomic.Bool
}

func newWorld(t *testing.T, p plan) *world {
	w := &world{t: t, plan: p, calm: make(chan struct{}), log: &journal{}}
	for i := range p.topics {
		w.topics = append(w.topics, fmt.Sprint("topic", i))
	}
	var shared *truth
	if p.broker {
		shared = newTruth(true)
		w.broker = newMoodyBroker(func(m sse.Message) {
			if _, text, found := strings.Cut(string(m.Data), "data: "); found {
				text, _, _ = strings.Cut(text, "\r\n")
				if _, err := shared.learn(text, m.Position); err != nil {
					w.fail("%v", err)
				}
			}
		})
		shared.stand(w.broker.position(0))
	}
	for range p.nodes {
		w.nodes = append(w.nodes, w.newNode(shared))
	}
	return w
}

func (w *world) newNode(shared *truth) *modelNode {
	n := &modelNode{log: shared}
	if shared == nil {
		n.log = newTruth(false)
	}
	mode := apptest.HTTP1()
	if w.plan.http2 {
		mode = apptest.H2C()
	}
	logger := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelError}))
	n.host = apptest.Start(w.t, func(a *app.Application) {
		a.Install(sse.Plugin.With(func(c *sse.Config) { c.Parking = w.plan.parking }))
		n.hub = sse.NewHub(a, func(c *sse.HubConfig) {
			c.LogEvents, c.LogBytes = w.plan.logEvents, w.plan.logBytes
			c.StallLimit, c.LagLimit = w.plan.stallLimit, w.plan.lagLimit
			c.Replay = w.plan.replay
			if w.plan.refuses {
				c.Missed = nil
			}
			if w.broker != nil {
				c.Broker = w.broker
			}
		})
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/hub", func(s *sse.Session) error { return w.serve(n, s) })
		})
	}, mode, apptest.Buffer(w.plan.buffer), apptest.Engine(engine.Logger(logger)))
	return n
}

func (w *world) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

func (w *world) isOver() bool { return w.over.Load() }

// isWild reports whether clients still do what they like.
func (w *world) isWild() bool {
	select {
	case <-w.calm:
		return false
	default:
		return true
	}
}

func (w *world) stopped(node int) bool { return w.nodes[node].stopped.Load() }

// pause waits, but not when it is calm.
func (w *world) pause(d time.Duration) {
	if d <= 0 || !w.isWild() {
		if w.stopped(len(w.nodes)-1) && !w.isOver() {
			elapse(time.Millisecond) // who meets a node that has stopped tries another
		}
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.calm:
	}
}

// later calls f after a while, unless it is calm by then.
func (w *world) later(d time.Duration, f func()) {
	time.AfterFunc(d, func() {
		if w.isWild() {
			f()
		}
	})
}

func (w *world) newConnection(client, node int) *connection {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &connection{
		number: len(w.connections), client: client, log: w.nodes[node].log,
		later: map[string]int64{}, laterBefore: map[string]int64{}, left: map[string]int64{},
	}
	w.connections = append(w.connections, c)
	return c
}

// serve serves a connection of the model.
func (w *world) serve(n *modelNode, s *sse.Session) error {
	number, err := strconv.Atoi(s.Call().QueryParam("connection"))
	if err != nil {
		return err
	}
	w.mu.Lock()
	c := w.connections[number]
	w.mu.Unlock()
	w.sessions.Add(1)
	s.OnEnd(func(cause error) {
		if cause == nil {
			w.fail("connection %d: OnEnd without a cause", number)
		}
		w.ends.Add(1)
	})
	random := rand.New(rand.NewPCG(w.plan.seed, uint64(number)))
	for i := range random.IntN(3) {
		_ = s.Send(sse.Event{Event: "hello", Data: fmt.Sprint("hello ", i)})
	}
	if random.IntN(4) == 0 {
		_ = s.Delay(time.Duration(random.IntN(300)) * time.Millisecond)
	}
	if random.IntN(12) == 0 {
		w.later(time.Duration(random.IntN(10_000))*time.Millisecond, s.Close)
	}
	before := c.log.now()
	subscriber := sse.Subscriber(s)
	if w.plan.outside {
		subscriber = wrapped{s}
	}
	err = w.join(n, subscriber, c.how, c.topics...)
	joined := c.log.now()
	if err != nil {
		return err
	}
	c.before, c.joined = before, joined
	if random.IntN(6) == 0 && !w.plan.outside {
		c.asked = n.hub.Missed(s)
	}
	if random.IntN(6) == 0 {
		w.move(n, s, subscriber, c, random)
	}
	if random.IntN(4) == 0 {
		_ = s.Delay(time.Duration(random.IntN(2000)) * time.Millisecond)
	}
	return nil
}

// A wrapped is a session that a hub does not know for one: it is given events.
type wrapped struct{ *sse.Session }

func (w *world) join(n *modelNode, s sse.Subscriber, how string, topics ...string) error {
	switch how {
	case joinedWhere:
		return n.hub.Where(func(_ string, event sse.Event) bool { return kept(textOf(event.Data)) }).Join(s, topics...)
	case joinedNewest:
		return n.hub.Newest().Join(s, topics...)
	default:
		return n.hub.Join(s, topics...)
	}
}

// move joins a topic while the stream goes on, and leaves another.
func (w *world) move(n *modelNode, s *sse.Session, subscriber sse.Subscriber, c *connection, random *rand.Rand) {
	var others []string
	for _, topic := range w.topics {
		if !slices.Contains(c.topics, topic) {
			others = append(others, topic)
		}
	}
	wait := time.Duration(random.IntN(5000)) * time.Millisecond
	s.Go(func(ctx context.Context) error {
		if pauseFor(ctx, wait) && len(others) > 0 {
			before := c.log.now()
			c.laterBefore[others[0]] = before
			if err := w.join(n, subscriber, c.how, others[0]); err == nil {
				c.later[others[0]] = c.log.now()
			}
		}
		if pauseFor(ctx, wait) {
			n.hub.Leave(subscriber, c.topics[0])
			c.left[c.topics[0]] = c.log.now()
		}
		return nil
	})
}

// pauseFor waits, and sends nothing, as the first Delay of a session does. It
// reports whether the session goes on.
func pauseFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// publish publishes until it is calm.
func (w *world) publish(publisher int) {
	random := rand.New(rand.NewPCG(w.plan.seed, 1_000_000+uint64(publisher)))
	numbers := map[*truth]int{}
	for left := w.plan.events; left > 0 && w.isWild(); {
		for range 1 + random.IntN(w.plan.burst) {
			left--
			node := w.nodes[random.IntN(len(w.nodes))]
			if node.stopped.Load() {
				node = w.nodes[0]
			}
			numbers[node.log]++
			w.publishOne(node, node.log.add(publisher, numbers[node.log], w.topics[random.IntN(len(w.topics))]), random)
		}
		// An average of what makes the events last as long as the plan.
		w.pause(time.Duration(random.Int64N(1 + int64(w.plan.lasts)*int64(w.plan.burst)/int64(w.plan.events))))
	}
}

func (w *world) publishOne(node *modelNode, p *published, random *rand.Rand) {
	ctx := w.t.Context()
	if random.IntN(8) == 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(random.IntN(3000))*time.Millisecond)
		defer cancel()
		ctx = limited
	}
	data := p.text()
	for range random.IntN(3) {
		data += "\n" + strings.Repeat("x", random.IntN(w.plan.size))
	}
	if random.IntN(20) == 0 {
		if err := node.hub.Publish(ctx, p.topic, sse.Event{Comments: "nobody sees this"}); err != nil && ctx.Err() == nil {
			w.expect(node, err)
		}
	}
	err := node.hub.Publish(ctx, p.topic, sse.Event{Data: data})
	node.log.finish(p, err != nil)
	if err != nil && ctx.Err() == nil {
		w.expect(node, err)
	}
}

// expect fails for an error of Publish that has no reason.
func (w *world) expect(node *modelNode, err error) {
	if w.broker != nil && errors.Is(err, errMood) || errors.Is(err, sse.ErrInvalidEvent) && w.plan.logBytes > 0 ||
		node.stopped.Load() {
		return
	}
	w.fail("publish: %v", err)
}

// ways returns a client of its own for each node.
func (w *world) ways() (ways []*http.Client) {
	for _, n := range w.nodes {
		ways = append(ways, n.host.NewClient(func(c *http.Client) {
			transport := c.Transport.(*http.Transport)
			transport.ReadBufferSize = w.plan.buffer
			transport.HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10}
		}).HTTP())
	}
	return ways
}

// find returns an event, or nil.
func (l *truth) find(text string) *published {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byText[text]
}

// positionOf returns the known position of an event.
func (l *truth) positionOf(text string) sse.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.byText[text]; p != nil {
		return p.position
	}
	return sse.Position{}
}
