//go:build !race

package jwt_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAllocations: 16 are those of RegisteredClaims, 7 and more those of the
// signature, both of golang-jwt, and 5 the rest.
func TestAllocations(t *testing.T) {
	all := kinds(t)
	bare := testing.AllocsPerRun(100, all["bare"])
	for name, most := range map[string]float64{"HS256": 28, "RS256": 33, "ES256": 45, "EdDSA": 22} {
		got := testing.AllocsPerRun(100, all[name]) - bare
		t.Logf("%s: %v", name, got)
		assert.LessOrEqual(t, got, most, name)
	}
}
