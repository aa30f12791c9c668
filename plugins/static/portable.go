package static

import "strings"

// isForWindows reports whether Windows takes each part of a name for what it
// says: not for a device, a stream of a file, the short form of another name,
// or a name that it cuts the end off.
func isForWindows(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.ContainsAny(part, `<>:"|?*\`) || strings.HasSuffix(part, ".") && part != "." || strings.HasSuffix(part, " ") {
			return false
		}
		if isShortName(part) || isDevice(part) {
			return false
		}
	}
	return true
}

// isShortName reports whether a part has a tilde before a digit, as GIT~1 has,
// which may be .git.
func isShortName(part string) bool {
	for i := 0; i+1 < len(part); i++ {
		if part[i] == '~' && part[i+1] >= '0' && part[i+1] <= '9' {
			return true
		}
	}
	return false
}

// isDevice reports whether a part is the name of a device, with any extension.
func isDevice(part string) bool {
	base, _, _ := strings.Cut(part, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	number, is := strings.CutPrefix(base, "COM")
	if !is {
		number, is = strings.CutPrefix(base, "LPT")
	}
	switch number {
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return is
	default:
		return false
	}
}
