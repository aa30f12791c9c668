package ratelimitredis

import (
	"context"
	_ "embed" // for the script
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/plugins/ratelimit"
)

// Config is what [Open] and [New] can be told.
type Config struct {
	// Prefix is what the keys in Redis begin with: "chitor:limit:" by default.
	// Applications that share a server and no limits have different ones.
	Prefix string
}

// A Store holds the buckets of limits in Redis. It is made by [Open] or [New],
// any number of limits may share it, and all its methods may be called from any
// goroutine.
type Store struct {
	prefix string
	client redis.UniversalClient
	take   string // the script's name

	closeOwned func() error // of a client of its own, else nothing happens
}

var _ ratelimit.Store = (*Store)(nil)

//go:embed take.lua
var takeSource string

// Open returns a store on the server of a URL, such as
// redis://user:password@host:6379/0. The scheme is redis, rediss for TLS or
// unix, and the query has what go-redis's ParseURL knows, as in ?pool_size=50. It
// connects when it is first used: a server that cannot be reached is an error of
// the first call, and none of Open. Close closes it.
//
// It returns an error for a URL that is none, without what is in the URL, and for
// a nil function.
func Open(url string, configure ...func(*Config)) (*Store, error) {
	options, err := redis.ParseURL(url)
	if err != nil { // it has parts of the URL, and may have the password
		return nil, errors.New("open redis store: the URL cannot be read: it is like redis://user:password@host:6379/0?pool_size=50, " +
			"or has rediss or unix in the place of redis, and the password is escaped, as %40 is a @")
	}
	config, err := newConfig(configure)
	if err != nil {
		return nil, fmt.Errorf("open redis store: %w", err)
	}
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	return newStore(client, config, sync.OnceValue(client.Close)), nil
}

// New returns a store on a client of your own: of one server, of a cluster or of
// servers that Sentinel watches. You close it, after the application has stopped.
//
// It returns an error for a nil client, for a nil function, and for a client
// whose options lack ContextTimeoutEnabled: it would wait for a server that is
// silent longer than Config.StoreTimeout allows.
func New(client redis.UniversalClient, configure ...func(*Config)) (*Store, error) {
	if client == nil {
		return nil, errors.New("new redis store: the client is nil")
	}
	config, err := newConfig(configure)
	if err != nil {
		return nil, fmt.Errorf("new redis store: %w", err)
	}
	if !heedsContexts(client) {
		return nil, errors.New("new redis store: the client does not heed the deadlines of contexts: set ContextTimeoutEnabled in its options")
	}
	return newStore(client, config, func() error { return nil }), nil
}

func newConfig(configure []func(*Config)) (Config, error) {
	c := Config{Prefix: "chitor:limit:"}
	for _, change := range configure {
		if change == nil {
			return Config{}, errors.New("a function that configures it is nil")
		}
		change(&c)
	}
	return c, nil
}

// heedsContexts reports whether the deadlines of contexts end the commands of a
// client. One of an unknown type is believed to be made for it.
func heedsContexts(client redis.UniversalClient) bool {
	switch client := client.(type) {
	case *redis.Client:
		return client.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		return client.Options().ContextTimeoutEnabled
	case *redis.Ring:
		return client.Options().ContextTimeoutEnabled
	default:
		return true
	}
}

func newStore(client redis.UniversalClient, config Config, closeOwned func() error) *Store {
	return &Store{config.Prefix, client, redis.NewScript(takeSource).Hash(), closeOwned}
}

// Close closes the client of a store that [Open] has returned, which ends what is
// under way with errors. It uses no context: it is as
// [github.com/chitor-go/chitor/app.Application.OnStop] wants it. A second call
// does nothing.
func (s *Store) Close(context.Context) error { return s.closeOwned() }

// Take implements [ratelimit.Store].
func (s *Store) Take(ctx context.Context, policy ratelimit.Policy, key string, weight int) (ratelimit.Balance, error) {
	reply, err := s.run(ctx, s.prefix+policy.Name+":"+key, policy.Limit,
		strconv.FormatFloat(float64(policy.Refill)/1e3, 'g', -1, 64), weight) // microseconds
	if err != nil {
		return ratelimit.Balance{}, fmt.Errorf("take tokens of limit %s in redis: %w", policy.Name, err)
	}
	balance, err := balanceOf(reply)
	if err != nil {
		return ratelimit.Balance{}, fmt.Errorf("take tokens of limit %s in redis: %w", policy.Name, err)
	}
	return balance, nil
}

// once is a command that go-redis does not send again after an error: tokens
// would be taken twice.
type once struct{ *redis.Cmd }

func (once) NoRetry() bool { return true }

// run sends the script by its name, and whole only to a server that does not
// know it.
func (s *Store) run(ctx context.Context, key string, args ...any) (any, error) {
	named := redis.NewCmd(ctx, append([]any{"evalsha", s.take, 1, key}, args...)...)
	_ = s.client.Process(ctx, once{named})
	if !redis.HasErrorPrefix(named.Err(), "NOSCRIPT") {
		return named.Result()
	}
	whole := redis.NewCmd(ctx, append([]any{"eval", takeSource, 1, key}, args...)...)
	_ = s.client.Process(ctx, once{whole})
	return whole.Result()
}

// balanceOf reads whether tokens were taken, and how many are left.
func balanceOf(reply any) (ratelimit.Balance, error) {
	fields, _ := reply.([]any)
	if len(fields) == 2 {
		taken, isNumber := fields[0].(int64)
		text, _ := fields[1].(string)
		if tokens, err := strconv.ParseFloat(text, 64); isNumber && err == nil {
			return ratelimit.Balance{Taken: taken == 1, Tokens: tokens}, nil
		}
	}
	return ratelimit.Balance{}, fmt.Errorf("read the reply: %v does not say what is left", reply)
}
