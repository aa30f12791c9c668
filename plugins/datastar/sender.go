package datastar

import (
	"context"
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/plugins/sse"
)

// ErrInvalid is the error of what has no form that Datastar would take as it was
// meant. Nothing of it was sent, and the stream is as good as before. An event ID
// or a time to retry that is none wraps [sse.ErrInvalidEvent] in its place.
var ErrInvalid = errors.New("nothing was sent")

// A Sender is where events go: an [sse.Session], or the topic of a hub, by
// [Topic].
type Sender interface {
	// Send sends one event. It may be called from any goroutine.
	Send(event sse.Event) error
}

// Topic returns a sender that publishes what it is given, so that every stream
// that has joined the topic of the hub gets it. It waits as [sse.Hub.Publish]
// does, at most until ctx ends. The hub gives its events their IDs: [EventID] is
// an error there.
func Topic(ctx context.Context, hub *sse.Hub, topic string) Sender {
	return senderFunc(func(event sse.Event) error {
		if hub == nil {
			return fmt.Errorf("%w: the hub is nil", ErrInvalid)
		}
		return hub.Publish(ctx, topic, event)
	})
}

type senderFunc func(sse.Event) error

func (f senderFunc) Send(event sse.Event) error { return f(event) }

func send(to Sender, event sse.Event) error {
	if to == nil {
		return fmt.Errorf("%w: the sender is nil", ErrInvalid)
	}
	return to.Send(event)
}
