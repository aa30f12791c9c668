package nats

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/chitor-go/chitor/plugins/sse"
)

const (
	// batch is how many messages are asked for at once, and held by a reader.
	batch = 256
	// heartbeat is how often the server says that it is there. A reader that
	// hears nothing twice as long ends.
	heartbeat = 2 * time.Second
	// leftover is how long the server keeps a consumer that its node could not
	// delete, because it was killed for instance.
	leftover = time.Minute
)

// Subscribe is the method of [sse.Broker]. When the connection or the server is
// lost it ends with an error at once, or after 4 seconds of silence.
func (b *Broker) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		err := b.follow(ctx, after, func(message sse.Message) bool { return yield(message, nil) })
		if err != nil {
			yield(sse.Message{}, fmt.Errorf("subscribe to stream %q: %w", b.config.Name, err))
		}
	}
}

// follow hands over every message after a position. It returns nil when yield
// wants no more.
func (b *Broker) follow(ctx context.Context, after sse.Position, yield func(sse.Message) bool) error {
	reading, end := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer end(nil)
	lost := b.conn.StatusChanged(nats.RECONNECTING, nats.DISCONNECTED, nats.CLOSED)
	defer b.conn.RemoveStatusListener(lost)

	reader, err := b.read(ctx, after, nil)
	if err != nil {
		return err
	}
	defer b.drop(reader)
	watching.Go(func() {
		select {
		case <-lost:
			end(errLost)
		case <-reading.Done():
		}
	})
	messages, err := reader.Messages(jetstream.PullMaxMessages(batch), jetstream.PullHeartbeat(heartbeat))
	if err != nil {
		return b.explain(err)
	}
	defer messages.Stop()
	for {
		next, err := messages.Next(jetstream.NextContext(reading))
		if err != nil && errors.Is(context.Cause(reading), errLost) {
			return errLost
		}
		if err != nil {
			return b.ended(ctx, after, err)
		}
		message, err := b.message(next, after.Epoch)
		if err != nil {
			return err
		}
		if message.Offset != after.Offset+1 {
			return fmt.Errorf("message %d follows %d in the stream: %w", message.Offset, after.Offset, b.skipped(ctx, after))
		}
		after = message.Position
		b.saw(after)
		switch {
		case message.Topic == "": // of another epoch, or published by somebody else
			if err := b.intact(ctx, after); err != nil {
				return err
			}
		case !yield(message.Message):
			return nil
		}
	}
}

var (
	errLost    = errors.New("the connection to the server is lost")
	errMissing = errors.New("messages were lost between the server and this node")
)

// skipped returns ErrGap if the stream has lost what follows a position, and
// another error if it was lost on its way.
func (b *Broker) skipped(ctx context.Context, after sse.Position) error {
	if err := b.intact(ctx, after); err != nil {
		return err
	}
	return errMissing
}

// ended says why a reader has ended: because of its context, because the stream
// is another one now, or because of err.
func (b *Broker) ended(ctx context.Context, after sse.Position, err error) error {
	if ctx.Err() != nil {
		return ending(ctx)
	}
	if gap := b.intact(ctx, after); errors.Is(gap, sse.ErrGap) {
		return gap
	}
	return b.explain(err)
}

// read makes a consumer for what follows a position, and makes sure that the
// stream has all of it. Without subjects it is everything.
func (b *Broker) read(ctx context.Context, after sse.Position, subjects []string) (jetstream.Consumer, error) {
	if after.Epoch != b.known().Epoch {
		// Any text may come from a client, and stays out of a subject.
		if err := b.intact(ctx, after); err != nil {
			return nil, err
		}
	}
	config := jetstream.ConsumerConfig{
		Name:              nuid.Next(),
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       max(after.Offset, after.Offset+1),
		AckPolicy:         jetstream.AckNonePolicy,
		InactiveThreshold: leftover,
		Replicas:          1,
		MemoryStorage:     true,
	}
	if len(subjects) == 1 {
		config.FilterSubject = subjects[0]
	} else {
		config.FilterSubjects = subjects
	}
	// The consumer comes first and the look at the stream second: if this is the
	// stream of the position then, it was when the consumer was made.
	var consumer jetstream.Consumer
	err := b.try(ctx, func(ctx context.Context) error {
		var err error
		consumer, err = b.js.CreateConsumer(ctx, b.config.Name, config)
		return err
	})
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, err
	}
	if incomplete := b.intact(ctx, after); incomplete != nil {
		b.drop(consumer)
		return nil, incomplete
	}
	return consumer, err
}

// drop deletes a consumer, nil if there is none. It does not wait: what the
// server never hears of, it deletes by itself.
func (b *Broker) drop(consumer jetstream.Consumer) {
	if consumer == nil {
		return
	}
	subject := jetstream.DefaultAPIPrefix + "CONSUMER.DELETE." + b.config.Name + "." + consumer.CachedInfo().Name
	_ = b.conn.PublishRequest(subject, b.conn.NewInbox(), nil)
}

// A delivered is a message as a consumer has delivered it. Its topic is empty if
// its subject is none of the hubs of its epoch.
type delivered struct {
	sse.Message

	number uint64 // of the messages of the consumer
}

func (b *Broker) message(sent jetstream.Msg, epoch string) (delivered, error) {
	data, err := sent.Metadata()
	if err != nil {
		return delivered{}, fmt.Errorf("read the sequence of a message: %w", err)
	}
	return delivered{sse.Message{
		Position: sse.Position{Epoch: epoch, Offset: data.Sequence.Stream},
		Topic:    topicOf(b.config.prefix(epoch), sent.Subject(), sent.Headers()),
		Data:     sent.Data(),
	}, data.Sequence.Consumer}, nil
}
