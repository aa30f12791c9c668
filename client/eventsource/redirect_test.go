package eventsource_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
)

// A hop is a request as a server of some origin has got it.
type hop struct {
	method, url, body string
	target            *url.URL
	header            http.Header
}

// route is a network of servers: what is not among the redirects, each "status
// location", is an event stream.
type route struct {
	redirects map[string]string
	hops      []hop
}

// RoundTrip implements [http.RoundTripper].
func (r *route) RoundTrip(request *http.Request) (*http.Response, error) {
	body := ""
	if request.Body != nil {
		text, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		body = string(text)
	}
	r.hops = append(r.hops, hop{request.Method, request.URL.String(), body, request.URL, request.Header})
	response := &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body: io.NopCloser(strings.NewReader("data: here\n\n")), Request: request,
	}
	if redirect, ok := r.redirects[request.URL.String()]; ok {
		status, location, _ := strings.Cut(redirect, " ")
		response.StatusCode = map[string]int{"301": 301, "302": 302, "303": 303, "307": 307, "308": 308}[status]
		response.Header = http.Header{"Location": {location}}
	}
	return response, nil
}

// ask sends a request with secrets along the route.
func (r *route) ask(t *testing.T, method, url string, configure ...func(*http.Client)) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("question"))
	require.NoError(t, err)
	for _, name := range []string{"Authorization", "X-Api-Key", "Api-Key", "Cookie", "Mcp-Session-Id"} {
		request.Header.Set(name, "secret")
	}
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: r}
	for _, f := range configure {
		f(client)
	}
	_, err = collect(eventsource.New(request, attempts(0), func(c *eventsource.Config) {
		c.HTTPClient, c.LastEventID = client, "7"
	}))
	return err
}

// told returns the names of the fields that a server was told.
func (h hop) told() []string {
	var names []string
	for name := range h.header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Keys do not follow a redirect to another origin: openai/openai-python#3516,
// spiceai/spiceai#12495. Nor does a Referer with a token in its query.
func TestRedirectsAreToldNoSecrets(t *testing.T) {
	public := []string{"Accept", "Accept-Encoding", "Cache-Control", "Content-Type", "Last-Event-Id"}
	all := []string{
		"Accept", "Accept-Encoding", "Api-Key", "Authorization", "Cache-Control", "Content-Type", "Cookie", "Last-Event-Id",
		"Mcp-Session-Id", "Referer", "X-Api-Key",
	}
	for name, test := range map[string]struct {
		path []string // of one redirect to the next
		want []string // what the last one is told
	}{
		"same origin":          {[]string{"https://api.test/a?key=1", "https://api.test/b"}, all},
		"same origin, spelled": {[]string{"https://api.test/a", "https://api.test:443/b"}, all},
		"to TLS":               {[]string{"http://api.test/a", "https://api.test/a"}, all},
		"to TLS elsewhere":     {[]string{"http://api.test/a", "https://api.test:8443/a"}, public},
		"other host":           {[]string{"https://api.test/a?key=1", "https://evil.test/b"}, public},
		"part of the domain":   {[]string{"https://api.test/a", "https://eu.api.test/b"}, public},
		"other port":           {[]string{"https://api.test/a", "https://api.test:8443/b"}, public},
		"there and back":       {[]string{"https://api.test/a", "https://evil.test/b", "https://api.test/c"}, public},
		"on and on":            {[]string{"https://api.test/a", "https://evil.test/b", "https://evil.test/c"}, public},
	} {
		t.Run(name, func(t *testing.T) {
			r := &route{redirects: map[string]string{}}
			for i := range len(test.path) - 1 {
				r.redirects[test.path[i]] = "307 " + test.path[i+1]
			}
			require.NoError(t, r.ask(t, http.MethodPost, test.path[0]))
			require.Len(t, r.hops, len(test.path))
			last := r.hops[len(r.hops)-1]
			assert.Equal(t, test.want, last.told())
			assert.Equal(t, "question", last.body)
			assert.Equal(t, "7", last.header.Get("Last-Event-ID"))
		})
	}
}

// A question must not become another one on its way, such as a POST a GET of the
// same address: decompals/frogress#32, netbox-community/netbox#1825. 303 says
// where the answer is.
func TestRedirectsDoNotChangeTheQuestion(t *testing.T) {
	const origin, target = "https://api.test/a", "https://api.test/b"
	for name, test := range map[string]struct {
		method, redirect string
		want             string // the method at the target; empty if it is not asked
	}{
		"POST 301":           {http.MethodPost, "301 /b", ""},
		"POST 302":           {http.MethodPost, "302 /b", ""},
		"POST 303":           {http.MethodPost, "303 /b", http.MethodGet},
		"POST 307":           {http.MethodPost, "307 /b", http.MethodPost},
		"POST 308":           {http.MethodPost, "308 /b", http.MethodPost},
		"QUERY 301":          {"QUERY", "301 /b", ""},
		"GET 301":            {http.MethodGet, "301 /b", http.MethodGet},
		"GET 303":            {http.MethodGet, "303 /b", http.MethodGet},
		"GET without TLS":    {http.MethodGet, "301 http://api.test/b", ""},
		"POST without TLS":   {http.MethodPost, "308 http://api.test/b", ""},
		"GET without a goal": {http.MethodGet, "301 ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := &route{redirects: map[string]string{origin: test.redirect}}
			err := r.ask(t, test.method, origin)
			if test.want != "" {
				require.NoError(t, err)
				require.Len(t, r.hops, 2)
				assert.Equal(t, target, r.hops[1].url)
				assert.Equal(t, test.want, r.hops[1].method)
				return
			}
			assert.Len(t, r.hops, 1)
			want := "open event stream: expected status 200 but was " + test.redirect[:3]
			if test.redirect != "301 " {
				want += ", a redirect that is not followed"
			}
			assert.EqualError(t, err, want)
			var response *eventsource.ResponseError
			require.ErrorAs(t, err, &response)
			assert.Equal(t, test.redirect[4:], response.Header.Get("Location"))
		})
	}
}

