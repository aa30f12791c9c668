package hocon

import (
	"fmt"
	"path"

	"github.com/chitor-go/chitor/app"
)

// Options says where a document reaches outside of itself. The zero Options
// reaches nowhere.
type Options struct {
	// Lookup returns an environment variable, for substitutions that the
	// document does not resolve. Nil knows no variable.
	Lookup func(name string) (string, bool)
	// Open reads a file that the document includes, by the path that is made of
	// the name of the including file and the included one, with slashes. The
	// error of a file that does not exist is fs.ErrNotExist. Nil refuses each
	// include.
	Open func(name string) ([]byte, error)
}

// The limits that no document may exceed. docs/hocon.md lists them.
const (
	maxDepth    = 200     // objects and arrays in one another, elements of keys included
	maxBytes    = 2 << 20 // of the document and all that it includes
	maxIncludes = 200     // files that are looked for, however often
	maxChain    = 20_000  // values that are resolved to resolve one
	maxSteps    = 1 << 20 // of resolving all substitutions
	maxSize     = 2 << 20 // values, and bytes of their keys and texts, when all is resolved
)

// Parse reads a document and all that it includes, and resolves its
// substitutions. The name stands in errors and in the sites of the values, and
// its extension names the format: .json is JSON and nothing else, .properties
// is Java's format, in which everything is text, and all else is HOCON.
//
// The tree has an [app.Located] at every value: in it are map[string]any,
// []any, string, [encoding/json.Number] (as it was written), bool and nil. What
// several substitutions refer to is shared, so that the tree must not be
// changed. Each error begins with the file, the line and the column.
func Parse(name string, text []byte, options Options) (map[string]any, error) {
	l := &loader{options: options}
	root := &object{site: app.Site{File: name, Line: 1, Column: 1}}
	if err := l.parse(root, source{name: name, text: text}); err != nil {
		return nil, err
	}
	resolved, err := (&resolver{root: root, lookup: options.Lookup}).resolve()
	if err != nil {
		return nil, err
	}
	return tree(resolved), nil
}

// source is one file that is read.
type source struct {
	name string
	text []byte

	prefix  []string // the path of the object that includes it
	inArray bool     // whether that is in an array
	depth   int      // of that object
}

// loader reads the document and what it includes.
type loader struct {
	options  Options
	bytes    int // read so far
	includes int // files opened so far
}

// parse reads one file and adds its fields to an object.
func (l *loader) parse(into *object, from source) error {
	if l.bytes += len(from.text); l.bytes > maxBytes {
		return errorf(app.Site{File: from.name, Line: 1, Column: 1},
			"expected at most %d MiB in the document and all that it includes, found more", maxBytes>>20)
	}
	if err := checkText(from.name, from.text); err != nil {
		return err
	}
	extension := path.Ext(from.name)
	switch extension {
	case ".properties":
		return parseProperties(into, from)
	case ".json":
		if err := checkJSON(from.name, from.text); err != nil {
			return err
		}
	}
	p := &parser{lexer: newLexer(from.name, from.text), loader: l, source: from, path: from.prefix, depth: from.depth}
	p.strict = extension == ".json"
	if from.inArray {
		p.arrays = 1
	}
	return p.document(into)
}

// errorf makes an error that begins with its place.
func errorf(at app.Site, format string, arguments ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{at}, arguments...)...)
}
