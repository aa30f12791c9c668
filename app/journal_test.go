package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// This file keeps what a test has seen, in order: entries, log records, hooks.

// journal is a list that several goroutines may write to.
type journal struct {
	mu      sync.Mutex
	entries []string
}

// add appends an entry.
func (j *journal) add(entry string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
}

// all returns what was added, in order; nil if nothing was.
func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// logbook is a slog.Handler that keeps the records.
type logbook struct {
	mu      sync.Mutex
	entries []entry
}

func (l *logbook) Enabled(context.Context, slog.Level) bool { return true }

func (l *logbook) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l *logbook) WithGroup(string) slog.Handler { return l }

func (l *logbook) Handle(_ context.Context, record slog.Record) error {
	added := entry{record.Level, record.Message, map[string]string{}}
	record.Attrs(func(attribute slog.Attr) bool {
		added.attributes[attribute.Key] = attribute.Value.String()
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, added)
	return nil
}

// all returns the records so far, in order.
func (l *logbook) all() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// messages returns the messages of all records.
func (l *logbook) messages() []string {
	var found []string
	for _, one := range l.all() {
		found = append(found, one.message)
	}
	return found
}

// at returns the records of a level.
func (l *logbook) at(level slog.Level) []entry {
	return slices.DeleteFunc(l.all(), func(one entry) bool { return one.level != level })
}

// module makes the application log here.
func (l *logbook) module(a *app.Application) {
	a.Configure(func(c *app.Config) { c.Logger = slog.New(l) })
}

// entry is a record of a logbook.
type entry struct {
	level      slog.Level
	message    string
	attributes map[string]string
}

// note returns an interceptor that notes name on the way in.
func note(seen *journal, name string) func(app.Handler) app.Handler {
	return func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			seen.add(name)
			return next(c)
		}
	}
}

// noting returns a middleware that notes name on the way in.
func noting(seen *journal, name string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen.add(name)
			next.ServeHTTP(w, r)
		})
	}
}

// lifecycleHook returns a hook that notes its name.
func lifecycleHook(seen *journal, name string) app.LifecycleHook {
	return func(context.Context) error { seen.add(name); return nil }
}

// failing returns a hook that notes its name and fails.
func failing(seen *journal, name string, err error) app.LifecycleHook {
	return func(context.Context) error { seen.add(name); return err }
}

// observing returns a module that notes how often a response is committed, and
// with what.
func observing(seen *journal) app.Module {
	return func(a *app.Application) {
		a.InterceptSend(app.SendAfter, func(c *app.Call, out *app.Outgoing) error {
			data, whole := out.Bytes()
			seen.add(fmt.Sprintf("%d %s length %d, %d bytes known: %v", out.Status, out.Header.Get("Content-Type"), out.Length(), len(data), whole))
			return nil
		})
	}
}
