package routing

import "github.com/chitor-go/chitor/app"

// Walks returns how many of the declared routes of an application that has
// started may need a walk, and how many there are.
func Walks(a *app.Application) (walked, declared int) {
	t, _ := treeKey.Get(a)
	for _, l := range t.table.byEndpoint {
		if l.origin == originDeclared {
			declared++
			if l.contested {
				walked++
			}
		}
	}
	return walked, declared
}
