package sse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// ErrGap is the error of a [Broker] that is asked for what follows a position,
// and cannot tell all of it: the log has lost some of it, or is another one.
var ErrGap = errors.New("the log does not go back so far")

// A Position is a place in the log of a [Broker]: that of a message. It is the
// ID of the message's event, so that a client which comes back says with it
// where it left off.
//
// The zero Position is no place at all.
type Position struct {
	// Epoch names the log: one that begins anew has another epoch, so that a
	// position of the old one is known for what it is. It is of at most 64
	// letters and digits of ASCII.
	Epoch string
	// Offset grows from message to message of a log, and may skip numbers. 0 is
	// the place before the first message.
	Offset uint64
}

// String returns the ID of an event: the epoch, a hyphen and the offset.
func (p Position) String() string { return p.Epoch + "-" + strconv.FormatUint(p.Offset, 10) }

// ParsePosition reads what [Position.String] returns, and nothing else: not the
// ID of an event that no log has given.
func ParsePosition(id string) (Position, error) {
	epoch, digits, found := strings.Cut(id, "-")
	offset, err := strconv.ParseUint(digits, 10, 64)
	position := Position{epoch, offset}
	if !found || err != nil || !isEpoch(epoch) || position.String() != id {
		return Position{}, fmt.Errorf("parse position: %.100q is not an epoch and an offset", id)
	}
	return position, nil
}

func isEpoch(epoch string) bool {
	for i := range len(epoch) {
		switch char := epoch[i]; {
		case '0' <= char && char <= '9', 'a' <= char && char <= 'z', 'A' <= char && char <= 'Z':
		default:
			return false
		}
	}
	return 0 < len(epoch) && len(epoch) <= 64
}

// A Message is one event in the log of a [Broker].
type Message struct {
	Position

	// Topic is what the event was published to. It may be any text that is not
	// empty.
	Topic string
	// Data is the event as it goes over the wire, without an ID. Nobody changes
	// it.
	Data []byte
}

// A Broker is an ordered log of messages that the nodes of an application share:
// what one of them publishes reaches the hubs of all. A [Hub] without one has a
// log of its own, in memory. Package brokertest has the tests that every Broker
// must pass.
//
// A hub reads the log once, whatever the number of its sessions: topics, fan-out
// and slow clients are its business. So a broker with several topics has one log
// all the same, with one order.
//
// The methods may be called from any goroutine. Each ends early, with an error,
// when its context does. An error says nothing about the calls that follow: after
// one that is not [ErrGap] the hub tries again, so that a broker which comes back
// is used again. A sequence may be ranged over once.
type Broker interface {
	// Last returns the position of the newest message, and of a log that has
	// never had one the place before the first.
	Last(ctx context.Context) (Position, error)
	// Publish appends a message and returns its position. When it returns, the
	// message is as safe as the broker makes it. After an error the message may
	// be in the log all the same.
	Publish(ctx context.Context, topic string, data []byte) (Position, error)
	// Subscribe yields every message after a position, in the order of the log,
	// those to come included. It ends with an error, the last thing that it
	// yields: that of ctx, of the broker, or ErrGap.
	Subscribe(ctx context.Context, after Position) iter.Seq2[Message, error]
	// Range yields the messages after a position that are in the log now and
	// belong to one of the topics, in the order of the log, but no more than
	// limit. It ends when there are no more, or with an error, the last thing
	// that it yields: ErrGap comes first if any message may be missing between
	// the position and the beginning of the log, whatever its topic.
	Range(ctx context.Context, after Position, limit int, topics []string) iter.Seq2[Message, error]
}
