package hocon

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// inclusion is an include statement.
type inclusion struct {
	site     app.Site
	name     string
	kind     string // "", or what stands before the parenthesis: file, url, classpath
	required bool
}

// include takes an include statement and adds the fields of what it names.
func (p *parser) include(into *object) error {
	statement := inclusion{site: p.token.site}
	if err := p.includeName(&statement); err != nil {
		return err
	}
	switch {
	case statement.kind == "url" || isURL(statement.name):
		return errorf(statement.site, "expected the name of a file, found the URL %s: nothing is read from the network",
			glimpse([]byte(statement.name)))
	case statement.kind == "classpath":
		return errorf(statement.site, `expected file("...") or the name alone, found classpath("..."): there is none`)
	case p.loader.options.Open == nil:
		return errorf(statement.site, "expected no include, found one of %s: nothing can be included here",
			glimpse([]byte(statement.name)))
	}
	return p.loader.include(into, statement, p)
}

// includeName takes include, and "name", file("name") or required(...) of one
// of them.
func (p *parser) includeName(statement *inclusion) error {
	var words strings.Builder // what stands before the name
	for {
		if err := p.advance(); err != nil {
			return err
		}
		if err := p.skipNewlines(); err != nil {
			return err
		}
		if p.token.kind == quoted {
			break
		}
		if p.token.kind != text || !strings.HasSuffix(p.token.text, "(") {
			return errorf(p.token.site, `expected the name of a file in quotes, file("...") or required(...) after include, found %s`,
				p.token)
		}
		words.WriteString(p.token.text)
	}
	opened := words.String()
	statement.name = p.token.text
	statement.site = p.token.site
	kind, required := strings.CutPrefix(opened, "required(")
	statement.required = required
	statement.kind = strings.TrimSuffix(kind, "(")
	if kind != "" && !slices.Contains([]string{"file(", "url(", "classpath("}, kind) {
		return errorf(statement.site, `expected "...", file("...") or required(...) after include, found %s`, glimpse([]byte(opened)))
	}
	if err := p.advance(); err != nil {
		return err
	}
	for open := strings.Count(opened, "("); open > 0; {
		if err := p.skipNewlines(); err != nil {
			return err
		}
		closing := strings.Trim(p.token.text, ")") == "" && p.token.kind == text
		if !closing || len(p.token.text) > open {
			return errorf(p.token.site, "expected ) after the name of the included file, found %s", p.token)
		}
		open -= len(p.token.text)
		if err := p.advance(); err != nil {
			return err
		}
	}
	return nil
}

// isURL is whether Java would read the name as a URL.
func isURL(name string) bool {
	scheme, _, ok := strings.Cut(name, ":")
	return ok && slices.Contains([]string{"http", "https", "ftp", "file", "jar", "mailto"}, strings.ToLower(scheme))
}

// include adds the fields of an included file, which has a name without
// extension if there may be several.
func (l *loader) include(into *object, statement inclusion, from *parser) error {
	name := statement.name
	if statement.kind == "" && !path.IsAbs(name) && !filepath.IsAbs(name) {
		name = path.Join(path.Dir(from.file), name)
	}
	names := []string{name}
	if ext := path.Ext(name); ext != ".conf" && ext != ".json" && ext != ".properties" {
		names = []string{name + ".properties", name + ".json", name + ".conf"}
	}
	found := false
	for _, name := range names {
		if l.includes++; l.includes > maxIncludes {
			return errorf(statement.site, "expected at most %d included files, found more (does a file include itself?)", maxIncludes)
		}
		text, err := l.options.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return errorf(statement.site, "read the included file %s: %w", name, err)
		}
		found = true
		included := &object{site: statement.site}
		err = l.parse(included, source{
			name: name, text: text, prefix: slices.Clone(from.path), inArray: from.arrays > 0,
			depth: from.depth - 1,
		})
		if err != nil {
			return err
		}
		for _, key := range included.keys {
			into.set(key, included.fields[key])
		}
	}
	if !found && statement.required {
		return errorf(statement.site, "expected a file %s, found none", strings.Join(names, " or "))
	}
	return nil
}
