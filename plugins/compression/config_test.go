package compression_test

import (
	"errors"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// Every mistake comes back from Start, all of one installation together, with
// its line.
func TestMistakes(t *testing.T) {
	named := func(name string) func(*compression.Config) {
		return func(c *compression.Config) {
			encoder := special()
			encoder.Name = name
			c.Encoder(encoder)
		}
	}
	for _, test := range []struct {
		name      string
		configure func(*compression.Config)
		want      []string
	}{
		{"gzip level too high", func(c *compression.Config) { c.Gzip(level(10)) }, []string{`encoder "gzip": level 10 is not between 1 and 9`}},
		{"gzip level too low", func(c *compression.Config) { c.Gzip(level(-1)) }, []string{`encoder "gzip": level -1 is not between 1 and 9`}},
		{"deflate level", func(c *compression.Config) { c.Deflate(level(10)) }, []string{`encoder "deflate": level 10 is not between 1 and 9`}},
		{"zstd level", func(c *compression.Config) { c.Zstd(level(23)) }, []string{`encoder "zstd": level 23 is not between 1 and 22`}},
		{"the encoder's own mistake", func(c *compression.Config) {
			c.Encoder(compression.Encoder{Name: "special", NewWriter: func(level int) (compression.Writer, error) {
				return nil, errors.New("I know no level " + strconv.Itoa(level))
			}}, level(77))
		}, []string{`encoder "special": I know no level 77`}},
		{"encoders", func(c *compression.Config) { c.MaxEncoders = -1 }, []string{"MaxEncoders is negative"}},
		{"memory of decoders", budgeted(-1), []string{"MaxDecoderMemory is negative"}},
		{"named twice", func(c *compression.Config) {
			c.Gzip()
			c.Gzip()
		}, []string{`encoder "gzip": it is named twice`}},
		{"named twice, in another case", func(c *compression.Config) {
			c.Gzip()
			named("GZip")(c)
		}, []string{`encoder "GZip": it is named twice`}},
		{"no name", named(""), []string{`encoder "": the name is not one`}},
		{"the wildcard as a name", named("*"), []string{`encoder "*": the name is not one`}},
		{"no token as a name", named("a b"), []string{`encoder "a b": the name is not one`}},
		{"identity as a name", named("Identity"), []string{"encoder identity: use Config.Identity"}},
		{"no function", func(c *compression.Config) {
			c.Encoder(compression.Encoder{Name: "special"})
		}, []string{`encoder "special": NewWriter is nil`}},
		{"no writer", func(c *compression.Config) {
			c.Encoder(compression.Encoder{Name: "special", NewWriter: func(int) (compression.Writer, error) { return nil, nil }})
		}, []string{`encoder "special": NewWriter returns neither a writer nor an error`}},
		{"no reader", func(c *compression.Config) {
			without := special()
			without.NewReader = func() (compression.Reader, error) { return nil, nil }
			c.Encoder(without)
		}, []string{`encoder "special": NewReader returns neither a reader nor an error`}},
		{"priority", func(c *compression.Config) {
			c.Gzip(func(e *compression.EncoderConfig) { e.Priority = math.NaN() })
		}, []string{`encoder "gzip": the priority is not a number`}},
		{"negative size", func(c *compression.Config) { c.MinimumSize(-1) }, []string{"minimum size -1 is negative"}},
		{"negative size of an encoder", func(c *compression.Config) {
			c.Gzip(func(e *compression.EncoderConfig) { e.MinimumSize(-2) })
		}, []string{`encoder "gzip": minimum size -2 is negative`}},
		{"nil condition", func(c *compression.Config) { c.Condition(nil) }, []string{"the condition is nil"}},
		{"empty type", func(c *compression.Config) { c.MatchContentType("") }, []string{`content type "": mime: no media type`}},
		{"no subtype", func(c *compression.Config) { c.ExcludeContentType("text") }, []string{`content type "text": it is not a media type`}},
		{"not a type", func(c *compression.Config) { c.MatchContentType("text/html/x") }, []string{`content type "text/html/x": mime:`}},
		{"half a wildcard", func(c *compression.Config) { c.MatchContentType("application/*+json") }, []string{`content type "application/*+json": * must stand alone`}},
		{"parameter without a value", func(c *compression.Config) { c.MatchContentType("text/html; charset") }, []string{`content type "text/html; charset": mime:`}},
		{"nil function of gzip", func(c *compression.Config) { c.Gzip(level(1), nil, level(2)) }, []string{`encoder "gzip": the configuration function is nil`}},
		{"nil function of deflate", func(c *compression.Config) { c.Deflate(nil) }, []string{`encoder "deflate": the configuration function is nil`}},
		{"nil function of zstd", func(c *compression.Config) { c.ZstdStandard(nil) }, []string{`encoder "zstd": the configuration function is nil`}},
		{"nil function of identity", func(c *compression.Config) { c.Identity(nil) }, []string{`encoder "identity": the configuration function is nil`}},
		{"nil function of an own encoder", func(c *compression.Config) { c.Encoder(special(), nil) }, []string{`encoder "special": the configuration function is nil`}},
		{"several", func(c *compression.Config) {
			c.Gzip(level(99), func(e *compression.EncoderConfig) { e.MatchContentType("x", "y") })
			c.Deflate(level(-3))
			c.MinimumSize(-1)
		}, []string{"minimum size -1", `"x"`, `"y"`, "level 99", "level -3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var line int
			application := app.New(func(a *app.Application) {
				_, _, line, _ = runtime.Caller(0)
				a.Install(compression.Plugin.With(test.configure))
			})
			err := application.Start(t.Context())
			require.Error(t, err)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
			assert.ErrorContains(t, err, "config_test.go:"+strconv.Itoa(line+1)+": install Compression: ")
			mistakes := 1
			if test.name == "several" {
				mistakes = 3 // two encoders with what is wrong with each, and a size
			}
			assert.Equal(t, mistakes, strings.Count(err.Error(), "install Compression"), "each has the line")
		})
	}
}

func TestInstalledTwice(t *testing.T) {
	application := app.New(func(a *app.Application) {
		a.Install(compression.Plugin)
		routing.Routes(a, func(r *routing.Route) { r.Install(compression.Plugin) })
	})
	assert.ErrorContains(t, application.Start(t.Context()), "install Compression: it is already installed")
}

func TestLevels(t *testing.T) {
	body := strings.Repeat("some text, some more text, and some words in between\n", 200)
	for coding, levels := range map[string][]int{"gzip": {0, 1, 5, 9}, "deflate": {0, 1, 5, 9}, "zstd": {0, 1, 3, 7, 22}} {
		for _, n := range levels {
			t.Run(coding+" "+strconv.Itoa(n), func(t *testing.T) {
				start(t, with(func(c *compression.Config) {
					switch coding {
					case "gzip":
						c.Gzip(level(n))
					case "deflate":
						c.Deflate(level(n))
					default:
						c.Zstd(level(n))
					}
				}), func(r *routing.Route) { r.Get("/", sending("text/plain", body)) }).accepting("*", "/").is(coding, body)
			})
		}
	}
}

// What is offered together, with others, in the order in which a client that
// likes all of them gets it.
func TestStandards(t *testing.T) {
	order := func(configure func(*compression.Config)) (order []string) {
		host := start(t, with(configure), texts)
		for accept := "*"; ; {
			coding := host.accepting(accept, "/").header.Get("Content-Encoding")
			if coding == "" {
				return order
			}
			order = append(order, coding)
			accept += ", " + coding + ";q=0"
		}
	}
	assert.Equal(t, []string{"gzip", "deflate"}, order(asItIs))
	assert.Equal(t, []string{"gzip", "deflate"}, order((*compression.Config).Default))
	assert.Equal(t, []string{"zstd", "gzip", "deflate"}, order(func(c *compression.Config) { c.ZstdStandard() }))
	assert.Equal(t, []string{"special", "gzip", "deflate"}, order(func(c *compression.Config) {
		c.Encoder(special())
		c.Default()
	}))
	assert.Equal(t, []string{"gzip", "deflate", "zstd"}, order(func(c *compression.Config) {
		c.ZstdStandard(func(e *compression.EncoderConfig) { e.Priority = 0.5 })
	}))
}

// Functions are applied in order, on the defaults of the encoder.
func TestEncoderConfigDefaults(t *testing.T) {
	priorities := map[string]float64{}
	look := func(name string) func(*compression.EncoderConfig) {
		return func(e *compression.EncoderConfig) {
			assert.Zero(t, e.Level)
			priorities[name] = e.Priority
		}
	}
	var order []int
	start(t, with(func(c *compression.Config) {
		c.Gzip(look("gzip"), func(*compression.EncoderConfig) { order = append(order, 1) }, func(*compression.EncoderConfig) { order = append(order, 2) })
		c.Deflate(look("deflate"))
		c.Zstd(look("zstd"))
		c.Identity(look("identity"))
		c.Encoder(special(), look("special"))
	}), texts)
	assert.Equal(t, map[string]float64{"gzip": 1, "deflate": 0.9, "zstd": 1, "identity": 1, "special": 1}, priorities)
	assert.Equal(t, []int{1, 2}, order)
}

// A configuration that is changed after the installation, or shared by two
// applications, changes nothing.
func TestConfigurationIsRead(t *testing.T) {
	var kept *compression.Config
	host := start(t, with(func(c *compression.Config) {
		c.Gzip()
		kept = c
	}), texts)
	kept.Condition(func(*app.Call, *app.Outgoing) bool { return false })
	kept.Zstd()
	host.accepting("gzip, zstd;q=0.5", "/").is("gzip", text)
	host.accepting("zstd", "/").is("", text)
}
