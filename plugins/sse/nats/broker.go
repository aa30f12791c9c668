package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A Broker is a [sse.Broker] on a stream of NATS JetStream. [Connect] and [New]
// make it; the zero Broker is not usable. Its methods may be called from any
// goroutine.
//
// The offset of a position is the sequence of the message in the stream. The
// epoch is in the stream's subjects; a stream that is made again has another.
type Broker struct {
	conn   *nats.Conn
	js     jetstream.JetStream
	config Config
	close  func() // what Close does

	mutex  sync.Mutex
	newest sse.Position // that this broker has seen; zero before the first
}

var _ sse.Broker = (*Broker)(nil)

// Connect returns a broker with a connection of its own to the servers of a
// comma-separated list of URLs, such as "nats://10.0.0.1,nats://10.0.0.2", and
// makes the stream if there is none. The connection is made again, to any of
// the servers, whenever it is lost. Close the broker to close it.
//
// It fails if no server is reachable, if the server has no JetStream, or if the
// stream exists and is not what the configuration says. The context bounds
// Connect alone; it takes about 15 seconds at most.
func Connect(ctx context.Context, urls string, configure ...func(*Config)) (*Broker, error) {
	config, err := configured(configure)
	if err != nil {
		return nil, err
	}
	conn, err := nats.Connect(urls, append(connection(), config.Options...)...)
	if errors.As(err, new(*url.Error)) {
		// What it says has the URL in it, or a part of the password.
		return nil, errors.New("connect to NATS: a URL cannot be read: it is like nats://user:password@host:4222, " +
			"and the password is escaped, as %40 is a @")
	}
	if err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", hosts(urls), err)
	}
	broker, err := newBroker(ctx, conn, config)
	if err != nil {
		conn.Close()
		return nil, err
	}
	broker.close = conn.Close
	return broker, nil
}

// hosts returns a list of URLs without what is secret in them: users, passwords
// and tokens.
func hosts(urls string) string {
	var names []string
	for each := range strings.SplitSeq(urls, ",") {
		names = append(names, each[strings.LastIndexByte(each, '@')+1:])
	}
	return strings.Join(names, ", ")
}

// connection returns the options of a connection that Connect makes.
func connection() []nats.Option {
	return []nats.Option{
		nats.Name("chitor"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		// What cannot be sent now fails, and is sent again by what has sent it.
		nats.ReconnectBufSize(-1),
		// A server whose network is gone is noticed after 15 s.
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
		// By default errors are printed. The readers and publishers that they
		// concern return them.
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
}

// New returns a broker that uses a connection, and makes the stream if there is
// none. Several brokers may use the same connection. Who made it closes it, when
// the hub has been closed; Close of the broker leaves it open.
//
// It fails as [Connect] does. The context bounds New alone.
func New(ctx context.Context, conn *nats.Conn, configure ...func(*Config)) (*Broker, error) {
	config, err := configured(configure)
	if err != nil {
		return nil, err
	}
	if conn == nil {
		return nil, errors.New("make a broker: the connection is nil")
	}
	return newBroker(ctx, conn, config)
}

func newBroker(ctx context.Context, conn *nats.Conn, config Config) (*Broker, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("use JetStream: %w", err)
	}
	broker := &Broker{conn: conn, js: js, config: config, close: func() {}}
	if err := broker.agree(ctx); err != nil {
		return nil, fmt.Errorf("make a broker: %w", err)
	}
	return broker, nil
}

// Close closes the connection that [Connect] has made, so that all methods fail
// from then on. It returns nil, and uses no context: it is as
// [github.com/chitor-go/chitor/app.Application.OnStop] wants it, added before
// the hub is made, so that the hub is closed first. A broker that [New] has made
// needs no Close.
func (b *Broker) Close(context.Context) error {
	b.close()
	return nil
}

// Last is the method of [sse.Broker].
func (b *Broker) Last(ctx context.Context) (sse.Position, error) {
	stream, err := b.open(ctx)
	if err != nil {
		return sse.Position{}, fmt.Errorf("find the last message of stream %q: %w", b.config.Name, err)
	}
	return b.lastOf(stream), nil
}

// Publish is the method of [sse.Broker]. It returns when the server, and of a
// stream with replicas most of its servers, have the message. While no server
// answers it sends the message again, for 15 seconds at most; the server knows
// it by an ID, so that it is in the stream once.
func (b *Broker) Publish(ctx context.Context, topic string, data []byte) (sse.Position, error) {
	position, err := b.publish(ctx, topic, data)
	if err != nil {
		return sse.Position{}, fmt.Errorf("publish to stream %q: %w", b.config.Name, err)
	}
	return position, nil
}

func (b *Broker) publish(ctx context.Context, topic string, data []byte) (sse.Position, error) {
	if topic == "" {
		return sse.Position{}, errors.New("the topic is empty")
	}
	token, whole := token(topic)
	message := nats.NewMsg("")
	message.Data = data
	if whole != "" {
		message.Header.Set(topicHeader, whole)
	}
	var before, position sse.Position
	err := b.try(ctx, func(ctx context.Context) error {
		if known := b.known(); message.Subject == "" || known.Epoch != before.Epoch {
			before = known
			message.Subject = b.config.prefix(known.Epoch) + token
			// A message of another epoch is another message.
			message.Header.Set(jetstream.MsgIDHeader, nuid.Next())
		}
		ack, err := b.js.PublishMsg(ctx, message, jetstream.WithRetryAttempts(0))
		if errors.Is(err, jetstream.ErrNoStreamResponse) {
			_, looking := b.look(ctx)
			return cmp.Or(looking, err)
		}
		if err != nil {
			return err
		}
		position = sse.Position{Epoch: before.Epoch, Offset: ack.Sequence}
		if position.Offset <= before.Offset {
			return cmp.Or(b.beginAnew(ctx, before.Epoch), errTailLost)
		}
		return nil
	})
	if err != nil {
		return sse.Position{}, err
	}
	b.saw(position)
	return position, nil
}
