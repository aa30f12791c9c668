package compression_test

import (
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
)

func TestNegotiation(t *testing.T) {
	all := zstdStandard
	identityFirst := func(c *compression.Config) {
		c.Gzip()
		c.Identity(func(e *compression.EncoderConfig) { e.Priority = 2 })
	}
	for _, test := range []struct {
		name      string
		configure func(*compression.Config)
		accept    []string // lines
		want      string
	}{
		{"two lines", all, []string{"br", "gzip"}, "gzip"},
		{"two lines, the second is liked better", all, []string{"gzip;q=0.5", "zstd"}, "zstd"},
		{"two lines, the wildcard in the first", all, []string{"*;q=0.2", "gzip;q=0.1"}, "zstd"},
		{"the first entry of a name counts", all, []string{"gzip;q=0, gzip"}, ""},
		{"the first line of a name counts", all, []string{"gzip;q=0", "gzip"}, ""},
		{"no line", all, nil, ""},
		{"an empty line", all, []string{""}, ""},
		{"nothing but commas", all, []string{" , ,,"}, ""},
		{"empty elements", all, []string{", ,gzip,"}, "gzip"},
		{"the name is part of another", all, []string{"bgzipx, gzi, gzipp"}, ""},
		{"case", all, []string{"GZip"}, "gzip"},
		{"the old name of gzip", all, []string{"x-gzip;q=1.0"}, "gzip"},
		{"spaces and tabs", all, []string{"\tgzip \t; \tq=0.5 ,deflate;q=0.6"}, "deflate"},
		{"upper case Q", all, []string{"gzip;Q=0"}, ""},
		{"further parameters", all, []string{"gzip;x=y;q=0;z, deflate;q=0.1;q=0"}, "deflate"},
		{"smallest q-value", all, []string{"gzip;q=0.001"}, "gzip"},
		{"more digits than allowed", all, []string{"gzip;q=0.0001"}, "gzip"},
		{"q-value zero with digits", all, []string{"gzip;q=0.000"}, ""},
		{"q-value above 1 counts as 1", all, []string{"deflate;q=0.9, gzip;q=7"}, "gzip"},
		{"negative q-value counts as 1", all, []string{"deflate;q=0.9, gzip;q=-1"}, "gzip"},
		{"q-value NaN counts as 1", all, []string{"deflate;q=0.9, gzip;q=NaN"}, "gzip"},
		{"empty q-value counts as 1", all, []string{"deflate;q=0.9, gzip;q="}, "gzip"},
		{"q without a value counts as 1", all, []string{"deflate;q=0.9, gzip;q"}, "gzip"},
		{"equals by order of naming", all, []string{"zstd, deflate, gzip"}, "gzip"},
		{"the wildcard by order of naming", func(c *compression.Config) {
			c.Zstd()
			c.Gzip()
		}, []string{"*"}, "zstd"},
		{"identity beside an equal", all, []string{"identity, gzip"}, "gzip"},
		{"identity liked better", all, []string{"identity, gzip;q=0.9"}, ""},
		{"identity liked less", all, []string{"identity;q=0.5, gzip;q=0.9"}, "gzip"},
		{"identity refused, and nothing else left", all, []string{"identity;q=0, br"}, ""},
		{"the wildcard does not stand for identity", onlyGzip, []string{"*;q=0.9, gzip;q=0.1"}, "gzip"},
		{"everything refused", all, []string{"identity;q=0, *;q=0"}, ""},
		{"identity with a priority, wildcard", identityFirst, []string{"*"}, ""},
		{"identity with a priority, equal", identityFirst, []string{"gzip, identity"}, ""},
		{"identity with a priority, not named", identityFirst, []string{"gzip"}, "gzip"},
		{"identity with a condition that fails", func(c *compression.Config) {
			c.Gzip()
			c.Identity(func(e *compression.EncoderConfig) { e.Condition(func(*app.Call, *app.Outgoing) bool { return false }) })
		}, []string{"identity, gzip;q=0.1"}, "gzip"},
		{"nothing but identity", func(c *compression.Config) { c.Identity() }, []string{"*"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var header []string
			for _, line := range test.accept {
				header = append(header, "Accept-Encoding", line)
			}
			start(t, with(test.configure), texts).get("/", header...).is(test.want, text)
		})
	}
}
