module emptyroom/sized-malloc

go 1.23
