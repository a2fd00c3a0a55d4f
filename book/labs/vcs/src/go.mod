module emptyroom/vcs

go 1.23
