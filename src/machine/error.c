/* SPDX-License-Identifier: MIT */
/* The text of a failed call. */
#include "machine/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct pcpmm_error *error, int code, const char *format, ...)
{
	va_list args;

	if (!error)
		return code;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}
