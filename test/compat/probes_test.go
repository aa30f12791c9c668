package compat_test

import (
	"net/http"
	"slices"
	"strings"
)

// A probe asks a side for something and notes the answer.
type probe struct {
	name string
	ask  func(*side) answer
	want string // a line of Chitor's answer when the middleware is on the application; "" for any
}

// probes are asked of every middleware at every place.
func probes() []probe {
	gzip := header("Accept-Encoding", "gzip")
	return []probe{
		{name: "text", ask: func(s *side) answer { return s.get("/text") }},
		{name: "large, gzip", ask: func(s *side) answer { return s.get("/large", gzip) }},
		{name: "error", ask: func(s *side) answer { return s.get("/teapot") }},
		{name: "panic", ask: (*side).panics},
		{name: "POST", ask: func(s *side) answer { return s.do(http.MethodPost, "/echo", "hello") }},
		{name: "404", ask: func(s *side) answer { return s.get("/missing") }},
		{name: "405", ask: func(s *side) answer { return s.do(http.MethodPost, "/text", "hello") }},
		{name: "mounted", ask: func(s *side) answer { return s.get("/mounted/below") }},
		{name: "HEAD", ask: func(s *side) answer { return s.do(http.MethodHead, "/text", "") }},
		{name: "SSE", ask: func(s *side) answer { return s.stream() }},
		{name: "SSE, gzip", ask: func(s *side) answer { return s.stream(gzip) }},
		{name: "WebSocket", ask: (*side).talk},
	}
}

// panics asks for a panic, and for an error that a handler answers with 500.
func (s *side) panics() answer {
	panicked, failed := s.get("/panic"), s.get("/broken")
	if slices.Equal(panicked.essence(), failed.essence()) {
		return append(failed, "a panic: the same")
	}
	for _, line := range panicked.essence() {
		note(&failed, "a panic: %s", line)
	}
	return failed
}

// essence returns the lines that no middleware has added.
func (a answer) essence() (lines answer) {
	for _, line := range a {
		name, _, _ := strings.Cut(line, " ")
		if name == "status" || name == "body:" || name == "no" {
			lines = append(lines, line)
		}
	}
	return lines
}

// joined asks for several things, one after the other.
func joined(answers ...answer) (all answer) {
	for _, one := range answers {
		all = append(all, one...)
	}
	return all
}
