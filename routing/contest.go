package routing

import "slices"

// contest marks the leaves whose choice is not chi's, because some leaf for the
// same path is not plain, because they are two at the root, or because chi
// cannot tell two of them apart as Ktor does.
func (ls *leaves) contest() {
	all := ls.all()
	var known overlaps
	for _, l := range all {
		known.add(l)
	}
	starred := starredPositions(all)
	var atRoot []*leaf
	for _, l := range all {
		if !l.plain() {
			l.contested = true
			continue
		}
		l.contested = known.some(&l.outline, 0, func(other *leaf) bool { return !other.plain() || l.isUnlike(other, starred) })
		if l.leastSegments() == 0 {
			atRoot = append(atRoot, l)
		}
	}
	for _, l := range atRoot {
		for _, other := range atRoot {
			if l.besideAtRoot(other) {
				l.contested, other.contested = true, true
			}
		}
	}
}

// isUnlike reports whether chi cannot tell two leaves apart at some position:
// they have two expressions there, or one of them has, and the other has a
// parameter, which has an expression for chi where somebody has a *.
func (l *leaf) isUnlike(other *leaf, starred map[int]bool) bool {
	for position := range min(len(l.segments), len(other.segments)) {
		own, beside := l.segments[position], other.segments[position]
		both := own.expression != "" && beside.expression != ""
		plain := starred[position] && (own.isPlain() || beside.isPlain())
		if own.expression != beside.expression && (both || plain) {
			return true
		}
	}
	return false
}

// isSlash reports whether the path begins with a slash, and nothing is in front
// of that.
func (l *leaf) isSlash() bool { return l.leastSegments() == 0 && l.slash }

// besideAtRoot reports whether other is for the root without its slash, where l
// is for the slash of the root: to chi that is one path, and to Ktor l is for
// more of it.
//
//	r.Get("", without)
//	r.Handle("/", with) // GET /
func (l *leaf) besideAtRoot(other *leaf) bool {
	return l.isSlash() && other.leastSegments() == 0 && !other.slash && (l.rest != restNone || other.rest == restNone)
}

// overlaps has leaves by their segments, so that not every one is compared with
// every other one.
type overlaps struct {
	leaves    []*leaf // whose segments end here
	constants map[string]*overlaps
	open      *overlaps // behind what is no constant
}

func (o *overlaps) add(l *leaf) {
	for _, s := range l.segments {
		o = o.behind(s)
	}
	o.leaves = append(o.leaves, l)
}

// behind returns the part behind a segment, which it makes if need be.
func (o *overlaps) behind(s segment) *overlaps {
	if !s.isConstant() {
		if o.open == nil {
			o.open = &overlaps{}
		}
		return o.open
	}
	if o.constants == nil {
		o.constants = map[string]*overlaps{}
	}
	if o.constants[s.text] == nil {
		o.constants[s.text] = &overlaps{}
	}
	return o.constants[s.text]
}

// some reports whether is holds for a leaf that overlaps an outline, of those
// behind as many segments as depth says.
func (o *overlaps) some(path *outline, depth int, is func(*leaf) bool) bool {
	switch {
	case o == nil:
		return false
	case slices.ContainsFunc(o.leaves, func(l *leaf) bool { return is(l) && path.overlaps(&l.outline) }):
		return true
	case depth > len(path.segments) && (path.hasEnd() || path.rest == restOptional):
		return false // one segment more may be missing, two cannot be
	case o.open.some(path, depth+1, is):
		return true
	case depth < len(path.segments) && path.segments[depth].isConstant():
		return o.constants[path.segments[depth].text].some(path, depth+1, is)
	}
	for _, next := range o.constants {
		if next.some(path, depth+1, is) {
			return true
		}
	}
	return false
}
