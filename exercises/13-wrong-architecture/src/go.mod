module example.com/at-home

go 1.23
