package main

import (
	_ "embed" // for the table
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
)

//go:embed ktor.jsonl
var table string

// row is a line of the table.
type row struct {
	File      string
	Variables map[string]string
	Values    map[string]any // texts and lists of texts; nil is no value
}

func main() {
	report, err := run(os.Args[1:])
	fmt.Println(report) //nolint:forbidigo // what the program is for
	if err != nil {
		fmt.Println(err) //nolint:forbidigo // the same
		os.Exit(1)       //nolint:forbidigo // a main function ends its program
	}
}

func run(arguments []string) (string, error) {
	if len(arguments) != 1 {
		return "", errors.New("usage: samples <folder with Ktor's snippets>")
	}
	loaded, wrong := compare(arguments[0])
	return fmt.Sprintf("%d loaded, %d wrong", loaded, len(wrong)), errors.Join(wrong...)
}

// compare loads each file of the table, and returns how many there are and what
// is wrong.
func compare(folder string) (loaded int, wrong []error) {
	for line := range strings.Lines(table) {
		var want row
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			return 0, []error{fmt.Errorf("read the table: %w", err)}
		}
		loader := config.Loader{Directory: folder, Environment: func(name string) (string, bool) {
			value, ok := want.Variables[name]
			return value, ok
		}}
		properties, err := loader.Load(want.File)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		loaded++
		maps.DeleteFunc(want.Values, func(_ string, value any) bool { return value == nil })
		if got := values(properties); !reflect.DeepEqual(got, want.Values) {
			wrong = append(wrong, fmt.Errorf("%s: got %v, Ktor reads %v", want.File, got, want.Values))
		}
	}
	return loaded, wrong
}

// values returns the texts and the lists of texts of all keys.
func values(properties app.Properties) map[string]any {
	found := map[string]any{}
	for _, key := range properties.Keys() {
		if text, ok := properties.Text(key); ok {
			found[key] = text
			continue
		}
		list := []any{}
		for _, item := range properties.List(key) {
			text, _ := item.Text("")
			list = append(list, text)
		}
		found[key] = list
	}
	return found
}
