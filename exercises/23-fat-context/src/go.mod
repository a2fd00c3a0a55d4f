module example.com/luggage

go 1.23
