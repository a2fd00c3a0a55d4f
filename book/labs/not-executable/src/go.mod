module emptyroom/not-executable

go 1.23
