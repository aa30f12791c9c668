package routing

import "github.com/chitor-go/chitor/app"

// scope is what makes a Route an [app.Scope].
type scope = app.Scope
