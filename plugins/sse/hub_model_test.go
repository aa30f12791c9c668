package sse_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A plan is what a run of the model is made of, drawn from its seed.
type plan struct {
	seed                                        uint64
	nodes, clients, publishers, topics          int
	events, logEvents, logBytes, buffer         int
	burst, size                                 int
	lasts, stallLimit, lagLimit                 time.Duration
	broker, moody, replay, refuses, http2, kill bool
	direct                                      bool // others send, and no client is slow
	outside                                     bool // hubs are to give events, not bytes
	end                                         int
	parking                                     sse.Parking
}

func newPlan(seed uint64) plan {
	r := rand.New(rand.NewPCG(seed, 0))
	p := plan{
		seed: seed, nodes: 1 + r.IntN(2), clients: 1 + r.IntN(8), publishers: 1 + r.IntN(4), topics: 1 + r.IntN(5),
		logEvents: 3 + r.IntN(48), buffer: 256 << r.IntN(8), burst: 1 + r.IntN(30), size: 10 << r.IntN(9),
		events: 20 << r.IntN(5), lasts: time.Duration(5+r.IntN(20)) * time.Second,
		stallLimit: time.Second, lagLimit: 10 * time.Second,
		broker: r.IntN(2) == 0, replay: true, refuses: r.IntN(8) == 0, http2: r.IntN(4) == 0, end: r.IntN(3),
	}
	switch r.IntN(4) {
	case 0:
		p.logBytes = 4000 << r.IntN(5)
	case 1:
		p.logEvents, p.logBytes = 0, 4000<<r.IntN(5)
	}
	switch r.IntN(4) {
	case 0:
		p.stallLimit, p.lagLimit = 100*time.Millisecond, time.Second
	case 1:
		p.lagLimit = 0
	case 2:
		p.stallLimit = 0
	}
	if p.broker {
		p.moody = r.IntN(2) == 0
		p.replay = r.IntN(8) != 0
	}
	p.kill = p.nodes == 2 && r.IntN(3) == 0
	// Who waits for a mutex in a bubble keeps time from passing, so nobody else
	// may send while a client takes nothing.
	p.direct = r.IntN(4) == 0
	// Who is known to have missed something is told by 204, which is for streams.
	p.outside = r.IntN(3) == 0 && !p.refuses
	p.parking = []sse.Parking{sse.ParkSafely, sse.ParkAlways, sse.ParkNever}[max(0, r.IntN(6)-3)]
	return p
}

// FuzzHub lets publishers and clients do what they like, in fake time: clients
// read fast, slowly or not at all, leave at any byte, come back with any ID that
// they have seen; brokers fail, hang and forget; a node stops. In the end every
// client must have had each event of its topics once and in order, or have been
// told of a gap.
func FuzzHub(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Add(uint64(491))    // a topic is joined where the node is behind its client
	f.Add(uint64(1023))   // the newest event of a topic has left the log
	f.Add(uint64(1253))   // a topic is joined while a page is sent
	f.Add(uint64(5160))   // a new client wants what has left the log
	f.Add(uint64(7750))   // one comes back from before the log, and wants the newest event
	f.Add(uint64(602828)) // a broker begins anew twice
	f.Add(uint64(703998)) // a broker begins anew, and a node still gets what its client has
	f.Add(uint64(704594)) // a comment is published behind the newest event
	f.Add(uint64(717776)) // a broker forgets what a client comes back for, and the node is behind
	f.Fuzz(func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) { runModel(t, newPlan(seed)) })
	})
}

func runModel(t *testing.T, p plan) {
	t.Helper()
	w := newWorld(t, p)
	var publishers, clients sync.WaitGroup
	for i := range p.publishers {
		publishers.Go(func() { w.publish(i) })
	}
	for i := range p.clients {
		c := &modelClient{world: w, number: i, random: rand.New(rand.NewPCG(p.seed, 2_000_000+uint64(i))), ways: w.ways()}
		clients.Go(c.live)
	}
	w.stir()
	close(w.calm)
	if w.broker != nil {
		w.broker.setMood(moodGood)
	}
	publishers.Wait()
	elapse(3 * time.Minute) // for who waits for a broker, or to write
	settle()
	w.judgeParking()
	w.over.Store(true)
	w.end()
	clients.Wait()
	for _, n := range w.nodes {
		n.host.Stop()
	}
	settle()
	w.judge()
}

