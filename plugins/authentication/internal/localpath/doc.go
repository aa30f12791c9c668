// Package localpath tells paths of the application itself from everything else
// that a browser could be redirected to: paths that come from outside, and are to
// be gone on with after a login.
//
//	path, ok := localpath.Clean(c.QueryParam("return_to"))
package localpath
