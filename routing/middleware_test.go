package routing_test

import (
	"compress/gzip"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

type userKey struct{}

// shop is what the middlewares of chi are put around.
func shop(r *routing.Route) {
	r.Get("/hello", text(strings.Repeat("hello ", 100)))
	r.Get("/users/{id}", param("id"))
	r.Post("/receive", func(c *app.Call) error {
		received, err := c.ReceiveText()
		if err != nil {
			return err
		}
		return c.RespondText(received)
	})
	r.Get("/fail", func(*app.Call) error { return app.NewError(http.StatusConflict, "no") })
	r.Get("/panic", func(*app.Call) error { panic("lost") })
	r.Get("/seen", func(c *app.Call) error {
		format, _ := c.Context().Value(middleware.URLFormatCtxKey).(string)
		user, _ := c.Context().Value(userKey{}).(string)
		return c.RespondText(strings.Join([]string{
			middleware.GetReqID(c.Context()), c.Request.RemoteAddr, middleware.GetClientIP(c.Context()), format, user,
		}, "|"))
	})
}

// TestChiMiddlewares puts each middleware of chi that changes how one request
// is answered around the application.
func TestChiMiddlewares(t *testing.T) {
	t.Parallel()
	hello := strings.Repeat("hello ", 100)
	for name, c := range map[string]struct {
		use     func(http.Handler) http.Handler
		line    string
		headers []string
		status  int
		body    string
		header  [2]string
	}{
		"StripSlashes":          {use: middleware.StripSlashes, line: "GET /hello/", body: hello},
		"StripSlashes, encoded": {use: middleware.StripSlashes, line: "GET /users/a%20b/", body: "a b"},
		"RedirectSlashes":       {use: middleware.RedirectSlashes, line: "GET /hello/?x=y", status: 301, header: [2]string{"Location", "/hello?x=y"}},
		"CleanPath":             {use: middleware.CleanPath, line: "GET /users/x/..//7", body: "7"},
		"CleanPath, encoded":    {use: middleware.CleanPath, line: "GET /x/../users/a%2Fb", body: "a/b"},
		"StripPrefix":           {use: middleware.StripPrefix("/v1"), line: "GET /v1/users/7", body: "7"},
		"StripPrefix, encoded":  {use: middleware.StripPrefix("/v1"), line: "GET /v1/users/a%2Fb", body: "a/b"},
		"StripPrefix, other":    {use: middleware.StripPrefix("/v1"), line: "GET /users/7", status: 404, body: "404 page not found\n"},
		"PathRewrite":           {use: middleware.PathRewrite("/old", "/users"), line: "GET /old/7", body: "7"},
		"GetHead":               {use: middleware.GetHead, line: "HEAD /hello", header: [2]string{"Content-Length", "600"}},
		"GetHead, GET":          {use: middleware.GetHead, line: "GET /hello", body: hello},
		"GetHead, missing":      {use: middleware.GetHead, line: "HEAD /nope", status: 404},
		"GetHead, other method": {use: middleware.GetHead, line: "HEAD /receive", status: 405, header: [2]string{"Allow", "POST"}},
		"Heartbeat":             {use: middleware.Heartbeat("/ping"), line: "GET /ping", body: "."},
		"Heartbeat, other":      {use: middleware.Heartbeat("/ping"), line: "GET /users/7", body: "7"},
		"PageRoute":             {use: middleware.PageRoute("/page", echo), line: "GET /page", body: "GET path=/page raw= route= pattern="},
		"RequestID":             {use: middleware.RequestID, line: "GET /seen", headers: []string{"X-Request-Id", "mine"}, body: "mine|192.0.2.1:1234|||"},
		//nolint:staticcheck // deprecated, and still in use
		"RealIP":                     {use: middleware.RealIP, line: "GET /seen", headers: []string{"X-Real-IP", "10.1.2.3"}, body: "|10.1.2.3|||"},
		"ClientIPFromHeader":         {use: middleware.ClientIPFromHeader("X-Real-Ip"), line: "GET /seen", headers: []string{"X-Real-Ip", "10.1.2.3"}, body: "|192.0.2.1:1234|10.1.2.3||"},
		"ClientIPFromRemoteAddr":     {use: middleware.ClientIPFromRemoteAddr, line: "GET /seen", body: "|192.0.2.1:1234|192.0.2.1||"},
		"ClientIPFromXFF":            {use: middleware.ClientIPFromXFF("192.0.2.0/24"), line: "GET /seen", headers: []string{"X-Forwarded-For", "10.9.8.7"}, body: "|192.0.2.1:1234|10.9.8.7||"},
		"URLFormat":                  {use: middleware.URLFormat, line: "GET /seen.json", body: "|192.0.2.1:1234||json|"},
		"WithValue":                  {use: middleware.WithValue(userKey{}, "anna"), line: "GET /seen", body: "|192.0.2.1:1234|||anna"},
		"BasicAuth":                  {use: middleware.BasicAuth("realm", map[string]string{"anna": "secret"}), line: "GET /hello", status: 401, header: [2]string{"Www-Authenticate", `Basic realm="realm"`}},
		"BasicAuth, known":           {use: middleware.BasicAuth("realm", map[string]string{"anna": "secret"}), line: "GET /users/7", headers: []string{"Authorization", "Basic YW5uYTpzZWNyZXQ="}, body: "7"},
		"SetHeader":                  {use: middleware.SetHeader("X-Set", "yes"), line: "GET /users/7", body: "7", header: [2]string{"X-Set", "yes"}},
		"SetHeader, 404":             {use: middleware.SetHeader("X-Set", "yes"), line: "GET /nope", status: 404, header: [2]string{"X-Set", "yes"}},
		"NoCache":                    {use: middleware.NoCache, line: "GET /users/7", body: "7", header: [2]string{"Pragma", "no-cache"}},
		"Sunset":                     {use: middleware.Sunset(time.Unix(0, 0)), line: "GET /users/7", body: "7", header: [2]string{"Sunset", "Thu, 01 Jan 1970 00:00:00 GMT"}},
		"AllowContentType":           {use: middleware.AllowContentType("text/plain"), line: "POST /receive", headers: []string{"Content-Type", "text/html"}, status: 415},
		"AllowContentType, fitting":  {use: middleware.AllowContentType("text/plain"), line: "POST /receive", headers: []string{"Content-Type", "text/plain"}, body: "sent"},
		"AllowContentEncoding":       {use: middleware.AllowContentEncoding("gzip"), line: "POST /receive", headers: []string{"Content-Encoding", "br"}, status: 415},
		"ContentCharset":             {use: middleware.ContentCharset("utf-8"), line: "POST /receive", headers: []string{"Content-Type", "text/plain; charset=latin1"}, status: 415},
		"RequestSize":                {use: middleware.RequestSize(3), line: "POST /receive", status: 413, body: "Request Entity Too Large"},
		"RequestSize, fitting":       {use: middleware.RequestSize(4), line: "POST /receive", body: "sent"},
		"Throttle":                   {use: middleware.Throttle(1), line: "GET /users/7", body: "7"},
		"Maybe":                      {use: middleware.Maybe(middleware.StripSlashes, func(*http.Request) bool { return true }), line: "GET /users/7/", body: "7"},
		"New":                        {use: middleware.New(echo), line: "GET /x", body: "GET path=/x raw= route= pattern="},
		"Recoverer":                  {use: middleware.Recoverer, line: "GET /panic", status: 500, body: "Internal Server Error"},
		"Recoverer, error":           {use: middleware.Recoverer, line: "GET /fail", status: 409, body: "no"},
		"Timeout":                    {use: middleware.Timeout(time.Hour), line: "GET /users/7", body: "7"},
		"Compress, nothing accepted": {use: middleware.Compress(5), line: "GET /hello", body: hello},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(r *routing.Route) {
				r.Use(c.use)
				shop(r)
			})
			method, target, _ := strings.Cut(c.line, " ")
			var body io.Reader
			if method == http.MethodPost {
				body = strings.NewReader("sent")
			}
			request := httptest.NewRequestWithContext(t.Context(), method, target, body)
			for i := 0; i+1 < len(c.headers); i += 2 {
				request.Header.Set(c.headers[i], c.headers[i+1])
			}
			recorder := httptest.NewRecorder()
			a.ServeHTTP(recorder, request)
			if c.status == 0 {
				c.status = http.StatusOK
			}
			assert.Equal(t, c.status, recorder.Code)
			if c.status < 300 || c.body != "" {
				assert.Equal(t, c.body, recorder.Body.String())
			}
			if c.header[0] != "" {
				assert.Equal(t, c.header[1], recorder.Header().Get(c.header[0]))
			}
		})
	}
}

