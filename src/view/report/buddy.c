/* SPDX-License-Identifier: MIT */
/*
 * A report's line of a zone's free blocks:
 *
 *   Node 0 DMA: 1*4kB (U) 0*8kB ... 3*4096kB (ME) = 12292kB
 *
 * It is the only exact line of a report: the blocks are counted under the zone's
 * lock, and the sum is that of the counts.
 */
#include <inttypes.h>

#include "view/report/report.h"

struct blocks {
	uint64_t nr; /* of all migratetypes */
	bool type[NR_TYPES]; /* some of this one */
};

static void count(
	struct report *report, struct zone *zone, struct blocks *blocks)
{
	struct cpu *cpu = &report->cpu->base;

	zone_lock_irqsave(cpu, zone);
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++) {
			uint64_t nr = zone->free_area[order].list[type].nr;

			blocks[order].nr += nr;
			blocks[order].type[type] = nr != 0;
		}
	zone_unlock_irqrestore(cpu, zone);
}

static enum pcpmm_migratetype type_of(char letter)
{
	switch (letter) {
	case 'U':
		return PCPMM_MIGRATE_UNMOVABLE;
	case 'M':
		return PCPMM_MIGRATE_MOVABLE;
	case 'E':
		return PCPMM_MIGRATE_RECLAIMABLE;
	case 'H':
		return PCPMM_MIGRATE_HIGHATOMIC;
	case 'C':
		return PCPMM_MIGRATE_CMA;
	default:
		return PCPMM_MIGRATE_ISOLATE;
	}
}

static void print_types(struct report *report, const struct blocks *blocks)
{
	fputc('(', report->out);
	for (const char *letter = report->layout->types; *letter; letter++)
		if (blocks->type[type_of(*letter)])
			fputc(*letter, report->out);
	fputs(") ", report->out);
}

void report_print_buddy(struct report *report, struct zone *zone)
{
	struct blocks blocks[NR_ORDERS] = {{0}};
	uint64_t pages = 0;

	count(report, zone, blocks);
	fprintf(report->out, "Node %u %s: ", zone->nid,
		pcpmm_zone_name(zone->type));
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		fprintf(report->out, "%" PRIu64 "*%lukB ", blocks[order].nr,
			(PCPMM_PAGE_SIZE << order) / 1024);
		if (blocks[order].nr && report->layout->types)
			print_types(report, &blocks[order]);
		pages += blocks[order].nr << order;
	}
	fprintf(report->out, "= %" PRIu64 "kB\n",
		pages * (PCPMM_PAGE_SIZE / 1024));
}
