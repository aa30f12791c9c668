package apptest

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Log is what an application has logged, in order.
type Log []Record

// A Record is one line of a [Log]. Its String is the line without the time:
// level, message, and the attributes sorted by name.
type Record struct {
	// Time is when the line was logged: fake in a synctest bubble.
	Time time.Time
	// Level is the level of the line.
	Level slog.Level
	// Message is the text of the line, without attributes.
	Message string
	// Attrs are the attributes of the line and of its logger. Those in groups
	// have dotted names: "request.id". A value is what [slog.Value.Any]
	// returns: integers are int64 or uint64, whatever they were before.
	Attrs map[string]any
}

// Log returns what the application has logged so far, from level debug on. It
// may be called from any goroutine. Lines that are logged after a response was
// sent, such as those of plugins/calllogging, are certain to be in it after
// synctest.Wait or [Host.Stop]. It has no lines of external services, and is
// empty in a benchmark and if another logger was configured.
func (h *Host) Log() Log {
	h.log.mu.Lock()
	defer h.log.mu.Unlock()
	return slices.Clone(h.log.records)
}

// AtLeast returns the records of a level and above:
//
//	require.Empty(t, host.Log().AtLeast(slog.LevelWarn))
func (l Log) AtLeast(level slog.Level) Log {
	return l.where(func(r Record) bool { return r.Level >= level })
}

// Find returns the records whose message contains text.
func (l Log) Find(text string) Log {
	return l.where(func(r Record) bool { return strings.Contains(r.Message, text) })
}

func (l Log) where(is func(Record) bool) Log {
	return slices.DeleteFunc(slices.Clone(l), func(r Record) bool { return !is(r) })
}

// String returns the line.
func (r Record) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.Level, r.Message)
	for _, name := range slices.Sorted(maps.Keys(r.Attrs)) {
		fmt.Fprintf(&b, " %s=%v", name, r.Attrs[name])
	}
	return b.String()
}

// logbook keeps the records of an application.
type logbook struct {
	mu      sync.Mutex // guards records
	records Log
}

// scribe is a slog.Handler that writes into a logbook.
type scribe struct {
	book   *logbook
	prefix string         // names of the open groups, with a dot at the end
	attrs  map[string]any // never changed
}

func (s *scribe) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelDebug }

func (s *scribe) Handle(_ context.Context, r slog.Record) error {
	record := Record{Time: r.Time, Level: r.Level, Message: r.Message, Attrs: maps.Clone(s.attrs)}
	r.Attrs(func(a slog.Attr) bool {
		flatten(record.Attrs, s.prefix, a)
		return true
	})
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	s.book.records = append(s.book.records, record)
	return nil
}

func (s *scribe) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := &scribe{s.book, s.prefix, maps.Clone(s.attrs)}
	for _, a := range attrs {
		flatten(with.attrs, s.prefix, a)
	}
	return with
}

func (s *scribe) WithGroup(name string) slog.Handler {
	if name == "" {
		return s
	}
	return &scribe{s.book, s.prefix + name + ".", s.attrs}
}

// flatten adds an attribute to attrs, or the members of a group.
func flatten(attrs map[string]any, prefix string, a slog.Attr) {
	value := a.Value.Resolve()
	switch {
	case value.Kind() == slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range value.Group() {
			flatten(attrs, prefix, member)
		}
	case !a.Equal(slog.Attr{}):
		attrs[prefix+a.Key] = value.Any()
	}
}

// logger returns the application's logger, which writes into the host's logbook
// beside text.
func (h *Host) logger(text slog.Handler) *slog.Logger {
	if !text.Enabled(context.Background(), slog.LevelError) {
		// A benchmark must not pile up what it logs.
		return slog.New(text)
	}
	return slog.New(slog.NewMultiHandler(text, &scribe{book: h.log, attrs: map[string]any{}}))
}
