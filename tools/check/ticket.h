/* SPDX-License-Identifier: MIT */
/*
 * A ticket names an execution: "1/SCENE/AXES/MUTANT/SCHEDULE", where 1 is the version of
 * the format, AXES is "drain=rcu_swap,rcu=memb" or empty, MUTANT may be empty.
 */
#ifndef CHECK_TICKET_H
#define CHECK_TICKET_H

#include <stddef.h>

struct ticket {
	char *text; /* what the others point into; free() */
	const char *scene, *axes, *mutant, *schedule;
};

/* 0; -EINVAL with a message in @why; -ENOMEM. */
int ticket_read(
	struct ticket *ticket, const char *text, char *why, size_t size);
/* malloc()ed, or NULL. Each part may be NULL: empty. */
char *ticket_write(const char *scene, const char *axes, const char *mutant,
	const char *schedule);

#endif
