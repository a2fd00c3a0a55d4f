module example.com/turbines

go 1.23
