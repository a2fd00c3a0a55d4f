module example.com/thermometer

go 1.23
