/* SPDX-License-Identifier: MIT */
/*
 * Drivers: what they choose, and whether there is another execution to run. A driver's
 * choose() is called at each step, next() after each execution.
 */
#ifndef CHECK_SEARCH_H
#define CHECK_SEARCH_H

#include <pcpmm/model.h>

#include "model.h"

struct step {
	uint8_t choice;
	struct model_op op;
	uint64_t value; /* there, after it */
};

/* The choices of this execution so far. */
struct trail {
	struct step *at;
	size_t nr, cap;
	bool no_memory;
};

struct search;

struct search_ops {
	/* A choice of @enabled. */
	unsigned int (*choose)(
		struct search *search, uint64_t enabled, unsigned int last);
	/* Prepares the next execution; false: there is none. */
	bool (*next)(struct search *search);
	void (*fini)(struct search *search);
};

struct search {
	const struct search_ops *ops;
	const struct pcpmm_model_options *options;
	struct trail trail;
	void *own; /* the driver's */
	bool free_run; /* nothing new is to be seen: the rest by default */
	bool redundant; /* so, as an equal execution was run */
	bool astray; /* the given schedule could not be followed */
	bool exhausted; /* next() found that all were run */
	bool no_memory;
};

/* 0, -ENOMEM, -EINVAL (a schedule that is none). */
int search_random(struct search *search);
int search_pct(struct search *search);
int search_tree(struct search *search, bool reduce);
int search_replay(struct search *search);

/* The running task goes on; else the lowest choice. */
unsigned int search_default(uint64_t enabled, unsigned int last);

/* --- races.c ------------------------------------------------------------------- */

/* Steps of different tasks, the order of which may matter. */
bool steps_depend(unsigned int a, const struct model_op *op_a, unsigned int b,
	const struct model_op *op_b);

/*
 * For each race that the steps from @from on have with earlier ones: @found(@arg, at,
 * initials): one of the choices in @initials has to be tried before step @at.
 */
bool races_find(const struct trail *trail, size_t from,
	void (*found)(void *arg, size_t at, uint64_t initials), void *arg);
void races_fini(void);

/* --- trace.c --------------------------------------------------------------------- */

/* The steps of @trail, for the report; none if there is no memory. */
void trace_keep(struct pcpmm_model_result *result, const struct trail *trail);

/* --- shorten.c ------------------------------------------------------------------- */

/* @result is a failure's; a shorter one replaces it. */
void shorten(const struct pcpmm_scene *scene,
	const struct pcpmm_model_options *options,
	struct pcpmm_model_result *result);

/* --- schedule.c ------------------------------------------------------------------ */

/* "1*3,2,1!,2*2": tasks, their interrupts with !, repetitions. malloc()ed or NULL. */
char *schedule_write(const struct trail *trail);
/* The choice at *@text, which moves behind it; -1: no schedule; -2: its end. */
int schedule_read(const char **text, unsigned int *repeat);

#endif
