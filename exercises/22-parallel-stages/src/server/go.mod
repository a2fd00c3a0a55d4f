module example.com/halves

go 1.23
