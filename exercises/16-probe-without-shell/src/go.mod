module example.com/patient

go 1.23
