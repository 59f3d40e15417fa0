/* SPDX-License-Identifier: MIT */
/* Small texts; see text.h. */
#include "text.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_SIZE (64u << 10)

/* At least @size bytes of room; new room is touched. */
static int reserve(struct record_text *text, size_t size)
{
	char *more;

	if (size <= text->size)
		return 0;
	more = realloc(text->text, size);
	if (!more)
		return -ENOMEM;
	memset(more + text->size, 0, size - text->size);
	text->text = more;
	text->size = size;
	return 0;
}

int record_text_read(struct record_text *text, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret = fd < 0 ? -errno : reserve(text, FIRST_SIZE);
	ssize_t got = 1;

	text->length = 0;
	while (!ret && got) {
		/* A text that grows by a half needs no room later. */
		if (text->size - text->length < text->size / 3)
			ret = reserve(text, text->size * 2);
		if (ret)
			break;
		got = read(fd, text->text + text->length,
			text->size - text->length - 1);
		if (got < 0)
			ret = -errno;
		else
			text->length += (size_t)got;
	}
	if (fd >= 0)
		close(fd);
	if (ret)
		text->length = 0;
	if (text->text)
		text->text[text->length] = '\0';
	return ret;
}

void record_text_free(struct record_text *text)
{
	free(text->text);
	*text = (struct record_text){0};
}

void record_text_add(struct record_text *text, const char *format, ...)
{
	va_list args;
	int length;

	if (reserve(text, text->length + 4096))
		return;
	va_start(args, format);
	length = vsnprintf(text->text + text->length, text->size - text->length,
		format, args);
	va_end(args);
	if (length > 0 && (size_t)length < text->size - text->length)
		text->length += (size_t)length;
	else
		text->text[text->length] = '\0';
}

int record_text_write(
	const struct record_text *text, const char *folder, const char *name)
{
	char path[4096];
	FILE *file;
	bool wrong;

	if (!text->length)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	if (!file)
		return record_fail("%s: %s", path, strerror(errno));
	wrong = fwrite(text->text, 1, text->length, file) != text->length;
	if (fclose(file) || wrong)
		return record_fail(
			"%s: %s", path, strerror(errno ? errno : EIO));
	return 0;
}
