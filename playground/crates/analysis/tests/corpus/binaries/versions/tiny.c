/* A library with versions, as glibc has them. */
int tiny(void) { return 1; }
int again(void) { return 2; }
