package main

// What the program carries along is imported here.
