module emptyroom/memory

go 1.23