// TestChiMiddlewaresOnARoute puts them where a route has matched.
func TestChiMiddlewaresOnARoute(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Route("/in", func(r *routing.Route) {
			r.Use(middleware.SetHeader("X-Set", "yes"), middleware.BasicAuth("realm", map[string]string{"anna": "secret"}))
			shop(r)
		})
		r.Get("/out", text("out"))
	})
	got := ask(t, a, "GET /in/users/7", "Authorization", "Basic YW5uYTpzZWNyZXQ=")
	assert.Equal(t, "7", got.body)
	assert.Equal(t, "yes", got.header.Get("X-Set"))
	assert.Equal(t, http.StatusUnauthorized, ask(t, a, "GET /in/users/7").status)
	for _, line := range []string{"GET /out", "GET /in/nope", "PUT /in/users/7"} {
		got := ask(t, a, line)
		assert.NotEqual(t, http.StatusUnauthorized, got.status, line)
		assert.Empty(t, got.header.Get("X-Set"), line)
	}
}

func TestLoggerSeesTheRealStatus(t *testing.T) {
	t.Parallel()
	written := &journal{}
	formatter := &middleware.DefaultLogFormatter{Logger: log.New(written, "", 0), NoColor: true}
	a := serve(t, func(r *routing.Route) {
		r.Use(middleware.RequestID, middleware.RequestLogger(formatter), middleware.Recoverer)
		shop(r)
	})
	for line, want := range map[string]string{
		"GET /users/7":  `"GET http://example.com/users/7 HTTP/1.1" from 192.0.2.1:1234 - 200 1B in`,
		"GET /fail":     `"GET http://example.com/fail HTTP/1.1" from 192.0.2.1:1234 - 409 2B in`,
		"GET /panic":    `"GET http://example.com/panic HTTP/1.1" from 192.0.2.1:1234 - 500 21B in`,
		"GET /nope":     `"GET http://example.com/nope HTTP/1.1" from 192.0.2.1:1234 - 404 0B in`,
		"POST /users/7": `"POST http://example.com/users/7 HTTP/1.1" from 192.0.2.1:1234 - 405 0B in`,
	} {
		ask(t, a, line)
		assert.Contains(t, written.String(), want)
	}
}

