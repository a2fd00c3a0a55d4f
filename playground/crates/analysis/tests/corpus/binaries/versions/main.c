/* Needs both versions of the library, and one of libc's. */
int tiny(void);
int again(void);
int puts(const char *);
int main(void) { return puts("versions") < 0 || tiny() + again() != 3; }
