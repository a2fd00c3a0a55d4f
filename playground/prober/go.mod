module emptyroom/prober

go 1.23
