/* SPDX-License-Identifier: MIT */
/*
 * Explain a real machine: compute the values that its kernel must have computed
 * from a dump's inputs alone (zone sizes, CPUs, nodes, sysctls), and put the
 * printed values beside them. A dump may lack three inputs: min_free_kbytes
 * (without sysctls), whether a CPU came online last, and whether kswapd was
 * awake. The prediction then takes the input that fits best, and says so;
 * options set the first two instead.
 */
#ifndef PCPMM_PREDICT_H
#define PCPMM_PREDICT_H

#include <pcpmm/dump.h>

PCPMM_BEGIN_DECLS

/* Which kernel's formulas. */
enum pcpmm_era {
	PCPMM_ERA_LINUX_3_4, /* "linux-3.4": up to 4.5 */
	PCPMM_ERA_LINUX_4_11, /* "linux-4.11": 4.6 to 4.16 */
	PCPMM_ERA_LINUX_5_4, /* "linux-5.4": 4.19 to 5.6 */
	PCPMM_ERA_LINUX_6_1, /* "linux-6.1": 5.14 to 6.5 */
	PCPMM_ERA_LINUX_6_12, /* "linux-6.12": 6.7 to 6.17 */
	PCPMM_ERA_LINUX_4_18, /* "linux-4.18": 4.17 and 4.18 */
	PCPMM_ERA_LINUX_5_10, /* "linux-5.10": 5.7 to 5.13 */
	PCPMM_ERA_LINUX_6_6, /* "linux-6.6": 6.6 */
	PCPMM_ERA_LINUX_6_18, /* "linux-6.18": 6.18 and later, 7.3 as well */
	PCPMM_NR_ERAS
};

/* Era by its name, or by that of a preset of the same era; -ENOENT. */
PCPMM_API int pcpmm_era_by_name(const char *name, enum pcpmm_era *era);
/* Name of an era; NULL when out of range. */
PCPMM_API const char *pcpmm_era_name(unsigned int era);

/*
 * Era for a dump: of the version that its uname tells (PCPMM_DUMP_UNAME), or of the
 * kernel whose counters it has. Else linux-6.1, unless lines that only other kernels
 * print rule it out; then, of the eras left, the one whose predictions match most.
 * @why (of @size bytes) gets the reason, "" if 6.1 stands for want of another.
 */
PCPMM_API enum pcpmm_era pcpmm_era_of_dump(
	const struct pcpmm_dump *dump, char *why, size_t size);

/*
 * Can the dump be of a kernel of @era? false: @why (of @size bytes) has what tells
 * against it. A prediction with that era is possible all the same.
 */
PCPMM_API bool pcpmm_era_fits(const struct pcpmm_dump *dump,
	enum pcpmm_era era, char *why, size_t size);

/* How boot computed min_free_kbytes; used if no sysctl file has it. */
enum pcpmm_predict_thp {
	PCPMM_PREDICT_THP_AUTO, /* the path whose min marks fit best */
	PCPMM_PREDICT_THP_ALWAYS,
	PCPMM_PREDICT_THP_NEVER
};

/*
 * When a CPU comes online, the lists of all *other* nodes are sized for one CPU
 * too many, until the next recalculation. A dump does not say if that happened.
 */
enum pcpmm_predict_history {
	PCPMM_PREDICT_HISTORY_AUTO, /* what fits most printed highs */
	PCPMM_PREDICT_HISTORY_NONE, /* all lists were recalculated since */
	PCPMM_PREDICT_HISTORY_ONLINED /* onlined_cpu came online last */
};

/* The defaults are all zero, with size set. */
struct pcpmm_predict_options {
	size_t size; /* sizeof(struct pcpmm_predict_options) of the caller */
	enum pcpmm_predict_thp thp;
	enum pcpmm_predict_history history;
	unsigned int onlined_cpu;
	/*
	 * Size of a page: a power of two from 4 to 64; 0: 4, or 16 or 64 if
	 * batches, thresholds and min marks fit that better.
	 */
	unsigned int page_kbytes;
};

struct pcpmm_prediction;

/* One value, beside the formula that gave it. */
struct pcpmm_prediction_row {
	unsigned int nid;
	const char *zone; /* "DMA32" */
	const char *field; /* "min", "protection[2]", "pcp_high", ... */
	int cpu; /* -1: of the zone, or the same on all CPUs */
	bool matched;
	int64_t actual;
	int64_t predicted;
	int64_t predicted_max; /* >= predicted: any value between matches */
	const char *formula; /* with its numbers */
	const char *note; /* what may explain a difference; "" */
};

/* NULL with @error (may be NULL) if the dump lacks what @era needs. */
PCPMM_API struct pcpmm_prediction *pcpmm_predict(const struct pcpmm_dump *dump,
	enum pcpmm_era era, const struct pcpmm_predict_options *options,
	struct pcpmm_error *error);
PCPMM_API void pcpmm_prediction_free(struct pcpmm_prediction *prediction);

/* Number of rows, number of matched rows, a row; NULL when out of range. */
PCPMM_API unsigned int pcpmm_prediction_checked(
	const struct pcpmm_prediction *prediction);
PCPMM_API unsigned int pcpmm_prediction_matched(
	const struct pcpmm_prediction *prediction);
PCPMM_API const struct pcpmm_prediction_row *pcpmm_prediction_row(
	const struct pcpmm_prediction *prediction, unsigned int index);

/* The min_free_kbytes that was used, and a text that says its origin. */
PCPMM_API uint64_t pcpmm_prediction_min_free_kbytes(
	const struct pcpmm_prediction *prediction);
PCPMM_API const char *pcpmm_prediction_min_free_origin(
	const struct pcpmm_prediction *prediction);

/* The size of a page that was used, and a text that says its origin. */
PCPMM_API unsigned int pcpmm_prediction_page_kbytes(
	const struct pcpmm_prediction *prediction);
PCPMM_API const char *pcpmm_prediction_page_origin(
	const struct pcpmm_prediction *prediction);

/* What was assumed about CPU hotplug, as text; "" if nothing. */
PCPMM_API const char *pcpmm_prediction_history(
	const struct pcpmm_prediction *prediction);

PCPMM_END_DECLS

#endif
