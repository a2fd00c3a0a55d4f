module emptyroom/glibc-too-old

go 1.23
