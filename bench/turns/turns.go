// Package turns measures several ways to do the same work by turns, in batches so
// short that whatever else the machine does slows all of them alike.
package turns

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const (
	batch  = 200 * time.Microsecond // one turn; of longer work a single operation
	budget = 2 * time.Second        // for all turns of a benchmark
	least  = 5                      // rounds, however long they take
)

// Benchmark runs each variant as a benchmark of its own, which counts its
// allocations. The time that it reports is the median of all turns; their order
// is another in each round. Garbage is collected in few turns, so the median
// leaves out most of what allocations cost.
func Benchmark(b *testing.B, variants map[string]func()) {
	b.Helper()
	medians := Measure(variants, budget)
	for _, name := range slices.Sorted(maps.Keys(variants)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				variants[name]()
			}
			b.ReportMetric(medians[name], "ns/op")
		})
	}
}

// Measure returns how many nanoseconds an operation of each variant takes: the
// median of all turns, which last for so long together.
func Measure(variants map[string]func(), budget time.Duration) map[string]float64 {
	names := slices.Collect(maps.Keys(variants))
	sizes := make(map[string]int, len(names))
	for _, name := range names {
		sizes[name] = size(variants[name])
	}
	samples := make(map[string][]float64, len(names))
	began := time.Now()
	for round := 0; round < least || time.Since(began) < budget; round++ {
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			samples[name] = append(samples[name], turn(variants[name], sizes[name]))
		}
	}
	medians := make(map[string]float64, len(names))
	for name, taken := range samples {
		slices.Sort(taken)
		medians[name] = taken[len(taken)/2]
	}
	return medians
}

// size returns how many operations fill a turn.
func size(operation func()) int {
	for n := 1; ; n *= 2 {
		if turn(operation, n)*float64(n) >= float64(batch) {
			return n
		}
	}
}

// turn returns how many nanoseconds each of n operations takes.
func turn(operation func(), n int) float64 {
	began := time.Now()
	for range n {
		operation()
	}
	return float64(time.Since(began).Nanoseconds()) / float64(n)
}