// stir does what nobody expects, for as long as the plan lasts.
func (w *world) stir() {
	r := rand.New(rand.NewPCG(w.plan.seed, 3_000_000))
	killed := !w.plan.kill
	for until := time.Now().Add(w.plan.lasts); time.Now().Before(until); {
		elapse(time.Duration(r.IntN(1000)) * time.Millisecond)
		node := w.nodes[r.IntN(len(w.nodes))]
		switch r.IntN(6) {
		case 0:
			if w.plan.direct {
				w.sendDirectly(node, r)
			}
		case 1:
			if w.plan.moody {
				w.upset(r)
			}
		case 2:
			if w.broker != nil {
				w.broker.setMood(moodGood)
			}
		case 3:
			if !killed && r.IntN(4) == 0 {
				killed = true
				last := w.nodes[len(w.nodes)-1]
				last.stopped.Store(true)
				last.host.Stop()
			}
		}
	}
}

// upset puts the broker into a mood.
func (w *world) upset(r *rand.Rand) {
	log := w.nodes[0].log
	switch n := r.IntN(8); {
	case n < 3:
		w.broker.setMood(moodFailing)
	case n < 5:
		w.broker.setMood(moodHanging)
	case n < 6:
		w.broker.setMood(moodLosing)
	case n < 7:
		if w.broker.forget(r.IntN(10)) {
			log.mu.Lock()
			log.gaps = true
			log.mu.Unlock()
		}
	default:
		w.broker.restart(log.stand) // a client may be told of a log that remains empty
		log.mu.Lock()
		log.gaps = true
		log.mu.Unlock()
	}
}

// sendDirectly sends to sessions among the events of the hub.
func (w *world) sendDirectly(node *modelNode, r *rand.Rand) {
	sessions, _ := sse.SessionsOf(node.host.Application())
	for s := range sessions.All() {
		if r.IntN(3) == 0 {
			go func() { _ = s.Send(sse.Event{Event: "direct", Data: "among the others"}) }()
		}
	}
}

// end ends all streams.
func (w *world) end() {
	for _, n := range w.nodes {
		switch w.plan.end {
		case 0:
			n.hub.Close()
			err := n.hub.Publish(w.t.Context(), "topic0", sse.Event{Data: "late"})
			assert.ErrorIs(w.t, err, sse.ErrClosed)
		case 1:
			sessions, _ := sse.SessionsOf(n.host.Application())
			sessions.CloseAll()
		default:
			n.host.Stop()
		}
	}
}

// judgeParking fails the test unless each stream that waits is parked where it
// can be, and held where not.
func (w *world) judgeParking() {
	for i, n := range w.nodes {
		sessions, _ := sse.SessionsOf(n.host.Application())
		stats := sessions.Stats()
		parked, held := stats.Open, sse.HeldStats{}
		switch {
		case w.plan.outside: // no hub knows that they are streams
			parked = 0
		case w.plan.parking == sse.ParkNever:
			parked, held.Configured = 0, stats.Held.Configured
		case w.plan.http2:
			parked, held.Protocol = 0, stats.Held.Protocol
		}
		assert.Equal(w.t, parked, stats.Parked, "parked streams of node %d", i)
		assert.Equal(w.t, held, stats.Held, "held streams of node %d", i)
	}
}

// judge fails the test for all that is wrong.
func (w *world) judge() {
	logs := map[*truth][]bounds{}
	for _, n := range w.nodes {
		logs[n.log] = n.log.placed()
	}
	for l := range logs {
		for _, wrong := range l.misorders() {
			w.fail("%s", wrong)
		}
		for _, p := range l.events {
			if p.refused && p.known && !l.exact {
				w.fail("%s was refused, and is at %v", p.text(), p.position)
			}
		}
	}
	for _, c := range w.connections {
		for _, wrong := range c.judge(logs[c.log]) {
			w.fail("client %d, connection %d, %s %q, from %q: %s", c.client, c.number, c.how, c.topics, c.resumed, wrong)
		}
	}
	assert.Equal(w.t, w.sessions.Load(), w.ends.Load(), "each session's OnEnd has run")
	assert.Empty(w.t, w.log.take("level=ERROR"))
	for i, wrong := range w.wrong {
		if i == 20 {
			w.t.Errorf("and %d more", len(w.wrong)-i)
			break
		}
		w.t.Error(wrong)
	}
	if w.t.Failed() {
		w.t.Logf("%+v", w.plan)
	}
}
