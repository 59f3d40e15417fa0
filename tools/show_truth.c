/* SPDX-License-Identifier: MIT */
/* The table of `pcpmm show truth`. */
#include "show_truth.h"

#include <pcpmm/machine.h>
#include <pcpmm/vmstat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The numbers of a zone, in order, after the columns node and zone. */
static const char *const headings[] = {"managed", "free", "counter", "snapshot",
	"pcp", "held", "min", "low", "high", "drift", "threshold", "largest",
	"merged", "breaches"};

#define NR_COLUMNS (sizeof(headings) / sizeof(headings[0]))

struct row {
	unsigned int nid, zone_type; /* without the instance */
	int64_t columns[NR_COLUMNS];
};

/* false: there is no such zone. */
static bool read_row(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, unsigned int instance, struct row *row)
{
	unsigned int zone = PCPMM_ZONE_INSTANCE(zone_type, instance);
	struct pcpmm_zone_stranding stranding;
	struct pcpmm_zone_truth truth;

	if (pcpmm_zone_truth_read(machine, nid, zone, &truth) ||
		pcpmm_zone_stranding_read(machine, nid, zone, &stranding))
		return false;
	*row = (struct row){
		.nid = nid,
		.zone_type = zone_type,
		.columns = {(int64_t)truth.managed, (int64_t)truth.free,
			truth.nr_free_pages, truth.snapshot, (int64_t)truth.pcp,
			(int64_t)truth.held, (int64_t)truth.min,
			(int64_t)truth.low, (int64_t)truth.high,
			(int64_t)truth.drift_mark, truth.stat_threshold,
			stranding.largest_free, stranding.largest_merged,
			(int64_t)truth.breaches},
	};
	return true;
}

static int width_of(const struct row *rows, unsigned int nr, size_t column)
{
	int width = (int)strlen(headings[column]);

	for (unsigned int i = 0; i < nr; i++) {
		int length =
			snprintf(NULL, 0, "%" PRId64, rows[i].columns[column]);

		width = length > width ? length : width;
	}
	return width;
}

static void print_rows(const struct row *rows, unsigned int nr, FILE *out)
{
	int widths[NR_COLUMNS];

	fputs("node    zone", out);
	for (size_t c = 0; c < NR_COLUMNS; c++) {
		widths[c] = width_of(rows, nr, c);
		fprintf(out, " %*s", widths[c], headings[c]);
	}
	fputc('\n', out);
	for (unsigned int i = 0; i < nr; i++) {
		fprintf(out, "%4u %7s", rows[i].nid,
			pcpmm_zone_name(rows[i].zone_type));
		for (size_t c = 0; c < NR_COLUMNS; c++)
			fprintf(out, " %*" PRId64, widths[c],
				rows[i].columns[c]);
		fputc('\n', out);
	}
}

/* Instances of a type have a row each, in order. */
static unsigned int read_type(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, struct row *rows)
{
	unsigned int nr = 0;

	while (read_row(machine, nid, zone_type, nr, &rows[nr]))
		nr++;
	return nr;
}

int show_truth(struct pcpmm_machine *machine, FILE *out)
{
	unsigned int nodes = pcpmm_nr_nodes(machine), nr = 0;
	struct row *rows = calloc(
		(size_t)nodes * PCPMM_NR_ZONES * PCPMM_ZONE_INSTANCES_MAX,
		sizeof(struct row));

	if (!rows)
		return -ENOMEM;
	for (unsigned int nid = 0; nid < nodes; nid++)
		for (unsigned int type = 0; type < PCPMM_NR_ZONES; type++)
			nr += read_type(machine, nid, type, &rows[nr]);
	print_rows(rows, nr, out);
	free(rows);
	return ferror(out) ? -EIO : 0;
}
