module emptyroom/ignore

go 1.23
