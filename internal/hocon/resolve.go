package hocon

import (
	"errors"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// resolver replaces each reference by what it refers to.
//
// A reference means the value that the whole document gives to its path, later
// lines included. Where that would lead back to the reference itself, it means
// what stood there before:
//
//	path = "/bin"           # layer 0
//	path = ${path}":/sbin"  # layer 1
//
// The merge of the two layers resolves layer 1, whose reference is busy from
// then on. It looks up path, finds the merge again, and sees what is below the
// busy layer: "/bin". That a layer is busy is all the state that it takes.
//
// Each reference is resolved once, where it is met first, and keeps its value,
// as section "Self-Referential Substitutions" of the specification wants it.
// Merges, concatenations and objects keep theirs too, unless they were looked
// at from inside of one of their layers.
type resolver struct {
	root   *object
	lookup func(string) (string, bool)

	current *reference // the one that is looked up, the innermost

	chain  int // values that are being resolved
	steps  int // so far
	hidden int // times that a merge had to hide a layer
}

// errCycle says that a value leads back to itself. The reference that is being
// resolved turns it into an undefined value or an error.
var errCycle = errors.New("the substitution leads back to itself")

func (r *resolver) resolve() (*object, error) {
	value, err := r.value(r.root)
	if err != nil {
		return nil, err
	}
	root := value.(*object)
	if root.size > maxSize {
		return nil, tooLarge(root.site)
	}
	return root, nil
}

// step counts work, so that a document cannot ask for more than its size
// deserves.
func (r *resolver) step(at app.Site, n int) error {
	if r.steps += n; r.steps > maxSteps {
		return errorf(at, "expected substitutions that resolve in %d steps, found more", maxSteps)
	}
	return nil
}

// value resolves a value wholly. It is nil if the value is undefined: an
// optional reference to nothing.
func (r *resolver) value(n node) (node, error) {
	if err := r.step(n.at(), 1); err != nil {
		return nil, err
	}
	if r.chain++; r.chain > maxChain {
		return nil, errorf(n.at(), "expected a value to which at most %d others lead, found more", maxChain)
	}
	defer func() { r.chain-- }()
	hidden := r.hidden
	switch n := n.(type) {
	case *array:
		if n.resolved != nil {
			return n.resolved, nil
		}
		value, err := r.array(n)
		if err == nil && r.hidden == hidden {
			n.resolved = value
		}
		return value, err
	case *object:
		if n.resolved != nil {
			return n.resolved, nil
		}
		value, err := r.object(n)
		if err == nil && r.hidden == hidden {
			n.resolved = value
		}
		return value, err
	case *reference:
		return r.reference(n)
	case *concat:
		if n.value != nil {
			return n.value, nil
		}
		if n.busy {
			return nil, errCycle
		}
		n.busy = true
		value, err := r.concat(n)
		n.busy = false
		if err == nil && value != nil && r.hidden == hidden {
			n.value = value
		}
		return value, err
	case *merge:
		if n.value != nil {
			return n.value, nil
		}
		value, err := r.merge(n)
		if err == nil && value != nil && r.hidden == hidden {
			n.value = value
		}
		return value, err
	}
	return n, nil
}

// reference resolves a reference, in the document and then in the environment.
func (r *resolver) reference(n *reference) (node, error) {
	if n.done {
		return n.value, nil
	}
	if n.busy {
		return nil, errCycle
	}
	hidden, outer := r.hidden, r.current
	n.busy, r.current = true, n
	value, err := r.referent(n)
	n.busy, r.current = false, outer
	r.hidden = hidden // the reference keeps what it got
	if n.optional && errors.Is(err, errCycle) {
		return nil, nil // undefined here, and perhaps defined elsewhere
	}
	if err != nil {
		return nil, err
	}
	n.done, n.value = true, value
	return value, nil
}

func (r *resolver) referent(n *reference) (node, error) {
	for _, path := range n.paths() {
		value, err := r.at(path)
		if errors.Is(err, errCycle) {
			if n.optional {
				return nil, errCycle
			}
			return nil, n.undefined("only what leads back to this substitution")
		}
		if value != nil || err != nil {
			return value, err
		}
	}
	if value, ok := r.variable(n); ok {
		return value, nil
	}
	if n.optional {
		return nil, nil // undefined
	}
	return nil, n.undefined("none in the file and no environment variable " + n.variable())
}

// undefined is the error of a reference to nothing.
func (n *reference) undefined(found string) error {
	return errorf(n.site, "%s: expected a value for ${%s}, found %s", pathText(n.key), pathText(n.path[n.prefix:]), found)
}

// variable returns the environment variable that the reference may mean.
func (n *reference) variable() string { return strings.Join(n.path[n.prefix:], ".") }

// at resolves what the document has at a path. It is nil if there is nothing.
func (r *resolver) at(path []string) (node, error) {
	found, err := r.find(path)
	if found == nil || err != nil {
		return nil, err
	}
	return r.value(found)
}

// paths returns where to look: below the object that includes the file, and at
// the root.
func (n *reference) paths() [][]string {
	if n.prefix == 0 {
		return [][]string{n.path}
	}
	return [][]string{n.path, n.path[n.prefix:]}
}

// variable looks in the environment.
func (r *resolver) variable(n *reference) (node, bool) {
	if r.lookup == nil {
		return nil, false
	}
	text, ok := r.lookup(n.variable())
	return &scalar{site: n.site, value: text, text: text}, ok
}

func (r *resolver) array(n *array) (*array, error) {
	resolved := &array{site: n.site, elements: make([]node, 0, len(n.elements))}
	for _, element := range n.elements {
		value, err := r.value(element)
		if err != nil {
			return nil, err
		}
		if value != nil {
			resolved.elements = append(resolved.elements, value)
		}
	}
	resolved.resolved = resolved
	return resolved, resolved.weigh()
}

func (r *resolver) object(n *object) (*object, error) {
	resolved := &object{site: n.site, hides: n.hides, fields: make(map[string]node, len(n.fields))}
	for _, key := range n.keys {
		value, err := r.value(n.fields[key])
		if err != nil {
			return nil, err
		}
		if value != nil {
			resolved.keys = append(resolved.keys, key)
			resolved.fields[key] = value
		}
	}
	resolved.resolved = resolved
	return resolved, resolved.weigh()
}
