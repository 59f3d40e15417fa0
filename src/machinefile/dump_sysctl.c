/* SPDX-License-Identifier: MIT */
/* Read "name = value" lines as sysctl -a prints them; only vm.* is kept. */
#include "dump.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Check the value of a sysctl that configures a machine. */
static int check(struct text *text, const struct dump_sysctl *entry)
{
	struct pcpmm_sysctls scratch;
	char why[128];
	int err;

	err = sysctl_parse(
		&scratch, entry->name, entry->value, why, sizeof(why));
	return err == -EINVAL ? text_error(text, "%s: %s", entry->name, why)
			      : 0;
}

static int add(struct pcpmm_dump *dump, struct text *text, const char *name,
	size_t length)
{
	struct dump_sysctl *entry;
	size_t value;
	size_t i;
	int err;

	if (length >= sizeof(entry->name))
		return 0;
	err = dump_grow((void **)&dump->sysctls, &dump->sysctls_size,
		dump->nr_sysctls, sizeof(*dump->sysctls));
	if (err)
		return err;
	entry = &dump->sysctls[dump->nr_sysctls];
	memcpy(entry->name, name, length);
	entry->name[length] = '\0';
	for (i = 0; i < length; i++) {
		if (entry->name[i] == '/')
			entry->name[i] = '.';
	}
	if (strncmp(entry->name, "vm.", 3) != 0)
		return 0;
	if (pcpmm_dump_sysctl(dump, entry->name)) {
		text->at = text->line;
		return text_error(text, "'%s' is there twice", entry->name);
	}
	text_at_end(text);
	value = (size_t)(text->end - text->at);
	while (value && strchr(" \t\r", text->at[value - 1]))
		value--;
	if (value >= sizeof(entry->value))
		value = sizeof(entry->value) - 1;
	memcpy(entry->value, text->at, value);
	entry->value[value] = '\0';
	dump->nr_sysctls++;
	return check(text, entry);
}

int dump_read_sysctl(struct pcpmm_dump *dump, struct text *text)
{
	const char *name, *equals;
	bool any = false;
	size_t length;
	int err;

	while (text_line(text)) {
		if (text_at_end(text) || text_take(text, "#"))
			continue;
		/* An error of sysctl -a: "sysctl: permission ..." */
		if (text_take(text, "sysctl:"))
			continue;
		name = text->at;
		equals = memchr(name, '=', (size_t)(text->end - name));
		if (!equals || equals == name)
			return text_error(text, "\"name = value\" expected");
		length = (size_t)(equals - name);
		while (length && strchr(" \t", name[length - 1]))
			length--;
		text->at = equals + 1;
		err = add(dump, text, name, length);
		if (err)
			return err;
		any = true;
	}
	return any ? 0 : text_error(text, "no sysctl in it");
}
