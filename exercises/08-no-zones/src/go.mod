module example.com/opening-hours

go 1.23
