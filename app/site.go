package app

import (
	"path/filepath"
	"runtime"
	"strconv"
)

// A Site is a place in source code, kept so that a mistake can name the line
// that made it. The zero Site is unknown and prints as "unknown".
type Site struct {
	// File is the path of the source file as the compiler recorded it.
	File string
	// Line is the line in File, counted from 1.
	Line int
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

// String returns the last folder, the file and the line, as in
// "users/module.go:12".
func (s Site) String() string {
	if s.File == "" {
		return "unknown"
	}
	folder, file := filepath.Split(s.File)
	return filepath.Join(filepath.Base(folder), file) + ":" + strconv.Itoa(s.Line)
}

// panicSite returns the line that panicked. It must be called by the deferred
// function that recovered.
func panicSite() Site {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	panicking := false
	for {
		frame, more := frames.Next()
		inRuntime := len(frame.Function) > 8 && frame.Function[:8] == "runtime."
		if panicking && !inRuntime {
			return Site{File: frame.File, Line: frame.Line}
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return Site{}
		}
	}
}
