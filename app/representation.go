package app

import "net/http"

// representation lists the header fields that describe one body, so that they
// would be wrong about another: those of RFC 9110 sections 8 and 14, digests
// (RFC 9530, and RFC 3230 and Content-MD5 before it), the name to store it under
// (RFC 6266), and the announcement of trailers, which belong to one body too.
// net/http's ServeContent takes back three of them when it fails.
var representation = [...]string{
	"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location",
	"Content-Range", "Accept-Ranges", "Etag", "Last-Modified",
	"Content-Digest", "Repr-Digest", "Digest", "Content-Md5",
	"Content-Disposition", "Trailer",
}

func deleteRepresentation(header http.Header) {
	for _, name := range representation {
		delete(header, name)
	}
}

// restoreRepresentation gives header the fields that describe a body, from old.
func restoreRepresentation(header, old http.Header) {
	for _, name := range representation {
		if values, set := old[name]; set {
			header[name] = values
		}
	}
}
