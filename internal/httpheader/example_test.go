package httpheader_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func Example() {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Accept-Encoding", "gzip;q=0.5, zstd")

	for element := range httpheader.Elements(r.Header["Accept-Encoding"]) {
		coding, parameters := httpheader.CutParameters(element)
		fmt.Println(coding, httpheader.Weight(parameters))
	}
	httpheader.AddVary(w.Header(), "Accept-Encoding")

	fmt.Println(w.Header())
	// Output:
	// gzip 0.5
	// zstd 1
	// map[Vary:[Accept-Encoding]]
}
