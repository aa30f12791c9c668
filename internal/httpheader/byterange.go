package httpheader

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// ByteRanges are what a Range header asks for (RFC 9110 section 14.2), of a body
// whose length is not known yet. There is at least one.
type ByteRanges []byteRangeSpec

// byteRangeSpec is a range from first to last, or the last bytes, if there is no
// first.
type byteRangeSpec struct {
	first, last int64 // -1 for none
}

// A ByteRange is a part of a body, from First to Last, both of which belong to
// it, counted from 0.
type ByteRange struct{ First, Last int64 }

// Len returns the length of the range.
func (r ByteRange) Len() int64 { return r.Last - r.First + 1 }

// ParseByteRanges reads a Range header. It reports false for one that asks for
// another unit or is not well-formed, which a server ignores. A position beyond
// what fits into an int64 is taken for the greatest that does. It allocates.
func ParseByteRanges(value string) (ByteRanges, bool) {
	unit, set, ok := strings.Cut(value, "=")
	if !ok || !EqualFold(unit, "bytes") {
		return nil, false
	}
	ranges := make(ByteRanges, 0, strings.Count(set, ",")+1)
	for element := range strings.SplitSeq(set, ",") {
		spec, ok := parseByteRange(trim(element))
		if !ok {
			return nil, false
		}
		ranges = append(ranges, spec)
	}
	return ranges, true
}

func parseByteRange(text string) (byteRangeSpec, bool) {
	from, to, ok := strings.Cut(text, "-")
	if !ok {
		return byteRangeSpec{}, false
	}
	first, hasFirst := position(from)
	last, hasLast := position(to)
	valid := hasFirst && (hasLast || to == "") || hasLast && from == ""
	if !valid || hasFirst && hasLast && last < first {
		return byteRangeSpec{}, false
	}
	return byteRangeSpec{first, last}, true
}

// position returns the number that digits stand for, -1 if they are none.
func position(digits string) (int64, bool) {
	if digits == "" {
		return -1, false
	}
	var number int64
	for i := range len(digits) {
		digit := int64(digits[i]) - '0'
		switch {
		case digit < 0 || digit > 9:
			return -1, false
		case number > (math.MaxInt64-digit)/10:
			number = math.MaxInt64
		default:
			number = number*10 + digit
		}
	}
	return number, true
}

// Resolve returns the ranges of a body of that length, in the order in which
// they were asked for. Those that it cannot satisfy are left out. Ranges that
// overlap or touch become one, at the place of the first. More than limit are
// one from the first byte to the last that any of them asks for: what follows
// takes no more time or bytes, however many there are.
func (s ByteRanges) Resolve(length int64, limit int) []ByteRange {
	found := make([]ByteRange, 0, min(len(s), limit+1))
	for _, spec := range s {
		r, ok := spec.resolve(length)
		switch {
		case !ok:
		case len(s) > limit && len(found) == 1:
			found[0] = found[0].with(r)
		default:
			found = append(found, r)
		}
	}
	return mergeRanges(found)
}

func (s byteRangeSpec) resolve(length int64) (ByteRange, bool) {
	switch {
	case s.first < 0:
		return ByteRange{max(0, length-s.last), length - 1}, s.last > 0 && length > 0
	case s.last < 0:
		return ByteRange{s.first, length - 1}, s.first < length
	default:
		return ByteRange{s.first, min(s.last, length-1)}, s.first < length
	}
}

// Enclose returns the one range from the first to the last byte of the ranges,
// of which there is at least one.
func Enclose(ranges []ByteRange) ByteRange {
	whole := ranges[0]
	for _, r := range ranges[1:] {
		whole = whole.with(r)
	}
	return whole
}

func (r ByteRange) with(other ByteRange) ByteRange {
	return ByteRange{min(r.First, other.First), max(r.Last, other.Last)}
}

// mergeRanges makes ranges that overlap or touch one, each at the place of the
// first that is in it.
func mergeRanges(ranges []ByteRange) []ByteRange {
	if len(ranges) < 2 {
		return ranges
	}
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b ByteRange) int { return cmp.Compare(a.First, b.First) })
	merged := sorted[:1]
	for _, r := range sorted[1:] {
		if last := &merged[len(merged)-1]; r.First <= last.Last+1 {
			*last = last.with(r)
		} else {
			merged = append(merged, r)
		}
	}
	inOrder := make([]ByteRange, 0, len(merged))
	for _, asked := range ranges {
		at, _ := slices.BinarySearchFunc(merged, asked.First, func(m ByteRange, first int64) int { return cmp.Compare(m.Last, first) })
		if !slices.Contains(inOrder, merged[at]) {
			inOrder = append(inOrder, merged[at])
		}
	}
	return inOrder
}
