module example.com/sundial

go 1.23
