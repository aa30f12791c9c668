package main

import (
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"time"
)

// The figures of the runtime that are taken as they are, by their names in
// package runtime/metrics.
var runtimeFigures = map[string]string{
	"goroutines": "/sched/goroutines:goroutines",
	"heap":       "/memory/classes/heap/objects:bytes",
	"mapped":     "/memory/classes/total:bytes",
	"released":   "/memory/classes/heap/released:bytes",
	"allocated":  "/gc/heap/allocs:bytes",
	"cycles":     "/gc/cycles/total:gc-cycles",
}

// Those of which the largest since the last time count.
const (
	pauses = "/sched/pauses/total/gc:seconds"
	waits  = "/sched/latencies:seconds"
)

// A process takes the figures of the process that it runs in.
type process struct {
	began         time.Time
	pauses, waits spread
}

func newProcess() process { return process{began: time.Now()} }

// take returns the figures. Times are in seconds, memory is in bytes.
func (p *process) take() figures {
	taken := figures{
		"up":         time.Since(p.began).Seconds(),
		"cpu":        cpuTime().Seconds(),
		"processors": float64(runtime.GOMAXPROCS(0)),
	}
	samples := []metrics.Sample{{Name: pauses}, {Name: waits}}
	for _, name := range runtimeFigures {
		samples = append(samples, metrics.Sample{Name: name})
	}
	metrics.Read(samples)
	values := map[string]float64{}
	for _, sample := range samples {
		if sample.Value.Kind() == metrics.KindUint64 {
			values[sample.Name] = float64(sample.Value.Uint64())
		}
	}
	for figure, name := range runtimeFigures {
		taken[figure] = values[name]
	}
	taken["pause"] = p.pauses.since(samples[0].Value, 1)
	taken["wait"] = p.waits.since(samples[1].Value, 0.99)
	return taken
}

// A spread is what is known of a histogram of the runtime from the last time.
type spread struct{ counts []uint64 }

// since returns what a share of the values since the last call were no larger
// than, to the precision of the histogram: with a share of 1 the largest. It
// returns 0 if there were none.
func (s *spread) since(value metrics.Value, share float64) float64 {
	if value.Kind() != metrics.KindFloat64Histogram {
		return 0
	}
	histogram := value.Float64Histogram()
	fresh := slices.Clone(histogram.Counts)
	var total uint64
	for i := range fresh {
		if s.counts != nil {
			fresh[i] -= s.counts[i]
		}
		total += fresh[i]
	}
	s.counts = slices.Clone(histogram.Counts)
	var below uint64
	for i, count := range fresh {
		below += count
		if count > 0 && float64(below) >= share*float64(total) {
			if upper := histogram.Buckets[i+1]; !math.IsInf(upper, 1) {
				return upper
			}
			return histogram.Buckets[i]
		}
	}
	return 0
}
