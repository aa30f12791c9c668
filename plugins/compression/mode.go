package compression

import "fmt"

// Mode says which way an installation of [Plugin] works.
//
// Ktor: CompressionConfig.Mode.
type Mode int

const (
	// All encodes responses and decodes requests. It is 0, the default.
	All Mode = iota
	// CompressResponse encodes responses and leaves requests alone.
	CompressResponse
	// DecompressRequest decodes requests and leaves responses alone.
	DecompressRequest
)

// String returns the name of the mode.
func (m Mode) String() string {
	switch m {
	case All:
		return "All"
	case CompressResponse:
		return "CompressResponse"
	case DecompressRequest:
		return "DecompressRequest"
	default:
		return fmt.Sprintf("Mode(%d)", int(m))
	}
}

func (m Mode) check() error {
	if m < All || m > DecompressRequest {
		return fmt.Errorf("there is no mode %d", int(m))
	}
	return nil
}

func (m Mode) response() bool { return m != DecompressRequest }
func (m Mode) request() bool  { return m != CompressResponse }
