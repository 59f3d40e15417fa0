/* SPDX-License-Identifier: MIT */
/*
 * The model: a scene, which is a few tasks that use the library, is run under every
 * order of their steps, or under many.
 *
 * A step is one operation on shared memory, lock, interrupt or grace period. Which task
 * goes on is chosen before each, by one of the drivers. An execution is a list of
 * choices, the schedule; the same schedule gives the same execution on every machine.
 *
 * What is explored is the library as it is, on the backend src/arch/model. Executions
 * are sequentially consistent. Plain accesses are no steps: two tasks that race on a
 * plain field are not seen to do so.
 *
 * One thread at a time may use these functions. Only programs that are linked with
 * libpcpmm-model have them.
 */
#ifndef PCPMM_MODEL_H
#define PCPMM_MODEL_H

#include <pcpmm/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

PCPMM_BEGIN_DECLS

#define PCPMM_MODEL_TASKS_MAX 16 /* of a scene */

/*
 * A scene. Functions that are NULL do nothing. begin and end run once an execution,
 * enter and leave once a task, all of them without choices; run is explored.
 */
struct pcpmm_scene {
	const char *name; /* letters, digits, - and _ */
	const char *about; /* a line */
	unsigned int tasks; /* 1 to PCPMM_MODEL_TASKS_MAX */
	const void *arg; /* the program's */
	/* What all functions get as @state; NULL: the execution fails. */
	void *(*begin)(const struct pcpmm_scene *scene);
	void (*enter)(void *state, unsigned int task);
	void (*run)(void *state, unsigned int task);
	void (*leave)(void *state, unsigned int task);
	/* All tasks have ended: pcpmm_model_fail() where an invariant is broken. */
	void (*check)(void *state);
	/* What this execution has come to; executions that differ in it differ. */
	uint64_t (*outcome)(void *state);
	void (*end)(void *state);
};

enum pcpmm_model_driver {
	PCPMM_MODEL_RANDOM, /* each choice is uniform */
	PCPMM_MODEL_PCT, /* Burckhardt and others, ASPLOS 2010 */
	PCPMM_MODEL_DFS, /* every schedule, up to a number of preemptions */
	PCPMM_MODEL_DPOR, /* one of each class of equal ones: Abdulla and others, 2014 */
	PCPMM_MODEL_REPLAY, /* the given schedule */
};

/* "random", "pct", "dfs", "dpor", "replay"; NULL beyond. */
PCPMM_API const char *pcpmm_model_driver_name(enum pcpmm_model_driver driver);

enum pcpmm_model_verdict {
	PCPMM_MODEL_EXHAUSTED, /* every schedule has been run, and none fails */
	PCPMM_MODEL_CLEAN, /* the executions asked for have been run, none fails */
	PCPMM_MODEL_VIOLATION, /* pcpmm_model_fail(), or an invariant of the library */
	PCPMM_MODEL_DEADLOCK, /* no task can go on */
	PCPMM_MODEL_LIVELOCK, /* more than steps_max steps */
	PCPMM_MODEL_BAD_SCHEDULE, /* a schedule that this scene can not follow */
};

PCPMM_API const char *pcpmm_model_verdict_name(
	enum pcpmm_model_verdict verdict);

struct pcpmm_model_options {
	enum pcpmm_model_driver driver;
	uint64_t
		executions_max; /* 0: as many as there are (dfs, dpor), or 10000 */
	uint64_t steps_max; /* of one execution; 0: 10000 */
	uint64_t seed; /* random, pct */
	unsigned int depth; /* pct: 1 to 8, 0: 3 */
	unsigned int preemptions_max; /* dfs: 0 none; UINT_MAX: any number */
	const char *schedule; /* replay */
	/* A failing schedule is run again with fewer switches, as long as it fails. */
	bool shorten;
	/* Now and then. false: stop. May be NULL. */
	bool (*progress)(void *arg, uint64_t executions, uint64_t steps);
	void *progress_arg;
};

/* A step of the execution that failed, or of the one that was replayed. */
struct pcpmm_model_step {
	unsigned int task;
	bool interrupt; /* its handler begins */
	bool switched; /* another task's step was the last one */
	bool shared; /* a step of another task that is here, too, may matter to it */
	const char *operation, *function, *file;
	unsigned int line;
	/*
	 * What is there after it. A pointer: its number, in the order of appearance;
	 * 0: NULL.
	 */
	uint64_t value;
	bool has_value, is_pointer;
};

struct pcpmm_model_result {
	enum pcpmm_model_verdict verdict;
	uint64_t executions; /* complete ones */
	uint64_t
		redundant; /* ended early, as equal to one that was run (dpor) */
	uint64_t steps; /* of all */
	uint64_t longest; /* steps of one */
	uint64_t outcomes; /* different ones */
	uint64_t outcomes_hash; /* of their set: equal sets, equal hashes */
	double seconds;
	char message[512]; /* of a failure */
	char *schedule; /* of a failure or replay; else NULL */
	struct pcpmm_model_step *trace; /* likewise */
	size_t trace_length;
};

/*
 * Explore @scene. 0, or -EINVAL (a scene without run, too many tasks, a bad option:
 * @result->message says which), -ENOMEM. Then pcpmm_model_result_free().
 */
PCPMM_API int pcpmm_model_run(const struct pcpmm_scene *scene,
	const struct pcpmm_model_options *options,
	struct pcpmm_model_result *result);
PCPMM_API void pcpmm_model_result_free(struct pcpmm_model_result *result);

/*
 * The steps as a table, a column a task; without @all, rows of steps that only their own
 * task sees are one line. A malloc()ed string, or NULL: there is no trace, or no memory.
 */
PCPMM_API char *pcpmm_model_result_text(
	const struct pcpmm_model_result *result, bool all);

/*
 * Build the library with a step left out from now on, a mutant: arch/mutant.h. NULL: none.
 * 0, -ENOENT. Outside of pcpmm_model_run().
 */
PCPMM_API int pcpmm_model_mutant(const char *name);
/* Their names, and what each leaves out; NULL beyond the last. */
PCPMM_API const char *pcpmm_model_mutant_name(unsigned int nth);
PCPMM_API const char *pcpmm_model_mutant_about(unsigned int nth);

/* In a scene: this execution fails, with that message. Does not return. */
PCPMM_API void pcpmm_model_fail(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* A word that tasks of a scene share: each call is a step. */
PCPMM_API uint64_t pcpmm_model_load(const uint64_t *word);
PCPMM_API void pcpmm_model_store(uint64_t *word, uint64_t value);
/* Adds; the value before. */
PCPMM_API uint64_t pcpmm_model_add(uint64_t *word, uint64_t value);
/* If *word is @old it becomes @new. The value before. */
PCPMM_API uint64_t pcpmm_model_cmpxchg(
	uint64_t *word, uint64_t old, uint64_t value);
/* Waits until *word is @value. */
PCPMM_API void pcpmm_model_await(const uint64_t *word, uint64_t value);

PCPMM_END_DECLS

#endif
