package main

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/chitor-go/chitor/bench/recorder"
	"github.com/chitor-go/chitor/bench/turns"
)

// turn is how long the variants of one row take turns in one round.
const turn = time.Second

// A row is what the variants need for an operation of one selection.
type row struct {
	name        string
	times       map[string][]float64 // in nanoseconds, one for each round
	allocations map[string]int64
}

// measureRow measures variants in turn. An operation is so many calls.
func measureRow(name string, variants map[string]func(), calls, rounds int) row {
	measured := row{name, map[string][]float64{}, map[string]int64{}}
	for variant, operation := range variants {
		measured.allocations[variant] = perCall(operation, calls)
	}
	for range rounds {
		for variant, time := range turns.Measure(variants, turn) {
			measured.times[variant] = append(measured.times[variant], time/float64(calls))
		}
	}
	return measured
}

// perCall returns what a call allocates, rounded down.
func perCall(operation func(), calls int) int64 {
	repeated := max(10_000/calls, 50)
	operation()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range repeated {
		operation()
	}
	runtime.ReadMemStats(&after)
	return int64(after.Mallocs-before.Mallocs) / int64(repeated*calls)
}

// take takes what a base costs off what a variant does.
func (r row) take(variant, base string) {
	for round := range r.times[variant] {
		r.times[variant][round] -= r.times[base][round]
	}
	r.allocations[variant] -= r.allocations[base]
}

// added returns what a variant takes longer than a base, as shares of a whole,
// sorted.
func (r row) added(variant, base, whole string) []float64 {
	var found []float64
	for round, time := range r.times[variant] {
		found = append(found, (time-r.times[base][round])/r.times[whole][round])
	}
	slices.Sort(found)
	return found
}

// ratios returns those of a variant to a base, sorted.
func (r row) ratios(variant, base string) []float64 {
	var found []float64
	for round, time := range r.times[variant] {
		found = append(found, time/r.times[base][round])
	}
	slices.Sort(found)
	return found
}

// spread returns the median and the extremes of what is sorted.
func spread(found []float64) string {
	return fmt.Sprintf("%.2f [%.2f to %.2f]", middle(found), found[0], found[len(found)-1])
}

func (r row) nanoseconds(variant string) float64 {
	return middle(slices.Sorted(slices.Values(r.times[variant])))
}

func middle(sorted []float64) float64 { return sorted[len(sorted)/2] }

// calling returns what has a handler serve requests, and an error unless it
// serves them all.
func calling(handler http.Handler, endpoints []endpoint) (func(), error) {
	w, requests := recorder.New(), requestsOf(endpoints)
	for i, request := range requests {
		w.Reset()
		handler.ServeHTTP(w, request)
		want := endpoints[i].last()
		if want == "" {
			want = text
		}
		if w.Status > http.StatusOK || w.Bytes != len(want) {
			return nil, fmt.Errorf("%s %s is answered with %d and %d bytes", request.Method, request.URL.Path, w.Status, w.Bytes)
		}
	}
	return func() {
		for _, request := range requests {
			w.Reset()
			handler.ServeHTTP(w, request)
		}
	}, nil
}