func TestCompressEncodes(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Use(middleware.Compress(5, "text/plain"))
		shop(r)
		r.Mount("/mounted", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "mounted")
		}))
	})
	for target, want := range map[string]string{"/hello": strings.Repeat("hello ", 100), "/mounted/x": "mounted"} {
		got := ask(t, a, "GET "+target, "Accept-Encoding", "gzip")
		assert.Equal(t, "gzip", got.header.Get("Content-Encoding"), target)
		reader, err := gzip.NewReader(strings.NewReader(got.body))
		require.NoError(t, err)
		body, err := io.ReadAll(reader)
		require.NoError(t, err)
		assert.Equal(t, want, string(body))
	}
}

func TestTimeoutEndsTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := serve(t, func(r *routing.Route) {
			r.Route("/slow", func(r *routing.Route) {
				r.Use(middleware.Timeout(time.Second))
				r.Get("", func(c *app.Call) error {
					<-c.Context().Done()
					return c.Context().Err()
				})
			})
		})
		began := time.Now()
		assert.Equal(t, http.StatusGatewayTimeout, ask(t, a, "GET /slow").status)
		assert.Equal(t, time.Second, time.Since(began))
	})
}

func TestThrottleLetsOneIn(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	a := serve(t, func(r *routing.Route) {
		r.Route("/slow", func(r *routing.Route) {
			r.Use(middleware.Throttle(1))
			r.Get("", func(c *app.Call) error {
				entered <- struct{}{}
				<-leave
				return c.RespondText("done")
			})
		})
		r.Get("/free", text("free"))
	})
	first := httptest.NewRecorder()
	var wait sync.WaitGroup
	wait.Go(func() { a.ServeHTTP(first, httptest.NewRequest(http.MethodGet, "/slow", nil)) })
	<-entered
	assert.Equal(t, http.StatusTooManyRequests, ask(t, a, "GET /slow").status)
	assert.Equal(t, "free", ask(t, a, "GET /free").body)
	close(leave)
	wait.Wait()
	assert.Equal(t, "done", first.Body.String())
}

// TestRootMiddlewaresRunForEveryCall has the root's middlewares, wherever they
// stand, see what no route matches.
func TestRootMiddlewaresRunForEveryCall(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			shop(r)
			r.Use(middleware.SetHeader("X-Late", "yes"))
		})
		a.Use(middleware.SetHeader("X-Application", "yes"))
		routing.Routes(a, func(r *routing.Route) { r.Use(middleware.StripSlashes) })
	})
	for line, status := range map[string]int{"GET /users/7/": 200, "GET /nope": 404, "PUT /users/7": 405} {
		got := ask(t, a, line)
		assert.Equal(t, status, got.status, line)
		assert.Equal(t, "yes", got.header.Get("X-Late"), line)
		assert.Equal(t, "yes", got.header.Get("X-Application"), line)
	}
}
