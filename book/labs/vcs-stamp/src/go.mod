module emptyroom/vcs-stamp

go 1.23
