package routing

// rest is what a route does with the segments that remain behind its own.
type rest uint8

const (
	restNone  rest = iota // none may remain
	restTail              // a tail takes them
	restMount             // a mount takes them, with any method
)

// tail takes all segments that remain, also none, under a name or without one:
// {name...} or {...}.
type tail struct{ name string }

func (s tail) key() any   { return s }
func (s tail) role() role { return onRest }

func (s tail) extend(above *outline) error {
	if err := above.openEnd(); err != nil {
		return err
	}
	above.shift()
	above.rest, above.tail = restTail, s.name
	return nil
}

func (s tail) match(w *walk, _ *node, index int) fit {
	found := matchRest(w, index)
	found.captures = true
	return found
}

// mount takes all segments that remain, also none, and leaves them to a handler
// that looks at the path itself.
type mount struct{}

func (s mount) key() any   { return s }
func (s mount) role() role { return onRest }

func (s mount) extend(above *outline) error {
	if err := above.openEnd(); err != nil {
		return err
	}
	above.shift()
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
