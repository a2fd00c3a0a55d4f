module example.com/thin

go 1.21
