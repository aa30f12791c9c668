// Package httpheader reads and writes what HTTP puts into headers: tokens,
// lists, weights, media types, Vary. It is the one place for that grammar, RFC
// 9110.
//
//	for element := range httpheader.Elements(r.Header["Accept-Encoding"]) {
//		coding, parameters := httpheader.CutParameters(element)
//		fmt.Println(coding, httpheader.Weight(parameters))
//	}
//	httpheader.AddVary(w.Header(), "Accept-Encoding")
//
// Nothing here allocates unless its comment says so. All functions may be
// called from any goroutine.
package httpheader
