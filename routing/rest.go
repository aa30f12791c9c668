package routing

import "strings"

// rest is what a route does with the segments that remain behind its own.
type rest uint8

const (
	restNone     rest = iota // none may remain
	restOptional             // the last one of its own may be missing, or be a slash
	restTail                 // a tail takes them
	restMount                // a mount takes them, with any method
)

// tail takes all segments that remain, also none, under a name or without one:
// {name...} or {...}. Behind a prefix there is at least the rest of a segment:
// pre{name...}.
type tail struct{ name, prefix string }

func (s tail) key() any   { return s }
func (s tail) role() role { return onRest }

func (s tail) extend(above *outline) error {
	if err := above.lengthen(s.String()); err != nil {
		return err
	}
	above.capture(s.name)
	above.rest = restTail
	if s.prefix != "" {
		above.openFront(len(above.segments))
	}
	return nil
}

func (s tail) match(w *walk, _ *node, index int) fit {
	if !strings.HasPrefix(w.segment(index), s.prefix) {
		return unfit()
	}
	found := matchRest(w, index)
	found.captures, found.skip = true, len(s.prefix)
	return found
}

// mount takes all segments that remain, also none, and leaves them to a handler
// that looks at the path itself.
type mount struct{}

func (s mount) key() any   { return s }
func (s mount) role() role { return onRest }

func (s mount) extend(above *outline) error {
	if err := above.lengthen(""); err != nil {
		return err
	}
	above.rest = restMount
	return nil
}

func (s mount) match(w *walk, _ *node, index int) fit { return matchRest(w, index) }

func matchRest(w *walk, index int) fit {
	remain := len(w.segments) - index
	if remain == 0 {
		return fit{quality: qualityMissing}
	}
	return fit{quality: qualityTailcard, taken: remain}
}
