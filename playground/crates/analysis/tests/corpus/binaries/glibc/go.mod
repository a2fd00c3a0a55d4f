module example.com/glibc

go 1.21
