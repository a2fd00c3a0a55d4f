package main

import _ "time/tzdata" // the whole database, inside the program
