package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// An owner is a place in the program that allocates, and what its objects take of
// the heap, per session.
type owner struct {
	Name    string
	Bytes   float64
	Objects float64
}

// usage is the bytes and objects in use.
type usage struct{ bytes, objects int64 }

// profile returns what is in use by place, if wanted. It is complete only if the
// process has set runtime.MemProfileRate to 1 at its start.
func profile(wanted bool) map[string]usage {
	if !wanted {
		return nil
	}
	records := make([]runtime.MemProfileRecord, 1<<14)
	n, _ := runtime.MemProfile(records, false)
	places := map[string]usage{}
	for _, record := range records[:n] {
		name := place(record.Stack())
		u := places[name]
		u.bytes += record.InUseBytes()
		u.objects += record.InUseObjects()
		places[name] = u
	}
	return places
}

// place names the nearest function of Chitor, the reference or net/http's server
// that has led to an allocation, its line, and the function that it has called for it.
func place(stack []uintptr) string {
	frames := runtime.CallersFrames(stack)
	callee := ""
	for {
		frame, more := frames.Next()
		name := strings.TrimPrefix(frame.Function, "github.com/chitor-go/chitor/")
		switch {
		case name != frame.Function, strings.HasPrefix(name, "net/http.(*"), strings.HasPrefix(name, "net.("):
			at := fmt.Sprintf("%s (%s:%d)", name, filepath.Base(frame.File), frame.Line)
			if callee == "" || strings.HasPrefix(callee, "runtime.") {
				return at
			}
			return at + " > " + callee
		case callee == "" || strings.HasPrefix(callee, "runtime.") || strings.HasPrefix(callee, "internal/"):
			callee = name
		}
		if !more {
			return callee
		}
	}
}

// owners returns what has been added since before, the greatest first.
func owners(now, before map[string]usage, n int) []owner {
	var added []owner
	for name, u := range now {
		bytes, objects := u.bytes-before[name].bytes, u.objects-before[name].objects
		if objects >= int64(n)/2 { // fewer do not come from sessions
			added = append(added, owner{name, float64(bytes) / float64(n), float64(objects) / float64(n)})
		}
	}
	slices.SortFunc(added, func(a, b owner) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return added
}
