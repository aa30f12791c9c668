// Ratio reads the output of several runs of a benchmark with variants, go test -bench X -count 1 again and again, and
// prints for each variant the median of its ratios to the base of the same run, with the extremes.
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

func main() {
	base := flag.String("base", "chi", "the variant that the others are compared with")
	flag.Parse()
	runs := map[string][]float64{} // by benchmark and variant, in order
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) < 4 || fields[3] != "ns/op" || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := fields[0]
		if i := strings.LastIndexByte(name, '-'); i > strings.LastIndexByte(name, '/') {
			name = name[:i]
		}
		ns, err := strconv.ParseFloat(fields[2], 64)
		if err != nil {
			log.Fatalf("read %q: %v", scanner.Text(), err)
		}
		runs[name] = append(runs[name], ns)
	}
	if err := scanner.Err(); err != nil {
		log.Fatal(err)
	}
	names := make([]string, 0, len(runs))
	for name := range runs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		benchmark, _, _ := strings.Cut(name, "/")
		bases := runs[benchmark+"/"+*base]
		if len(bases) != len(runs[name]) {
			log.Fatalf("%s has %d runs, %s/%s has %d", name, len(runs[name]), benchmark, *base, len(bases))
		}
		ratios := make([]float64, len(bases))
		for i, ns := range runs[name] {
			ratios[i] = ns / bases[i]
		}
		slices.Sort(ratios)
		fmt.Printf("%-40s %.2f  [%.2f to %.2f, %d runs]\n", name, ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1], len(ratios))
	}
}