// Whatever a server writes into Location, who is told a secret is the server that
// was asked, over TLS.
func FuzzRedirects(f *testing.F) {
	for _, location := range []string{
		"/b", "b", "//evil.test/b", "https://evil.test", "https://api.test@evil.test/", "https://evil.test#@api.test/", "http://api.test/",
		"HTTPS://API.TEST:443/b", "https://api.test:8443/", "https://api.test./", "\\\\evil.test", "https:evil.test", "?b", "https://api.test:/b",
		"https://[::1]/", "https://api.test%2eevil.test/", "http://api.test:443/", "ftp://api.test/", "", "https://:443/", "https://u:p@api.test/",
	} {
		f.Add(location, false)
		f.Add(location, true)
	}
	f.Fuzz(func(t *testing.T, location string, see bool) {
		const origin = "https://api.test/a?key=secret"
		status := "307 "
		if see {
			status = "303 "
		}
		r := &route{redirects: map[string]string{origin: status + location}}
		_ = r.ask(t, http.MethodPost, origin) // whether it is an event stream
		require.NotEmpty(t, r.hops)
		for _, hop := range r.hops[1:] {
			assert.Equal(t, "https", hop.target.Scheme, hop.url)
			asked := strings.EqualFold(hop.target.Hostname(), "api.test") && (hop.target.Port() == "" || hop.target.Port() == "443")
			for name, values := range hop.header {
				if strings.Contains(strings.Join(values, " "), "secret") {
					assert.True(t, asked, "%s is told to %s", name, hop.url)
				}
			}
		}
	})
}

func TestRedirectsHaveAnEnd(t *testing.T) {
	r := &route{redirects: map[string]string{"https://api.test/a": "307 /a"}}
	assert.ErrorContains(t, r.ask(t, http.MethodPost, "https://api.test/a"), "stopped after 10 redirects")
	assert.Len(t, r.hops, 10)
}

// The rule of the client, if it has one, is all that counts.
func TestRedirectsByTheRuleOfTheClient(t *testing.T) {
	r := &route{redirects: map[string]string{"https://api.test/a": "301 http://other.test/b"}}
	require.NoError(t, r.ask(t, http.MethodPost, "https://api.test/a", func(c *http.Client) {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
	}))
	require.Len(t, r.hops, 2)
	assert.Equal(t, http.MethodGet, r.hops[1].method)
	assert.Equal(t, "secret", r.hops[1].header.Get("X-Api-Key"))

	r = &route{redirects: map[string]string{"https://api.test/a": "308 /b"}}
	assert.ErrorContains(t, r.ask(t, http.MethodPost, "https://api.test/a", func(c *http.Client) {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}), "expected status 200 but was 308")
	assert.Len(t, r.hops, 1)
}
