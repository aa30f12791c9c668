package compat_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

// TestMatrix asks both sides each probe, for each middleware at each place.
func TestMatrix(t *testing.T) {
	for _, row := range rows() {
		t.Run(row.name, func(t *testing.T) {
			for _, at := range []place{onApplication, onRoute} {
				for _, probe := range slices.Concat(probes(), row.acts) {
					t.Run(string(at)+"/"+probe.name, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							bare := ask(probe, bareChi(t, row, at))
							ours := ask(probe, chitor(t, row, at))
							check(t, row.difference(probe.name, at), bare, ours)
							if probe.want != "" && at == onApplication {
								assert.Contains(t, ours, probe.want)
							}
						})
					})
				}
			}
		})
	}
}

// ask asks a side, and adds to the answer what its middleware has noted.
func ask(probe probe, s *side) answer {
	got := probe.ask(s)
	s.letGo()
	synctest.Wait()
	for _, line := range s.subject.report() {
		note(&got, "noted: %s", line)
	}
	return got
}
