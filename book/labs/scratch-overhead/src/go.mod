module emptyroom/scratch-overhead

go 1.21
