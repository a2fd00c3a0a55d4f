module emptyroom/cross

go 1.23
