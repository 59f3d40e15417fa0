/* SPDX-License-Identifier: MIT */
/* Messages; see say.h. */
#include "say.h"
#include "../options.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 1, 0))) static void say(
	const char *format, va_list args)
{
	fputs("pcpmm record: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int record_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return EXIT_INPUT;
}

void record_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}
