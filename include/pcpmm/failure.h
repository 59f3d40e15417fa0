/* SPDX-License-Identifier: MIT */
/*
 * A request that fails: who is told, and what the kernel would print about it
 * (warn_alloc() and show_free_areas()).
 *
 * docs/failure-report.md explains a report line by line.
 */
#ifndef PCPMM_FAILURE_H
#define PCPMM_FAILURE_H

#include <pcpmm/types.h>
#include <stdbool.h>
#include <stdio.h>

PCPMM_BEGIN_DECLS

/* A request for which there is no page. Members that are 0 have defaults. */
struct pcpmm_alloc_failure {
	uint32_t gfp;
	unsigned int order; /* 0..PCPMM_ORDER_MAX */
	uint64_t nodemask; /* bit n: node n may serve it; 0: every node */
	const char *comm; /* name of the task; NULL: "pcpmm" */
	/* Filled in by the library for the function of pcpmm_alloc_failed_set(). */
	uint64_t suppressed; /* failures left out because of the limit */
	bool in_interrupt;
};

/* --- the report ----------------------------------------------------------- */

/*
 * The kernels whose text differs. A layout is that of the named kernel; comments
 * name others that print the same.
 */
enum pcpmm_report_layout {
	PCPMM_REPORT_PRESET, /* "preset": of the machine's axis layout */
	PCPMM_REPORT_2_6_36, /* "2.6.36": to 2.6.39; lines of per-CPU lists */
	PCPMM_REPORT_4_4, /* "4.4": 4.4 and 4.5; 4.2 but for its gfp bits */
	PCPMM_REPORT_4_19, /* "4.19": LRU counts by node */
	PCPMM_REPORT_5_10, /* "5.10" */
	PCPMM_REPORT_6_1, /* "6.1": boost */
	PCPMM_REPORT_6_12, /* "6.12" */
	PCPMM_REPORT_7_3, /* "7.3" */
	PCPMM_NR_REPORTS
};

/* Names of the layouts in the order of the enum, NULL-terminated. Any thread. */
PCPMM_API const char *const *pcpmm_report_names(void);
/* Layout by name; -ENOENT if there is none. Any thread. */
PCPMM_API int pcpmm_report_by_name(
	const char *name, enum pcpmm_report_layout *layout);

/*
 * Print the report of @failure as the kernel of @layout would on @cpu now, but
 * for the stack dump. It is printed also for a request with __GFP_NOWARN, and if
 * the request would succeed. Counts of other CPUs are read racily, and zones
 * after each other; each zone's free blocks are counted under its lock.
 *
 * Only by the thread that is on @cpu. 0; -EPERM (another thread), -EINVAL (no
 * such layout, order or gfp; pcpmm_last_error() says which), -EIO.
 */
PCPMM_API int pcpmm_alloc_report_print(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure,
	enum pcpmm_report_layout layout, FILE *out);

/* --- who is told ----------------------------------------------------------- */

/*
 * Called when a request gets no page, as the task or the interrupt on @cpu that
 * asked for it and with no lock held, just before it gets NULL. @failure is valid
 * during the call. The function may call the library; requests of this CPU that
 * fail meanwhile are not told.
 *
 * In an interrupt, which with PCPMM_IPI_SIGNAL is a signal handler, it must not
 * use stdio, so neither pcpmm_alloc_report_print().
 */
typedef void pcpmm_alloc_failed_fn(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure, void *arg);

/* The kernel's limit: one report in ten seconds. */
#define PCPMM_ALLOC_FAILED_BURST 1
#define PCPMM_ALLOC_FAILED_INTERVAL_MS 10000
#define PCPMM_ALLOC_FAILED_BURST_MAX 0xfffff

/*
 * Set it; NULL: nobody is told (default). At most @burst failures of the machine
 * are told in @interval_ms, which begins with the first one told; @interval_ms 0:
 * all of them. Like the kernel's report it leaves out requests with
 * __GFP_NOWARN, and those with __GFP_DMA on a machine without zone DMA.
 *
 * At rest only. 0, or -EINVAL: @burst is 0 or above PCPMM_ALLOC_FAILED_BURST_MAX.
 */
PCPMM_API int pcpmm_alloc_failed_set(struct pcpmm_machine *machine,
	pcpmm_alloc_failed_fn *fn, void *arg, unsigned int burst,
	unsigned int interval_ms);

PCPMM_END_DECLS

#endif
