package hubs

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	r3labs "github.com/r3labs/sse/v2"
	gosse "github.com/tmaxmax/go-sse"

	"github.com/chitor-go/chitor/bench/reference"
)

// The variants.
const (
	Chitor    = "chitor"
	Held      = "chitor-held" // a goroutine for each stream, which writes to it
	Reference = "reference"
	GoSSE     = "go-sse"
	R3Labs    = "r3labs"
)

// Variants returns the names of all.
func Variants() []string { return []string{Chitor, Held, Reference, GoSSE, R3Labs} }

// topic is what every client has joined.
const topic = "news"

// Path is where a stream is, with its topic for those that ask for it.
const Path = "/events?stream=" + topic

// Options say how a variant is served.
type Options struct {
	Secure    bool          // with TLS
	Heartbeat time.Duration // of each stream; 0 for none
}

// A Hub is a variant that is served.
type Hub struct {
	Address string
	// Publish sends an event to all clients. All variants give it an ID.
	Publish func(number int, data string) error
	// Open returns how many streams there are.
	Open func() int
	// Stop ends the server, and what is open with it.
	Stop func() error
}

// Start serves a variant.
func Start(ctx context.Context, variant string, options Options) (*Hub, error) {
	if options.Heartbeat > 0 && (variant == GoSSE || variant == R3Labs) {
		return nil, fmt.Errorf("%s has no heartbeat", variant)
	}
	switch variant {
	case Chitor:
		return startChitor(ctx, options, false)
	case Held:
		return startChitor(ctx, options, true)
	case Reference:
		h := reference.NewHub()
		return serveHTTP(ctx, h.Handler(options.Heartbeat), options, func(number int, data string) error {
			h.Publish(strconv.Itoa(number), "", data)
			return nil
		})
	case GoSSE:
		server := &gosse.Server{OnSession: sendHead}
		return serveHTTP(ctx, server, options, func(number int, data string) error {
			message := &gosse.Message{ID: gosse.ID(strconv.Itoa(number))}
			message.AppendData(data)
			return server.Publish(message)
		})
	case R3Labs:
		server := r3labs.New()
		server.AutoReplay = false // it keeps every event there ever was
		server.SplitData = true   // else data of several lines does not arrive
		server.CreateStream(topic)
		return serveHTTP(ctx, server, options, func(number int, data string) error {
			server.Publish(topic, &r3labs.Event{ID: strconv.AppendInt(nil, int64(number), 10), Data: []byte(data)})
			return nil
		})
	default:
		return nil, fmt.Errorf("there is no variant %q", variant)
	}
}

// sendHead sends the head of a stream at once, which go-sse sends with the first
// event.
func sendHead(w http.ResponseWriter, _ *http.Request) (topics []string, allowed bool) {
	return []string{gosse.DefaultTopic}, http.NewResponseController(w).Flush() == nil
}

func listen(ctx context.Context) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
}
