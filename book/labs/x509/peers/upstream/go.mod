module emptyroom/upstream

go 1.23
