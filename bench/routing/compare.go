package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// atMost is what Chitor's choice of one route may take longer than chi's, as a
// share of all that chi does for a call. For all routes in turn it is printed
// alone: it depends on how much of them the processor's cache has kept.
const atMost = 0.15

// The variants, as the tables name them.
const (
	ofChi    = "chi"
	allOfChi = "all that chi does"
	ofMux    = "http.ServeMux"
	ofEcho   = "echo"
	ofGin    = "gin"
	ofChitor = "Chitor"
	byWalk   = "Chitor, by a walk"
	noChoice = "no choice"
)

// compareStacks measures calls through the whole stack of each.
func compareStacks(out io.Writer, all []endpoint, rounds int) (failed error) {
	direct, err := start(declare(all))
	if err != nil {
		return err
	}
	defer direct.Stop(context.Background())
	contested, err := start(declare(all), contest)
	if err != nil {
		return err
	}
	defer contested.Stop(context.Background())
	stacks := map[string]http.Handler{
		ofChi: bareChi(all), ofMux: bareMux(all), ofEcho: bareEcho(all), ofGin: bareGin(all), ofChitor: direct, byWalk: contested,
	}
	t := newTable(out, "a call", []string{ofChi, ofMux, ofEcho, ofGin, ofChitor, byWalk})
	for _, selected := range selections(all) {
		variants := map[string]func(){}
		for name, handler := range stacks {
			if variants[name], err = calling(handler, selected.endpoints); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		measured := measureRow(selected.name, variants, len(selected.endpoints), rounds)
		t.print(measured)
		if measured.allocations[ofChitor] > measured.allocations[ofChi] {
			failed = errors.Join(failed, fmt.Errorf("%s: a call of Chitor allocates more than one of chi", selected.name))
		}
	}
	t.end()
	return failed
}

// compareChoices measures how a route is found, without what is around it.
func compareChoices(out io.Writer, all []endpoint, rounds int) (failed error) {
	end := &target{}
	calls := map[string]routedCall{}
	for name, modules := range map[string][]app.Module{
		ofChitor: {end.routes(all)},
		byWalk:   {end.routes(all), contest},
		noChoice: {end.only},
	} {
		held, err := hold(modules...)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer held.release()
		calls[name] = held
	}
	t := newTable(out, "the choice alone", []string{ofChi, ofChitor, byWalk, allOfChi}, "what Chitor adds")
	for _, selected := range selections(all) {
		variants := map[string]func(){ofChi: chiAlone(all, selected.endpoints), allOfChi: chiWhole(all, selected.endpoints)}
		for name, held := range calls {
			route, err := held.to(end, selected.endpoints)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", selected.name, name, err)
			}
			variants[name] = route
		}
		measured := measureRow(selected.name, variants, len(selected.endpoints), rounds)
		for _, name := range []string{ofChitor, byWalk} {
			measured.take(name, noChoice)
		}
		added := measured.added(ofChitor, ofChi, allOfChi)
		t.print(measured, spread(added))
		if len(selected.endpoints) == 1 && middle(added) > atMost {
			failed = errors.Join(failed, fmt.Errorf("%s: Chitor's choice adds %.2f, and may add %.2f", selected.name, middle(added), atMost))
		}
		if measured.allocations[ofChitor] > measured.allocations[ofChi] {
			failed = errors.Join(failed, fmt.Errorf("%s: Chitor's choice allocates more than chi's", selected.name))
		}
	}
	t.end()
	return failed
}

// A table prints rows in Markdown, as docs/performance.md has them: ratios to the
// first variant, and allocations. What that variant takes follows when all rows
// are printed.
type table struct {
	out      io.Writer
	variants []string
	taken    []string
}

// newTable prints the head of a table, which has further columns behind those of
// the variants.
func newTable(out io.Writer, what string, variants []string, further ...string) *table {
	columns := append([]string{what}, append(variants, further...)...)
	fmt.Fprintf(out, "\n| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
	return &table{out: out, variants: variants}
}

func (t *table) print(measured row, further ...string) {
	first := t.variants[0]
	cells := []string{measured.name, fmt.Sprintf("1, %d", measured.allocations[first])}
	for _, variant := range t.variants[1:] {
		cells = append(cells, fmt.Sprintf("%s, %d", spread(measured.ratios(variant, first)), measured.allocations[variant]))
	}
	fmt.Fprintf(t.out, "| %s |\n", strings.Join(append(cells, further...), " | "))
	t.taken = append(t.taken, fmt.Sprintf("%s: %.0f ns", measured.name, measured.nanoseconds(first)))
}

func (t *table) end() {
	fmt.Fprintf(t.out, "\n%s takes: %s\n", t.variants[0], strings.Join(t.taken, ", "))
}
