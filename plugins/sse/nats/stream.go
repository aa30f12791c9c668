package nats

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/chitor-go/chitor/plugins/sse"
)

// open returns the stream and its state, and makes it if there is none.
func (b *Broker) open(ctx context.Context) (jetstream.Stream, error) {
	var stream jetstream.Stream
	err := b.try(ctx, func(ctx context.Context) error {
		var err error
		stream, err = b.look(ctx)
		return err
	})
	return stream, err
}

// look finds or makes the stream. If it has lost messages that this broker knows
// of, it begins a new epoch.
func (b *Broker) look(ctx context.Context) (jetstream.Stream, error) {
	before := b.known()
	stream, err := b.findOrMake(ctx)
	if err != nil {
		return nil, err
	}
	if b.lastOf(stream).Epoch == "" {
		return nil, fmt.Errorf("stream %q is none of a broker: delete it, or name another one", b.config.Name)
	}
	if last := b.lastOf(stream); last.Epoch == before.Epoch && last.Offset < before.Offset {
		if stream, err = b.renew(ctx, stream); err != nil {
			return nil, err
		}
	}
	b.saw(b.lastOf(stream))
	return stream, nil
}

// beginAnew has the stream begin a new epoch, unless its epoch is not the one
// that is over.
func (b *Broker) beginAnew(ctx context.Context, over string) error {
	stream, err := b.findOrMake(ctx)
	if err == nil && b.lastOf(stream).Epoch == over {
		stream, err = b.renew(ctx, stream)
	}
	if err != nil {
		return err
	}
	b.saw(b.lastOf(stream))
	return nil
}

// errTailLost passes when the stream has begun a new epoch.
var errTailLost = errors.New("the stream has lost messages that were acknowledged")

func (b *Broker) findOrMake(ctx context.Context) (jetstream.Stream, error) {
	stream, err := b.js.Stream(ctx, b.config.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = b.js.CreateStream(ctx, b.config.stream())
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another node was faster
		stream, err = b.js.Stream(ctx, b.config.Name)
	}
	return stream, err
}

// renew has a stream begin a new epoch. Its sequences go on, but of what it has
// no position is left, so that all who read it are told that it has a gap.
func (b *Broker) renew(ctx context.Context, stream jetstream.Stream) (jetstream.Stream, error) {
	config := stream.CachedInfo().Config
	config.Subjects = b.config.newSubjects()
	return b.js.UpdateStream(ctx, config)
}

// agree makes sure that the stream is what the configuration says.
func (b *Broker) agree(ctx context.Context) error {
	return b.try(ctx, func(ctx context.Context) error {
		stream, err := b.findOrMake(ctx)
		if enabled, _ := b.conn.ConnectedServerJetStream(); isUnanswered(err) && !enabled {
			return fmt.Errorf("no JetStream answers at %s: start the server with -js", b.conn.ConnectedUrlRedacted())
		}
		if err != nil {
			return err
		}
		info := stream.CachedInfo()
		if b.config.Memory && info.Cluster != nil && info.Cluster.Name != "" {
			return fmt.Errorf("stream %q is kept in memory, and the server belongs to the cluster %q: "+
				"set Config.Memory to false, and delete the stream", b.config.Name, info.Cluster.Name)
		}
		if different := b.config.differences(info.Config); len(different) > 0 {
			if !b.config.Update {
				return fmt.Errorf("stream %q exists with %s: change the configuration, "+
					"or have the stream changed by Config.Update", b.config.Name, strings.Join(different, ", "))
			}
			if stream, err = b.js.UpdateStream(ctx, b.config.onto(info.Config)); err != nil {
				return err
			}
		}
		b.saw(b.lastOf(stream))
		return nil
	})
}

// lastOf returns the position of a stream's newest message.
func (b *Broker) lastOf(stream jetstream.Stream) sse.Position {
	info := stream.CachedInfo()
	return sse.Position{Epoch: b.config.epochOf(info.Config), Offset: info.State.LastSeq}
}

// intact returns ErrGap unless the stream has every message after a position.
func (b *Broker) intact(ctx context.Context, after sse.Position) error {
	stream, err := b.open(ctx)
	if err != nil {
		return err
	}
	last := b.lastOf(stream)
	state := stream.CachedInfo().State
	switch {
	case after.Epoch != last.Epoch:
		return fmt.Errorf("the epoch of %s is over, this one is %s: %w", after, last.Epoch, sse.ErrGap)
	case after.Offset > last.Offset:
		return fmt.Errorf("%s is beyond the last message, %d: %w", after, last.Offset, sse.ErrGap)
	case after.Offset+1 < state.FirstSeq:
		return fmt.Errorf("%s is before the first message, %d: %w", after, state.FirstSeq, sse.ErrGap)
	case state.NumDeleted > 0:
		return b.untouched(ctx, stream, after)
	}
	return nil
}

// untouched returns ErrGap if a message after a position was deleted from the
// middle of the stream.
func (b *Broker) untouched(ctx context.Context, stream jetstream.Stream, after sse.Position) error {
	var deleted []uint64
	err := b.try(ctx, func(ctx context.Context) error {
		info, err := stream.Info(ctx, jetstream.WithDeletedDetails(true))
		if err == nil {
			deleted = info.State.Deleted
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, sequence := range deleted {
		if sequence > after.Offset {
			return fmt.Errorf("message %d was deleted: %w", sequence, sse.ErrGap)
		}
	}
	return nil
}

// saw notes a position. One of another epoch replaces the one that was known.
func (b *Broker) saw(position sse.Position) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if position.Epoch != b.newest.Epoch || position.Offset > b.newest.Offset {
		b.newest = position
	}
}

// known returns the newest position that was seen.
func (b *Broker) known() sse.Position {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.newest
}
