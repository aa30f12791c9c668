package app

import (
	"path"
	"strings"
)

// ContentTypeOf returns the media type of a file by the extension of its name,
// in any case. A name without an extension, or with one that is not known, has
// application/octet-stream, which no browser shows: what somebody has uploaded
// is never taken for HTML. The list is that of this package on every machine;
// mime.TypeByExtension reads files of the operating system. Texts are in UTF-8.
//
// Ktor: ContentType.defaultForFilePath.
func ContentTypeOf(name string) string {
	switch strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) {
	// Pages and what belongs to them.
	case "html", "htm":
		return "text/html; charset=utf-8"
	case "xhtml", "xht":
		return "application/xhtml+xml"
	case "css":
		return "text/css; charset=utf-8"
	case "js", "mjs", "cjs":
		return "text/javascript; charset=utf-8" // RFC 9239
	case "json", "map":
		return "application/json"
	case "jsonld":
		return "application/ld+json"
	case "geojson":
		return "application/geo+json"
	case "ndjson", "jsonl":
		return "application/x-ndjson"
	case "webmanifest":
		return "application/manifest+json"
	case "wasm":
		return "application/wasm"
	case "xml", "xsd":
		return "text/xml; charset=utf-8"
	case "xsl", "xslt":
		return "application/xslt+xml"
	case "rss":
		return "application/rss+xml"
	case "atom":
		return "application/atom+xml"

	// Texts.
	case "txt", "text", "log", "conf", "ini":
		return "text/plain; charset=utf-8"
	case "md", "markdown":
		return "text/markdown; charset=utf-8" // RFC 7763
	case "csv":
		return "text/csv; charset=utf-8"
	case "tsv":
		return "text/tab-separated-values; charset=utf-8"
	case "ics":
		return "text/calendar; charset=utf-8"
	case "vcf", "vcard":
		return "text/vcard; charset=utf-8"
	case "vtt":
		return "text/vtt; charset=utf-8"
	case "yaml", "yml":
		return "application/yaml" // RFC 9512
	case "toml":
		return "application/toml"
	case "sql":
		return "application/sql"

	// Images.
	case "png":
		return "image/png"
	case "apng":
		return "image/apng"
	case "jpg", "jpeg", "jpe", "jfif":
		return "image/jpeg"
	case "gif":
		return "image/gif"
	case "webp":
		return "image/webp"
	case "avif":
		return "image/avif"
	case "heic":
		return "image/heic"
	case "heif":
		return "image/heif"
	case "jxl":
		return "image/jxl"
	case "svg":
		return "image/svg+xml"
	case "ico":
		return "image/vnd.microsoft.icon"
	case "bmp":
		return "image/bmp"
	case "tif", "tiff":
		return "image/tiff"

	// Fonts: RFC 8081.
	case "woff":
		return "font/woff"
	case "woff2":
		return "font/woff2"
	case "ttf":
		return "font/ttf"
	case "otf":
		return "font/otf"
	case "ttc", "otc":
		return "font/collection"
	case "eot":
		return "application/vnd.ms-fontobject"

	// Sound and film.
	case "mp3":
		return "audio/mpeg"
	case "m4a":
		return "audio/mp4"
	case "aac":
		return "audio/aac"
	case "wav":
		return "audio/wav"
	case "flac":
		return "audio/flac"
	case "oga", "ogg", "opus":
		return "audio/ogg"
	case "weba":
		return "audio/webm"
	case "mid", "midi":
		return "audio/midi"
	case "mp4", "m4v":
		return "video/mp4"
	case "webm":
		return "video/webm"
	case "ogv":
		return "video/ogg"
	case "mov", "qt":
		return "video/quicktime"
	case "avi":
		return "video/x-msvideo"
	case "mkv":
		return "video/matroska"
	case "mpg", "mpeg":
		return "video/mpeg"
	case "m3u8":
		return "application/vnd.apple.mpegurl"
	case "mpd":
		return "application/dash+xml"
	case "ts":
		return "video/mp2t"

	// Documents.
	case "pdf":
		return "application/pdf"
	case "rtf":
		return "application/rtf"
	case "epub":
		return "application/epub+zip"
	case "doc":
		return "application/msword"
	case "docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case "xls":
		return "application/vnd.ms-excel"
	case "xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "ppt":
		return "application/vnd.ms-powerpoint"
	case "pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case "odt":
		return "application/vnd.oasis.opendocument.text"
	case "ods":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case "odp":
		return "application/vnd.oasis.opendocument.presentation"

	// Archives.
	case "zip":
		return "application/zip"
	case "gz", "tgz":
		return "application/gzip"
	case "zst":
		return "application/zstd"
	case "tar":
		return "application/x-tar"
	case "bz2":
		return "application/x-bzip2"
	case "xz":
		return "application/x-xz"
	case "7z":
		return "application/x-7z-compressed"
	case "rar":
		return "application/vnd.rar"
	case "jar":
		return "application/java-archive"
	case "apk":
		return "application/vnd.android.package-archive"

	default:
		return "application/octet-stream"
	}
}
