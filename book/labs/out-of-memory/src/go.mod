module emptyroom/out-of-memory

go 1.23
