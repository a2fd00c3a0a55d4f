module emptyroom/fat-context

go 1.23
