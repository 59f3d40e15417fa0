/* SPDX-License-Identifier: MIT */
#include "ticket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "1"

int ticket_read(struct ticket *ticket, const char *text, char *why, size_t size)
{
	const char **parts[] = {&ticket->scene, &ticket->axes, &ticket->mutant,
		&ticket->schedule};
	char *at;

	*ticket = (struct ticket){.text = strdup(text)};
	if (!ticket->text)
		return -ENOMEM;
	at = strchr(ticket->text, '/');
	if (at)
		*at++ = '\0';
	if (!at || strcmp(ticket->text, VERSION)) {
		snprintf(why, size,
			"'%s' is of no known version; a schedule begins with "
			"\"" VERSION "/\"",
			text);
		return -EINVAL;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] = at;
		at = strchr(at, '/');
		if (at)
			*at++ = '\0';
		if (!at != (i == 3)) {
			snprintf(why, size,
				"'%s' has not the parts "
				"1/SCENE/AXES/MUTANT/SCHEDULE",
				text);
			return -EINVAL;
		}
		if (i == 3)
			break;
	}
	return 0;
}

char *ticket_write(const char *scene, const char *axes, const char *mutant,
	const char *schedule)
{
	char *text;

	if (asprintf(&text, VERSION "/%s/%s/%s/%s", scene ? scene : "",
		    axes ? axes : "", mutant ? mutant : "",
		    schedule ? schedule : "") < 0)
		return NULL;
	return text;
}
