module emptyroom/no-shell-exec

go 1.23
