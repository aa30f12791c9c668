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

// atMost is what Chitor's choice may take longer than chi's, as a share of all that
// chi does for a call.
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
	t := newTable(out, "a call", ofChi, ofMux, ofEcho, ofGin, ofChitor, byWalk)
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
	var adds []string
	t := newTable(out, "the choice alone", ofChi, ofChitor, byWalk, allOfChi)
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
		t.print(measured)
		added := measured.added(ofChitor, ofChi, allOfChi)
		adds = append(adds, fmt.Sprintf("| %s | %s |", selected.name, spread(added)))
		if middle(added) > atMost {
			failed = errors.Join(failed, fmt.Errorf("%s: Chitor's choice adds %.2f, and may add %.2f", selected.name, middle(added), atMost))
		}
		if measured.allocations[ofChitor] > measured.allocations[ofChi] {
			failed = errors.Join(failed, fmt.Errorf("%s: Chitor's choice allocates more than chi's", selected.name))
		}
	}
	fmt.Fprintf(out, "\n| what Chitor's choice adds | share of all that chi does |\n| --- | --- |\n%s\n", strings.Join(adds, "\n"))
	return failed
}

// A table prints rows in Markdown: ratios to the first column, which has
// nanoseconds.
type table struct {
	out     io.Writer
	columns []string
}

func newTable(out io.Writer, what string, columns ...string) table {
	fmt.Fprintf(out, "\n| %s |", what)
	for _, column := range columns {
		fmt.Fprintf(out, " %s |", column)
	}
	fmt.Fprint(out, "\n| --- |")
	for range columns {
		fmt.Fprint(out, " --- |")
	}
	fmt.Fprintln(out)
	return table{out, columns}
}

func (t table) print(measured row) {
	fmt.Fprintf(t.out, "| %s |", measured.name)
	for _, column := range t.columns {
		time := fmt.Sprintf("1: %.0f ns", measured.nanoseconds(column))
		if column != t.columns[0] {
			time = spread(measured.ratios(column, t.columns[0]))
		}
		fmt.Fprintf(t.out, " %s, %d allocs, %d B |", time, measured.allocations[column], measured.bytes[column])
	}
	fmt.Fprintln(t.out)
}
