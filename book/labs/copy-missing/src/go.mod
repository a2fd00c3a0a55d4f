module emptyroom/copy-missing

go 1.23
