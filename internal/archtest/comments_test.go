package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// widest is how many columns a line with a comment may have, and tabColumns how
// many of them a tab counts.
const (
	widest     = 100
	tabColumns = 4
)

func TestCommentsAreNarrow(t *testing.T) {
	eachFile(t, ".go", func(path, text string) {
		wide := wideComments(t, text)
		for _, line := range slices.Sorted(maps.Keys(wide)) {
			t.Errorf("%s:%d has %d columns, and a line with a comment has at most %d: "+
				"wrap the comment at 80, or put it above its line", path, line, wide[line], widest)
		}
	})
}

// wideComments returns the lines of a Go file that are too wide and have a
// comment, with their columns. Lines without a comment, such as those of a raw
// string, may be as wide as they like.
func wideComments(t *testing.T, text string) map[int]int {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", text, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	lines := strings.Split(text, "\n")
	wide := map[int]int{}
	for _, group := range file.Comments {
		if isOutput(group) {
			continue
		}
		for _, comment := range group.List {
			for line := files.Position(comment.Pos()).Line; line <= files.Position(comment.End()).Line; line++ {
				expanded := strings.ReplaceAll(lines[line-1], "\t", strings.Repeat(" ", tabColumns))
				if columns := utf8.RuneCountInString(expanded); columns > widest {
					wide[line] = columns
				}
			}
		}
	}
	return wide
}

// isOutput reports whether a comment is what an example prints, which cannot be
// wrapped.
func isOutput(group *ast.CommentGroup) bool {
	return regexp.MustCompile(`(?i)^(unordered )?output:`).MatchString(group.Text())
}

func TestWideComments(t *testing.T) {
	long := strings.Repeat("x", 90)
	cases := []struct {
		name, text string
		wide       map[int]int
	}{
		{"at the limit", "package p\n\n// " + strings.Repeat("ü", 97), map[int]int{}},
		{"a column more", "package p\n\n// " + strings.Repeat("ü", 98), map[int]int{3: 101}},
		{"of the package", "// " + long + long + "\npackage p", map[int]int{1: 183}},
		{"behind tabs", "package p\n\nfunc f() {\n\t\t// " + long + "\n}", map[int]int{4: 101}},
		{"behind code", "package p\n\nvar x = \"" + long + "\" // x", map[int]int{3: 105}},
		{"before code", "package p\n\nvar x = /* x */ \"" + long + "\"", map[int]int{3: 108}},
		{"a block of lines", "package p\n\n/*\n" + long + "\n" + long + long + "\n*/", map[int]int{5: 180}},
		{"a directive", "package p\n\n//go:generate " + long, map[int]int{3: 104}},
		{"code", "package p\n\nvar x = \"" + long + long + "\"", map[int]int{}},
		{"what an example prints", "package p\n\n// Output:\n// " + long + long, map[int]int{}},
		{"a raw string", "package p\n\nvar x = `\n// " + long + long + "`", map[int]int{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.wide, wideComments(t, c.text)) })
	}
}
