package mcphttp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/chitor-go/chitor/plugins/sse"
)

// pause is how long the log is left alone after an error.
const pause = time.Second

// follow reads the log, from where it begins, until the application ends. An
// error is logged when it comes, and again only after messages have come.
func (s *Store) follow(ctx context.Context) error {
	known, quiet := false, false
	for ctx.Err() == nil {
		at, err := s.place(ctx, known)
		if err == nil {
			var got bool
			got, err = s.read(ctx, at)
			quiet = quiet && !got
		}
		known = !errors.Is(err, sse.ErrGap) && s.replica.position() != (sse.Position{})
		if !quiet && ctx.Err() == nil {
			s.application.Logger().LogAttrs(ctx, slog.LevelError, "MCP events cannot be read", slog.Any("error", err))
			quiet = true
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	return nil
}

// sweep forgets what is too old, from time to time.
func (s *Store) sweep(ctx context.Context) error {
	tick := time.NewTicker(max(s.config.MaxAge/8, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.replica.expire(time.Now())
		case <-ctx.Done():
			return nil
		}
	}
}

// place returns where to read on, or from where the log begins.
func (s *Store) place(ctx context.Context, known bool) (sse.Position, error) {
	if known {
		return s.replica.position(), nil
	}
	at, err := s.beginning(ctx)
	if err == nil {
		s.replica.restart(at)
	}
	return at, err
}

// read takes what comes, until the log or the context ends.
func (s *Store) read(ctx context.Context, at sse.Position) (got bool, err error) {
	for in, err := range s.config.Broker.Subscribe(ctx, at) {
		if err != nil {
			return got, err
		}
		got = true
		s.receive(in)
	}
	return got, errors.New("the log has ended")
}

func (s *Store) receive(in sse.Message) {
	if in.Topic != s.config.Topic {
		s.replica.passed(in.Position)
		return
	}
	r, err := parseRecord(in.Data)
	if err != nil {
		s.replica.passed(in.Position)
		return
	}
	s.replica.apply(r, in.Position, time.Now())
	evicted := s.replica.takeEvicted()
	if s.heard == nil {
		return
	}
	s.heard(r)
	for _, id := range evicted {
		s.heard(record{kind: kindClosed, session: id})
	}
}

// beginning returns the position before the oldest message of the log. A
// [sse.Broker] does not say it, but which positions it has lost, and those are
// the ones before it.
func (s *Store) beginning(ctx context.Context) (sse.Position, error) {
	last, err := s.config.Broker.Last(ctx)
	if err != nil {
		return last, fmt.Errorf("find the end of the log: %w", err)
	}
	has := func(offset uint64) bool {
		after := sse.Position{Epoch: last.Epoch, Offset: offset}
		for _, wrong := range s.config.Broker.Range(ctx, after, 1, []string{s.config.Topic}) {
			if wrong != nil && !errors.Is(wrong, sse.ErrGap) {
				err = wrong
			}
			return wrong == nil
		}
		return true
	}
	if has(0) {
		return sse.Position{Epoch: last.Epoch}, err
	}
	low, high := uint64(1), last.Offset
	for low < high && err == nil {
		if middle := low + (high-low)/2; has(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	if err != nil {
		return sse.Position{}, fmt.Errorf("find the beginning of the log: %w", err)
	}
	return sse.Position{Epoch: last.Epoch, Offset: low}, nil
}
