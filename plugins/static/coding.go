package static

import (
	"cmp"
	"slices"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// A Coding is a content coding that files are stored in, by the name that it has
// in Content-Encoding.
//
// Ktor: CompressedFileType.
type Coding string

// The codings whose variants can be served, and how the names of these end.
const (
	Brotli  Coding = "br"      // .br
	Gzip    Coding = "gzip"    // .gz
	Zstd    Coding = "zstd"    // .zst
	Deflate Coding = "deflate" // .deflate, in the format of zlib
)

// extension returns how the names of variants end, without the dot, or "" for
// what is no coding.
func (c Coding) extension() string {
	switch c {
	case Gzip:
		return "gz"
	case Zstd:
		return "zst"
	case Brotli, Deflate:
		return string(c)
	default:
		return ""
	}
}

// accepted returns those of the codings that the lines of an Accept-Encoding
// header prefer to the plain file, the greatest weight first, else in their own
// order. A client that does not name identity takes it last (RFC 9110 section
// 12.5.3).
func accepted(codings []Coding, lines []string) []Coding {
	type ranked struct {
		coding Coding
		weight float64
	}
	var room [4]ranked
	found := room[:0]
	others, _ := httpheader.CodingWeight(lines, "*")
	plain, _ := httpheader.CodingWeight(lines, "identity")
	for _, coding := range codings {
		weight, named := httpheader.CodingWeight(lines, string(coding))
		if !named {
			weight = others
		}
		if weight > 0 && weight >= plain {
			found = append(found, ranked{coding, weight})
		}
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(b.weight, a.weight) })
	sorted := make([]Coding, len(found))
	for i, ranked := range found {
		sorted[i] = ranked.coding
	}
	return sorted
}
