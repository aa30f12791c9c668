package sseredis

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/plugins/sse"
)

const (
	// block is how long the server holds a read for which there is nothing. Then
	// the log is looked at: one that was emptied wakes nobody.
	block = 5 * time.Second
	// batch is how many messages are read at once.
	batch = 100
	// leap is how offsets go on after another run of a server: see log.lua.
	leap = 1_000_000_000
)

// Subscribe implements [sse.Broker]. It has one connection of its own, which
// ends with ctx.
func (b *Broker) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		s := subscription{Broker: b, at: after}
		err := s.follow(ctx, func(message sse.Message) bool { return yield(message, nil) })
		if ctx.Err() != nil {
			err = ctx.Err()
		} else if b.closing.Err() != nil {
			err = errClosed
		}
		if !s.stopped {
			yield(sse.Message{}, err)
		}
	}
}

// subscription is a Subscribe that runs.
type subscription struct {
	*Broker

	at      sse.Position // of the last message
	stopped bool         // by the loop over the messages
}

// follow returns when there is an error, or yield has returned false.
func (s *subscription) follow(ctx context.Context, yield func(sse.Message) bool) error {
	if err := s.check(ctx, s.at); err != nil {
		return err
	}
	reader, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("subscribe to redis stream %s: %w", s.config.Stream, err)
	}
	shut := func() { _ = reader.Close() }
	defer shut()
	// To close it is the only way to end a read.
	defer context.AfterFunc(ctx, shut)()
	defer context.AfterFunc(s.closing, shut)()
	for {
		entries, err := s.wait(ctx, reader)
		if err != nil {
			return err
		}
		for i := range entries {
			message, err := s.next(ctx, &entries[i])
			if err != nil {
				return err
			}
			if s.stopped = !yield(message); s.stopped {
				return nil
			}
		}
	}
}

// dial returns a client for one connection, to the server that has the stream.
func (s *subscription) dial(ctx context.Context) (*redis.Client, error) {
	var node *redis.Client
	switch client := s.client.(type) {
	case *redis.Client:
		node = client
	case interface {
		MasterForKey(ctx context.Context, key string) (*redis.Client, error)
	}:
		var err error
		if node, err = client.MasterForKey(ctx, s.config.Stream); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("a %T has no single server for a stream: use a *redis.Client or a *redis.ClusterClient", client)
	}
	// A copy, and not by Options: a connection that begins writes into those of
	// the client.
	options := node.WithTimeout(node.Options().ReadTimeout).Options()
	options.WriteTimeout = node.Options().WriteTimeout
	options.PoolSize, options.MinIdleConns, options.MaxIdleConns, options.MaxActiveConns = 1, 0, 0, 0
	options.MaxRetries, options.DialerRetries = -1, 1
	if options.ReadTimeout > 0 {
		options.ReadTimeout += block
	}
	return redis.NewClient(options), nil
}

// wait returns the entries that follow, and none if the log is still what it was
// after a while.
func (s *subscription) wait(ctx context.Context, reader *redis.Client) ([]redis.XMessage, error) {
	// XReadArgs would add ten seconds to the time that a dead server has.
	command := redis.NewXStreamSliceCmd(ctx,
		"xread", "count", batch, "block", block.Milliseconds(), "streams", s.config.Stream, s.at.String())
	_ = reader.Process(ctx, command)
	streams, err := command.Result()
	if errors.Is(err, redis.Nil) {
		return nil, s.check(ctx, s.at)
	}
	if err != nil {
		return nil, fmt.Errorf("subscribe to redis stream %s: %w", s.config.Stream, err)
	}
	if len(streams) != 1 {
		return nil, fmt.Errorf("subscribe to redis stream %s: the reply has %d streams", s.config.Stream, len(streams))
	}
	return streams[0].Messages, nil
}

// next returns the message of an entry, if it is the one that follows.
func (s *subscription) next(ctx context.Context, entry *redis.XMessage) (sse.Message, error) {
	position, err := sse.ParsePosition(entry.ID)
	if err != nil {
		return sse.Message{}, fmt.Errorf("subscribe to redis stream %s: %w", s.config.Stream, err)
	}
	if position.Epoch != s.at.Epoch {
		return sse.Message{}, s.gap(s.at)
	}
	if position.Offset != s.at.Offset+1 {
		if position.Offset%leap != 0 {
			return sse.Message{}, s.gap(s.at)
		}
		if err := s.check(ctx, s.at); err != nil {
			return sse.Message{}, err
		}
	}
	s.at = position
	s.saw(position)
	topic, _ := entry.Values["t"].(string)
	data, _ := entry.Values["d"].(string)
	return sse.Message{Position: position, Topic: topic, Data: []byte(data)}, nil
}
