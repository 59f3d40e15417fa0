/* SPDX-License-Identifier: MIT */
/* Run drain_local_pages() on other CPUs by interrupt, and wait for it. */
#ifndef PCPLIST_IPI_H
#define PCPLIST_IPI_H

#include "pcplist/set.h"

struct ipi_drains;

/* Called on a CPU that has drained its lists, interrupts still off. */
typedef void ipi_drained_fn(struct pcp_set *set, struct cpu *cpu);

/*
 * Nodes of all CPUs for all CPUs; memory is touched when it is used. @drained: NULL
 * for nothing. NULL: no memory.
 */
struct ipi_drains *ipi_drains_create(
	struct pcp_set *set, ipi_drained_fn *drained);
void ipi_drains_destroy(struct ipi_drains *drains);

/* Bytes of a node, of which there is one a pair; and of the rest, once. */
size_t ipi_drains_pair(void);
size_t ipi_drains_once(void);

/*
 * The drain_mask of a strategy without mutex: on_each_cpu_mask(drain->mask,
 * drain_local_pages, wait=1) of Linux 3.4. The mask is copied once, for CPUs that
 * are online now; the drainer's own CPU comes after the wait, by a plain call with
 * interrupts off. With drain->only, that CPU alone,
 * online or not. Adds to drain->pages and visited.
 */
void ipi_drain_mask(struct ipi_drains *drains, struct pcp_drain *drain);
/* One CPU, online or not. The caller counts the visit. */
void ipi_drain_cpu(
	struct ipi_drains *drains, struct pcp_drain *drain, unsigned int cpu);

#endif
