/* SPDX-License-Identifier: MIT */
/* Where the instances of a zone type begin and end. */
#include "zone/instance.h"

#include "arch/bits.h"
#include "zone/zone.h"

#define BLOCK (1UL << ORDER_MAX)

static uint64_t end_of(const struct pcpmm_zone_config *zone)
{
	return zone->start_pfn + zone->spanned_pages;
}

static uint64_t first_managed(const struct pcpmm_zone_config *zone)
{
	return end_of(zone) - zone->managed_pages;
}

unsigned int instances_of(
	const struct pcpmm_config *config, unsigned int nid, unsigned int type)
{
	if (type != PCPMM_ZONE_NORMAL && type != PCPMM_ZONE_MOVABLE)
		return 1;
	return config->nodes[nid].zones[type].managed_pages
		       ? config->zone_instances
		       : 1;
}

uint64_t instances_max(const struct pcpmm_zone_config *zone)
{
	uint64_t head = round_up_pow2(first_managed(zone), BLOCK);
	uint64_t tail = round_down_pow2(end_of(zone), BLOCK);

	return head < tail ? (tail - head) >> ORDER_MAX : 0;
}

static uint64_t cut(
	const struct pcpmm_zone_config *zone, unsigned int nr, unsigned int k)
{
	if (!k)
		return zone->start_pfn;
	if (k == nr)
		return end_of(zone);
	return round_up_pow2(first_managed(zone), BLOCK) +
	       BLOCK * (instances_max(zone) * k / nr);
}

struct pcpmm_zone_config instance_of(
	const struct pcpmm_zone_config *zone, unsigned int nr, unsigned int k)
{
	uint64_t start = cut(zone, nr, k), end = cut(zone, nr, k + 1);
	uint64_t holes = zone->spanned_pages - zone->present_pages;

	return (struct pcpmm_zone_config){
		.start_pfn = start,
		.spanned_pages = end - start,
		.present_pages = end - start - (k ? 0 : holes),
		.managed_pages = end - MAX(start, first_managed(zone)),
	};
}

const char *instance_text(const struct zone *zone)
{
	static const char *const texts[] = {" (instance 0)", " (instance 1)",
		" (instance 2)", " (instance 3)", " (instance 4)",
		" (instance 5)", " (instance 6)", " (instance 7)"};

	_Static_assert(ARRAY_SIZE(texts) == PCPMM_ZONE_INSTANCES_MAX, "all");
	return zone->sibling || zone->instance ? texts[zone->instance] : "";
}
