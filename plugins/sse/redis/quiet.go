package sseredis

import "github.com/redis/go-redis/v9/logging"

// Every attempt to connect that fails is an error that is returned, and a hub
// makes attempts until the server is back. What an application sets by
// redis.SetLogger comes after this.
func init() { logging.Disable() } //nolint:gochecknoinits // see above
