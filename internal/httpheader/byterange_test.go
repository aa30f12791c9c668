package httpheader_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// resolved returns the ranges of a body as "0-4 7-9", or "ignored" for a header
// that asks for none.
func resolved(value string, length int64, limit int) string {
	ranges, ok := httpheader.ParseByteRanges(value)
	if !ok {
		return "ignored"
	}
	var found []string
	for _, r := range ranges.Resolve(length, limit) {
		found = append(found, fmt.Sprintf("%d-%d", r.First, r.Last))
	}
	return strings.Join(found, " ")
}

// The cases with a name of Ktor's are those of its RangesTest.
func TestByteRanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value  string
		length int64
		want   string
	}{
		"testParseClosed":                                   {"bytes=0-499", 10000, "0-499"},
		"testParseClosedSecond":                             {"bytes=500-999", 10000, "500-999"},
		"testParseFinalBytes":                               {"bytes=-500", 10000, "9500-9999"},
		"testParseFirstAndLastByteOnly":                     {"bytes=0-0,-1", 10000, "0-0 9999-9999"},
		"testParseBytesFrom":                                {"bytes=9500-", 10000, "9500-9999"},
		"parse whitespace after comma":                      {"bytes=0-499, 1000-1499", 10000, "0-499 1000-1499"},
		"parse whitespace around comma":                     {"bytes=9500-\t, -500", 10000, "9500-9999"},
		"reject line breaks around comma":                   {"bytes=0-499,\n1000-1499", 10000, "ignored"},
		"reject line breaks around comma, CR":               {"bytes=0-499\r, 1000-1499", 10000, "ignored"},
		"reject empty range set elements":                   {"bytes=,0-499", 10000, "ignored"},
		"reject empty range set elements, last":             {"bytes=0-499,", 10000, "ignored"},
		"reject empty range set elements, between":          {"bytes=0-499,,1000-1499", 10000, "ignored"},
		"reject empty range set elements, blank":            {"bytes=0-499, ,1000-1499", 10000, "ignored"},
		"testParseEmpty":                                    {"", 10, "ignored"},
		"testParseWrongUnit":                                {"miles=10-100", 1000, "ignored"},
		"testParseWrongNoValues":                            {"bytes=-", 10, "ignored"},
		"testParseWrongNegativeEnd":                         {"bytes=--1", 10, "ignored"},
		"testParseWrongNegativeEnd, with a start":           {"bytes=1--1", 10, "ignored"},
		"testParseStartGreaterThanEnd":                      {"bytes=10-1", 100, "ignored"},
		"testParseWrongNoUnit":                              {"=10-1", 100, "ignored"},
		"testParseWrongNoUnit, no sign":                     {"10-1", 100, "ignored"},
		"testParseWrongNegativeStart":                       {"bytes=-10-1", 100, "ignored"},
		"testResolveRanges":                                 {"bytes=0-10,11-,-5", 15, "0-14"},
		"testMergeRanges":                                   {"bytes=0-10,12-13", 100, "0-10 12-13"},
		"testMergeRangesReverse":                            {"bytes=12-13,0-10", 100, "12-13 0-10"},
		"testMergeRangesJustOneByte":                        {"bytes=500-600,601-999", 1000, "500-999"},
		"testMergeRangesIntersection":                       {"bytes=500-700,601-999", 1000, "500-999"},
		"testMergeRangesIntersectionOneInsideAnother":       {"bytes=0-100,10-50", 1000, "0-100"},
		"testMergeRangesSameStart":                          {"bytes=0-10,0-50", 1000, "0-50"},
		"testMergeRangesMultiple":                           {"bytes=100-200,10-15,80-99", 1000, "80-200 10-15"},
		"testMergeRangeSpecifier":                           {"bytes=0-0,1-90,-10", 100, "0-99"},
		"testMergeRangeSpecifier, from a byte on":           {"bytes=0-0,1-90,90-", 100, "0-99"},
		"RFC 9110 section 14.1.2: a unit has no case":       {"Bytes=0-4", 10, "0-4"},
		"RFC 9110 section 14.1.2: longer than the body":     {"bytes=0-99", 10, "0-9"},
		"RFC 9110 section 14.1.2: last bytes, the body":     {"bytes=-99", 10, "0-9"},
		"RFC 9110 section 14.1.2: no last bytes":            {"bytes=-0", 10, ""},
		"RFC 9110 section 14.1.2: behind the body":          {"bytes=10-", 10, ""},
		"RFC 9110 section 14.1.2: one of two is behind it":  {"bytes=0-0,10-11", 10, "0-0"},
		"RFC 9110 section 14.1.2: an empty body":            {"bytes=0-", 0, ""},
		"RFC 9110 section 14.1.2: an empty body, last byte": {"bytes=-1", 0, ""},
		"more than a number holds":                          {"bytes=0-99999999999999999999", 10, "0-9"},
		"more than a number holds, first":                   {"bytes=99999999999999999999-", 10, ""},
		"more than a number holds, last bytes":              {"bytes=-99999999999999999999", 10, "0-9"},
		"a sign":                                            {"bytes=+1-2", 10, "ignored"},
		"a space in a range":                                {"bytes=1 -2", 10, "ignored"},
		"two signs":                                         {"bytes==1-2", 10, "ignored"},
		"the greatest body":                                 {"bytes=0-0,-1", math.MaxInt64, "0-0 9223372036854775806-9223372036854775806"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, resolved(test.value, test.length, 50))
		})
	}
}

func TestTooManyByteRangesAreOne(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0-0 2-2", resolved("bytes=0-0,2-2", 10, 2))
	assert.Equal(t, "0-4", resolved("bytes=0-0,2-2,4-4", 10, 2))
	assert.Equal(t, "2-9", resolved("bytes=8-8,2-2,-1", 10, 2))
	assert.Equal(t, "4-4", resolved("bytes=99-,4-4,99-", 10, 2))
	assert.Equal(t, "0-999999", resolved("bytes="+strings.Repeat("0-0,", 100_000)+"-1", 1_000_000, 10))
	// testMergeToSingle of Ktor's RangesTest.
	assert.Equal(t, httpheader.ByteRange{First: 0, Last: 100}, httpheader.Enclose([]httpheader.ByteRange{{0, 0}, {90, 100}, {5, 7}}))
}

// FuzzByteRanges: ranges lie in the body and apart from each other, and there
// are no more of them than are allowed.
func FuzzByteRanges(f *testing.F) {
	for _, seed := range []string{"bytes=0-499", "bytes=-1,0-0", "bytes=0-", "bytes=5-6,5-5,1-2,9-", "bytes=,", "bytes=99999999999999999999-"} {
		f.Add(seed, int64(10), 3)
	}
	f.Fuzz(func(t *testing.T, value string, length int64, limit int) {
		length, limit = max(0, length), max(1, limit)
		ranges, ok := httpheader.ParseByteRanges(value)
		if !ok {
			return
		}
		require.NotEmpty(t, ranges)
		found := ranges.Resolve(length, limit)
		require.LessOrEqual(t, len(found), limit)
		for i, r := range found {
			require.True(t, 0 <= r.First && r.First <= r.Last && r.Last < length, "%v of %d", r, length)
			for _, other := range found[:i] {
				require.True(t, r.Last+1 < other.First || other.Last+1 < r.First, "%v and %v", r, other)
			}
		}
	})
}
