package sse_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

func TestParsePosition(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("z", 64)
	for id, want := range map[string]sse.Position{
		"e-0":                              {Epoch: "e", Offset: 0},
		"0-1":                              {Epoch: "0", Offset: 1},
		"1764452233123456-17":              {Epoch: "1764452233123456", Offset: 17},
		"azAZ09-18446744073709551615":      {Epoch: "azAZ09", Offset: math.MaxUint64},
		longest + "-" + "1000000000000000": {Epoch: longest, Offset: 1e15},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			position, err := sse.ParsePosition(id)
			require.NoError(t, err)
			assert.Equal(t, want, position)
			assert.Equal(t, id, position.String())
		})
	}
}

func TestParsePositionRefusesOtherIDs(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{
		"nothing":             "",
		"a number":            "17",
		"a hyphen":            "-",
		"no epoch":            "-17",
		"no offset":           "e-",
		"no hyphen":           "e17",
		"another hyphen":      "e-1-7",
		"an epoch's hyphen":   "e-f-17",
		"a negative offset":   "e--1",
		"a sign":              "e-+1",
		"a leading zero":      "e-01",
		"two zeros":           "e-00",
		"hexadecimal":         "e-0x1",
		"an underscore":       "e-1_000",
		"a fraction":          "e-1.0",
		"an offset too great": "e-18446744073709551616",
		"a space before":      " e-1",
		"a space after":       "e-1 ",
		"a space inside":      "e f-1",
		"a line break":        "e-1\n",
		"a null byte":         "e\x00-1",
		"a letter of others":  "é-1",
		"a digit of others":   "e-١",
		"punctuation":         "e.f-1",
		"an epoch too long":   strings.Repeat("z", 65) + "-1",
		"a UUID":              "0b5d2c3e-8f6a-4f0e-9a56-1f1e7c0a2b3d",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			position, err := sse.ParsePosition(id)
			require.Zero(t, position)
			require.EqualError(t, err, "parse position: "+strconv.Quote(id)+" is not an epoch and an offset")
		})
	}
}

func TestParsePositionShowsLittleOfALongID(t *testing.T) {
	t.Parallel()
	_, err := sse.ParsePosition(strings.Repeat("x", 1000))
	require.EqualError(t, err, `parse position: "`+strings.Repeat("x", 100)+`" is not an epoch and an offset`)
}

// FuzzParsePosition checks that an ID and its position say the same, and that
// what is refused is nothing that a log gives.
func FuzzParsePosition(f *testing.F) {
	for _, id := range []string{"e-0", "1764452233123456-17", "e-01", "e-+1", "-", "e--1", "é-1", "e-18446744073709551616"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		position, err := sse.ParsePosition(id)
		epoch, digits, _ := strings.Cut(id, "-")
		_, notNumber := strconv.ParseUint(digits, 10, 64)
		plain := strings.Trim(epoch, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
		canonical := notNumber == nil && digits[0] != '+' && (digits == "0" || digits[0] != '0')
		if !plain || epoch == "" || len(epoch) > 64 || !canonical {
			require.Error(t, err)
			require.Zero(t, position)
			return
		}
		require.NoError(t, err)
		require.Equal(t, id, position.String())
		require.Equal(t, epoch, position.Epoch)
		_, err = sse.Event{Data: "x", ID: id}.AppendText(nil)
		require.NoError(t, err, "the ID of an event")
	})
}
