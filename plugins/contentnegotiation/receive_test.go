package contentnegotiation_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

func TestRequestTypes(t *testing.T) {
	const jane = `{"id":1,"name":"Jane"}`
	tests := map[string]struct {
		contentType string
		want        int
	}{
		"registered":          {"application/json", http.StatusOK},
		"any case":            {"Application/JSON", http.StatusOK},
		"UTF-8":               {"application/json; charset=UTF-8", http.StatusOK},
		"UTF-8, as some say":  {"application/json; charset=utf8", http.StatusOK},
		"ASCII":               {`application/json; charset="US-ASCII"`, http.StatusOK},
		"other parameters":    {"application/json; version=1; boundary=x", http.StatusOK},
		"another charset":     {"application/json; charset=ISO-8859-1", http.StatusUnsupportedMediaType},
		"not registered":      {"application/problem+json", http.StatusUnsupportedMediaType},
		"what forms can send": {"text/plain", http.StatusUnsupportedMediaType},
		"none":                {"", http.StatusUnsupportedMediaType},
		"a range":             {"application/*", http.StatusUnsupportedMediaType},
		"no subtype":          {"json", http.StatusBadRequest},
		"an empty subtype":    {"application/", http.StatusBadRequest},
		"nonsense":            {"...la..la..la", http.StatusBadRequest},
		"broken parameters":   {"application/json; charset", http.StatusBadRequest},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := start(t, onlyJSON, echo[Customer])
			var options []apptest.RequestOption
			if test.contentType != "" {
				options = append(options, apptest.Header("Content-Type", test.contentType))
			}
			assert.Equal(t, test.want, host.Do(http.MethodPost, "/", strings.NewReader(jane), options...).StatusCode)
		})
	}
}

func TestRangesAreForRequests(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) {
		c.Register("*/*", contentnegotiation.JSON())
		c.JSON()
	}, echo[Customer])
	for _, contentType := range []string{"", "text/plain", "application/problem+json"} {
		var options []apptest.RequestOption
		if contentType != "" {
			options = append(options, apptest.Header("Content-Type", contentType))
		}
		response := host.Do(http.MethodPost, "/", strings.NewReader("{}"), append(options, accept("*/*"))...)
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
	}
	assert.Equal(t, http.StatusNotAcceptable, host.Do(http.MethodPost, "/", strings.NewReader("{}"), accept("text/plain")).StatusCode)
}

func TestBodyErrorsStayWhatTheyAre(t *testing.T) {
	tests := map[string]contentnegotiation.Converter{
		"JSON":  contentnegotiation.JSON(),
		"codec": contentnegotiation.Codec(nil, func([]byte, any) error { return nil }),
		"hides": blind{},
	}
	for name, converter := range tests {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.BodyLimit = 100 })
				a.Install(with(func(c *contentnegotiation.Config) { c.Register("application/json", converter) }))
				routing.Routes(a, func(r *routing.Route) {
					r.Post("/", echo[Customer])
					r.Post("/pointer", echo[*Customer])
				})
			})
			body := `{"name":"` + strings.Repeat("x", 100) + `"}`
			for _, path := range []string{"/", "/pointer"} {
				for _, reader := range []io.Reader{strings.NewReader(body), io.MultiReader(strings.NewReader(body))} {
					response := host.Post(path, "application/json", reader)
					assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
					assert.Equal(t, "Request Entity Too Large", apptest.Text(t, response))
				}
			}
		})
	}
}

// blind fails without saying why.
type blind struct{}

func (blind) Serialize(string, any) (any, error) { return "", nil }

func (blind) Deserialize(_ string, body io.Reader, _ any) error {
	if _, err := io.ReadAll(body); err != nil {
		return errors.New("something is wrong")
	}
	return nil
}

func TestBrokenBody(t *testing.T) {
	var failure error
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(onlyJSON))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				_, failure = app.Receive[*Customer](c)
				return c.RespondText("OK")
			})
		})
	})
	conn := host.Dial()
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, "OK", apptest.Text(t, response))
	require.NoError(t, response.Body.Close())
	var shown *app.Error
	require.ErrorAs(t, failure, &shown)
	assert.Equal(t, http.StatusBadRequest, shown.Status)
	assert.ErrorContains(t, shown.Err, "invalid byte in chunk length")
	assert.NotErrorIs(t, failure, io.EOF, "the body is broken, not empty")
}

// TestBodyThatTheServerHasClosed: no client is to blame for it.
func TestBodyThatTheServerHasClosed(t *testing.T) {
	host := start(t, onlyJSON, func(c *app.Call) error {
		if err := c.Request.Body.Close(); err != nil {
			return err
		}
		return echo[Customer](c)
	})
	response := host.Post("/", "application/json", strings.NewReader(`{"id":1}`))
	assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
	assert.Len(t, host.Log().AtLeast(slog.LevelError), 1)
}

func TestConverterErrors(t *testing.T) {
	tests := map[string]struct {
		err        error
		wantStatus int
		wantText   string
	}{
		"plain":         {errors.New("secret"), http.StatusBadRequest, "the body cannot be read"},
		"with a status": {app.NewError(http.StatusUnprocessableEntity, "the name is too short"), http.StatusUnprocessableEntity, "the name is too short"},
		"too late":      {context.DeadlineExceeded, http.StatusGatewayTimeout, "Gateway Timeout"},
		"wrapped":       {fmt.Errorf("field name: %w", app.NewError(http.StatusConflict, "taken")), http.StatusConflict, "taken"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := start(t, func(c *contentnegotiation.Config) {
				c.Register("application/json", contentnegotiation.Codec(nil, func([]byte, any) error { return test.err }))
			}, echo[Customer])
			response := host.Post("/", "application/json", strings.NewReader("{}"))
			assert.Equal(t, test.wantStatus, response.StatusCode)
			assert.Equal(t, test.wantText, apptest.Text(t, response))
		})
	}
}

func TestNilFunctionsOfACodec(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) {
		c.Register("application/json", contentnegotiation.Codec(nil, nil))
		c.JSON()
	}, echo[Customer])
	response := host.Post("/", "application/json", strings.NewReader(`{"id":1}`))
	assert.JSONEq(t, `{"id":1,"name":""}`, apptest.Text(t, response))
}

func TestTargetThatIsNoPointer(t *testing.T) {
	host := start(t, onlyJSON, func(c *app.Call) error {
		for _, target := range []any{Customer{}, nil} {
			assert.Error(t, c.Receive(target))
		}
		return c.RespondText("OK")
	})
	assert.Equal(t, http.StatusOK, host.Post("/", "application/json", strings.NewReader("{}")).StatusCode)
}
