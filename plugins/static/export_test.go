package static

// Parse is parse, for tests that need no server.
func Parse(tail string, dotFiles bool) (name string, folder, plain bool) {
	asked, plain := parse(tail, dotFiles)
	return asked.name, asked.folder, plain
}

// IsForWindows is isForWindows, for tests on every system.
func IsForWindows(name string) bool { return isForWindows(name) }
