package compat_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the tables of docs/compatibility.md anew")

const page = "../../docs/compatibility.md"

// TestPageHasTheTables compares the tables of the page with those of the tests.
// Run it with -update to write them.
func TestPageHasTheTables(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	got := string(text)
	for name, table := range tables(t) {
		begin, end := "<!-- table: "+name+" -->\n", "<!-- end -->"
		before, rest, found := strings.Cut(got, begin)
		require.True(t, found, "%s has no line %q", page, begin)
		_, after, found := strings.Cut(rest, end)
		require.True(t, found, "%s: the table %q has no line %q", page, name, end)
		got = before + begin + "\n" + table + "\n" + end + after
	}
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(got), 0o644))
		return
	}
	assert.Equal(t, got, string(text), "run go -C test/compat test -run %s -update", t.Name())
}

func tables(t *testing.T) map[string]string {
	versions := moduleVersions(t)
	return map[string]string{
		"middlewares": middlewareTable(versions),
		"marks":       markTable(),
		"handlers":    handlerTable(versions),
		"adopted":     adoptedTable(versions),
	}
}

func middlewareTable(versions map[string]string) string {
	var table strings.Builder
	header := []string{"middleware"}
	for _, probe := range probes() {
		header = append(header, probe.name)
	}
	write(&table, append(header, "a hub's stream", "what it is for")...)
	write(&table, slices.Repeat([]string{"---"}, len(header)+2)...)
	for _, row := range rows() {
		cells := []string{strings.TrimSpace(row.name + " " + versions[row.module])}
		for _, probe := range probes() {
			cells = append(cells, row.marks(probe.name))
		}
		var acts []string
		for _, probe := range row.acts {
			what := probe.name
			if status, ok := strings.CutPrefix(probe.want, "status "); ok {
				what += " (" + status + ")"
			}
			acts = append(acts, what+" "+row.marks(probe.name))
		}
		write(&table, append(cells, row.streamOfHub(), strings.Join(acts, ", "))...)
	}
	return table.String()
}

// marks returns the marks of a row at both places: one if they are equal.
func (row middlewareRow) marks(probe string) string {
	marks := []string{}
	for _, at := range []place{onApplication, onRoute} {
		mark := markSame
		if found := row.difference(probe, at); found != nil {
			mark = found.mark
		}
		marks = append(marks, mark)
	}
	return strings.Join(slices.Compact(marks), "/")
}

func handlerTable(versions map[string]string) string {
	var table strings.Builder
	header := []string{"handler", "what is tried"}
	for _, way := range ways() {
		header = append(header, way.name)
	}
	write(&table, header...)
	write(&table, slices.Repeat([]string{"---"}, len(header))...)
	for _, row := range mountedRows() {
		cells := []string{strings.TrimSpace(row.name + " " + versions[row.module]), row.shows}
		for range ways() {
			cells = append(cells, "works")
		}
		write(&table, cells...)
	}
	return table.String()
}

func adoptedTable(versions map[string]string) string {
	var table strings.Builder
	header := []string{"event stream of"}
	for _, trial := range adoptedTrials() {
		header = append(header, trial.name)
	}
	write(&table, header...)
	write(&table, slices.Repeat([]string{"---"}, len(header))...)
	for _, row := range adoptedRows() {
		cells := []string{strings.TrimSpace(row.name + " " + versions[row.module])}
		for _, trial := range adoptedTrials() {
			cells = append(cells, trial.mark)
		}
		write(&table, cells...)
	}
	return table.String()
}

func markTable() string {
	var table strings.Builder
	write(&table, "mark", "what differs", "why")
	write(&table, "---", "---", "---")
	for _, reason := range reasons() {
		write(&table, reason.mark, reason.title, reason.why)
	}
	return table.String()
}

func write(table *strings.Builder, cells ...string) {
	fmt.Fprintf(table, "| %s |\n", strings.Join(cells, " | "))
}

var requirement = regexp.MustCompile(`(?m)^\s*(?:require )?(\S+\.\S+/\S+) (v\S+)`)

// moduleVersions returns the versions of go.mod by module.
func moduleVersions(t *testing.T) map[string]string {
	text, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	versions := map[string]string{}
	for _, found := range requirement.FindAllStringSubmatch(string(text), -1) {
		versions[found[1]] = found[2]
	}
	return versions
}

// TestReasonsAreUsed asserts that each mark has a reason, and each reason a
// cell.
func TestReasonsAreUsed(t *testing.T) {
	used := map[string]bool{}
	versions := moduleVersions(t)
	for _, row := range mountedRows() {
		assert.True(t, row.module == stdlib || versions[row.module] != "", "%s: go.mod has no %s", row.name, row.module)
	}
	for _, row := range rows() {
		assert.True(t, row.module == stdlib || versions[row.module] != "", "%s: go.mod has no %s", row.name, row.module)
		named := map[string]bool{}
		for _, probe := range slices.Concat(probes(), row.acts) {
			assert.False(t, named[probe.name], "%s has two probes %q", row.name, probe.name)
			named[probe.name] = true
			for _, at := range []place{onApplication, onRoute} {
				if found := row.difference(probe.name, at); found != nil {
					used[found.mark] = true
				}
			}
		}
		for key := range row.differs {
			probe, _, _ := strings.Cut(key, " at ")
			assert.True(t, named[probe] || named[key], "%s has a difference for %q, and no such probe", row.name, key)
		}
	}
	for _, reason := range reasons() {
		assert.True(t, used[reason.mark], "the reason %q has no cell", reason.mark)
		delete(used, reason.mark)
	}
	assert.Empty(t, used, "marks without a reason")
}
