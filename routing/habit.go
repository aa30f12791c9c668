package routing

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// What other routers write in paths, and what it is here. A piece that no
// request can have as it is written is a mistake. One that is a constant here
// and may be meant as one is a remark, which Start logs; to write it encoded
// says that it is meant.

// checkPath returns why a path is written for another router.
func checkPath(path string) error {
	method, rest, blank := strings.Cut(path, " ")
	if rest = strings.TrimLeft(rest, " "); blank && isChis(strings.ToUpper(method)) && strings.HasPrefix(rest, "/") {
		return fmt.Errorf("the path is %q: for the method there are Get, Method and the like", rest)
	}
	return nil
}

// checkConstant returns why no path of a request has a piece.
func checkConstant(piece string) error {
	switch {
	case strings.Contains(piece, "?"):
		return errors.New("a path ends in front of its query: ask for that by Param, or write %3F if it is meant")
	case strings.Contains(piece, "#"):
		return errors.New("no request has a fragment: write %23 if it is meant")
	default:
		return nil
	}
}

// checkName returns why a parameter cannot have a name, nil if it can.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("the parameter has no name")
	case name == "$":
		return errors.New("a slash at the end of a path is no prefix here: leave {$} out")
	case name[0] == '*' || name[len(name)-1] == '*':
		return fmt.Errorf("all that remains is {%s...}", strings.Trim(name, "*"))
	}
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return errors.New("a parameter's name is letters, digits, - and _, a letter or _ first")
		}
	}
	return nil
}

// meant writes what looks like another router's so that it is meant.
func meant(piece string) string {
	return strings.NewReplacer(":", "%3A", "*", "%2A", "<", "%3C", ">", "%3E", " ", "%20").Replace(piece)
}

// habit returns what to write in place of a piece that looks like another
// router's, empty if there is nothing of the kind, and whether it does.
func habit(piece string) (instead string, is bool) {
	name := strings.Trim(piece, ":*<>")
	switch {
	case strings.ContainsAny(piece, "{}") || piece == "*":
		return "", false
	case piece == "**", strings.HasPrefix(piece, "*") && checkName(name) == nil:
		return "{" + name + "...}", true
	case strings.HasPrefix(piece, ":") && len(piece) > 1, strings.HasPrefix(piece, "<") && strings.HasSuffix(piece, ">"):
		kind, converted, isConverted := strings.Cut(name, ":") // <int:id>, <path:rest>
		if isConverted = isConverted && piece[0] == '<'; isConverted {
			name = converted
		}
		if checkName(name) != nil {
			name = "name"
		}
		if isConverted && kind == "path" {
			name += "..."
		}
		return "{" + name + "}", true
	default:
		return "", strings.ContainsAny(piece, "* ")
	}
}

// look remarks on the pieces of a path that can be read.
func (t *tree) look(site app.Site, path string) {
	for piece := range strings.SplitSeq(path, "/") {
		if instead, is := habit(piece); instead != "" {
			t.remark(slog.LevelWarn, site, "a piece of a path is taken as it is written: other routers read it otherwise",
				"piece", piece, "instead", instead, "if_meant", meant(piece))
		} else if is {
			t.remark(slog.LevelWarn, site, "a piece of a path is taken as it is written: only a * alone is a segment, and a blank is encoded",
				"piece", piece, "if_meant", meant(piece))
		}
	}
	for _, all := range []string{":.*}", ":.+}"} {
		if strings.Contains(path, all) {
			t.remark(slog.LevelWarn, site, "an expression is for one segment: all that remains is {name...}", "path", path)
		}
	}
	if strings.HasSuffix(path, "/*") && !t.starred {
		t.starred = true
		t.remark(slog.LevelInfo, site, "a * is one segment, also at the end of a path: all that remains is {name...}", "path", path)
	}
}

// warnLoneSlashes warns of "/" in the block of a path which nothing serves
// without the slash: to chi that is the path itself.
//
//	r.Route("/users", func(r *routing.Route) { r.Get("/", list) }) // GET /users/
func (c *compiler) warnLoneSlashes() {
	served := map[string]bool{} // methods and paths
	all := slices.Concat(c.leaves.verbs, c.leaves.anyMethod)
	for _, l := range all {
		served[l.method+l.pattern()] = true
	}
	for _, l := range all {
		path, slashed := strings.CutSuffix(l.pattern(), "/")
		if !slashed || path == "" || c.ignoresSlash || !l.route.endsInLoneSlash() {
			continue
		}
		if !served[l.method+path] && !served[anyMethod+path] {
			c.log.Warn(`"/" in the block of a path is the path with a slash at its end, and nothing serves it without: "" is the path itself`,
				"route", l.String(), "site", l.site.String())
		}
	}
}

// endsInLoneSlash reports whether the slash at the end of the path was declared
// alone.
func (r *Route) endsInLoneSlash() bool {
	for ; r != nil; r = r.parent {
		switch r.selector.role() {
		case onPath:
			return r.selector == slash{} && r.lone
		case onRest:
			return false
		}
	}
	return false
}
