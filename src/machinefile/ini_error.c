/* SPDX-License-Identifier: MIT */
/* Errors of a machine file: "path:line: ...", of the end of a long path. */
#include "ini_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int ini_error(struct pcpmm_machinefile *file, unsigned long line,
	const char *format, ...)
{
	size_t length = strlen(file->path);
	struct pcpmm_error *error = file->error;
	va_list args;
	int from;

	if (!error)
		return -EINVAL;
	from = snprintf(error->text, sizeof(error->text), "%s%s:%.0lu%s",
		length > 120 ? "..." : "",
		length > 120 ? file->path + length - 120 : file->path, line,
		line ? ": " : " ");
	va_start(args, format);
	vsnprintf(error->text + from, sizeof(error->text) - (size_t)from,
		format, args);
	va_end(args);
	return -EINVAL;
}
