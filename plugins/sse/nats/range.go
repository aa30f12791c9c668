package nats

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/chitor-go/chitor/plugins/sse"
)

// mostSubjects is for how many topics the server picks the messages. For more
// it sends all of them, since it compares each subject with all others.
const mostSubjects = 64

// Range is the method of [sse.Broker].
func (b *Broker) Range(ctx context.Context, after sse.Position, limit int, topics []string) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		err := b.collect(ctx, after, limit, topics, func(message sse.Message) bool { return yield(message, nil) })
		if err != nil {
			yield(sse.Message{}, fmt.Errorf("read stream %q: %w", b.config.Name, err))
		}
	}
}

// collect hands over the messages of a Range. It returns nil when there are no
// more of them, or yield wants no more.
func (b *Broker) collect(
	ctx context.Context, after sse.Position, limit int, topics []string, yield func(sse.Message) bool,
) error {
	if limit <= 0 || len(topics) == 0 {
		return b.intact(ctx, after)
	}
	consumer, err := b.read(ctx, after, b.subjects(after.Epoch, topics))
	if err != nil {
		return err
	}
	defer b.drop(consumer)
	wanted := make(map[string]bool, len(topics))
	for _, topic := range topics {
		wanted[topic] = true
	}
	// The server has counted what it will send, so that the end is known for
	// what it is.
	var received uint64
	for total := consumer.CachedInfo().NumPending; received < total && limit > 0; {
		page, err := b.page(ctx, consumer, received, int(min(uint64(limit), total-received, batch)), after)
		if err != nil {
			return err
		}
		received += uint64(len(page))
		after = page[len(page)-1].Position
		for _, message := range page {
			if !wanted[message.Topic] {
				continue
			}
			if limit--; !yield(message.Message) {
				return nil
			}
		}
	}
	return nil
}

// page returns at least one and at most size of the messages that a consumer has
// after those that were received, none of which is missing.
func (b *Broker) page(
	ctx context.Context, consumer jetstream.Consumer, received uint64, size int, after sse.Position,
) ([]delivered, error) {
	sent, err := consumer.FetchNoWait(size)
	if err != nil {
		return nil, b.explain(err)
	}
	page := make([]delivered, 0, size)
	for {
		next, err := receive(ctx, sent)
		if err != nil {
			return nil, err
		}
		if next == nil {
			break
		}
		message, err := b.message(next, after.Epoch)
		if err != nil {
			return nil, err
		}
		page = append(page, message)
		if message.number != received+uint64(len(page)) {
			return nil, errMissing
		}
	}
	if err := sent.Error(); err != nil {
		return nil, b.ended(ctx, after, err)
	}
	// What was deleted before it could be sent is left out without a word.
	if err := b.intact(ctx, after); err != nil {
		return nil, err
	}
	if len(page) == 0 {
		return nil, errMissing
	}
	return page, nil
}

// receive returns the next message of a batch, nil at its end.
func receive(ctx context.Context, sent jetstream.MessageBatch) (jetstream.Msg, error) {
	select {
	case next := <-sent.Messages():
		return next, nil
	case <-ctx.Done():
		return nil, ending(ctx)
	}
}

// subjects returns those of topics, each once, and none if there are too many
// for the server.
func (b *Broker) subjects(epoch string, topics []string) []string {
	if len(topics) > mostSubjects {
		return nil
	}
	subjects := make([]string, 0, len(topics))
	for _, topic := range topics {
		name, _ := token(topic)
		subjects = append(subjects, b.config.prefix(epoch)+name)
	}
	slices.Sort(subjects)
	return slices.Compact(subjects)
}
