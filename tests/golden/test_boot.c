/* SPDX-License-Identifier: MIT */
/*
 * min_free_kbytes as the recorded 6.1 machines computed it at boot, by each
 * of the three paths, and the watermarks that follow from it; and 5.10 machines,
 * which take the square root once.
 *
 * Boot frees init memory and the initrd only later: 2271 pages in 6.1 and 2106 in
 * 5.10, the same in all recordings, in the zones that contain the kernel image.
 */
#include "tsv.h"
#include "zone/sizing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ZONES_MAX 16

struct machine {
	char name[64];
	unsigned int late; /* pages; 0: not wanted */
	bool once;
	uint64_t min_free_kbytes;
	unsigned int nr, largest;
	struct zone_size_in zones[ZONES_MAX];
};

struct tally {
	unsigned int paths[3], once;
};

static void start(struct machine *machine, const struct tsv *row)
{
	memset(machine, 0, sizeof(*machine));
	snprintf(machine->name, sizeof(machine->name), "%s", row->field[2]);
	machine->once = strcmp(row->field[1], "5.10") == 0;
	if (strcmp(row->field[3], "booted") == 0)
		machine->late = machine->once			    ? 2106
				: strcmp(row->field[1], "6.1") == 0 ? 2271
								    : 0;
	machine->min_free_kbytes = tsv_number(row, 5);
}

static void add_zone(struct machine *machine, const struct tsv *row)
{
	struct zone_size_in *zone = &machine->zones[machine->nr];

	assert_true(machine->nr < ZONES_MAX);
	zone->managed = tsv_number(row, 6);
	zone->populated = true;
	zone->movable = strcmp(row->field[2], "Movable") == 0;
	if (strcmp(row->field[1], "0") == 0 &&
		zone->managed > machine->zones[machine->largest].managed)
		machine->largest = machine->nr;
	machine->nr++;
}

static void finish(struct machine *machine, struct tally *tally)
{
	bool thp = strstr(machine->name, "thpnever") == NULL;
	enum zone_boot_path path;
	uint64_t kbytes;

	if (!machine->late)
		return;
	machine->zones[machine->largest].managed -= machine->late;
	path = zone_boot_path(machine->zones, machine->nr, thp, 4);
	if (machine->once && path == ZONE_BOOT_THP_NEVER)
		path = ZONE_BOOT_SMALL;
	kbytes = zone_boot_min_free_kbytes(
		machine->zones, machine->nr, path, &zone_boot_rules_4k, 10);
	if (kbytes != machine->min_free_kbytes)
		fail_msg("%s: %llu, not %llu kB", machine->name,
			(unsigned long long)machine->min_free_kbytes,
			(unsigned long long)kbytes);
	tally->paths[path]++;
	tally->once += machine->once;
}

static void test_boot_paths(void **state)
{
	static struct machine machine;
	static struct tsv tsv;
	struct tally tally = {.once = 0};

	(void)state;
	assert_true(tsv_open(&tsv, "golden/topologies.tsv"));
	while (tsv_next(&tsv)) {
		if (tsv.field[0][0] == 'T') {
			finish(&machine, &tally);
			start(&machine, &tsv);
		} else {
			add_zone(&machine, &tsv);
		}
	}
	finish(&machine, &tally);
	fclose(tsv.file);
	/* Each path occurs in the recordings. */
	assert_true(tally.paths[ZONE_BOOT_SMALL] >= 2);
	assert_true(tally.paths[ZONE_BOOT_THP_NEVER] >= 2);
	assert_true(tally.paths[ZONE_BOOT_THP] >= 10);
	assert_true(tally.once >= 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
