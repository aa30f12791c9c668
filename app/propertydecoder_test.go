package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// located puts a value at a line of a file.
func located(value any, line, column int) app.Located {
	return app.Located{Value: value, Site: app.Site{File: "conf/application.conf", Line: line, Column: column}}
}

// decoded returns what a property is read as.
func decoded[T any](t *testing.T, value any) (T, error) {
	t.Helper()
	return app.Property[T](app.PropertiesAt("a.key", located(value, 7, 3)), "a.key")
}

// readAs asserts that properties are read as values of a type.
func readAs[T any](t *testing.T, cases map[any]T) {
	t.Helper()
	for value, want := range cases {
		got, err := decoded[T](t, value)
		if assert.NoError(t, err, "%v", value) {
			assert.Equal(t, want, got, "%v", value)
		}
	}
}

// refusedAs asserts what the errors of properties are that cannot be read as
// values of a type.
func refusedAs[T any](t *testing.T, cases map[any]string) {
	t.Helper()
	for value, want := range cases {
		_, err := decoded[T](t, value)
		assert.EqualError(t, err, "conf/application.conf:7:3: a.key: "+want, "%v", value)
	}
}

func TestPropertiesAreReadAsWhatIsWanted(t *testing.T) {
	t.Parallel()
	readAs(t, map[any]string{"x": "x", 8080: "8080", 1.5: "1.5", true: "true", json.Number("1.10"): "1.10", "": "", time.Second: "1s"})
	readAs(t, map[any]bool{true: true, "true": true, "Yes": true, "on": true, false: false, "FALSE": false, "no": false, "off": false})
	readAs(t, map[any]int{
		8080: 8080, int64(-3): -3, uint8(7): 7, 4.0: 4, "8080": 8080, " 12 ": 12, json.Number("1e3"): 1000, "-0": 0,
		"512k": 512 << 10, "10 MiB": 10 << 20, "10MB": 10_000_000, "1.5 KiB": 1536, "2kB": 2000, "2 KB": 2000, "7 bytes": 7, "010": 10,
	})
	readAs(t, map[any]int8{"-128": -128, 127: 127})
	readAs(t, map[any]int64{"9223372036854775807": math.MaxInt64, "7E": 7 << 60})
	readAs(t, map[any]uint64{"18446744073709551615": math.MaxUint64, uint64(math.MaxUint64): math.MaxUint64, "1 GiB": 1 << 30})
	readAs(t, map[any]float64{0.25: 0.25, "0.25": 0.25, 3: 3, "1e-3": 0.001})
	readAs(t, map[any]float32{"3.5": 3.5})
	readAs(t, map[any]time.Duration{
		"200ms": 200 * time.Millisecond, "10 seconds": 10 * time.Second, "1h30m": 90 * time.Minute, 250: 250 * time.Millisecond,
		"250": 250 * time.Millisecond, 0.5: 500 * time.Microsecond, "1.5 s": 1500 * time.Millisecond, "2 days": 48 * time.Hour,
		"7d": 168 * time.Hour, "0": 0, "-1s": -time.Second, "10us": 10 * time.Microsecond, "5 µs": 5 * time.Microsecond, "3 nanos": 3,
		"1 minute": time.Minute, time.Hour: time.Hour,
	})
	readAs(t, map[any]slog.Level{"warn": slog.LevelWarn, "ERROR+2": slog.LevelError + 2})
	readAs(t, map[any]netip.Addr{"::1": netip.IPv6Loopback()})
	readAs(t, map[any]any{"x": "x", json.Number("3"): int64(3), json.Number("1.5"): 1.5, json.Number("x"): "x", true: true})
	eight := 8
	readAs(t, map[any]*int{"8": &eight})
}

