package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
)

// The names of the two logs in the broker, and for how long what is said stays
// there.
const (
	messagesLog = "chat-messages"
	signalsLog  = "chat-signals"
	remembered  = 24 * time.Hour
)

// open opens the logs at an address: in a NATS server of this process that is
// embedded, in another one, or in Redis. An empty address is the memory of this
// process. The function that it returns closes them.
func open(ctx context.Context, address string) (Logs, func(context.Context) error, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	switch scheme {
	case "":
		return inMemory(), func(context.Context) error { return nil }, nil
	case "embedded":
		return openEmbedded(ctx, rest)
	case "redis", "rediss":
		return openRedis(ctx, address)
	case "nats", "tls", "ws", "wss":
		return openNATS(ctx, address)
	default:
		return Logs{}, nil, fmt.Errorf("open %q: want embedded, embedded://host:port, nats://host:port or redis://host:port", address)
	}
}

// openEmbedded starts a NATS server, which other processes can use if there is
// an address to listen at. What is said is in files until the process ends.
func openEmbedded(ctx context.Context, listen string) (Logs, func(context.Context) error, error) {
	directory, err := os.MkdirTemp("", "chat-")
	if err != nil {
		return Logs{}, nil, err
	}
	remove := func() error { return os.RemoveAll(directory) }
	server, err := embedded.Start(func(c *embedded.Config) {
		c.Directory = directory
		c.Listen = listen
	})
	if err != nil {
		return Logs{}, nil, errors.Join(err, remove())
	}
	closeAll := func(ctx context.Context) error { return errors.Join(server.Close(ctx), remove()) }
	messages, err := server.Broker(ctx, messagesIn)
	if err != nil {
		return Logs{}, nil, errors.Join(err, closeAll(ctx))
	}
	signals, err := server.Broker(ctx, signalsIn)
	if err != nil {
		return Logs{}, nil, errors.Join(err, closeAll(ctx))
	}
	return Logs{messages, signals}, closeAll, nil
}

// openNATS connects to a NATS server.
func openNATS(ctx context.Context, address string) (Logs, func(context.Context) error, error) {
	messages, err := nats.Connect(ctx, address, messagesIn)
	if err != nil {
		return Logs{}, nil, err
	}
	signals, err := nats.Connect(ctx, address, signalsIn)
	if err != nil {
		return Logs{}, nil, errors.Join(err, messages.Close(ctx))
	}
	return Logs{messages, signals}, func(ctx context.Context) error {
		return errors.Join(messages.Close(ctx), signals.Close(ctx))
	}, nil
}

func messagesIn(c *nats.Config) { c.Name, c.MaxAge = messagesLog, remembered }

func signalsIn(c *nats.Config) { c.Name, c.MaxAge = signalsLog, believed }

// openRedis connects to a Redis server.
func openRedis(ctx context.Context, address string) (Logs, func(context.Context) error, error) {
	messages, err := sseredis.Open(address, func(c *sseredis.Config) { c.Stream, c.MaxLen = messagesLog, 10_000 })
	if err != nil {
		return Logs{}, nil, err
	}
	signals, err := sseredis.Open(address, func(c *sseredis.Config) { c.Stream, c.MaxLen = signalsLog, 1_000 })
	if err != nil {
		return Logs{}, nil, errors.Join(err, messages.Close(ctx))
	}
	return Logs{messages, signals}, func(ctx context.Context) error {
		return errors.Join(messages.Close(ctx), signals.Close(ctx))
	}, nil
}
