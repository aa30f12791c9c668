package sseredis

import (
	"context"
	"fmt"
	"iter"
	"strconv"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A page is what the script that reads the log returns.
type page struct {
	messages []sse.Message
	at       sse.Position // how far it has looked
	more     bool         // there is more in the log
}

// Range implements [sse.Broker]. It reads the log in pages of 100 messages, of
// which Redis sends those of the topics.
func (b *Broker) Range(ctx context.Context, after sse.Position, limit int, topics []string) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		for {
			read, err := b.read(ctx, after, limit, topics)
			if err != nil {
				yield(sse.Message{}, err)
				return
			}
			for _, message := range read.messages {
				if !yield(message, nil) {
					return
				}
			}
			after = read.at
			if limit -= len(read.messages); limit <= 0 || !read.more {
				return
			}
		}
	}
}

// check returns ErrGap if a message may be missing after a position.
func (b *Broker) check(ctx context.Context, after sse.Position) error {
	_, err := b.read(ctx, after, 0, nil)
	return err
}

// read returns the page after a position.
func (b *Broker) read(ctx context.Context, after sse.Position, limit int, topics []string) (page, error) {
	args := []any{after.Epoch, after.Offset, max(limit, 0)}
	for _, topic := range topics {
		args = append(args, topic)
	}
	reply, err := b.run(ctx, b.scripts.read, args...)
	if err != nil {
		return page{}, fmt.Errorf("read redis stream %s: %w", b.config.Stream, err)
	}
	if reply == "gap" {
		return page{}, b.gap(after)
	}
	read, err := parsePage(after.Epoch, reply)
	if err != nil {
		return page{}, fmt.Errorf("read redis stream %s: %w", b.config.Stream, err)
	}
	return read, nil
}

func (b *Broker) gap(after sse.Position) error {
	return fmt.Errorf("read redis stream %s after %s: %w", b.config.Stream, after, sse.ErrGap)
}

// parsePage reads the offset that was looked at last, 1 if there is more, and
// offset, topic and data of each message.
func parsePage(epoch string, reply any) (page, error) {
	fields, _ := reply.([]any)
	if len(fields) < 2 || len(fields)%3 != 2 {
		return page{}, fmt.Errorf("a reply of %d values is not a page", len(fields))
	}
	at, err := parseOffset(epoch, fields[0])
	if err != nil {
		return page{}, err
	}
	read := page{at: at, more: fields[1] == int64(1)}
	for fields = fields[2:]; len(fields) > 0; fields = fields[3:] {
		position, err := parseOffset(epoch, fields[0])
		if err != nil {
			return page{}, err
		}
		topic, _ := fields[1].(string)
		data, _ := fields[2].(string)
		read.messages = append(read.messages, sse.Message{Position: position, Topic: topic, Data: []byte(data)})
	}
	return read, nil
}

func parseOffset(epoch string, field any) (sse.Position, error) {
	digits, _ := field.(string)
	offset, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return sse.Position{}, fmt.Errorf("%v is not an offset: %w", field, err)
	}
	return sse.Position{Epoch: epoch, Offset: offset}, nil
}