func TestPropertiesThatCannotBeReadNameTheirPlace(t *testing.T) {
	t.Parallel()
	refusedAs[int](t, map[any]string{
		"x": `"x" is no whole number`, "": `"" is no whole number`, 1.5: `"1.5" is no whole number`, "10 MX": `"10 MX" is no whole number`,
		true: `"true" is no whole number`, "0x10": `"0x10" is no whole number`, "1.3 bytes": `"1.3 bytes" is no whole number`,
		"99999999999999999999": `"99999999999999999999" is too large or too small for a whole number, a int`, 1e30: `"1000000000000000000000000000000" is too large or too small for a whole number, a int`,
		"16 E": `"16 E" is too large or too small for a whole number, a int`, "9.5E": `"9.5E" is too large or too small for a whole number, a int`,
		strings.Repeat("long", 20): `"longlonglonglonglonglonglonglonglongl..." is no whole number`, strings.Repeat("é", 30): `"` + strings.Repeat("é", 18) + `..." is no whole number`,
	})
	refusedAs[int8](t, map[any]string{128: `"128" is too large or too small for a whole number, a int8`})
	refusedAs[uint](t, map[any]string{-1: `"-1" is too large or too small for a whole number, a uint`})
	refusedAs[uint16](t, map[any]string{"64 KiB": `"64 KiB" is too large or too small for a whole number, a uint16`})
	refusedAs[float32](t, map[any]string{1e300: `"1` + strings.Repeat("0", 36) + `..." is too large or too small for a number, a float32`})
	refusedAs[bool](t, map[any]string{"1": `"1" is no boolean`, "maybe": `"maybe" is no boolean`})
	refusedAs[time.Duration](t, map[any]string{
		"soon": `"soon" is no duration`, "10 years": `"10 years" is no duration`, "300000 days": `"300000 days" is too large or too small for a duration, a time.Duration`,
	})
	refusedAs[slog.Level](t, map[any]string{"loud": `"loud" is no slog.Level`})
	refusedAs[func()](t, map[any]string{"x": "a func() cannot be read from properties"})
	refusedAs[map[int]string](t, map[any]string{"x": "it is a text, and a branch is wanted"})
	refusedAs[[]string](t, map[any]string{"x": "it is a text, and a list is wanted", 3: "it is a number, and a list is wanted"})
	refusedAs[struct{}](t, map[any]string{true: "it is a boolean, and a branch is wanted", json.Number("1"): "it is a number, and a branch is wanted"})
	for want, value := range map[string]any{"it is a branch, and a text is wanted": map[string]any{"b": 1}, "it is a list, and a text is wanted": []string{}} {
		_, err := decoded[string](t, value)
		assert.EqualError(t, err, "conf/application.conf:7:3: a.key: "+want)
	}
	_, err := decoded[map[int]string](t, map[string]any{"1": "x"})
	assert.EqualError(t, err, "conf/application.conf:7:3: a.key: a map[int]string cannot be read from properties: its keys are no texts")
	_, err = decoded[[]int](t, map[string]any{"1": 1})
	assert.EqualError(t, err, "conf/application.conf:7:3: a.key: it is a branch, and a list is wanted: the names of its items are 0, 1, 2 and so on")
	_, err = decoded[[2]int](t, []int{1})
	assert.EqualError(t, err, "conf/application.conf:7:3: a.key: it has 1 items, and 2 are wanted")
}

// secret is a text that refusedAs all of them, and repeats them.
type secret string

func (s *secret) UnmarshalText(text []byte) error {
	return errors.Join(errLeak, errors.New(string(text)))
}

var errLeak = errors.New("leak")

// TestErrorsHideSecrets: what looks like a secret is not in an error, nor what
// is no number, boolean, duration or TextUnmarshaler.
func TestErrorsHideSecrets(t *testing.T) {
	t.Parallel()
	p := app.NewProperties(map[string]any{
		"db":       map[string]any{"Password": "hunter2", "api-key": "hunter2", "pool": "hunter2", "hosts": "hunter2", "kind": "hunter2"},
		"password": map[string]any{"length": "hunter2"},
		"typed":    "hunter2",
	})
	for path, target := range map[string]any{
		"db.Password": new(int), "db.api-key": new(time.Duration), "db.pool": new(struct{}), "db.hosts": new([]string), "db.kind": new(map[string]string),
		"password.length": new(int),
	} {
		err := p.DecodeStrict(path, target)
		require.ErrorContains(t, err, path+": it")
		assert.NotContains(t, err.Error(), "hunter2", path)
	}
	assert.Equal(t, "properties db.Password, db.api-key, db.hosts, db.kind, db.pool, password.length, typed", p.String())
	assert.NotContains(t, fmt.Sprintf("%v %+v", app.Config{Properties: p}, p), "hunter2")
	err := p.Decode("typed", new(secret))
	require.EqualError(t, err, `typed: "hunter2" is no app_test.secret`)
	require.ErrorIs(t, err, errLeak)
	err = p.Decode("db.Password", new(secret))
	require.EqualError(t, err, "db.Password: its value is no app_test.secret")
	require.ErrorIs(t, err, errLeak)
}

