/* SPDX-License-Identifier: MIT */
/* Axes of a machine: printed, and changed from the command line. */
#include "show_axes.h"
#include "options.h"

#include <errno.h>
#include <string.h>

static int longest(const char *const *names, int length)
{
	for (; *names; names++)
		if ((int)strlen(*names) > length)
			length = (int)strlen(*names);
	return length;
}

int show_axes(const struct pcpmm_config *config, FILE *out)
{
	const char *const *keys = pcpmm_axis_keys();
	int key_width = longest(keys, 0), value_width = 0;
	char note[256];

	for (int i = 0; keys[i]; i++)
		value_width = longest(pcpmm_axis_values(keys[i]), value_width);
	for (int i = 0; keys[i]; i++) {
		const char *const *values = pcpmm_axis_values(keys[i]);
		const char *value = pcpmm_config_get(config, keys[i]);

		fprintf(out, "%-*s  %-*s ", key_width, keys[i], value_width,
			value);
		for (; *values; values++)
			if (strcmp(*values, value))
				fprintf(out, " %s", *values);
		fputc('\n', out);
	}
	for (unsigned int n = 0;
		pcpmm_config_note(config, n, note, sizeof(note)); n++)
		fprintf(out, "# %s\n", note);
	return ferror(out) ? -EIO : 0;
}

static int set(struct pcpmm_config *config, const char *key, const char *value)
{
	struct pcpmm_error error = {""};

	if (!pcpmm_config_set(config, key, value, &error))
		return -1;
	fprintf(stderr, "pcpmm show: %s\n", error.text);
	return EXIT_USAGE;
}

/* "drain=rcu_swap". */
static int set_item(char *item, void *arg)
{
	char *value = strchr(item, '=');

	if (!value) {
		fprintf(stderr, "pcpmm show: --set: '%s' is not KEY=VALUE\n",
			item);
		return EXIT_USAGE;
	}
	*value++ = '\0';
	return set(arg, item, value);
}

int show_axes_set(
	struct pcpmm_config *config, const char *preset, const char *settings)
{
	int status = preset ? set(config, "preset", preset) : -1;

	if (status < 0 && settings)
		status = options_each(settings, set_item, config);
	return status;
}
