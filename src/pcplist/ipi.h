/* SPDX-License-Identifier: MIT */
/* drain_local_pages on other CPUs, by interrupt, and wait for it. */
#ifndef PCPLIST_IPI_H
#define PCPLIST_IPI_H

#include "pcplist/set.h"

struct ipi_drains;

/* Nodes of all CPUs for all CPUs; memory is touched as it is used. */
struct ipi_drains *ipi_drains_create(struct pcp_set *set);
void ipi_drains_destroy(struct ipi_drains *drains);

/*
 * on_each_cpu_mask(@mask, drain_local_pages, wait=1): of CPUs online now; the
 * own one by a plain call with irqs off. Adds to drain->pages and visited.
 */
void ipi_drain_mask(struct ipi_drains *drains, struct pcp_drain *drain,
	const uint64_t *mask);
/* The same for one CPU, online or not. */
void ipi_drain_cpu(
	struct ipi_drains *drains, struct pcp_drain *drain, unsigned int cpu);

#endif
