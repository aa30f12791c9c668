package httpheader

// CodingWeight returns the weight that the lines of an Accept-Encoding header
// give to a content coding, which is named in lower case, and whether they name
// it: 0 and false if they do not, whatever they say of "*". The first element of
// a name counts. To read the lines again for each coding is cheaper than to
// remember what they say: they are short, and there are few codings.
func CodingWeight(lines []string, coding string) (weight float64, named bool) {
	for element := range Elements(lines) {
		if name, parameters := CutParameters(element); IsCoding(name, coding) {
			return Weight(parameters), true
		}
	}
	return 0, false
}

// IsCoding reports whether name names a content coding, which is given in lower
// case: RFC 9110 section 8.4.1 compares in any case, and x-gzip is an old name of
// gzip.
func IsCoding(name, coding string) bool {
	return EqualFold(name, coding) || coding == "gzip" && EqualFold(name, "x-gzip")
}
