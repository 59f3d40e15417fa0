/* SPDX-License-Identifier: MIT */
/*
 * The tools of a story: a timeline with narration, claims that must hold at the
 * end, and scenes, which are small machines with pages in the right places.
 * Uses include/pcpmm only.
 *
 * A story returns story_verdict(). If a scene can not be set up (no memory, no
 * thread), story_give_up() ends the program.
 */
#ifndef STORIES_STORY_H
#define STORIES_STORY_H

#include <pcpmm/pcpmm.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define STORY_CLAIMS_MAX 64
#define STORY_NOBODY (-1) /* narration that belongs to no CPU */
#define STORY_SKIP 77 /* exit status: this host can not play it */

/* A wait longer than this counts as endless. */
#define STORY_STARVED_MS 300
/* Limit of a wait that must end: a longer one is a bug of the library. */
#define STORY_PATIENCE_MS 60000

struct story {
	const char *name;
	bool quiet; /* no timeline, the verdict only */
	uint64_t seed; /* of stories that draw random numbers; not 0 */
	struct story_claims *claims;
	struct story_columns *columns; /* acts side by side; NULL: in turn */
	uint64_t start_ns;
};

struct story_row {
	const char *name;
	const char *summary; /* one line */
	int (*tell)(struct story *story); /* 0, or 1: a claim failed */
	/* Its acts are one scene under several designs. */
	bool side_by_side;
};
/* Ends with a NULL name. */
extern const struct story_row story_table[];

/* Play one; 0, or 1: a claim failed. @in_turn: acts one after the other. */
int story_play(
	const struct story_row *row, bool quiet, bool in_turn, uint64_t seed);

/* --- timeline.c ------------------------------------------------------- */

