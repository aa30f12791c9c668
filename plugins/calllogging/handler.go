package calllogging

import (
	"context"
	"log/slog"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// NewHandler returns a handler that passes records on to inner, with the
// attributes of [Config.MDC] added to those that are logged with the context of
// a call, or one made from it, on any goroutine. They are outside of groups,
// and are not added to a record or logger that has one of that name already. A
// nil inner takes no record; it is logged by slog.Default as an error, with the
// line that called.
//
// Ktor: %X, the pattern in logback.xml.
func NewHandler(inner slog.Handler) slog.Handler {
	if inner == nil {
		slog.Default().Error("a handler of calllogging has nil to pass records on to: all of them are dropped", "site", app.Caller(1).String())
		inner = slog.DiscardHandler
	}
	return &handler{inner: inner}
}

// handler adds attributes to records.
type handler struct {
	inner slog.Handler
	names []string // of the attributes that were given before any group

	outer  slog.Handler // inner as it was before the first group, nil without one
	inside []func(slog.Handler) slog.Handler
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.inner.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, record slog.Record) error {
	c, ok := app.CallFrom(ctx)
	if !ok {
		return h.inner.Handle(ctx, record)
	}
	added := h.missing(valuesOf(c), record)
	if len(added) == 0 {
		return h.inner.Handle(ctx, record)
	}
	if h.outer == nil {
		record = record.Clone()
		record.AddAttrs(added...)
		return h.inner.Handle(ctx, record)
	}
	// The groups are opened again inside of the attributes, and what was given
	// in them is given again.
	inner := h.outer.WithAttrs(added)
	for _, step := range h.inside {
		inner = step(inner)
	}
	return inner.Handle(ctx, record)
}

// missing returns those of the attributes that neither the logger nor the
// record has.
func (h *handler) missing(known []slog.Attr, record slog.Record) []slog.Attr {
	if len(known) == 0 {
		return nil
	}
	names := slices.Clip(h.names)
	if h.outer == nil { // else the record's stand inside of a group
		record.Attrs(func(given slog.Attr) bool {
			names = append(names, given.Key)
			return true
		})
	}
	return slices.DeleteFunc(slices.Clone(known), func(attr slog.Attr) bool { return slices.Contains(names, attr.Key) })
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	next := *h
	next.inner = h.inner.WithAttrs(attrs)
	if h.outer != nil {
		next.inside = append(slices.Clip(h.inside), func(inner slog.Handler) slog.Handler { return inner.WithAttrs(attrs) })
		return &next
	}
	next.names = slices.Clip(h.names)
	for _, attr := range attrs {
		next.names = append(next.names, attr.Key)
	}
	return &next
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	next := *h
	next.inner = h.inner.WithGroup(name)
	if h.outer == nil {
		next.outer = h.inner
	}
	next.inside = append(slices.Clip(h.inside), func(inner slog.Handler) slog.Handler { return inner.WithGroup(name) })
	return &next
}
