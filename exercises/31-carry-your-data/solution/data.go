package main

import _ "time/tzdata" // every zone, in the program
