package compat_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// A middlewareRow is a row of the matrix: a middleware, and what is expected of
// it.
type middlewareRow struct {
	name   string
	module string // the path of its module, "" for the standard library
	make   func(routesOf) subject
	// prepare makes a request one that the middleware lets through; nil for any.
	prepare func(*http.Request)
	// wraps says that the middleware puts a writer of its own around, or sets a
	// deadline.
	wraps bool
	// acts shows what the middleware is for.
	acts []probe
	// differs has the differences of cells: by the name of a probe, or of a probe
	// and a place, as in "404 at application", which comes first. What differs in
	// all rows is in everywhere.
	differs map[string]difference
}

const (
	chiModule = "github.com/go-chi/chi/v5"
	stdlib    = ""
	atRoute   = " at " + string(onRoute)
	atAll     = " at " + string(onApplication)
)

// difference returns what is expected of a cell, or nil where both answers are
// the same.
func (row middlewareRow) difference(probe string, at place) *difference {
	for _, cells := range []map[string]difference{row.differs, everywhere()} {
		for _, key := range []string{probe + " at " + string(at), probe} {
			found, ok := cells[key]
			if ok && found.mark == markSame {
				return nil
			}
			if ok {
				return &found
			}
		}
	}
	return nil
}

// plain makes a row's subject of a middleware that has nothing to show but the
// answers.
func plain(wrap func(http.Handler) http.Handler) func(routesOf) subject {
	return func(routesOf) subject { return subject{wrap: wrap} }
}

// fresh is plain for a middleware that keeps something: each server gets its
// own.
func fresh(wrap func() func(http.Handler) http.Handler) func(routesOf) subject {
	return func(routesOf) subject { return subject{wrap: wrap()} }
}

// seen is plain for a middleware that has something to read for handlers.
func seen(wrap func(http.Handler) http.Handler, see func(*http.Request) string) func(routesOf) subject {
	return func(routesOf) subject { return subject{wrap: wrap, see: see} }
}

// act is a probe that gets a path.
func act(name, want, path string, options ...func(*http.Request)) probe {
	return probe{name, func(s *side) answer { return s.get(path, options...) }, want}
}

// post is a probe that posts a text.
func post(name, want, body string, options ...func(*http.Request)) probe {
	return probe{name, func(s *side) answer { return s.do(http.MethodPost, "/echo", body, options...) }, want}
}

// A journal is what a middleware writes, line by line.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) note(format string, arguments ...any) { fmt.Fprintf(j, format+"\n", arguments...) }

func (j *journal) lines() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Split(strings.TrimSpace(j.text.String()), "\n")
}

func rows() []middlewareRow {
	all := chiRows()
	all = append(all, chiPathRows()...)
	all = append(all, otherRows()...)
	all = append(all, observerRows()...)
	return append(all, writerRows()...)
}
