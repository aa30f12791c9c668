package routing

// slash is the slash at the end of a path, which the segments of a walk show as
// an empty one.
type slash struct{}

func (s slash) key() any   { return s }
func (s slash) role() role { return onPath }

func (s slash) extend(above *outline) error {
	if err := above.lengthen(""); err != nil {
		return err
	}
	if len(above.segments) == 0 && above.slash { // Ktor counts both
		above.shifted = true
	}
	above.slash = true
	return nil
}

// match takes a trailing slash, and the root, which has no other. A slash in
// the middle of a path says nothing, nor does a second one.
func (s slash) match(w *walk, _ *node, index int) fit {
	remain := len(w.segments) - index
	switch {
	case len(w.segments) == 0:
		return fit{quality: qualityConstant}
	case remain == 1 && w.segment(index) == "":
		return fit{quality: qualityConstant, taken: 1}
	case remain > 0 || w.segment(index-1) == "":
		return fit{quality: qualityTransparent}
	default:
		return unfit()
	}
}
