#include "fletcher.h"

uint16_t fletcher16(const uint8_t *data, size_t length)
{
	uint32_t low = 0, high = 0;
	for (size_t i = 0; i < length; i++) {
		low = (low + data[i]) % 255;
		high = (high + low) % 255;
	}
	return (uint16_t)(high << 8 | low);
}

const char *c_library(void)
{
#ifdef __GLIBC__
	return "glibc";
#else
	return "musl"; /* It has no macro of its own: its makers want no program to ask. */
#endif
}
