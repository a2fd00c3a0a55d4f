#include <stddef.h>
#include <stdint.h>

/* Fletcher's checksum with 16 bits. */
uint16_t fletcher16(const uint8_t *data, size_t length);

/* The C library that this was compiled for. */
const char *c_library(void);
