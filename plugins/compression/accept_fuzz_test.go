package compression_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
)

// offers are encoders under conditions that a request can switch off, in order
// of priority and then of naming.
var offers = []struct {
	name     string
	priority float64
}{{"zstd", 2}, {"gzip", 1}, {"special", 1}, {"identity", 0.5}, {"deflate", 0.5}}

// FuzzAcceptEncoding compares the choice with one made by plain parsing into
// maps and sorted lists.
func FuzzAcceptEncoding(f *testing.F) {
	for _, seed := range []string{
		"", "*", "gzip, deflate, br, zstd", "gzip;q=0,*;q=0.5", "identity;q=0.5, *;q=0.1\nzstd;q=0.3", "x-gzip", "GZIP ; Q=0.25",
		"special;x=1;q=.5;q=1", ";q=1,,=;;,gzip;q=1e-3", "gzip;q=0x1p-2", "gzip;q=+0.5;, deflate;q=\"1\"", "\ngzip\n*", "a,b;q=NaN,*;q=Inf", "gzip;q=1_0", "z\u017ftd",
		`zstd;a="b,gzip;q=0",deflate`, `zstd;a="b\",gzip`, "gzip\";q=0,zstd\ngzip",
	} {
		f.Add(seed, uint8(0), true)
		f.Add(seed, uint8(3), false)
	}
	var failing uint8
	call := func(identity bool) http.Handler {
		application := app.New(func(a *app.Application) {
			a.Install(compression.Plugin.With(func(c *compression.Config) {
				for i, offer := range offers {
					configure := func(e *compression.EncoderConfig) {
						e.Priority = offer.priority
						e.Condition(func(*app.Call, *app.Outgoing) bool { return failing>>i&1 == 0 })
					}
					switch offer.name {
					case "zstd":
						c.Zstd(configure)
					case "gzip":
						c.Gzip(configure)
					case "deflate":
						c.Deflate(configure)
					case "identity":
						if identity {
							c.Identity(configure)
						}
					default:
						c.Encoder(special(), configure)
					}
				}
			}))
			a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
				return func(c *app.Call) error {
					c.Header().Set("Content-Type", "text/plain")
					return c.RespondText("text")
				}
			})
		})
		require.NoError(f, application.Start(f.Context()))
		return application
	}
	named, unnamed := call(true), call(false)
	f.Fuzz(func(t *testing.T, accept string, fails uint8, identity bool) {
		failing = fails
		handler := unnamed
		if identity {
			handler = named
		}
		lines := strings.Split(accept, "\n")
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header["Accept-Encoding"] = lines
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		coding, varies := reference(lines, fails, identity)
		assert.Equal(t, coding, recorder.Header().Get("Content-Encoding"))
		assert.Equal(t, varies, recorder.Header().Get("Vary") == "Accept-Encoding")
		body, err := io.ReadAll(decoder(t, coding, recorder.Body))
		assert.NoError(t, err)
		assert.Equal(t, "text", string(body))
	})
}

// quoted is a quoted string, which may hold separators.
var quoted = regexp.MustCompile(`"(?s:[^"\\]|\\.)*("|\\?$)`)

// reference makes the choice as the specification describes it, without regard
// to cost.
func reference(lines []string, fails uint8, identity bool) (coding string, varies bool) {
	weights := map[string]float64{}
	var plain []string
	for _, line := range lines {
		plain = append(plain, quoted.ReplaceAllString(line, `"`))
	}
	for element := range strings.SplitSeq(strings.Join(plain, ","), ",") {
		parts := strings.Split(element, ";")
		name := strings.ToLower(strings.Trim(parts[0], " \t"))
		if name == "x-gzip" {
			name = "gzip"
		}
		if _, known := weights[name]; known {
			continue
		}
		weights[name] = 1
		for _, parameter := range parts[1:] {
			key, value, _ := strings.Cut(parameter, "=")
			if strings.ToLower(strings.Trim(key, " \t")) == "q" {
				if q, err := strconv.ParseFloat(strings.Trim(value, " \t"), 64); err == nil && q >= 0 && q <= 1 {
					weights[name] = q
				}
				break
			}
		}
	}
	var best float64
	for i, offer := range offers {
		if offer.name == "identity" && !identity {
			continue
		}
		if fails>>i&1 == 1 {
			continue
		}
		varies = varies || offer.name != "identity"
		q, has := weights[offer.name]
		if !has {
			q = weights["*"]
		}
		if q > best {
			best, coding = q, offer.name
		}
	}
	if q := weights["identity"]; !identity && q > best {
		coding = "identity"
	}
	if coding == "identity" {
		coding = ""
	}
	return coding, varies
}
