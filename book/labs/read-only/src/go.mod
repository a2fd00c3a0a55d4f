module emptyroom/read-only

go 1.23
