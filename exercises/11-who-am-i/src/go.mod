module example.com/logbook

go 1.23
