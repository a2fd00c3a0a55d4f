module example.com/chairs

go 1.23

require shop.example/price v1.4.0
