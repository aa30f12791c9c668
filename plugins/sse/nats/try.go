package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// patience is how long a request is repeated that is not answered. When a
	// server of a cluster is lost, the others take up to 9 s to choose another
	// leader.
	patience = 15 * time.Second
	// answerTime is how long one request waits for its answer.
	answerTime = 2 * time.Second
	// pause is what lies between a refusal and the next request.
	pause = 100 * time.Millisecond
)

// Codes of refusals of the server that pass by themselves, of which the library
// has no names.
const (
	codeClusterIncomplete   jetstream.ErrorCode = 10004
	codeClusterNotAvailable jetstream.ErrorCode = 10008
	codeStreamOffline       jetstream.ErrorCode = 10118
	codeDuplicateInProcess  jetstream.ErrorCode = 10158 // of a message that is being stored
)

// try makes a request until it is answered, and gives up after patience, or
// when the context of the caller ends.
func (b *Broker) try(ctx context.Context, request func(ctx context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last error // before time was up
	for {
		err := b.once(limited, request)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ending(ctx)
		case limited.Err() != nil:
			return b.explain(cmp.Or(last, err))
		case !passes(err):
			return b.explain(err)
		}
		last = err
		select {
		case <-time.After(pause):
		case <-limited.Done():
		}
	}
}

func (b *Broker) once(ctx context.Context, request func(ctx context.Context) error) error {
	if err := b.connected(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return request(ctx)
}

// connected waits for the connection to be made again.
func (b *Broker) connected(ctx context.Context) error {
	if b.conn.IsConnected() {
		return nil
	}
	changed := b.conn.StatusChanged(nats.CONNECTED, nats.CLOSED)
	defer b.conn.RemoveStatusListener(changed)
	for !b.conn.IsConnected() {
		if b.conn.IsClosed() {
			return nats.ErrConnectionClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errNotConnected
		}
	}
	return nil
}

var errNotConnected = errors.New("there is no connection to a server")

// passes reports whether the same request may succeed later.
func passes(err error) bool {
	for _, passing := range []error{
		context.DeadlineExceeded, nats.ErrTimeout, nats.ErrReconnectBufExceeded, nats.ErrDisconnected,
		errNotConnected, errTailLost,
	} {
		if errors.Is(err, passing) {
			return true
		}
	}
	var refusal *jetstream.APIError
	if isUnanswered(err) || !errors.As(err, &refusal) {
		return isUnanswered(err)
	}
	switch refusal.ErrorCode {
	case codeClusterIncomplete, codeClusterNotAvailable, codeStreamOffline, codeDuplicateInProcess:
		return true
	default:
		return false
	}
}

// isUnanswered reports whether nobody is there who would answer. In a cluster
// that passes when a leader has been chosen.
func isUnanswered(err error) bool {
	return errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) ||
		errors.Is(err, jetstream.ErrJetStreamNotEnabled)
}

// ending is the error of a context that has ended, with its cause.
func ending(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return context.Cause(ctx)
}

// explain adds to an error what to do about it.
func (b *Broker) explain(err error) error {
	switch {
	case isUnanswered(err):
		return fmt.Errorf("no server answers that has JetStream: %w", err)
	case errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("enable JetStream for the account of this user: %w", err)
	case errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("the server takes messages of up to %d bytes, raise its max_payload: %w",
			b.conn.MaxPayload(), err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return fmt.Errorf("no answer within %s: %w", patience, cmp.Or(b.conn.LastError(), err))
	}
	return err
}
