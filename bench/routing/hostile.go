package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/recorder"
	"github.com/chitor-go/chitor/bench/turns"
	"github.com/chitor-go/chitor/routing"
)

// A threat is a path that means harm, or routes that a path may go through in
// many ways, of a size that grows.
type threat struct {
	name   string
	size   int // the first of them; the others are 2, 4, and 8 times as much
	routes func(r *routing.Route, size int)
	path   func(size int) string
}

// repeated returns a path of so many pieces.
func repeated(piece string) func(int) string {
	return func(size int) string { return strings.Repeat(piece, size) }
}

// fixed returns a path of 100,000 segments, whatever the size.
func fixed(int) string { return strings.Repeat("/x", 100_000) }

// matched returns the longest path of segments that expressions look at.
func matched(int) string { return strings.Repeat("/x", 4_000) }

func nothing(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) }

// byPath declares routes of which chi finds the one for a path.
func byPath(r *routing.Route, _ int) {
	r.Get("/x/{id}", nothing)
	r.Get("/x/x/x/{rest...}", nothing)
}

// byCondition declares routes of which a walk finds the one for a path.
func byCondition(r *routing.Route, _ int) {
	byPath(r, 0)
	r.Header("X-Version", "2").Get("/{...}", nothing)
}

// threats are what is measured.
func threats() []threat {
	return []threat{
		{"slashes, found by chi", 125_000, byPath, repeated("/")},
		{"slashes, found by a walk", 125_000, byCondition, repeated("/")},
		{"segments, found by chi", 12_500, byPath, repeated("/x")},
		{"segments, found by a walk", 12_500, byCondition, repeated("/x")},
		{"segments of encoded slashes, found by a walk", 12_500, byCondition, repeated("/%2F")},
		{"tails with conditions at one node", 125, func(r *routing.Route, size int) {
			for i := range size {
				r.Header("X-Version", strconv.Itoa(i)).Get("/{rest...}", nothing)
			}
		}, fixed},
		{"tails with conditions, each a segment further down", 125, func(r *routing.Route, size int) {
			for i := range size {
				r = r.Route("/{p"+strconv.Itoa(i)+"}", func(*routing.Route) {})
				r.Header("X-Version", "2").Get("/{rest...}", nothing)
			}
		}, fixed},
		{"tails with conditions behind parameters at one node", 125, func(r *routing.Route, size int) {
			for i := range size {
				r.Header("X-Version", strconv.Itoa(i)).Get("/{p"+strconv.Itoa(i)+"}/{rest...}", nothing)
			}
		}, fixed},
		{"optional parameters, one behind the other", 25, func(r *routing.Route, size int) {
			for i := range size {
				r = r.Route("/{p"+strconv.Itoa(i)+"?}", func(*routing.Route) {})
				r.Header("X-Version", "2").Get("/{rest...}", nothing)
			}
		}, fixed},
		{"an expression, and segments", 500, func(r *routing.Route, _ int) {
			r.Regexp("(?<all>(x+/?x*/?)+)y").Get("", nothing)
		}, repeated("/x")},
		{"an expression, and one long segment", 1000, func(r *routing.Route, _ int) {
			r.Get("/{id:(x+x+)+y}", nothing)
		}, func(size int) string { return "/" + strings.Repeat("x", size) }},
		{"expressions at one node", 5, func(r *routing.Route, size int) {
			for i := range size {
				r.Regexp("(?<all>(x+/?x*/?)+)y"+strconv.Itoa(i)).Get("", nothing)
			}
		}, matched},
		{"texts around parameters at one node", 125, func(r *routing.Route, size int) {
			r.Get("/x{rest...}", nothing)
			for i := range size {
				r.Get("/x{p}"+strconv.Itoa(i), nothing)
			}
		}, fixed},
	}
}

// printThreats prints how the time of a call grows.
func printThreats(ctx context.Context, out io.Writer) error {
	sizes := []int{1, 2, 4, 8}
	fmt.Fprintln(out, "\n| | smallest | twice as many | 4 times | 8 times |\n| --- | --- | --- | --- | --- |")
	var taken []string
	for _, t := range threats() {
		variants := map[string]func(){}
		for _, times := range sizes {
			application, err := start(func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) { t.routes(r, times*t.size) })
			})
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			defer application.Stop(ctx)
			target, err := url.ParseRequestURI(t.path(times * t.size))
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			request, w := endpoint{http.MethodGet, "/"}.request(), recorder.New()
			request.URL = target
			variants[strconv.Itoa(times)] = func() {
				w.Reset()
				application.ServeHTTP(w, request)
			}
		}
		medians := turns.Measure(variants, 4*turn)
		first := medians["1"]
		taken = append(taken, fmt.Sprint(time.Duration(first).Round(time.Microsecond)))
		fmt.Fprintf(out, "| %s | %s |", t.name, grouped(t.size))
		for _, times := range sizes[1:] {
			fmt.Fprintf(out, " %.1f |", medians[strconv.Itoa(times)]/first)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "\nthe smallest take: %s\n", strings.Join(taken, ", "))
	return nil
}

// grouped returns a number below a million as it is printed.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
