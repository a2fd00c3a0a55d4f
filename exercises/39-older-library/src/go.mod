module example.com/wheel

go 1.23
