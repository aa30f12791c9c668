package main

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chitor-go/chitor/app"
)

// How many characters there may be. The page says the same.
const (
	longestRoom = 24
	longestName = 24
	longestText = 1000
)

func checkRoom(room string) error {
	switch {
	case room == "" || utf8.RuneCountInString(room) > longestRoom:
		return refuse("a room's name has 1 to %d characters", longestRoom)
	case strings.ContainsFunc(room, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }):
		return refuse("a room's name has letters, digits and hyphens")
	default:
		return nil
	}
}

func checkName(name string) error {
	switch {
	case strings.TrimSpace(name) != name:
		return refuse("a name has no space at its ends")
	case name == "" || utf8.RuneCountInString(name) > longestName:
		return refuse("a name has 1 to %d characters", longestName)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return refuse("a name has no invisible characters")
	default:
		return nil
	}
}

func checkText(text string) error {
	switch {
	case !strings.ContainsFunc(text, unicode.IsGraphic) || strings.TrimSpace(text) == "":
		return refuse("a message has something to read")
	case utf8.RuneCountInString(text) > longestText:
		return refuse("a message has at most %d characters", longestText)
	default:
		return nil
	}
}

func refuse(format string, values ...any) error {
	return app.NewError(http.StatusBadRequest, fmt.Sprintf(format, values...))
}
