package docs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rows returns the rows of the tables of a page, without their heads, each with
// its heading in front.
func rows(t *testing.T, page string) [][]string {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	var found [][]string
	heading, head := "", true
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "## "):
			heading = line[3:]
		case !strings.HasPrefix(line, "|"):
			head = true
		case strings.HasPrefix(line, "| ---"):
			head = false
		case !head:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i, cell := range cells {
				cells[i] = strings.TrimSpace(cell)
			}
			found = append(found, append([]string{heading}, cells...))
		}
	}
	return found
}

// functions returns the test functions of a package of this module.
func functions(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, folder)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

// count returns how many tests a cell of the lists names: "Class: test, other",
// "Class: all 9".
func count(t *testing.T, cell string) (class string, tests int) {
	t.Helper()
	class, list, ok := strings.Cut(cell, ": ")
	require.True(t, ok, cell)
	for name := range strings.SplitSeq(list, ", ") {
		number := 1
		for word := range strings.FieldsSeq(name) {
			if parsed, err := strconv.Atoi(word); err == nil && !strings.Contains(name, "returns") {
				number = parsed
			}
		}
		tests += number
	}
	return class, tests
}

const behaviours = "Behaviours of routing"

// TestBehavioursAreListed: each behaviour of the cases of routing has one row,
// in order, which says what was chosen.
func TestBehavioursAreListed(t *testing.T) {
	text, err := os.ReadFile("../routing/testdata/routing-cases.json")
	require.NoError(t, err)
	var cases struct{ Behaviours []struct{ ID string } }
	require.NoError(t, json.Unmarshal(text, &cases))
	require.NotEmpty(t, cases.Behaviours)
	var known, listed []string
	for _, behaviour := range cases.Behaviours {
		known = append(known, behaviour.ID)
	}
	for _, row := range rows(t, "conformance.md") {
		if row[0] == behaviours {
			listed = append(listed, row[1])
			assert.Regexp(t, "^(kept|other|not yet)\\b", row[3], row)
		}
	}
	assert.Equal(t, known, listed)
}

// TestConformanceAddsUp: each row is as many as its parts, its tests exist, and
// the lists name as many as the rows count.
func TestConformanceAddsUp(t *testing.T) {
	counted, listed := map[string]int{}, map[string]int{}
	add := func(to map[string]int, list, class string, tests int) {
		if tests > 0 {
			to[list+" "+class] += tests
		}
	}
	classes := map[string]string{ // of the lists, where the rows name them otherwise
		"routing-cases.json": "the cases of the table", "SecureCookiesTest": "CookiesTest", "DoubleReceiveTestJvm": "DoubleReceiveTest",
	}
	for _, row := range rows(t, "conformance.md") {
		heading, where := row[0], row[len(row)-1]
		switch heading {
		case "Different on purpose", "Not applicable":
			class, tests := count(t, row[1])
			if name, ok := classes[class]; ok {
				class = name
			}
			add(listed, heading, class, tests)
			continue
		case "What Ktor does not test":
		case behaviours:
			if strings.HasPrefix(row[3], "not yet") {
				assert.Empty(t, where, row)
				continue
			}
		default:
			var numbers []int
			for _, cell := range row[2 : len(row)-1] {
				number, err := strconv.Atoi(cell)
				require.NoError(t, err, row)
				numbers = append(numbers, number)
			}
			sum := 0
			for _, number := range numbers[1:] {
				sum += number
			}
			assert.Equal(t, numbers[0], sum, row)
			class, _, _ := strings.Cut(row[1], ",")
			if len(numbers) == 4 {
				add(counted, "Different on purpose", class, numbers[2])
			}
			add(counted, "Not applicable", class, numbers[len(numbers)-1])
			if numbers[0] == numbers[len(numbers)-1] {
				assert.Empty(t, where, row)
				continue
			}
		}
		for place := range strings.SplitSeq(where, "; ") {
			folder, names, ok := strings.Cut(place, ": ")
			require.True(t, ok, row)
			source := functions(t, folder)
			for name := range strings.SplitSeq(names, ", ") {
				assert.Contains(t, source, "func "+name+"(t *testing.T)", row)
			}
		}
	}
	require.NotEmpty(t, counted)
	assert.Equal(t, counted, listed)
}
