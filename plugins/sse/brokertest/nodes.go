package brokertest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// traffic is what the tests of nodes have in common: nodes that publish, clients
// that stay, and clients that go from one to another.
type traffic struct {
	*probe

	nodes   []*node
	staying []*client
	roaming []*client
	reading sync.WaitGroup

	publishing   sync.WaitGroup
	mu           sync.Mutex
	acknowledged []string
	grown        chan struct{} // has room for one
}

// begin connects clients of all topics, and one of topic b. All have got an event
// when it returns, and so have their place in the log.
func (p *probe) begin(nodes []*node) *traffic {
	p.Helper()
	tr := &traffic{probe: p, nodes: nodes, grown: make(chan struct{}, 1)}
	var visits []*visit
	for i, n := range nodes {
		stay, roam := p.client("a", "b"), p.client([]string{"a", "b"}[min(i, 1):]...)
		tr.staying, tr.roaming = append(tr.staying, stay), append(tr.roaming, roam)
		visits = append(visits, stay.join(n), roam.join(n))
	}
	tr.acknowledged = append(tr.acknowledged, p.must(nodes[0], "b", "hello"))
	for _, v := range visits {
		require.True(p, v.read(count(1)), "a stream ends before its first event")
	}
	for i := range nodes {
		tr.reading.Go(func() { visits[2*i].readAndLeave(isEnd) })
		random := rand.New(rand.NewPCG(1, uint64(i))) //nolint:gosec // the same in each run
		order := append(append([]*node{}, nodes[i:]...), nodes[:i]...)
		tr.reading.Go(func() {
			tr.roaming[i].roam(visits[2*i+1], order, func() int { return 1 + random.IntN(30) })
		})
	}
	return tr
}

// publish has every node publish events, until it is dead.
func (tr *traffic) publish(each int) {
	for i, n := range tr.nodes {
		tr.publishing.Go(func() {
			for event := range each {
				data, err := n.send(tr.ctx, []string{"a", "b"}[event%2], fmt.Sprintf("node %d, event %d", i, event))
				if err != nil {
					assert.Error(tr, n.dead.Err(), "node %d: %v", i, err)
					return
				}
				tr.mu.Lock()
				tr.acknowledged = append(tr.acknowledged, data)
				tr.mu.Unlock()
				select {
				case tr.grown <- struct{}{}:
				default:
				}
			}
		})
	}
}

// reach waits until so many events are acknowledged.
func (tr *traffic) reach(count int) {
	tr.Helper()
	for {
		tr.mu.Lock()
		reached := len(tr.acknowledged) >= count
		tr.mu.Unlock()
		if reached {
			return
		}
		select {
		case <-tr.grown:
		case <-tr.ctx.Done():
			require.FailNow(tr, "no more is acknowledged")
		}
	}
}

// finish publishes the last event, waits for all clients to get it, and compares
// what they have got. One whose node is dead has got a part.
func (tr *traffic) finish() {
	tr.Helper()
	tr.publishing.Wait()
	tr.must(tr.nodes[0], "b", "the end")
	tr.reading.Wait()
	reference := tr.staying[0]
	reference.has(tr.acknowledged)
	for i, c := range tr.staying {
		require.Equal(tr, 1, c.visits, "a client that stays is not disconnected")
		if tr.nodes[i].dead.Err() != nil {
			require.LessOrEqual(tr, len(c.got), len(reference.got))
			require.Equal(tr, reference.got[:len(c.got)], c.got, "the client of a dead node")
			continue
		}
		require.Equal(tr, reference.got, c.got, "the client of node %d", i)
	}
	for i, c := range tr.roaming {
		c.has(tr.acknowledged)
		var want []string
		for _, data := range reference.got {
			if len(c.topics) == 2 || strings.HasPrefix(data, "b") {
				want = append(want, data)
			}
		}
		require.Equal(tr, want, c.got, "client %d, which goes from node to node", i)
		require.Greater(tr, c.visits, 2)
	}
}

func testClientsMove(p *probe) {
	tr := p.begin(p.nodes(2))
	tr.publish(200)
	tr.finish()
}

// One of three nodes is killed while it publishes.
func testNodeKilled(p *probe) {
	nodes := p.nodes(3)
	tr := p.begin(nodes)
	tr.publish(150)
	tr.reach(150)
	nodes[2].kill()
	tr.finish()
}

// Clients do not notice, but for the time it takes.
func testServerKilled(p *probe) {
	tr := p.begin(p.nodes(2))
	tr.publish(150)
	tr.reach(50)
	p.log.Restart(p.TB)
	tr.reach(150)
	p.log.Restart(p.TB)
	tr.finish()
}