// connection is embedded in settings.
type connection struct {
	URL     string `property:",required"`
	MaxSize int
}

// Retry is embedded by a pointer.
type Retry struct {
	Count int
	Wait  time.Duration
}

type settings struct {
	connection
	*Retry
	Tagged  Retry `property:"exact_Name"`
	Hosts   []string
	Pair    [2]int
	Labels  map[string]string
	Nested  map[string][]struct{ Name string }
	Deep    struct{ Deeper struct{ Port uint16 } }
	Maybe   *bool
	Free    any
	Started time.Time
	Ignored string `property:"-"`
	OnEvent func()
	Logger  *slog.Logger
	private int
}

func TestPropertiesFillStructs(t *testing.T) {
	t.Parallel()
	p := app.NewProperties(map[string]any{"app": map[string]any{
		"url": "db://", "MAX_SIZE": "2k", "count": 3, "exact_Name": map[string]any{"Wait": "1s"}, "hosts": []any{"a", 2},
		"pair": map[string]any{"0": 1, "1": 2, "size": 2}, "labels": map[string]string{"new": "x"},
		"nested": map[string]any{"g": []any{map[string]any{"name": "n"}}}, "deep": map[string]any{"deeper": map[string]any{"port": 80}},
		"free": map[string]any{"a": []any{1, nil, map[string]any{"0": "x"}}}, "started": "2026-01-02T03:04:05Z",
	}})
	known := map[string]string{"known": "y"}
	got := settings{connection: connection{MaxSize: 1}, Labels: known, Hosts: []string{"before"}, private: 1, Ignored: "kept"}
	require.NoError(t, p.DecodeStrict("app", &got))
	want := settings{
		connection: connection{URL: "db://", MaxSize: 2048}, Retry: &Retry{Count: 3}, Tagged: Retry{Wait: time.Second}, Hosts: []string{"a", "2"},
		Pair: [2]int{1, 2}, Labels: map[string]string{"known": "y", "new": "x"}, Nested: map[string][]struct{ Name string }{"g": {{"n"}}},
		Free: map[string]any{"a": []any{1, nil, []any{"x"}}}, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), private: 1, Ignored: "kept",
	}
	want.Deep.Deeper.Port = 80
	assert.Equal(t, want, got)
	assert.Equal(t, map[string]string{"known": "y"}, known, "what was there before is not changed")
}

