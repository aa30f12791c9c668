package sseredis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/plugins/sse"
)

// errClosed is what a broker's methods return after Close.
var errClosed = errors.New("the broker is closed")

// A Broker is a log in Redis. It is made by [Open] or [New], and all its methods
// may be called from any goroutine.
type Broker struct {
	config  Config
	client  redis.UniversalClient
	owned   bool // the client is the broker's own
	scripts scripts

	closing context.Context //nolint:containedctx // ends when Close is called
	close   context.CancelFunc
	mu      sync.Mutex
	calls   sync.WaitGroup // commands under way: added to with mu, unless closing has ended
	known   sse.Position   // the newest that this node has seen
}

var _ sse.Broker = (*Broker)(nil)

// Open returns a broker on the server of a URL, such as
// redis://user:password@host:6379/0. The scheme is redis, rediss for TLS or
// unix, and the query has what go-redis's ParseURL knows, as in
// ?dial_timeout=1s. It connects when it is first used: a server that cannot be
// reached is an error of the first call, and none of Open. Close closes it.
//
// It returns an error for a URL that is none, without what is in the URL, for a
// value that is a mistake and for a nil function.
func Open(url string, configure ...func(*Config)) (*Broker, error) {
	options, err := redis.ParseURL(url)
	if err != nil { // it has parts of the URL, and may have the password
		return nil, errors.New("open redis broker: the URL cannot be read: it is like redis://user:password@host:6379/0?pool_size=50, " +
			"or has rediss or unix in the place of redis, and the password is escaped, as %40 is a @")
	}
	config, err := newConfig(configure)
	if err != nil {
		return nil, fmt.Errorf("open redis broker: %w", err)
	}
	options.ContextTimeoutEnabled = true
	return newBroker(redis.NewClient(options), true, config), nil
}

// New returns a broker on a client of your own: of one server, of a cluster or
// of servers that Sentinel watches. You close it, after the broker. Each
// Subscribe opens one connection beside those of the client, with its options.
//
// It returns an error for a nil client, for a value that is a mistake and for a
// nil function.
func New(client redis.UniversalClient, configure ...func(*Config)) (*Broker, error) {
	if client == nil {
		return nil, errors.New("new redis broker: the client is nil")
	}
	config, err := newConfig(configure)
	if err != nil {
		return nil, fmt.Errorf("new redis broker: %w", err)
	}
	return newBroker(client, false, config), nil
}

func newBroker(client redis.UniversalClient, owned bool, config Config) *Broker {
	b := &Broker{config: config, client: client, owned: owned, scripts: newScripts()}
	b.closing, b.close = context.WithCancel(context.Background())
	return b
}

// Close ends what is under way, with errors, and waits for it. It closes the
// client of a broker that Open has returned. It uses no context: it is as
// [github.com/chitor-go/chitor/app.Application.OnStop] wants it, added before
// the hub is made, so that the hub is closed first. A second call does nothing.
func (b *Broker) Close(context.Context) error {
	b.mu.Lock()
	first := b.closing.Err() == nil
	b.close()
	b.mu.Unlock()
	var err error
	if first && b.owned {
		err = b.client.Close()
	}
	b.calls.Wait()
	return err
}

// Last implements [sse.Broker]. It begins a log where there is none.
func (b *Broker) Last(ctx context.Context) (sse.Position, error) {
	reply, err := b.run(ctx, b.scripts.last)
	if err != nil {
		return sse.Position{}, fmt.Errorf("last position of redis stream %s: %w", b.config.Stream, err)
	}
	return positionOf(reply)
}

// Publish implements [sse.Broker]. It is not tried again after an error, so that
// a message is never in the log twice. data may be used again when it has
// returned.
func (b *Broker) Publish(ctx context.Context, topic string, data []byte) (sse.Position, error) {
	reply, err := b.run(ctx, b.scripts.publish, topic, string(data), b.config.MaxLen)
	if err != nil {
		return sse.Position{}, fmt.Errorf("publish to redis stream %s: %w", b.config.Stream, err)
	}
	position, err := positionOf(reply)
	if err == nil {
		b.saw(position)
	}
	return position, err
}

// positionOf reads the epoch and the offset that a script returns.
func positionOf(reply any) (sse.Position, error) {
	fields, _ := reply.([]any)
	if len(fields) != 2 {
		return sse.Position{}, fmt.Errorf("read the reply of redis: %v is not an epoch and an offset", reply)
	}
	return sse.ParsePosition(fmt.Sprint(fields[0], "-", fields[1]))
}

// saw keeps the newest position, which later scripts compare with the log.
func (b *Broker) saw(position sse.Position) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if isNewer(position, b.known) {
		b.known = position
	}
}

// isNewer compares positions of this engine, whose epochs are numbers.
func isNewer(a, b sse.Position) bool {
	epoch, _ := strconv.ParseUint(a.Epoch, 10, 64)
	other, _ := strconv.ParseUint(b.Epoch, 10, 64)
	if epoch != other {
		return epoch > other
	}
	return a.Offset > b.Offset
}
