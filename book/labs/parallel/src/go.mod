module emptyroom/parallel

go 1.23
