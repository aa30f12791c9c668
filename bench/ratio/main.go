// Ratio reads the output of several runs of a benchmark with variants, each made
// by go test -bench X -count 1. For each variant it prints the median and the
// extremes of its ratios to the base of the same run, and the medians of whatever
// else the benchmark reports per operation.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
)

// results are the values of one variant by unit, one for each run.
type results map[string][]float64

func main() {
	base := flag.String("base", "chi", "the variant that the others are compared with")
	flag.Parse()
	variants := map[string]results{} // by benchmark and variant
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := fields[0]
		if i := strings.LastIndexByte(name, '-'); i > strings.LastIndexByte(name, '/') {
			name = name[:i]
		}
		if variants[name] == nil {
			variants[name] = results{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				log.Fatalf("read %q: %v", scanner.Text(), err)
			}
			variants[name][fields[i+1]] = append(variants[name][fields[i+1]], value)
		}
	}
	if err := scanner.Err(); err != nil {
		log.Fatal(err)
	}
	names := make([]string, 0, len(variants))
	for name := range variants {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		benchmark, _, _ := strings.Cut(name, "/")
		times, bases := variants[name]["ns/op"], variants[benchmark+"/"+*base]["ns/op"]
		if len(bases) != len(times) {
			log.Fatalf("%s has %d runs, %s/%s has %d", name, len(times), benchmark, *base, len(bases))
		}
		ratios := make([]float64, len(bases))
		for i, ns := range times {
			ratios[i] = ns / bases[i]
		}
		fmt.Printf("%-44s %6.2f  [%.2f to %.2f, %d runs]", name, median(ratios), slices.Min(ratios), slices.Max(ratios), len(ratios))
		for _, unit := range []string{"B/op", "allocs/op", "sent-B/op"} {
			if values := variants[name][unit]; len(values) > 0 {
				fmt.Printf("  %.0f %s", median(values), unit)
			}
		}
		fmt.Println()
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
