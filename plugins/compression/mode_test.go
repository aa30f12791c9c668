package compression_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
)

func TestMode(t *testing.T) {
	assert.Equal(t, "All", compression.All.String())
	assert.Equal(t, "CompressResponse", compression.CompressResponse.String())
	assert.Equal(t, "DecompressRequest", compression.DecompressRequest.String())
	assert.Equal(t, "Mode(7)", compression.Mode(7).String())
	for _, mode := range []compression.Mode{-1, 3} {
		application := app.New(func(a *app.Application) {
			a.Install(with(func(c *compression.Config) { c.Mode = mode }))
		})
		assert.ErrorContains(t, application.Start(t.Context()), "install Compression: there is no mode")
	}
}

// turned is a coding that turns bytes over.
type turned struct{ io.Reader }

func (r *turned) Reset(from io.Reader) error {
	r.Reader = from
	return nil
}

func (r *turned) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	for i := range p[:n] {
		p[i] ^= 0xff
	}
	return n, err
}

func turn(text string) string {
	turned := []byte(text)
	for i := range turned {
		turned[i] ^= 0xff
	}
	return string(turned)
}

func TestDecoderOfOnesOwn(t *testing.T) {
	var opened atomic.Int32
	custom := special()
	custom.NewReader = func() (compression.Reader, error) {
		opened.Add(1)
		return &turned{}, nil
	}
	host := start(t, with(func(c *compression.Config) {
		c.Encoder(custom)
		c.Gzip()
	}), echoing)
	host.post("/", turn(text), "Content-Encoding", "Special").is("", text)
	host.post("/", encode(t, turn(text), "gzip"), "Content-Encoding", "special, gzip").is("", text)
	host.post("/", turn(encode(t, text, "gzip")), "Content-Encoding", "gzip, special").is("", text)
	assert.Positive(t, opened.Load())
}

// An encoder without a reader does not decode.
func TestEncoderThatDoesNotDecode(t *testing.T) {
	for accept, configure := range map[string]func(*compression.Config){
		"identity": func(c *compression.Config) { c.Encoder(special()) },
		"gzip": func(c *compression.Config) {
			c.Encoder(special())
			c.Identity()
			c.Gzip()
		},
	} {
		got := start(t, with(configure), echoing).post("/", text, "Content-Encoding", "special")
		assert.Equal(t, http.StatusUnsupportedMediaType, got.status)
		assert.Equal(t, accept, got.header.Get("Accept-Encoding"))
	}
}

// A reader that cannot be made is a mistake of the installation, and later an
// error of the server.
func TestReaderThatCannotBeMade(t *testing.T) {
	var broken atomic.Bool
	custom := special()
	custom.NewReader = func() (compression.Reader, error) {
		if broken.Load() {
			return nil, errors.New("there is no more")
		}
		return &turned{}, nil
	}
	plugin := with(func(c *compression.Config) {
		c.Encoder(custom)
		c.Gzip()
	})
	host := start(t, plugin, echoing)
	broken.Store(true)
	application := app.New(func(a *app.Application) { a.Install(plugin) })
	assert.ErrorContains(t, application.Start(t.Context()), `install Compression: encoder "special": reader: there is no more`)
	for _, coding := range []string{"special", "special, gzip", "gzip, special"} {
		got := host.post("/", strings.Repeat("x", 10), "Content-Encoding", coding)
		assert.Equal(t, http.StatusInternalServerError, got.status)
		assert.Equal(t, "Internal Server Error", string(got.raw))
	}
}
