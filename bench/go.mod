module github.com/chitor-go/chitor/bench

go 1.26
