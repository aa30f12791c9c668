package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/chitor-go/chitor/bench/hubs"
)

// before is the variant of another program, built from an earlier commit.
const before = "before"

const kib = 1 << 10

// mostGoroutines is how many of them a process may have in which all streams are
// parked.
const mostGoroutines = 10

// A scene is what streams are like that are measured.
type scene struct {
	name    string
	streams func(sessions int) int
	secure  bool
	browser bool
	beats   bool
	waves   int     // 2 at least
	most    float64 // KiB of RSS that a stream of Chitor may take
}

func scenes() []scene {
	const twice = 2
	all := func(sessions int) int { return sessions }
	third := func(sessions int) int { return max(sessions/3, 1) }
	return []scene{
		{name: "curl", streams: all, waves: twice, most: 4.3},
		{name: "browser", streams: all, browser: true, waves: twice, most: 6.6},
		{name: "tls", streams: third, secure: true, waves: twice, most: 13},
		{name: "heartbeat", streams: all, beats: true, waves: twice, most: 4.3},
		{name: "waves", streams: func(sessions int) int { return max(2*sessions/3, 1) }, waves: 5, most: 4.3},
	}
}

// A company compares variants whose streams have joined a hub.
type company struct {
	program  string
	against  string // a program of an earlier commit, or ""
	variants []string
	scenes   []string
	sessions int
	rounds   int
	period   time.Duration
	check    bool // fail if Chitor's streams take more than they may
}

// compare measures all variants by turns and prints medians.
func (c company) compare(ctx context.Context, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprint(table, "\tstreams\tvariant\tRSS, KiB\tratio to the reference\tRSS of the last wave\theap\tstacks\tgoroutines\n")
	var wrong []error
	for _, s := range scenes() {
		if !slices.Contains(c.scenes, s.name) {
			continue
		}
		found, err := c.measure(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		for _, name := range c.names(s) {
			c.printRow(table, s, name, found)
			wrong = append(wrong, s.judge(name, found[name]))
		}
	}
	if err := table.Flush(); err != nil || !c.check {
		return err
	}
	return errors.Join(wrong...)
}

// names returns the variants that a scene has. Libraries have no heartbeat.
func (c company) names(s scene) []string {
	names := slices.Clone(c.variants)
	if c.against != "" {
		names = append(names, before)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return s.beats && (name == hubs.GoSSE || name == hubs.R3Labs)
	})
}

// measure measures all variants in one scene, in each round in another order.
func (c company) measure(ctx context.Context, s scene) (map[string][]hall, error) {
	found := map[string][]hall{}
	for range c.rounds {
		names := c.names(s)
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			one, err := c.measureOne(ctx, s, name, false)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			found[name] = append(found[name], one)
		}
	}
	return found, nil
}

// measureOne measures in a process of its own.
func (c company) measureOne(ctx context.Context, s scene, name string, breakdown bool) (found hall, err error) {
	program, variant := c.program, name
	if name == before {
		program, variant = c.against, hubs.Chitor
	}
	period := time.Duration(0)
	if s.beats {
		period = c.period
	}
	command := exec.CommandContext(ctx, program, "-listening", "-serve", variant, "-sessions", strconv.Itoa(s.streams(c.sessions)),
		"-period", period.String(), "-tls="+strconv.FormatBool(s.secure), "-browser="+strconv.FormatBool(s.browser),
		"-waves", strconv.Itoa(s.waves), "-breakdown="+strconv.FormatBool(breakdown))
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return found, err
	}
	return found, json.Unmarshal(out, &found)
}

// printRow prints what was found of a variant: its memory in the first wave, and in
// the last one, when the process has had as many streams before.
func (c company) printRow(out io.Writer, s scene, name string, found map[string][]hall) {
	of := func(name string, size func(hall) int64) float64 { return middle(found[name], size) / kib }
	rss := func(h hall) int64 { return h.Waves[0].Open.RSS }
	ratio := "-"
	if base := found[hubs.Reference]; len(base) > 0 {
		ratio = fmt.Sprintf("%.2f", of(name, rss)/of(hubs.Reference, rss))
	}
	_, _ = fmt.Fprintf(out, "%s\t%d\t%s\t%.2f\t%s\t%.2f\t%.2f\t%.2f\t%d\n", s.name, s.streams(c.sessions), name, of(name, rss), ratio,
		of(name, again), of(name, func(h hall) int64 { return h.last().Open.Objects }),
		of(name, func(h hall) int64 { return h.last().Open.Stack }), goroutines(found[name]))
}

// judge says what Chitor's streams take more than they may. What counts is the last
// wave: the runtime keeps what it has for a connection, some 0.6 KiB, and how much
// of the heap lies fallow between objects depends on how fast streams come.
func (s scene) judge(name string, found []hall) error {
	if name != hubs.Chitor {
		return nil
	}
	var wrong []error
	if size := middle(found, again) / kib; size > s.most {
		wrong = append(wrong, fmt.Errorf("%s: a stream takes %.2f KiB, which is more than %.1f", s.name, size, s.most))
	}
	if n := goroutines(found); n > mostGoroutines {
		wrong = append(wrong, fmt.Errorf("%s: there are %d goroutines, which is more than %d", s.name, n, mostGoroutines))
	}
	return errors.Join(wrong...)
}

// printBreakdown prints what the heap holds for a stream of each variant.
func (c company) printBreakdown(ctx context.Context, out io.Writer) error {
	for _, s := range scenes() {
		if !slices.Contains(c.scenes, s.name) {
			continue
		}
		for _, name := range c.names(s) {
			found, err := c.measureOne(ctx, s, name, true)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			_, _ = fmt.Fprintf(out, "%s, %s: heap %d\n", s.name, name, found.Waves[0].Open.Objects)
			printOwners(out, found.Owners)
		}
	}
	return nil
}

func (h hall) last() wave { return h.Waves[len(h.Waves)-1] }

func again(h hall) int64 { return h.last().Again }

// middle returns the median of a size.
func middle(found []hall, size func(hall) int64) float64 {
	sizes := make([]int64, len(found))
	for i, h := range found {
		sizes[i] = size(h)
	}
	slices.Sort(sizes)
	return float64(sizes[len(sizes)/2])
}

// goroutines returns the most there were.
func goroutines(found []hall) (most int) {
	for _, h := range found {
		for _, w := range h.Waves {
			most = max(most, w.Goroutines)
		}
	}
	return most
}

// list reads names with commas.
func list(text string) []string { return strings.Split(text, ",") }
