package websockets

import (
	"slices"
	"sync/atomic"

	"github.com/chitor-go/chitor/plugins/sse"
)

// An EventForm makes messages of the events of a hub that a WebSocket has joined.
// Its functions are called on goroutines of many sessions at once. A message
// without a kind is not sent. An error, or a panic, ends the session, as one of
// the function does that serves it.
type EventForm struct {
	// Event returns the message of an event. Nil makes a message of its data, as
	// text: its type and its ID are left out, so clients do not resume, and that
	// one has missed something looks like any other event.
	Event func(event sse.Event) (Message, error)
	// Mark returns the message that tells a client where it begins, before its
	// first event, by the ID to come back with. Nil sends none: then one that loses
	// its connection before it has had an event begins anew.
	Mark func(id string) (Message, error)
}

// JSONEvents is a form with all that an event stream has: an event is an object of
// JSON with its data, and with its type and its ID if it has them,
//
//	{"event":"price","id":"2m4k1x9a7-1234","data":"JB 4200"}
//
// and where a client begins is {"id":"2m4k1x9a7-1233"}. A client keeps the last id
// that it got, and connects again with it as the query parameter lastEventId, to
// get what it has missed. Sessions share the data of the messages: a form that wraps
// this one must not change it, but may append to it.
func JSONEvents() EventForm {
	recent := &jsonEvents{}
	return EventForm{
		Event: recent.message,
		Mark: func(id string) (Message, error) {
			return jsonText(struct {
				ID string `json:"id"`
			}{id})
		},
	}
}

// jsonEvents encode events, and keep what they have made of some of the newest:
// the clients of a hub get the same ones at about the same time.
type jsonEvents struct {
	recent [64]atomic.Pointer[jsonEvent]
}

// A jsonEvent is an event that was encoded. Nobody changes it.
type jsonEvent struct {
	event sse.Event
	text  []byte
}

// keptEvent is how large an encoded event is at most that is kept.
const keptEvent = 4 << 10

func (e *jsonEvents) message(event sse.Event) (Message, error) {
	slot := &e.recent[slotOf(event.ID)%len(e.recent)]
	if known := slot.Load(); known != nil && known.event == event {
		return Message{Text, known.text}, nil
	}
	message, err := jsonText(struct {
		Event string `json:"event,omitempty"`
		ID    string `json:"id,omitempty"`
		Data  string `json:"data"`
	}{event.Event, event.ID, event.Data})
	if err == nil && len(message.Data) <= keptEvent {
		slot.Store(&jsonEvent{event, message.Data})
	}
	return message, err
}

// slotOf returns a number that differs for IDs which follow one another.
func slotOf(id string) int {
	slot := 0
	for _, digit := range []byte(id[max(0, len(id)-3):]) {
		slot = slot*10 + int(digit)
	}
	return slot
}

func jsonText(value any) (Message, error) {
	text, err := sse.JSON(value)
	return Message{Text, slices.Clip(text)}, err // whoever appends to it has a copy
}

// Events sets the form of the events of hubs for one WebSocket.
func Events(form EventForm) Option {
	return func(o *options) { o.events = form }
}
