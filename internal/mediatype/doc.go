// Package mediatype reads media types, and the ranges of them that an Accept
// header lists: RFC 9110 sections 8.3.1 and 12.5.1.
package mediatype
