package app

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var errNotReadable = errors.New("not readable")

// parseBoolean reads what HOCON calls a boolean, whatever its case.
func parseBoolean(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "on":
		return true, nil
	case "false", "no", "off":
		return false, nil
	default:
		return false, errNotReadable
	}
}

// durationUnits are those of HOCON. A number alone is milliseconds.
var durationUnits = map[string]time.Duration{
	"": time.Millisecond,

	"ns": 1, "nano": 1, "nanos": 1, "nanosecond": 1, "nanoseconds": 1,
	"us": time.Microsecond, "µs": time.Microsecond, "micro": time.Microsecond, "micros": time.Microsecond,
	"microsecond": time.Microsecond, "microseconds": time.Microsecond,
	"ms": time.Millisecond, "milli": time.Millisecond, "millis": time.Millisecond,
	"millisecond": time.Millisecond, "milliseconds": time.Millisecond,
	"s": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
}

// parseDuration reads 200ms, 10 seconds, 1h30m and 200, which is milliseconds.
func parseDuration(text string) (time.Duration, error) {
	if duration, err := time.ParseDuration(strings.TrimSpace(text)); err == nil {
		return duration, nil
	}
	number, unit := splitUnit(text)
	factor, ok := durationUnits[unit]
	if !ok {
		return 0, errNotReadable
	}
	whole, err := scaled(number, int64(factor))
	return time.Duration(whole), err
}

// sizeUnits are those of HOCON, and KB beside kB. A letter alone is a power of
// two.
var sizeUnits = map[string]int64{
	"": 1, "B": 1, "b": 1, "byte": 1, "bytes": 1,

	"kB": 1e3, "KB": 1e3, "kilobyte": 1e3, "kilobytes": 1e3,
	"MB": 1e6, "megabyte": 1e6, "megabytes": 1e6,
	"GB": 1e9, "gigabyte": 1e9, "gigabytes": 1e9,
	"TB": 1e12, "terabyte": 1e12, "terabytes": 1e12,
	"PB": 1e15, "petabyte": 1e15, "petabytes": 1e15,
	"EB": 1e18, "exabyte": 1e18, "exabytes": 1e18,

	"K": 1 << 10, "k": 1 << 10, "Ki": 1 << 10, "KiB": 1 << 10, "kibibyte": 1 << 10, "kibibytes": 1 << 10,
	"M": 1 << 20, "m": 1 << 20, "Mi": 1 << 20, "MiB": 1 << 20, "mebibyte": 1 << 20, "mebibytes": 1 << 20,
	"G": 1 << 30, "g": 1 << 30, "Gi": 1 << 30, "GiB": 1 << 30, "gibibyte": 1 << 30, "gibibytes": 1 << 30,
	"T": 1 << 40, "t": 1 << 40, "Ti": 1 << 40, "TiB": 1 << 40, "tebibyte": 1 << 40, "tebibytes": 1 << 40,
	"P": 1 << 50, "p": 1 << 50, "Pi": 1 << 50, "PiB": 1 << 50, "pebibyte": 1 << 50, "pebibytes": 1 << 50,
	"E": 1 << 60, "e": 1 << 60, "Ei": 1 << 60, "EiB": 1 << 60, "exbibyte": 1 << 60, "exbibytes": 1 << 60,
}

// parseInteger reads a whole number, which may have a size: 512k, 10 MiB.
func parseInteger(text string) (int64, error) {
	number, unit := splitUnit(text)
	factor, ok := sizeUnits[unit]
	if !ok {
		return 0, errNotReadable
	}
	return scaled(number, factor)
}

// parseUnsigned is parseInteger for the numbers that only a uint64 can hold, too.
func parseUnsigned(text string) (uint64, error) {
	if whole, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64); err == nil {
		return whole, nil
	}
	whole, err := parseInteger(text)
	if err == nil && whole < 0 {
		return 0, strconv.ErrRange
	}
	return uint64(max(whole, 0)), err
}

// splitUnit returns a number and what stands behind it, without spaces around
// them.
func splitUnit(text string) (number, unit string) {
	text = strings.TrimSpace(text)
	end := strings.LastIndexAny(text, "0123456789.") + 1
	return text[:end], strings.TrimSpace(text[end:])
}

// scaled returns a number times factor. It must be whole, or have no more than a
// fraction of a nanosecond or a byte too much.
func scaled(number string, factor int64) (int64, error) {
	whole, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err == nil && (whole*factor)/factor != whole:
		return 0, strconv.ErrRange
	case err == nil:
		return whole * factor, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, strconv.ErrRange
	}
	fraction, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, errNotReadable
	}
	product := fraction * float64(factor)
	switch {
	case product >= math.MaxInt64 || product <= math.MinInt64:
		return 0, strconv.ErrRange
	case product != math.Trunc(product):
		return 0, errNotReadable
	}
	return int64(product), nil
}

// misreadError keeps the cause of an error without showing it: an
// UnmarshalText may repeat a value that nobody should see.
type misreadError struct {
	shown error
	cause error
}

func (e *misreadError) Error() string { return e.shown.Error() }
func (e *misreadError) Unwrap() error { return e.cause }

// shownBytes is how many bytes of a value an error shows.
const shownBytes = 40

// misread returns the error of a text that is not what is wanted. It shows
// the text unless path looks like that of a secret.
func misread(path, text, what string) error {
	if isSecret(path) {
		return fmt.Errorf("its value is %s", what)
	}
	if len(text) > shownBytes {
		cut := shownBytes - len("...")
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "..."
	}
	return fmt.Errorf("%q is %s", text, what)
}

// isSecret reports whether a path looks like that of a secret.
func isSecret(path string) bool {
	path = foldName(path)
	for _, word := range [...]string{"password", "passphrase", "secret", "token", "credential", "salt", "apikey", "privatekey", "accesskey"} {
		if strings.Contains(path, word) {
			return true
		}
	}
	return false
}