/* "[  12.345 ms] cpu 3  TEXT"; any thread. */
void story_say(struct story *story, int cpu, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A line of a text that a program or a kernel prints, as it is. */
void story_quote(struct story *story, const char *line);

/* A heading between two parts of a story. */
void story_act(struct story *story, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One line of the verdict. The story's own thread only. Returns @holds. */
bool story_claim(struct story *story, bool holds, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Print all claims; 0 if there are some and all hold, else 1. */
int story_verdict(struct story *story);

/* Print the reason to stderr and end the program with @status. */
void story_give_up(struct story *story, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4), noreturn));

/* --- scene.c ---------------------------------------------------------- */

/* A machine in few words; a member that is 0 has the default named here. */
struct scene {
	enum pcpmm_preset preset; /* linux-6.1 */
	unsigned int cpus;
	unsigned int nodes; /* 1; all have the same zones */
	uint64_t pages[PCPMM_NR_ZONES]; /* of a node */
	enum pcpmm_drain drain; /* instead of the preset's */
	enum pcpmm_boot boot;
	bool allow_unsound;
	unsigned int offline_from; /* CPUs from this one on are offline; none */
	unsigned int nohz_full; /* this CPU is isolated; none */
	int64_t min_free_kbytes; /* computed */
	void (*adjust)(struct pcpmm_config *config); /* other changes; none */
};

/* Frame where the first zone starts: aligned to the largest block. */
#define SCENE_START_PFN 1024

struct pcpmm_machine *scene_build(
	struct story *story, const struct scene *scene);
/* The same for a machine that may be refused: NULL, errno and @error. */
struct pcpmm_machine *scene_try(
	const struct scene *scene, struct pcpmm_error *error);

/* A machine of 64 MB and four CPUs, those from @offline_from on offline, and an
 * act named after @kind, sound or not: for the kthread strategies, which take
 * their stacks from the zone's own pages. */
struct pcpmm_machine *scene_build_kthread(
	struct story *story, enum pcpmm_drain kind, unsigned int offline_from);

/* Stop the shepherd, claim that all pages are back and all counts are right,
 * destroy the machine. @which: the machine's name in the verdict. */
void scene_end(
	struct story *story, struct pcpmm_machine *machine, const char *which);

/* Become CPU @id, and stop being it. */
struct pcpmm_cpu *scene_enter(
	struct story *story, struct pcpmm_machine *machine, unsigned int id);
void scene_leave(struct story *story, struct pcpmm_cpu *cpu);

/* Allocate an order 0 page, or give up. */
struct pcpmm_page *scene_alloc(
	struct story *story, struct pcpmm_cpu *cpu, uint32_t gfp);

/* Allocate one page and free it: the list of @cpu then has a refill's pages. */
void scene_stock(struct story *story, struct pcpmm_cpu *cpu, uint32_t gfp);
/* The same on CPU @id, which no thread has entered. */
void scene_stock_cpu(struct story *story, struct pcpmm_machine *machine,
	unsigned int id, uint32_t gfp);

/* Pages on CPU @id's list of a zone; not while that CPU runs the library. */
int scene_listed(
	struct pcpmm_machine *machine, unsigned int id, unsigned int zone_type);

/* Exact counts of a zone; zeroes if there is no such zone. */
struct pcpmm_zone_truth scene_truth(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type);

struct pcpmm_drain_stats scene_stats(const struct pcpmm_machine *machine);

/* Number of interruptions of CPU @id's tasks, all causes. */
uint64_t scene_interruptions(struct pcpmm_machine *machine, unsigned int id);
/* Wait until at least @nr are counted, at most @limit_ms: a CPU counts an
 * interruption after the interrupt's function has returned, and by then a
 * drainer that waits for that function may have gone on. */
void scene_wait_interruptions(struct pcpmm_machine *machine, unsigned int id,
	uint64_t nr, unsigned int limit_ms);

/* A line of /proc/vmstat. */
uint64_t scene_counter(struct pcpmm_machine *machine, const char *name);
/* Wait until it has @value; false: not within @limit_ms. */
bool scene_wait_counter(struct pcpmm_machine *machine, const char *name,
	uint64_t value, unsigned int limit_ms);
/* A change of a counter of node @nid, by code outside the allocator. */
void scene_change(struct story *story, struct pcpmm_cpu *cpu, unsigned int nid,
	const char *name, long delta);
/* The same on CPU @id, which no thread has entered. */
void scene_change_cpu(struct story *story, struct pcpmm_machine *machine,
	unsigned int id, const char *name, long delta);

/* Wait until idle CPU @id has run @nr work items (shepherd's), or give up. */
void scene_wait_works(struct story *story, struct pcpmm_machine *machine,
	unsigned int id, uint64_t nr);

/* Wait until @nr work items have found changes and started their timers. */
void scene_wait_requeues(
	struct story *story, struct pcpmm_machine *machine, uint64_t nr);

struct pcpmm_fold_stats scene_folds(const struct pcpmm_machine *machine);

/* A thread for CPU @id. */
struct pcpmm_cpu_thread *scene_run(struct story *story,
	struct pcpmm_machine *machine, unsigned int id,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg);

/* Of a loop that waits for another thread. */
void scene_pause(void);
/* Wait until @flag is set; false: not within @limit_ms. */
bool scene_wait(const atomic_bool *flag, unsigned int limit_ms);
/* Wait until @flag is set, or give up. */
void scene_expect(
	struct story *story, const atomic_bool *flag, const char *what);

/*
 * A task that spins in user mode: it calls no function of the library. A
 * real-time task is FIFO. The caller fills the members before the empty line
 * and leaves the rest zero.
 */
struct scene_spinner {
	struct story *story;
	struct pcpmm_machine *machine;
	unsigned int id; /* its CPU */
	unsigned int fifo; /* priority; 0: a normal task */
	/* What it does in the kernel before it spins; NULL: nothing. */
	void (*before)(struct story *story, struct pcpmm_cpu *cpu);

	struct pcpmm_cpu_thread *thread;
	atomic_bool ready, stop;
};
/* A nohz_full CPU's tick has stopped then, and its interruptions are 0. */
void scene_spin(struct scene_spinner *spinner);
void scene_spin_end(struct scene_spinner *spinner);

/* Held blocks; the block taken last is freed first. All zero at first. */
struct scene_hoard {
	struct scene_block {
		struct pcpmm_page *page;
		unsigned int order;
	} * blocks;
	unsigned int nr, room;
};

/* Allocate one more block; NULL: none. */
struct pcpmm_page *scene_hoard_take(struct story *story, struct pcpmm_cpu *cpu,
	struct scene_hoard *hoard, uint32_t gfp, unsigned int order);

/* Allocate all pages that @cpu can get, until the zone is at its min mark; may
 * be called again after pages came back. */
void scene_hoard(
	struct story *story, struct pcpmm_cpu *cpu, struct scene_hoard *hoard);
/* Free the @nr blocks that were hoarded last, on @cpu. Returns blocks freed. */
unsigned int scene_unhoard(
	struct pcpmm_cpu *cpu, struct scene_hoard *hoard, unsigned int nr);
/* Free all blocks, and the array. */
void scene_hoard_end(struct pcpmm_cpu *cpu, struct scene_hoard *hoard);

#endif
