package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// substitution finds what stands for the texts of a YAML document that begin
// with $:
//
//	$X, ${X}       the value at the path X of the document, or else the
//	               environment variable X; it is an error if there is neither
//	$?X, ${?X}     the environment variable, or nil
//	$X:d, ${X:d}   the environment variable, or d, which is not looked at again
//
// Nothing is substituted within a text, nor in what a variable holds.
//
// Ktor: YamlConfig.
type substitution struct {
	tree        map[string]any // as it was written
	environment func(string) (string, bool)
	known       map[string]outcome // of the texts that were looked at
	wrong       []error
}

// outcome is what stands for a text.
type outcome struct {
	value   any
	problem string // why there is nothing
}

// branch returns a branch, which stands at path, with all that is substituted.
func (s *substitution) branch(path string, from map[string]any) map[string]any {
	to := make(map[string]any, len(from))
	for _, name := range slices.Sorted(maps.Keys(from)) {
		to[name] = s.replaced(joinKey(path, name), from[name].(app.Located))
	}
	return to
}

func (s *substitution) replaced(path string, located app.Located) app.Located {
	switch value := located.Value.(type) {
	case map[string]any:
		located.Value = s.branch(path, value)
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = s.replaced(joinKey(path, strconv.Itoa(i)), item.(app.Located))
		}
		located.Value = list
	case string:
		found := s.find(value)
		if found.problem != "" {
			s.wrong = append(s.wrong, yamlFailure(located.Site, path, found.problem))
		}
		located.Value = found.value
	}
	return located
}

// find returns what stands for a text, which is itself if it begins with no $.
func (s *substitution) find(text string) outcome {
	if !strings.HasPrefix(text, "$") {
		return outcome{value: text}
	}
	found, ok := s.known[text]
	if !ok {
		s.known[text] = outcome{problem: fmt.Sprintf("the substitution %s leads back to itself", shown(text))}
		found = s.look(text)
		s.known[text] = found
	}
	return found
}

// look finds what stands for a text that begins with $.
func (s *substitution) look(text string) outcome {
	inner := text[1:]
	if strings.HasPrefix(inner, "{") && strings.HasSuffix(inner, "}") {
		inner = inner[1 : len(inner)-1]
	}
	if name, standard, ok := strings.Cut(inner, ":"); ok {
		if value, ok := s.environment(name); ok {
			return outcome{value: value}
		}
		return outcome{value: standard}
	}
	switch value := s.at(inner).(type) {
	case nil, map[string]any, []any:
	case string:
		return s.find(value)
	default:
		return outcome{value: value}
	}
	name, optional := strings.CutPrefix(inner, "?")
	value, ok := s.environment(name)
	switch {
	case ok:
		return outcome{value: value}
	case optional:
		return outcome{}
	case strings.HasPrefix(inner, "{"):
		return outcome{problem: "the text begins with ${ and does not end with }: a substitution is a whole value, and nothing stands around it"}
	default:
		return outcome{problem: fmt.Sprintf("there is neither a key nor an environment variable for %s: give it a default, as in ${NAME:default},"+
			" or let it be missing, as in ${?NAME}", shown(text))}
	}
}

// at returns what the document has at a path, without its place.
func (s *substitution) at(path string) any {
	var found any = s.tree
	for name := range strings.SplitSeq(path, ".") {
		branch, ok := found.(map[string]any)
		if !ok {
			return nil
		}
		located, _ := branch[name].(app.Located)
		found = located.Value
	}
	return found
}

// shown returns the text for an error, unless it does not look as if it was
// meant to be a name: it may be a password that begins with $.
func shown(text string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(text[1:], "{"), "}")
	if isName(name) {
		return text
	}
	return "the text that begins with $"
}

// isName reports whether a text is a letter or _, and then letters, digits, _, .
// and -.
func isName(text string) bool {
	const first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	return text != "" && strings.IndexByte(first, text[0]) >= 0 && strings.Trim(text, first+"0123456789.-") == ""
}
