module emptyroom/no-shell-health

go 1.23
