package main

// Imports that are wanted for what they bring along, and not for their names,
// belong into this file: import _ "path/of/package".
