/* SPDX-License-Identifier: MIT */
/* What a preset sets; see show_preset.h. */
#include "show_preset.h"

#include <errno.h>
#include <string.h>

#include "show_axes.h"

#define BASE PCPMM_PRESET_LINUX_6_1

static int longest(const char *const *names, int length)
{
	for (; *names; names++)
		if ((int)strlen(*names) > length)
			length = (int)strlen(*names);
	return length;
}

/* Some axes are a machine's own choice: a preset leaves them as they are. */
static bool is_set(const char *preset, const char *key)
{
	const char *const *values = pcpmm_axis_values(key);
	struct pcpmm_config config;
	const char *first = NULL;

	for (; *values; values++) {
		pcpmm_config_init(&config, sizeof(config), BASE);
		pcpmm_config_set(&config, key, *values, NULL);
		pcpmm_config_set(&config, "preset", preset, NULL);
		if (first && strcmp(first, pcpmm_config_get(&config, key)) != 0)
			return false;
		first = pcpmm_config_get(&config, key);
	}
	return true;
}

int show_preset(const char *preset, FILE *out)
{
	const char *const *key = pcpmm_axis_keys();
	struct pcpmm_config config, base;
	int key_width = longest(key, 0), value_width = 0;
	unsigned int differ = 0, nr = 0;
	int status;

	pcpmm_config_init(&base, sizeof(base), BASE);
	config = base;
	status = show_axes_set(&config, preset, NULL);
	if (status >= 0)
		return status;
	for (; *key; key++)
		value_width = longest(
			(const char *[]){pcpmm_config_get(&config, *key), NULL},
			value_width);
	for (key = pcpmm_axis_keys(); *key; key++) {
		const char *value = pcpmm_config_get(&config, *key);
		const char *other = pcpmm_config_get(&base, *key);

		if (!strcmp(*key, "preset"))
			continue;
		fprintf(out, "%-*s  ", key_width, *key);
		if (!is_set(preset, *key)) {
			fputs("(the machine's choice)\n", out);
			continue;
		}
		nr++;
		if (!strcmp(value, other)) {
			fprintf(out, "%s\n", value);
			continue;
		}
		differ++;
		fprintf(out, "%-*s  * linux-6.1: %s\n", value_width, value,
			other);
	}
	fprintf(out, "# preset %s: %u of %u axes differ from linux-6.1\n",
		preset, differ, nr);
	return ferror(out) ? -EIO : 0;
}
