package hocon

import "github.com/chitor-go/chitor/app"

// tree returns a resolved object as maps and slices. What is shared stays so.
func tree(root *object) map[string]any {
	made := map[node]any{}
	var plain func(node) any
	plain = func(n node) any {
		if s, ok := n.(*scalar); ok {
			return s.value
		}
		if value, ok := made[n]; ok {
			return value
		}
		var value any
		switch n := n.(type) {
		case *array:
			list := make([]any, len(n.elements))
			for i, element := range n.elements {
				list[i] = app.Located{Value: plain(element), Site: element.at()}
			}
			value = list
		case *object:
			branch := make(map[string]any, len(n.keys))
			for _, key := range n.keys {
				field := n.fields[key]
				branch[key] = app.Located{Value: plain(field), Site: field.at()}
			}
			value = branch
		}
		made[n] = value
		return value
	}
	return plain(root).(map[string]any)
}
