package sessionsredis

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/sessions"
)

// A Storage keeps sessions in Redis. It is made by [Open] or [New], any number of
// sessions may share it, and all its methods may be called from any goroutine.
//
// Ktor: SessionStorage, of which it has none for Redis.
type Storage struct {
	config  Config
	client  redis.UniversalClient
	scripts scripts

	closeOwned func() error // of a client of its own, else nothing happens
}

var _ sessions.OwnerStorage = (*Storage)(nil)

// Open returns a storage on the server of a URL, such as
// redis://user:password@host:6379/0. The scheme is redis, rediss for TLS or
// unix, and the query has what go-redis's ParseURL knows, as in ?pool_size=50. It
// connects when it is first used: a server that cannot be reached is an error of
// the first call, and none of Open. What fails is tried once more, or as often as
// max_retries in the query says, where go-redis would try for almost two seconds:
// a call waits for the answer. Close closes it.
//
// It returns an error for a URL that is none, without what is in the URL, and for
// each mistake in the configuration.
func Open(url string, configure ...func(*Config)) (*Storage, error) {
	var wrong mistakes.List
	options, err := redis.ParseURL(url)
	if err != nil { // it has parts of the URL, and may have the password
		wrong.Add(errors.New("the URL cannot be read: it is like redis://user:password@host:6379/0?pool_size=50, " +
			"or has rediss or unix in the place of redis, and the password is escaped, as %40 is a @"))
	}
	config, err := newConfig(configure)
	wrong.Add(err)
	if err := wrong.Err(); err != nil {
		return nil, fmt.Errorf("open redis storage: %w", err)
	}
	options.ContextTimeoutEnabled = true
	options.DialerRetries = 1
	if options.MaxRetries == 0 {
		options.MaxRetries = 1
	}
	client := redis.NewClient(options)
	return &Storage{config, client, newScripts(), sync.OnceValue(client.Close)}, nil
}

// New returns a storage on a client of your own: of one server, of a cluster or
// of servers that Sentinel watches. It must not read from replicas, which may
// know a session that was deleted. You close it, after the application has
// stopped.
//
// It returns an error for a nil client, for each mistake in the configuration,
// and for a client whose options lack ContextTimeoutEnabled: what is abandoned
// would wait for a server that is silent longer than Config.Timeout allows.
func New(client redis.UniversalClient, configure ...func(*Config)) (*Storage, error) {
	var wrong mistakes.List
	wrong.Add(checkClient(client))
	config, err := newConfig(configure)
	wrong.Add(err)
	if err := wrong.Err(); err != nil {
		return nil, fmt.Errorf("new redis storage: %w", err)
	}
	return &Storage{config, client, newScripts(), func() error { return nil }}, nil
}

// Close closes the client of a storage that [Open] has returned, which ends what
// is under way with errors. It uses no context: it is as
// [github.com/chitor-go/chitor/app.Application.OnStop] wants it. A second call
// does nothing.
func (s *Storage) Close(context.Context) error { return s.closeOwned() }

// Load returns a session: see [sessions.Storage].
func (s *Storage) Load(ctx context.Context, key string) (sessions.Record, error) {
	value, err := within(ctx, s.config.Timeout, func(ctx context.Context) ([]byte, error) {
		return s.client.Get(ctx, s.config.Prefix+key).Bytes()
	})
	if errors.Is(err, redis.Nil) {
		return sessions.Record{}, sessions.ErrNoSession
	}
	if err != nil {
		return sessions.Record{}, fmt.Errorf("load from redis: %w", err)
	}
	record, err := parseValue(value)
	if err != nil {
		return sessions.Record{}, fmt.Errorf("load from redis: %w", err)
	}
	return record, nil
}

// Save keeps a new session: see [sessions.Storage].
func (s *Storage) Save(ctx context.Context, key string, record sessions.Record) error {
	return wrap("save in redis", s.put(ctx, key, record, record.Owner, "new"))
}

// Update changes a session: see [sessions.Storage].
func (s *Storage) Update(ctx context.Context, key string, record sessions.Record) error {
	return wrap("update in redis", s.put(ctx, key, record, "", ""))
}

// put keeps a session, which is listed before the first attempt if firstFor is
// not empty.
func (s *Storage) put(ctx context.Context, key string, record sessions.Record, firstFor, isNew string) error {
	life := lifeOf(record.Expires)
	return s.listing(ctx, key, life, firstFor, func(ctx context.Context, listedFor string) (any, error) {
		return s.run(ctx, s.scripts.put, s.config.Prefix+key,
			life, expiryText(record.Expires), record.Owner, listedFor, isNew, record.Data)
	})
}

// Touch changes when a session expires: see [sessions.Storage].
func (s *Storage) Touch(ctx context.Context, key string, expires time.Time) error {
	life := lifeOf(expires)
	return wrap("touch in redis", s.listing(ctx, key, life, "", func(ctx context.Context, listedFor string) (any, error) {
		return s.run(ctx, s.scripts.touch, s.config.Prefix+key, life, expiryText(expires), listedFor)
	}))
}

// Delete forgets a session: see [sessions.Storage].
func (s *Storage) Delete(ctx context.Context, key string) error {
	_, err := within(ctx, s.config.Timeout, func(ctx context.Context) (any, error) {
		reply, err := s.run(ctx, s.scripts.drop, s.config.Prefix+key)
		if owner, _ := reply.(string); owner != "" {
			// The session is gone, and what stays in the list expires.
			_ = s.client.ZRem(ctx, s.list(owner), key).Err()
		}
		return reply, err
	})
	return wrap("delete in redis", err)
}

// wrap says what has failed, but for a session that is not there.
func wrap(operation string, err error) error {
	if err == nil || errors.Is(err, sessions.ErrNoSession) {
		return err
	}
	return fmt.Errorf("%s: %w", operation, err)
}
