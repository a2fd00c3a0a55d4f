module example.com/opening

go 1.23
