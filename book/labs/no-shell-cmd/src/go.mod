module emptyroom/no-shell-cmd

go 1.23
