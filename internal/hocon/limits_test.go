package hocon_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/hocon"
)

// repeat joins what line returns for 0 to n-1.
func repeat(n int, line string, arguments ...func(i int) any) string {
	var built strings.Builder
	for i := range n {
		var values []any
		for _, argument := range arguments {
			values = append(values, argument(i))
		}
		fmt.Fprintf(&built, line, values...)
	}
	return built.String()
}

func same(i int) any { return i }
func next(i int) any { return i + 1 }

func TestHostileDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	const (
		depth = "expected at most 200 objects and arrays in one another, found more"
		size  = "expected at most 2097152 values and bytes of text, found more when the substitutions are resolved"
		steps = "expected substitutions that resolve in 1048576 steps, found more"
	)
	for name, c := range map[string]struct{ text, want string }{
		"arrays in arrays":   {"a = " + strings.Repeat("[", 1<<20), "1:204: " + depth},
		"objects in objects": {strings.Repeat("a{", 1<<19), "1:400: " + depth},
		"a long key":         {strings.Repeat("a.", 1<<19) + "a = 1", "1:1: expected at most 200 elements of a path, found more"},
		"a long reference":   {"a = ${" + strings.Repeat("a.", 1<<19) + "a}", "1:7: expected at most 200 elements of a path, found more"},
		"arrays in arrays by references": {
			"a0 = 1\n" + repeat(1000, "a%d = [${a%d}]\n", next, same), "202:8: " + depth + " when the substitutions are resolved",
		},
		"a billion laughs": {
			"l0 = lol\n" + repeat(30, "l%d = [${l%d}, ${l%[2]d}, ${l%[2]d}, ${l%[2]d}]\n", next, same), "11:7: " + size,
		},
		"a billion laughs in objects": {
			"l0 = lol\n" + repeat(30, "l%d { a = ${l%d}, b = ${l%[2]d} }\n", next, same), "20:5: " + size,
		},
		"a billion laughs in one text": {
			"l0 = lol\n" + repeat(30, "l%d = ${l%d}${l%[2]d}\n", next, same), "21:7: " + size,
		},
		"a chain of references": {
			repeat(100_000, "a%d = ${a%d}\n", same, next), "20000:10: expected a value to which at most 20000 others lead, found more",
		},
		"a large object many times": {
			"a {" + repeat(10_000, "k%d = 1\n", same) + "}\n" + repeat(10_000, "b%d = ${a} { c = 1 }\n", same), "10105:13: " + steps,
		},
		"appended without end": {repeat(100_000, "a += 1\n"), "100000:3: " + steps},
		"a long file":          {strings.Repeat(" ", 2<<20) + "a = 1", "1:1: expected at most 2 MiB in the document and all that it includes, found more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := hocon.Parse("main.conf", []byte(c.text), hocon.Options{})
			require.EqualError(t, err, "main.conf:"+c.want)
		})
	}
}

func TestLargeDocumentsAreRead(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"fields":     repeat(20_000, "key%d = %d\n", same, same),
		"elements":   "a = [" + strings.Repeat("1, ", 100_000) + "]",
		"references": repeat(20_000, "a%d = ${b.c%d}\n", same, same) + "b {" + repeat(20_000, "c%d = 1\n", same) + "}",
		"a chain":    repeat(9_000, "a%d = ${a%d}\n", same, next) + "a9000 = 1",
		"appended":   repeat(1_000, "a += %d\n", same),
		"a path":     "p = /bin\n" + repeat(1_000, "p = ${p}/bin%d\n", same),
		"overridden": "p = 1\n" + repeat(20_000, "p = ${?nothing}\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := hocon.Parse("main.conf", []byte(text), hocon.Options{})
			require.NoError(t, err)
		})
	}
}

func TestIncludesAreLimited(t *testing.T) {
	t.Parallel()
	_, err := parse("main.conf", map[string]string{"main.conf": "a = 1\ninclude \"twice.conf\"", "twice.conf": "include \"twice\", include \"twice\""})
	require.EqualError(t, err, "twice.conf:1:9: expected at most 200 included files, found more (does a file include itself?)")

	large := "#" + strings.Repeat("x", 3<<19)
	_, err = parse("main.conf", map[string]string{"main.conf": "include \"a.conf\"\ninclude \"b.conf\"", "a.conf": large, "b.conf": large})
	require.EqualError(t, err, "b.conf:1:1: expected at most 2 MiB in the document and all that it includes, found more")
}

func TestIncludesThatAreRefused(t *testing.T) {
	t.Parallel()
	failure := errors.New("the disk is on fire")
	open := func(name string) ([]byte, error) {
		return nil, fmt.Errorf("open %s: %w", name, failure)
	}
	for name, c := range map[string]struct {
		text, want string
		open       func(string) ([]byte, error)
	}{
		"url":             {`include url("https://example.org/x.conf")`, "1:13: expected the name of a file, found the URL https://example.org/...: nothing is read from the network", open},
		"a URL alone":     {`include "http://example.org/x.conf"`, "1:9: expected the name of a file, found the URL http://example.org/x...: nothing is read from the network", open},
		"required url":    {`include required(url("file:x.conf"))`, "1:22: expected the name of a file, found the URL file:x.conf: nothing is read from the network", open},
		"classpath":       {`include classpath("x.conf")`, `1:19: expected file("...") or the name alone, found classpath("..."): there is none`, open},
		"nothing to open": {`include "x.conf"`, "1:9: expected no include, found one of x.conf: nothing can be included here", nil},
		"a failure":       {"a = 1\ninclude \"x.conf\"", "2:9: read the included file x.conf: open x.conf: the disk is on fire", open},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := hocon.Parse("main.conf", []byte(c.text), hocon.Options{Open: c.open})
			require.EqualError(t, err, "main.conf:"+c.want)
		})
	}
	_, err := hocon.Parse("main.conf", []byte(`include "x.conf"`), hocon.Options{Open: open})
	assert.ErrorIs(t, err, failure)
}

func TestIncludedNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ main, statement, want string }{
		"beside the file":       {"conf/main.conf", `include "x.conf"`, "conf/x.conf"},
		"above the file":        {"conf/main.conf", `include "../x.conf"`, "x.conf"},
		"absolute":              {"conf/main.conf", `include "/etc/x.conf"`, "/etc/x.conf"},
		"file() is taken as is": {"conf/main.conf", `include file("x.conf")`, "x.conf"},
		"required":              {"/etc/main.conf", `include required("x.conf")`, "/etc/x.conf"},
		"required file()":       {"/etc/main.conf", `include required(file("x.conf"))`, "x.conf"},
		"without extension":     {"main.conf", `include "x"`, "x.properties x.json x.conf"},
		"another extension":     {"main.conf", `include "x.txt"`, "x.txt.properties x.txt.json x.txt.conf"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var opened []string
			_, err := hocon.Parse(c.main, []byte(c.statement), hocon.Options{Open: func(name string) ([]byte, error) {
				opened = append(opened, name)
				return []byte("{}"), nil
			}})
			require.NoError(t, err)
			assert.Equal(t, c.want, strings.Join(opened, " "))
		})
	}
}
