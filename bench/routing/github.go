package main

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// An endpoint is a route of the API.
type endpoint struct{ method, pattern string }

// readEndpoints reads a file with a method and a pattern in each line.
func readEndpoints(name string) ([]endpoint, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the routes, from the module's folder: %w", err)
	}
	defer file.Close()
	var endpoints []endpoint
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		method, pattern, found := strings.Cut(lines.Text(), " ")
		if !found {
			return nil, fmt.Errorf("read the routes: %q has no method", lines.Text())
		}
		endpoints = append(endpoints, endpoint{method, pattern})
	}
	return endpoints, lines.Err()
}

// parameter is one in a pattern.
func parameter() *regexp.Regexp { return regexp.MustCompile(`\{(\w+)\}`) }

// last returns the name of the last parameter, or "".
func (e endpoint) last() string {
	names := parameter().FindAllStringSubmatch(e.pattern, -1)
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1][1]
}

// colons returns the pattern as echo and gin have it.
func (e endpoint) colons() string { return parameter().ReplaceAllString(e.pattern, ":$1") }

// request returns one for the endpoint: the value of each parameter is its name.
func (e endpoint) request() *http.Request {
	return &http.Request{
		Method: e.method, URL: &url.URL{Path: parameter().ReplaceAllString(e.pattern, "$1")}, Header: http.Header{},
		Host: "api.example", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

// A selection is some endpoints that are called in turn.
type selection struct {
	name      string
	endpoints []endpoint
}

// selections are what is measured.
func selections(all []endpoint) []selection {
	one := func(name, method, pattern string) selection {
		return selection{name, []endpoint{{method, pattern}}}
	}
	return []selection{
		one("a static route", http.MethodGet, "/user/repos"),
		one("1 parameter", http.MethodGet, "/gists/{id}"),
		one("3 parameters", http.MethodGet, "/repos/{owner}/{repo}/issues/{number}/comments"),
		{fmt.Sprintf("all %d routes in turn", len(all)), all},
	}
}
