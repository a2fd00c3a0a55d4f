module example.com/letterhead

go 1.23
