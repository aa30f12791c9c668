package sessionsredis

import (
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config is what [Open] and [New] can be told.
type Config struct {
	// Prefix is what the keys in Redis begin with: "chitor:session:" by default.
	// Applications that share a server and no sessions have different ones. It must
	// not be empty.
	Prefix string
	// Timeout is how long a method takes at most, with all attempts to reach the
	// server, if its context does not end sooner: 3 s by default. It must be
	// positive.
	Timeout time.Duration
}

func newConfig(configure []func(*Config)) (Config, error) {
	c := Config{Prefix: "chitor:session:", Timeout: 3 * time.Second}
	var wrong mistakes.List
	wrong.Add(mistakes.Configure(&c, configure))
	if c.Prefix == "" {
		wrong.Add(errors.New("the prefix is empty: it keeps sessions apart from the other keys of the server"))
	}
	if c.Timeout <= 0 {
		wrong.Add(fmt.Errorf("the timeout is %v: it must be positive", c.Timeout))
	}
	return c, wrong.Err()
}

// checkClient returns what is wrong with a client of somebody else's. One of an
// unknown type is believed to be made for it.
func checkClient(client redis.UniversalClient) error {
	var heedsContexts, readsReplicas bool
	switch client := client.(type) {
	case nil:
		return errors.New("the client is nil")
	case *redis.Client:
		heedsContexts = client.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		heedsContexts, readsReplicas = client.Options().ContextTimeoutEnabled, client.Options().ReadOnly
	case *redis.Ring:
		heedsContexts = client.Options().ContextTimeoutEnabled
	default:
		heedsContexts = true
	}
	var wrong mistakes.List
	if !heedsContexts {
		wrong.Add(errors.New("the client does not heed the deadlines of contexts: set ContextTimeoutEnabled in its options"))
	}
	if readsReplicas {
		wrong.Add(errors.New("the client reads from replicas, which may have a session that was deleted: " +
			"leave ReadOnly, RouteByLatency and RouteRandomly of its options unset"))
	}
	return wrong.Err()
}
