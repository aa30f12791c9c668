package app

import (
	"cmp"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// A Site is a place in source code or in a configuration file, kept so that a
// mistake can name the line that made it. The zero Site is unknown and prints
// as "unknown".
type Site struct {
	// File is the path of the source file as the compiler recorded it, the path
	// of a configuration file, or what else a value comes from, such as the flag
	// "-port".
	File string
	// Line is the line in File, counted from 1; 0 if there are no lines.
	Line int
	// Column is the character in the line, counted from 1. 0 is unknown, as it
	// is for source code.
	Column int
}

// Caller returns the site of a caller on the current goroutine's stack: 0 names
// the line that calls Caller, 1 the line that called that function, and so on.
// A third-party route verb takes Caller(1) first and hands it to
// [Application.FailAt], and to DeclareAt of package routing.
func Caller(skip int) Site {
	_, file, line, ok := runtime.Caller(skip + 1)
	if !ok {
		return Site{}
	}
	return Site{File: file, Line: line}
}

// String returns the last folder, the file, the line and, if it is known, the
// column, as in "users/module.go:12" and "application.conf:7:3". Without a line
// it is File alone.
func (s Site) String() string {
	switch {
	case s.File == "":
		return "unknown"
	case s.Line == 0:
		return s.File
	}
	folder, file := filepath.Split(s.File)
	text := filepath.Join(filepath.Base(folder), file) + ":" + strconv.Itoa(s.Line)
	if s.Column != 0 {
		text += ":" + strconv.Itoa(s.Column)
	}
	return text
}

// panicSite returns the line that panicked. Where a library did, of Go or of
// others, it is the one that has called it. It must be called by the deferred
// function of run that recovered.
func panicSite() Site {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	var panicked Site
	panicking, standard := false, ""
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		here := Site{File: frame.File, Line: frame.Line}
		switch {
		case frame.Function == "runtime.gopanic":
			panicking, standard = true, strings.TrimSuffix(frame.File, "runtime/panic.go")
		case !panicking || strings.HasPrefix(frame.Function, "runtime."):
		case strings.HasSuffix(frame.Function, "app.(*Application).run"):
			return panicked
		case !isLibrary(frame.File, standard):
			return here
		default:
			panicked = cmp.Or(panicked, here)
		}
	}
	return panicked
}

// isLibrary reports whether a file is one of Go's own, which are in that folder
// unless the compiler has left folders out, or of a module that is not being
// worked on.
func isLibrary(file, standard string) bool {
	return standard != "" && strings.HasPrefix(file, standard) || strings.Contains(file, "@v") || strings.Contains(file, "/vendor/")
}
