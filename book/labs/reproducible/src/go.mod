module emptyroom/reproducible

go 1.23
