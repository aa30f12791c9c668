package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

const (
	// gracePeriod is how long somebody may be away without having left: a page
	// that is loaded again, or a phone in a tunnel.
	gracePeriod = 10 * time.Second
	// beat is how often each process says who is there.
	beat = 10 * time.Second
)

// The kinds of an Entry.
const (
	spoken = "message"
	joined = "joined"
	left   = "left"
)

// Entry is a line of a room.
type Entry struct {
	ID   string    `json:"id"`
	Kind string    `json:"kind"`
	Name string    `json:"name"`
	Text string    `json:"text,omitempty"`
	At   time.Time `json:"at"`
}

// chat is what the rooms of this process have in common. A room is a topic of
// both hubs.
type chat struct {
	// messages carries what somebody who was away wants to read later: its
	// events have IDs, and who comes back gets those that are missing.
	messages *sse.Hub
	// signals carries what is true only now: who is there, and who types.
	signals *sse.Hub

	history *history
	people  *people
	telling sync.Mutex
	app     *app.Application
}

func newChat(a *app.Application, logs Logs) *chat {
	c := &chat{history: newHistory(), people: newPeople(rand.Text()), app: a}
	c.messages = sse.NewHub(a, func(h *sse.HubConfig) {
		h.Broker = follow(a, logs.Messages, c.history.read)
	})
	c.signals = sse.NewHub(a, func(h *sse.HubConfig) {
		h.Broker = follow(a, logs.Signals, c.people.read)
		h.Replay = false
	})
	a.OnStart(func(context.Context) error {
		a.Go(c.tellPeople)
		return nil
	})
	return c
}

// listen is the stream of somebody in a room. It joins first and sends what was
// before then: what is published meanwhile follows when the function has
// returned, so nothing is missing in between. An entry may be in both, and is
// known by its ID.
func (c *chat) listen(s *sse.Session) error {
	room, name := s.Call().PathParam("room"), s.Call().QueryParam("name")
	if err := errors.Join(checkRoom(room), checkName(name)); err != nil {
		return err
	}
	if err := c.messages.Join(s, room); err != nil {
		return err
	}
	if err := c.signals.Join(s, room); err != nil {
		return err
	}
	c.arrive(room, name)
	s.OnEnd(func(cause error) {
		if !errors.Is(cause, sse.ErrStopping) { // else all will be elsewhere soon
			c.depart(room, name)
		}
	})

	if s.LastEventID() == "" { // else the hub knows what is missing
		if err := s.Send(event("history", c.history.latest(room))); err != nil {
			return err
		}
	}
	for _, list := range c.people.lists(room) {
		if err := s.Send(event("people", list)); err != nil {
			return err
		}
	}
	return nil
}

// arrive counts somebody who comes into a room, and tells the room unless it
// knows already. Nobody waits for that: a stream is worth more than the news of it.
func (c *chat) arrive(room, name string) {
	known := c.people.in(room, name)
	c.people.add(room, name)
	c.app.Go(func(ctx context.Context) error {
		if !known {
			if err := c.publish(ctx, room, Entry{Kind: joined, Name: name}); err != nil {
				return err
			}
		}
		return c.tell(ctx, room)
	})
}

// depart does the opposite, a while later: who comes back in time has not left.
func (c *chat) depart(room, name string) {
	c.app.Go(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(gracePeriod):
		}
		c.people.remove(room, name)
		if !c.people.in(room, name) {
			if err := c.publish(ctx, room, Entry{Kind: left, Name: name}); err != nil {
				return err
			}
		}
		return c.tell(ctx, room)
	})
}

// say takes a message.
func (c *chat) say(call *app.Call) error {
	message, err := app.Receive[struct{ Name, Text string }](call)
	if err != nil {
		return err
	}
	room := call.PathParam("room")
	if err := errors.Join(checkRoom(room), checkName(message.Name), checkText(message.Text)); err != nil {
		return err
	}
	entry := Entry{Kind: spoken, Name: message.Name, Text: message.Text}
	if err := c.publish(call.Context(), room, entry); err != nil {
		return &app.Error{Status: http.StatusServiceUnavailable, Message: "the message could not be sent, try again", Err: err}
	}
	return call.RespondStatus(http.StatusNoContent)
}

// typing takes note that somebody types.
func (c *chat) typing(call *app.Call) error {
	who, err := app.Receive[struct{ Name string }](call)
	if err != nil {
		return err
	}
	room := call.PathParam("room")
	if err := errors.Join(checkRoom(room), checkName(who.Name)); err != nil {
		return err
	}
	if err := c.signals.Publish(call.Context(), room, event("typing", who.Name)); err != nil {
		return err
	}
	return call.RespondStatus(http.StatusNoContent)
}

// list answers with the names of the rooms that have something to read.
func (c *chat) list(call *app.Call) error { return call.Respond(c.history.rooms()) }

// publish adds an entry to a room. It gets into the history like what other
// processes say: when it is read from the log.
func (c *chat) publish(ctx context.Context, room string, entry Entry) error {
	entry.ID, entry.At = rand.Text(), time.Now().UTC()
	return c.messages.Publish(ctx, room, event("", entry))
}

// tellPeople says again and again who is there, because a process that is killed
// cannot say that its people have gone. It keeps the streams from being silent,
// too, which proxies do not like.
func (c *chat) tellPeople(ctx context.Context) error {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for _, room := range c.people.occupied() {
			if err := c.tell(ctx, room); err != nil {
				c.app.Logger().WarnContext(ctx, "nobody was told who is there", "room", room, "error", err)
			}
		}
	}
}

// tell says who is in a room, one after the other, so that no list comes behind a
// newer one.
func (c *chat) tell(ctx context.Context, room string) error {
	c.telling.Lock()
	defer c.telling.Unlock()
	return c.signals.Publish(ctx, room, event("people", c.people.list(room)))
}

// event returns an event whose data is JSON.
func event(kind string, value any) sse.Event {
	data, err := json.Marshal(value)
	if err != nil {
		return sse.Event{Comments: fmt.Sprint(err)} // no value here has no JSON
	}
	return sse.Event{Event: kind, Data: string(data)}
}
