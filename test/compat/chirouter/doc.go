// Package chirouter holds no code but its tests: what registers itself on a chi
// router, on the one that routing.Route.Chi hands out.
package chirouter
