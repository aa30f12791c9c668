package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
)

// rowsOfEvents is how many rows of events are measured with one number of clients.
const rowsOfEvents = 5

// A comparison measures variants by turns, in rounds.
type comparison struct {
	start      func(variant string) (*server, error)
	names      []string
	rounds     int
	deliveries int // where each event waits for the last: the least of them
	profile    string
}

// costs are those of a variant, one for each round.
type costs struct {
	FlatOut    []cost
	OneAtATime []cost
}

// eachInTurn calls measure for each variant in each round. It has a fresh server.
func (c comparison) eachInTurn(measure func(variant string, f *field) error) error {
	for range c.rounds {
		names := slices.Clone(c.names)
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, variant := range names {
			s, err := c.start(variant)
			if err != nil {
				return err
			}
			f, err := newField(s)
			if err != nil {
				return err
			}
			if err := errors.Join(measure(variant, f), f.stop()); err != nil {
				return fmt.Errorf("%s: %w", variant, err)
			}
		}
	}
	return nil
}

// add measures a variant with so many clients.
func (c comparison) add(to *costs, f *field, clients int, l load) error {
	if err := f.grow(clients); err != nil {
		return err
	}
	if c.profile != "" {
		if err := f.server.profile(c.profile); err != nil {
			return err
		}
	}
	flatOut, err := f.carry(l)
	if err != nil {
		return err
	}
	single, err := f.carry(load{events: 1, rows: max(c.deliveries/clients, 10), size: l.size})
	to.FlatOut, to.OneAtATime = append(to.FlatOut, flatOut), append(to.OneAtATime, single)
	return err
}

// A table is what variants cost with one number of clients.
type table struct {
	names []string
	costs map[string]*costs
}

func newTable(names []string) table {
	t := table{names, map[string]*costs{}}
	for _, name := range names {
		t.costs[name] = new(costs)
	}
	return t
}

// compare measures all variants with so many clients.
func (c comparison) compare(clients int, l load) (table, error) {
	t := newTable(c.names)
	l.rows = rowsOfEvents
	return t, c.eachInTurn(func(variant string, f *field) error {
		return c.add(t.costs[variant], f, clients, l)
	})
}

// print prints medians, and in brackets the median and extremes of the ratios to
// the first variant in the same round.
func (t table) print(out io.Writer) error {
	for _, name := range t.names {
		of, first := t.costs[name], t.costs[t.names[0]]
		time := func(c cost) float64 { return c.Time }
		cpu := func(c cost) float64 { return c.CPU }
		_, err := fmt.Fprintf(out, "%-11s flat out: %9.0f/s %s, CPU %6.2f us %s, %.4f objects, %.1f bytes, RSS %.1f KiB\n"+
			"%-11s one at a time: %6.0f/s %s, CPU %6.2f us %s, %.4f objects\n",
			name, 1e6/middle(of.FlatOut, time), ratios(of.FlatOut, first.FlatOut, time),
			middle(of.FlatOut, cpu), ratios(of.FlatOut, first.FlatOut, cpu),
			middle(of.FlatOut, func(c cost) float64 { return c.Objects }),
			middle(of.FlatOut, func(c cost) float64 { return c.Bytes }),
			middle(of.FlatOut, func(c cost) float64 { return c.RSS })/1024,
			"", 1e6/middle(of.OneAtATime, time), ratios(of.OneAtATime, first.OneAtATime, time),
			middle(of.OneAtATime, cpu), ratios(of.OneAtATime, first.OneAtATime, cpu),
			middle(of.OneAtATime, func(c cost) float64 { return c.Objects }))
		if err != nil {
			return err
		}
	}
	return nil
}

// ratios returns how many times as much costs take as those of a base.
func ratios(of, base []cost, part func(cost) float64) string {
	found := make([]float64, len(of))
	for i := range of {
		found[i] = part(of[i]) / part(base[i])
	}
	slices.Sort(found)
	return fmt.Sprintf("[%.2f, %.2f to %.2f]", found[len(found)/2], found[0], found[len(found)-1])
}

// middle returns the median of a part of costs.
func middle(of []cost, part func(cost) float64) float64 {
	sorted := slices.SortedFunc(slices.Values(of), func(a, b cost) int { return cmp.Compare(part(a), part(b)) })
	return part(sorted[len(sorted)/2])
}
