package compression

import "strings"

// isCompressed reports whether the Content-Type names a format that is
// compressed in itself: to encode such a body once more makes it hardly
// smaller, and takes Accept-Ranges from a download, so that it cannot be
// resumed.
func (r *response) isCompressed() bool {
	kind, subtype := strings.ToLower(r.kind), strings.ToLower(r.subtype)
	switch kind {
	case "application":
		return compressedFormats[subtype] || isZipped(subtype)
	case "font":
		return subtype == "woff" || subtype == "woff2"
	case "image":
		return compressedImages[subtype]
	default:
		return false
	}
}

// isZipped reports whether a format is a zip archive under another name, as
// those of office programs are. Their flat XML is not.
func isZipped(subtype string) bool {
	switch {
	case strings.HasSuffix(subtype, "xml"):
		return false
	case strings.HasSuffix(subtype, "+zip"), strings.HasSuffix(subtype, "+gzip"):
		return true
	default:
		return strings.HasPrefix(subtype, "vnd.openxmlformats-officedocument.") ||
			strings.HasPrefix(subtype, "vnd.oasis.opendocument.") ||
			strings.HasPrefix(subtype, "vnd.ms-") && strings.HasSuffix(subtype, ".macroenabled.12")
	}
}

// compressedFormats are subtypes of application. Wasm, tar and
// application/octet-stream are not among them: they shrink, or may.
var compressedFormats = map[string]bool{
	"font-woff":                   true,
	"gzip":                        true,
	"java-archive":                true,
	"pdf":                         true,
	"vnd.android.package-archive": true,
	"vnd.debian.binary-package":   true,
	"vnd.ms-cab-compressed":       true,
	"vnd.rar":                     true,
	"x-7z-compressed":             true,
	"x-bzip":                      true,
	"x-bzip2":                     true,
	"x-compress":                  true,
	"x-debian-package":            true,
	"x-font-woff":                 true,
	"x-gzip":                      true,
	"x-lz4":                       true,
	"x-lzip":                      true,
	"x-lzma":                      true,
	"x-rar":                       true,
	"x-rar-compressed":            true,
	"x-redhat-package-manager":    true,
	"x-rpm":                       true,
	"x-xz":                        true,
	"x-zip-compressed":            true,
	"x-zstd":                      true,
	"zip":                         true,
	"zlib":                        true,
	"zstd":                        true,
}

// compressedImages are subtypes of image besides jpeg and png.
var compressedImages = map[string]bool{
	"apng": true,
	"avif": true,
	"gif":  true,
	"heic": true,
	"heif": true,
	"jp2":  true,
	"jpg":  true,
	"jxl":  true,
	"webp": true,
}
