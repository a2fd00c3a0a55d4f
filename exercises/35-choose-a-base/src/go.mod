module example.com/concierge

go 1.23
