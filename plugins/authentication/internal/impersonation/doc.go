// Package impersonation lets tests log in as somebody without credentials. Only
// package authtest fills it, in the application of one test; an application in
// which nobody has done so never looks further than for one header.
package impersonation
