package sse_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chitor-go/chitor/plugins/sse"
)

// idMissed is the ID of a client that comes back to be told that it has missed
// something.
const idMissed = "chitor-missed"

// A modelClient opens one stream after another, reads them as it likes, and comes
// back with any ID that it has seen.
type modelClient struct {
	world  *world
	number int
	random *rand.Rand
	ways   []*http.Client // to each node
	ids    []string       // all that it has seen
}

// live opens streams until the end of the world.
func (c *modelClient) live() {
	last := ""
	for !c.world.isOver() {
		node := c.random.IntN(len(c.ways))
		if c.world.stopped(node) {
			node = 0
		}
		connection := c.world.newConnection(c.number, node)
		c.choose(connection)
		connection.resumed = last
		if c.world.isWild() {
			connection.resumed = c.anyID(last)
		}
		switch {
		case last == idMissed:
			connection.resumed = last
		case !c.world.plan.replay:
			connection.resumed = ""
		}
		last = c.stream(c.ways[node], connection)
		c.world.pause(time.Duration(c.random.IntN(400)) * time.Millisecond)
	}
}

// choose draws what a connection joins, and how.
func (c *modelClient) choose(connection *connection) {
	connection.how = joinedAll
	switch c.random.IntN(6) {
	case 0:
		connection.how = joinedNewest
	case 1:
		connection.how = joinedWhere
	}
	for connection.topics == nil {
		for _, topic := range c.world.topics {
			if c.random.IntN(2) == 0 {
				connection.topics = append(connection.topics, topic)
			}
		}
	}
}

// anyID returns the ID to come back with.
func (c *modelClient) anyID(last string) string {
	switch n := c.random.IntN(20); {
	case n < 12 || len(c.ids) == 0:
		return last
	case n < 16:
		return c.ids[c.random.IntN(len(c.ids))]
	case n == 16:
		at, _ := sse.ParsePosition(c.ids[len(c.ids)-1])
		return sse.Position{Epoch: at.Epoch, Offset: 1 << 63}.String()
	case n == 17:
		return []string{"garbage", "-1", "a-b", strings.Repeat("x", 256), "otherlog-1"}[c.random.IntN(5)]
	default:
		return ""
	}
}

// stream opens one stream and reads it to an end. It returns the ID to come back
// with.
func (c *modelClient) stream(way *http.Client, connection *connection) string {
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	target := "http://localhost/hub?" + url.Values{"connection": {fmt.Sprint(connection.number)}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		c.world.fail("%v", err)
		return ""
	}
	if connection.resumed != "" {
		request.Header.Set("Last-Event-ID", connection.resumed)
	}
	response, err := way.Do(request)
	if err != nil {
		return connection.resumed // the node has stopped
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		if connection.resumed == idMissed {
			c.world.fail("connection %d: it was not told", connection.number)
		}
	case http.StatusNoContent:
		connection.refused = true
		if connection.resumed == idMissed && connection.before != 0 {
			c.world.fail("connection %d: the function has run for nothing", connection.number)
		}
		if connection.resumed == "" {
			c.world.fail("connection %d: 204 without a Last-Event-ID", connection.number)
		}
		return ""
	case http.StatusServiceUnavailable: // it stops
		return connection.resumed
	default:
		c.world.fail("connection %d: status %d", connection.number, response.StatusCode)
		return ""
	}
	reader := sse.NewReader(c.paced(response.Body, leave))
	for event, err := range reader.All() {
		if err != nil {
			break // cut, or left
		}
		if seen, ok := c.sight(connection, event); ok {
			connection.seen = append(connection.seen, seen)
		}
	}
	connection.complete = c.world.isOver() && ctx.Err() == nil
	if id := reader.LastEventID(); id != "" {
		if at, err := sse.ParsePosition(id); err == nil {
			connection.log.stand(at)
		}
		if id == idMissed {
			connection.refused, connection.complete = true, false
			if !c.world.plan.refuses {
				c.world.fail("connection %d: it was sent back", connection.number)
			}
		}
		return id
	}
	return connection.resumed
}

// sight recognizes an event.
func (c *modelClient) sight(connection *connection, event sse.Event) (sighting, bool) {
	switch {
	case event.Event == "missed":
		var told []string
		if err := json.Unmarshal([]byte(event.Data), &told); err != nil {
			c.world.fail("connection %d: %v", connection.number, err)
		}
		return sighting{event: event, told: told}, true
	case event.Event != "":
		return sighting{event: event}, true
	}
	previous := connection.lastID
	connection.lastID = event.ID
	// The newest event has no ID if the client has got a later one.
	if connection.how == joinedNewest && previous == event.ID && c.world.plan.replay {
		p := connection.log.find(textOf(event.Data))
		if p == nil {
			c.world.fail("connection %d: %q was never published", connection.number, textOf(event.Data))
		}
		return sighting{event: event, of: p}, p != nil
	}
	at, err := sse.ParsePosition(event.ID)
	if !c.world.plan.replay {
		at, err = connection.log.positionOf(textOf(event.Data)), nil
	}
	if err != nil {
		c.world.fail("connection %d: %v", connection.number, err)
		return sighting{}, false
	}
	p, err := connection.log.learn(textOf(event.Data), at)
	if err != nil {
		c.world.fail("connection %d: %v", connection.number, err)
		return sighting{}, false
	}
	if c.world.plan.replay {
		c.ids = append(c.ids, event.ID)
	}
	return sighting{event: event, of: p}, true
}

// A pace is a body that is read as a client of the model likes.
type pace struct {
	body   io.Reader
	world  *world
	piece  int           // how many bytes at once
	pause  time.Duration // between two pieces
	deaf   int           // after how many bytes it reads nothing for a while; 0: never
	sleep  time.Duration
	remain int // how many bytes it stays for; 0: it stays
}

var errLeft = errors.New("the client has left")

// paced draws a pace. A client that leaves does so at any byte, or at any time.
func (c *modelClient) paced(body io.Reader, leave func()) io.Reader {
	p := &pace{body: body, world: c.world, piece: 1 << 20}
	if !c.world.isWild() {
		return p
	}
	speed := c.random.IntN(5)
	if c.world.plan.direct {
		speed = 4
	}
	switch speed {
	case 0:
		p.piece, p.pause = 1+c.random.IntN(500), time.Duration(c.random.IntN(300))*time.Millisecond
	case 1:
		p.deaf, p.sleep = 1+c.random.IntN(5000), time.Duration(c.random.IntN(40_000))*time.Millisecond
	}
	switch c.random.IntN(4) {
	case 0:
		p.remain = 1 + c.random.IntN(20_000)
	case 1:
		c.world.later(time.Duration(c.random.IntN(20_000))*time.Millisecond, leave)
	}
	return p
}

func (p *pace) Read(b []byte) (int, error) {
	b = b[:min(len(b), p.piece)]
	if p.deaf > 0 {
		b = b[:min(len(b), p.deaf)]
	}
	if p.remain > 0 {
		b = b[:min(len(b), p.remain)]
	}
	p.world.pause(p.pause)
	n, err := p.body.Read(b)
	if p.deaf > 0 {
		if p.deaf -= n; p.deaf <= 0 {
			p.deaf = 0
			p.world.pause(p.sleep)
		}
	}
	if p.remain > 0 {
		if p.remain -= n; p.remain <= 0 {
			return n, errLeft
		}
	}
	return n, err
}
