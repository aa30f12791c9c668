package apptest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"
)

// leakPatience is how long goroutines may run on when the host has stopped, and
// leakInterval how often they are looked for.
const (
	leakPatience = 5 * time.Second
	leakInterval = 10 * time.Millisecond
)

// leaks finds goroutines that an application has left behind. They carry a
// profiler label, which a goroutine inherits from the one that starts it, so
// other tests may run at the same time. A nil *leaks finds nothing.
type leaks struct {
	label    string
	module   string // the path of the tested Go module
	patience time.Duration
}

// newLeaks returns nil if there is nothing to look for: with a negative patience,
// in a synctest bubble, which finds leaks itself, and if the tested Go module is
// not known.
func newLeaks(patience time.Duration) *leaks {
	build, ok := debug.ReadBuildInfo()
	if patience < 0 || inBubble() || !ok || build.Main.Path == "" {
		return nil
	}
	return &leaks{label: rand.Text(), module: build.Main.Path, patience: patience}
}

// inBubble looks for the bubble in the head of the goroutine's stack, the one
// place that tells.
func inBubble() bool {
	var stack [128]byte
	head, _, _ := bytes.Cut(stack[:runtime.Stack(stack[:], false)], []byte("\n"))
	return bytes.Contains(head, []byte("synctest bubble"))
}

// watch calls start. All goroutines that it starts are watched.
func (l *leaks) watch(ctx context.Context, start func(ctx context.Context) error) error {
	if l == nil {
		return start(ctx)
	}
	var err error
	pprof.Do(ctx, pprof.Labels("apptest", l.label), func(ctx context.Context) { err = start(ctx) })
	return err
}

// find returns the stacks of the goroutines that do not end in time, or
// nothing. It counts how often it has looked, not the time that has passed: on a
// machine that stalls for a while nothing can end.
func (l *leaks) find() string {
	if l == nil {
		return ""
	}
	tick := time.NewTicker(leakInterval)
	defer tick.Stop()
	for waited := time.Duration(0); ; waited += leakInterval {
		left := l.left()
		if left == "" || waited >= l.patience {
			return left
		}
		<-tick.C
	}
}

// left returns the stacks of the watched goroutines that run now.
func (l *leaks) left() string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error() // a buffer has none
	}
	_, groups, _ := strings.Cut(profile.String(), "\n") // the first line is about all of them
	var left strings.Builder
	for group := range strings.SplitSeq(groups, "\n\n") {
		if strings.Contains(group, fmt.Sprintf("%q:%q", "apptest", l.label)) {
			left.WriteString(l.describe(group))
		}
	}
	return left.String()
}

// describe returns how many goroutines a group of the profile has, and their
// stack. It returns nothing for those that libraries have started, such as the
// readers of idle connections: a pool outlives the call that fills it.
func (l *leaks) describe(group string) string {
	var text strings.Builder
	count, _, _ := strings.Cut(group, " ")
	fmt.Fprintf(&text, "%s at\n", count)
	starter := l.module // of a goroutine that has not run yet
	for line := range strings.Lines(group) {
		// The frames, innermost first: "#", the address, the function with an
		// offset, and the place, with tabs between.
		fields := strings.FieldsFunc(line, func(r rune) bool { return r == '\t' || r == '\n' })
		if len(fields) != 4 || fields[0] != "#" {
			continue
		}
		function, _, _ := strings.Cut(fields[2], "+0x")
		fmt.Fprintf(&text, "\t%s %s\n", function, fields[3])
		// The Go methods of these start goroutines for their callers.
		if pkg := packageOf(function); pkg != "sync" && pkg != "golang.org/x/sync/errgroup" {
			starter = pkg
		}
	}
	if starter != l.module && !strings.HasPrefix(starter, l.module+"/") {
		return ""
	}
	return text.String()
}

// packageOf returns the path of a function's package, without the _test of
// black-box tests.
func packageOf(function string) string {
	slash := strings.LastIndex(function, "/") + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return strings.TrimSuffix(function[:slash]+strings.ReplaceAll(name, "%2e", "."), "_test")
}
