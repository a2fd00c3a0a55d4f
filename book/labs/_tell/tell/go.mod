module emptyroom/tell

go 1.23