func testManyComeBack(p *probe) {
	nodes := p.nodes(2)
	first := p.client("a")
	v := first.join(nodes[0])
	var want []string
	for i := range 5 {
		want = append(want, p.must(nodes[0], "a", fmt.Sprint("event ", i)))
	}
	require.True(p, v.readAndLeave(count(5)))
	for i := range 600 {
		want = append(want, p.must(nodes[i%2], []string{"a", "c"}[i/2%2], fmt.Sprint("later event ", i)))
	}
	want = append(want, p.must(nodes[1], "a", "the end"))
	var tasks sync.WaitGroup
	var all []*client
	for i := range 30 {
		c := p.client("a")
		c.lastID, c.got = first.lastID, append([]string{}, first.got...)
		all = append(all, c)
		tasks.Go(func() {
			if v, err := c.visit(nodes[i%2]); assert.NoError(p, err) {
				assert.True(p, v.stay(nodes[i%2], isEnd))
			}
		})
	}
	tasks.Wait()
	for _, c := range all {
		c.has(want)
		require.Equal(p, all[0].got, c.got)
	}
}

func testTrimmedLogIsTold(p *probe) {
	nodes := p.nodes(2)
	early, late := p.client("a"), p.client("a")
	first, second, all := early.join(nodes[0]), late.join(nodes[1]), p.client("a").join(nodes[0])
	p.must(nodes[0], "a", "event 0")
	// A client that has got one is waited for.
	require.True(p, first.read(count(1)))
	require.True(p, second.read(count(1)))
	require.True(p, all.read(count(1)))
	for i := 1; i < 100; i++ {
		p.must(nodes[i%2], "a", fmt.Sprint("event ", i))
	}
	require.True(p, first.readAndLeave(count(4)))
	require.True(p, second.readAndLeave(count(94)))
	// The first node has waited for its client, and would have everything still.
	require.True(p, all.readAndLeave(count(99)))
	p.log.Trim(p.TB, 10)
	for _, n := range nodes {
		returned := p.client("a")
		returned.lastID = early.lastID
		v := returned.join(n)
		// It is told what it has missed up to then, and gets what comes after.
		require.True(p, v.told(), "it has missed something")
		data := p.must(n, "a", "after the gap")
		require.True(p, v.stay(n, func(got string) bool { return got == data }))

		returned = p.client("a")
		returned.lastID, returned.got = late.lastID, append([]string{}, late.got...)
		v = returned.join(n)
		end := p.must(n, "a", "the end")
		require.True(p, v.stay(n, func(got string) bool { return got == end }))
		require.Zero(p, returned.missed, "it has missed nothing")
		require.GreaterOrEqual(p, len(returned.got), 95+5+2)
	}
}

// Nobody has to come back to be told.
func testForgottenLogIsTold(p *probe) {
	nodes := p.nodes(2)
	var tasks sync.WaitGroup
	var all []*client
	old := make(chan struct{}, len(nodes))
	for _, n := range nodes {
		c := p.client("a")
		all = append(all, c)
		v := c.join(n)
		tasks.Go(func() {
			v.readAndLeave(func(data string) bool {
				if strings.Contains(data, "old event 4") {
					old <- struct{}{}
				}
				return isEnd(data)
			})
		})
	}
	for i := range 5 {
		p.must(nodes[i%2], "a", fmt.Sprint("old event ", i))
	}
	for range nodes {
		select {
		case <-old:
		case <-p.ctx.Done():
			require.FailNow(p, "a client does not get what was published")
		}
	}
	p.log.Forget(p.TB)
	var fresh []string
	for i := range 10 {
		fresh = append(fresh, p.must(nodes[i%2], "a", fmt.Sprint("new event ", i)))
	}
	fresh = append(fresh, p.must(nodes[0], "a", "the end"))
	tasks.Wait()
	for i, c := range all {
		require.Equal(p, 1, c.visits, "client %d comes back", i)
		require.Positive(p, c.missed, "client %d is told of nothing", i)
		require.Equal(p, fresh, c.got[5:], "client %d", i)
	}
}

// What was acknowledged is delivered, or every client of its topic is told.
func testLostTailReachesClients(p *probe) {
	nodes := p.nodes(2)
	tr := p.begin(nodes)
	acknowledged := []string{p.must(nodes[0], "b", "before")}
	p.log.Lose(p.TB, func() {
		for i := range 3 {
			acknowledged = append(acknowledged, p.must(nodes[0], "b", fmt.Sprint("lost ", i)))
		}
	})
	for i := range 20 {
		acknowledged = append(acknowledged, p.must(nodes[(i+1)%2], "b", fmt.Sprint("after ", i)))
	}
	p.must(nodes[0], "b", "the end")
	tr.reading.Wait()
	for _, c := range append(tr.staying, tr.roaming...) {
		if c.missed == 0 {
			c.has(acknowledged)
		}
	}
}
