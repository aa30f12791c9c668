// Package static serves files: of a directory, of a file system of the
// program's own, of a zip archive, and single-page applications.
//
//	//go:embed assets
//	var embedded embed.FS
//
//	routing.Routes(a, func(r *routing.Route) {
//		static.Files(r, "/downloads", "files")
//		static.Resources(r, "/assets", embedded, func(c *static.Config) {
//			c.Base = "assets"
//			c.PreCompressed = []static.Coding{static.Brotli, static.Gzip}
//		})
//		static.SinglePageApplication(r, func(c *static.SPAConfig) { c.FilesPath = "dist" })
//	})
//
// Each verb serves what is at a path and below it, to GET and HEAD, and answers
// conditions and ranges as [app.Call.RespondFile] does. Files have strong entity
// tags, and Last-Modified where they have a time. A call for a file that is not
// there is left to the next handler of the route, so several contents at one
// path work in turn; if there is none it is 404. Routes beside a content win
// over it by the rules of package routing.
//
// # What is never served
//
// Anything outside of the content: names with "..", backslashes or control
// characters, and symbolic links that lead out of a directory, are not there:
// they are 404, or answered by [Config.Default]. A slash in a path that is
// written %2F separates nothing. Names that begin with a dot are not there
// unless [Config.DotFiles] is set, and neither are devices, pipes and sockets.
// On Windows, names of devices, streams and short forms are not there, and none
// that Windows would cut the end off. A file that must not be read is 403. No
// folder is listed.
//
// # Compression
//
// [Config.PreCompressed] sends variants that are stored beside the files, with
// Content-Encoding, the type of the file, a tag of their own, and ranges of the
// variant. Plugin Compression leaves them alone, and may encode files that have
// none.
//
// Ktor: static content.
package static
