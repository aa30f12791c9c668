// Package loginpage sends who is not logged in to a page, with the path that was
// asked for, for the schemes of people: form and session.
//
//	wrong.Add(loginpage.Check(config.LoginPath))
//	provider.OnUnauthorized = loginpage.Redirect(config.LoginPath)
package loginpage
