module emptyroom/passwd-link

go 1.24
