package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
)

// name is that of the log in NATS and Redis. It is no hub's.
const name = "mcp-events"

// open opens the log at an address, and nil for the memory of this process if
// there is none. The function that it returns closes it.
func open(ctx context.Context, address string) (sse.Broker, func(context.Context) error, error) {
	scheme, listen, _ := strings.Cut(address, "://")
	switch scheme {
	case "":
		return nil, func(context.Context) error { return nil }, nil
	case "embedded":
		return openEmbedded(ctx, listen)
	case "nats", "tls":
		broker, err := nats.Connect(ctx, address, func(c *nats.Config) { c.Name = name })
		if err != nil {
			return nil, nil, err
		}
		return broker, broker.Close, nil
	case "redis", "rediss", "unix":
		broker, err := sseredis.Open(address, func(c *sseredis.Config) { c.Stream = name })
		if err != nil {
			return nil, nil, err
		}
		return broker, broker.Close, nil
	default:
		// Without the address, which may have a password.
		return nil, nil, errors.New("the log is not embedded://host:port, nats://host:port or redis://host:port")
	}
}

// openEmbedded starts a NATS server, which other processes use by its address.
func openEmbedded(ctx context.Context, listen string) (sse.Broker, func(context.Context) error, error) {
	directory, err := os.MkdirTemp("", "mcp-")
	if err != nil {
		return nil, nil, err
	}
	remove := func() error { return os.RemoveAll(directory) }
	server, err := embedded.Start(func(c *embedded.Config) { c.Directory, c.Listen = directory, listen })
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	closeAll := func(ctx context.Context) error { return errors.Join(server.Close(ctx), remove()) }
	broker, err := server.Broker(ctx, func(c *nats.Config) { c.Name = name })
	if err != nil {
		return nil, nil, errors.Join(err, closeAll(ctx))
	}
	return broker, closeAll, nil
}
