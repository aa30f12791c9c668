package forwarding_test

import (
	"fmt"
	"strings"

	"github.com/chitor-go/chitor/internal/forwarding"
)

func Example() {
	trust := forwarding.Trust{Skip: forwarding.Known}
	if err := trust.Add([]string{"10.0.0.0/8"}); err != nil {
		fmt.Println(err)
		return
	}
	client, hop, err := trust.Client(func(yield func(forwarding.Node, error) bool) {
		for text := range strings.FieldsSeq("10.0.0.2 203.0.113.7 10.0.0.9") { // from the right
			if node, err := forwarding.ParseNode(text); !yield(node, err) {
				return
			}
		}
	})
	fmt.Println(client.Address.Addr(), hop, err)

	// Output:
	// 203.0.113.7 1 <nil>
}