func TestDecodeReturnsAllMistakesAndChangesNothing(t *testing.T) {
	t.Parallel()
	p := app.NewProperties(map[string]any{"app": located(map[string]any{
		"maxSize": located("many", 2, 3), "max-size": located(1, 3, 3), "hosts": located("a", 4, 3), "count": located(-1, 5, 3), "onEvent": located("x", 6, 3),
		"ignored": located("x", 7, 3), "hots": located("x", 8, 3), "Exact_name": located(nil, 9, 3), "z": 1,
	}, 1, 1)})
	retry := &Retry{Count: 1}
	got := settings{Retry: retry, Hosts: []string{"kept"}}
	err := p.DecodeStrict("app", &got)
	known := "(known: count, deep, exact_Name, free, hosts, labels, maxSize, maybe, nested, pair, started, url, wait)"
	require.EqualError(t, err, strings.Join([]string{
		"conf/application.conf:1:1: app.url: it is required, and missing",
		"conf/application.conf:2:3: app.maxSize: the same as max-size at conf/application.conf:3:3",
		"conf/application.conf:4:3: app.hosts: it is a text, and a list is wanted",
		"conf/application.conf:9:3: app.Exact_name: it is unknown: is it exact_Name? " + known,
		"conf/application.conf:8:3: app.hots: it is unknown: is it hosts? " + known,
		"conf/application.conf:7:3: app.ignored: it is unknown " + known,
		"conf/application.conf:6:3: app.onEvent: it is unknown " + known,
		"app.z: it is unknown " + known,
	}, "\n"))
	assert.Equal(t, settings{Retry: retry, Hosts: []string{"kept"}}, got)
	assert.Equal(t, &Retry{Count: 1}, retry)
	require.EqualError(t, app.Properties{}.At("no.where").Decode("app", &got), "no.where.app.url: it is required, and missing")
	require.EqualError(t, p.DecodeStrict("app.z", new(struct{})), "app.z: it is a number, and a branch is wanted")
	require.EqualError(t, app.PropertiesAt("a.b", 1).DecodeStrict("a", new(struct{})), "a.b: it is unknown, as any other would be")
	require.EqualError(t, p.Decode("app", got), "decode properties app: the target is a app_test.settings and no pointer to fill")
	require.EqualError(t, p.Decode("app", nil), "decode properties app: the target is a <nil> and no pointer to fill")
	_, err = app.Property[string](p, "app.Exact_name")
	require.EqualError(t, err, "conf/application.conf:9:3: app.Exact_name: it is required, and missing")
}

// Pool is embedded by a pointer, and has a struct.
type Pool struct{ Retry struct{ Count int } }

func TestEmbeddedPointers(t *testing.T) {
	t.Parallel()
	type hidden struct{ Size int }
	type all struct {
		*Pool
		*hidden
	}
	var got all
	require.NoError(t, app.PropertiesAt("other", 1).Decode("", &got))
	assert.Equal(t, all{}, got, "nothing is there for them")
	require.NoError(t, app.PropertiesAt("retry.count", 2).DecodeStrict("", &got))
	assert.Equal(t, 2, got.Retry.Count)
	require.EqualError(t, app.PropertiesAt("size", 2).DecodeStrict("", &got),
		"size: it cannot be read from properties: its field is of an unexported type that is embedded by a pointer")
}

// TestNilPropertyIsAbsent: as ${?X} leaves it if X is not set.
func TestNilPropertyIsAbsent(t *testing.T) {
	t.Parallel()
	p := app.NewProperties(map[string]any{"a": map[string]any{"name": nil, "maybe": nil, "list": nil, "inner": nil}})
	type inner struct{ Name string }
	yes := true
	got := struct {
		Name  string
		Maybe *bool
		List  []int
		Inner inner
	}{"kept", &yes, []int{1}, inner{"kept"}}
	want := got
	require.NoError(t, p.DecodeStrict("a", &got))
	assert.Equal(t, want, got)
	assert.Empty(t, p.Keys())
	over := app.NewProperties(map[string]any{"b": 1, "c": map[string]any{"d": 2}}).With(app.NewProperties(map[string]any{"b": nil, "c": nil, "e": nil}))
	assert.Equal(t, map[string]any{"b": 1, "c": map[string]any{"d": 2}, "e": nil}, over.Map())
}

// FuzzProperty: no text makes a panic, and what is read is read back.
func FuzzProperty(f *testing.F) {
	for _, text := range []string{"1", "-1.5 MiB", "1h30m", "9223372036854775807E", "1e400 d", "µs", "yes", "0x1p4"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := app.PropertiesAt("a", map[string]any{"0": text})
		if whole, err := app.Property[int64](p, "a.0"); err == nil {
			again, err := app.Property[[]int64](app.PropertiesAt("a", []int64{whole}), "a")
			require.NoError(t, err)
			require.Equal(t, []int64{whole}, again)
		}
		if duration, err := app.Property[time.Duration](p, "a.0"); err == nil {
			again, err := app.Property[time.Duration](app.PropertiesAt("b", duration.String()), "b")
			require.NoError(t, err)
			require.Equal(t, duration, again)
		}
		for _, target := range []any{new(uint8), new(float32), new(bool), new([]string), new(slog.Level), new(any)} {
			_ = p.DecodeStrict("a.0", target)
		}
	})
}
