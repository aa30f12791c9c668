package compat_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// An answer is what a client got, and what the middleware noted besides, as
// lines: "status 200", "Content-Type: text/plain". Two answers are compared line
// by line.
type answer []string

func note(a *answer, format string, arguments ...any) {
	*a = append(*a, fmt.Sprintf(format, arguments...))
}

func (a answer) String() string {
	if len(a) == 0 {
		return "    (nothing)"
	}
	return "    " + strings.Join(a, "\n    ")
}

// less returns the lines of a that b does not have.
func (a answer) less(b answer) answer {
	rest := slices.Clone(b)
	var lines answer
	for _, line := range a {
		if at := slices.Index(rest, line); at >= 0 {
			rest = slices.Delete(rest, at, at+1)
		} else {
			lines = append(lines, line)
		}
	}
	return lines
}

// patience is how long a client waits, in fake time.
const patience = time.Hour

// do sends a request and notes the whole response. A request that gets none is
// noted as well.
func (s *side) do(method, path, body string, options ...func(*http.Request)) (noted answer) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	response, err := s.client.Do(s.request(ctx, method, path, body, options...))
	if err != nil {
		return answer{"no response"}
	}
	defer response.Body.Close()
	noteHead(&noted, response)
	noteBody(&noted, response)
	return noted
}

func (s *side) request(ctx context.Context, method, path, body string, options ...func(*http.Request)) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, reader)
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "text/plain")
	}
	request.Header.Set("User-Agent", "compat")
	if s.prepare != nil {
		s.prepare(request)
	}
	for _, option := range options {
		option(request)
	}
	return request
}

func (s *side) get(path string, options ...func(*http.Request)) answer {
	return s.do(http.MethodGet, path, "", options...)
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// noteHead notes status and headers, but those that say nothing about the
// middleware: Date, and how a body is encoded. Compression is installed on one
// side, so both are asked for what they send, decoded; the length is that of a
// body that is not encoded.
func noteHead(a *answer, response *http.Response) {
	note(a, "status %d", response.StatusCode)
	if response.ProtoMajor != 1 {
		note(a, "by HTTP/%d", response.ProtoMajor)
	}
	names := make([]string, 0, len(response.Header))
	for name := range response.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range response.Header[name] {
			switch name {
			case "Date", "Content-Encoding", "Content-Length", "Sec-Websocket-Accept":
				continue
			case "Set-Cookie":
				value = withoutSecret(value)
			case "Vary":
				if value = withoutEncoding(value); value == "" {
					continue
				}
			}
			note(a, "%s: %s", name, value)
		}
	}
}

// withoutSecret returns a cookie without its value, which is random.
func withoutSecret(cookie string) string {
	pair, attributes, _ := strings.Cut(cookie, ";")
	name, _, _ := strings.Cut(pair, "=")
	return name + "=…;" + attributes
}

// withoutEncoding returns the names of a Vary header but Accept-Encoding.
func withoutEncoding(vary string) string {
	var names []string
	for name := range strings.SplitSeq(vary, ",") {
		if name = strings.TrimSpace(name); !strings.EqualFold(name, "Accept-Encoding") {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// decoded returns the body of a response, decoded once: one that was encoded
// twice is not the text.
func decoded(response *http.Response) (io.Reader, error) {
	if response.Header.Get("Content-Encoding") != "gzip" {
		return response.Body, nil
	}
	return gzip.NewReader(response.Body)
}

func noteBody(a *answer, response *http.Response) {
	reader, err := decoded(response)
	if err == io.EOF {
		reader, err = strings.NewReader(""), nil // the head alone
	}
	if err != nil {
		note(a, "body: %v", err)
		return
	}
	body, err := io.ReadAll(reader)
	switch {
	case len(body) > 200:
		note(a, "body: %d bytes, %x", len(body), crc32.ChecksumIEEE(body))
	case len(body) > 0:
		note(a, "body: %q", body)
	}
	if err != nil {
		note(a, "body: broken off")
	}
	for name, values := range response.Trailer {
		note(a, "trailer %s: %s", name, strings.Join(values, ", "))
	}
}

// stream reads /events: the first event has to arrive while its handler still
// waits. It lets the handler go on and reads the rest.
func (s *side) stream(options ...func(*http.Request)) (noted answer) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	options = append(options, header("Accept", "text/event-stream"))
	began := time.Now()
	response, err := s.client.Do(s.request(ctx, http.MethodGet, "/events", "", options...))
	if err != nil {
		return answer{"no response"}
	}
	defer response.Body.Close()
	noteHead(&noted, response)
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		noteBody(&noted, response)
		return noted
	}
	reader, err := decoded(response)
	if err != nil {
		note(&noted, "body: %v", err)
		return noted
	}
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		event, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if waited := time.Since(began); waited == 0 {
			note(&noted, "event %q at once", event)
		} else {
			note(&noted, "event %q after %v", event, waited)
		}
		s.letGo()
	}
	if lines.Err() != nil {
		note(&noted, "stream: broken off")
	} else {
		note(&noted, "stream: ended")
	}
	return noted
}

// explain compares two answers, and returns what is wrong: a difference that is
// not the expected one, or "".
func explain(expected *difference, bare, ours answer) string {
	onlyBare, onlyOurs := bare.less(ours), ours.less(bare)
	var wantBare, wantOurs answer
	if expected != nil {
		wantBare, wantOurs = expected.chi, expected.chitor
	}
	if slices.Equal(onlyBare, wantBare) && slices.Equal(onlyOurs, wantOurs) {
		return ""
	}
	var text strings.Builder
	switch {
	case expected == nil:
		text.WriteString("the answers differ, and no difference of the row explains it")
	case len(onlyBare)+len(onlyOurs) == 0:
		fmt.Fprintf(&text, "the difference %q is gone: remove it from its row, and its reason if no other has it", expected.mark)
	default:
		fmt.Fprintf(&text, "the answers differ, but not as the difference %q says", expected.mark)
	}
	fmt.Fprintf(&text, "\nonly bare chi:\n%v\nonly Chitor:\n%v\n", onlyBare, onlyOurs)
	if expected != nil {
		fmt.Fprintf(&text, "expected only of bare chi:\n%v\nexpected only of Chitor:\n%v\n", expected.chi, expected.chitor)
	}
	fmt.Fprintf(&text, "bare chi in full:\n%v\nChitor in full:\n%v", bare, ours)
	return text.String()
}

func check(t *testing.T, expected *difference, bare, ours answer) {
	t.Helper()
	if wrong := explain(expected, bare, ours); wrong != "" {
		t.Error(wrong)
	}
}
