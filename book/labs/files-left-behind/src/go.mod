module emptyroom/files-left-behind

go 1.23
