module emptyroom/missing-libc

go 1.23
