/* SPDX-License-Identifier: MIT */
/* See scene.h. */
#include "scene.h"

#include <inttypes.h>

#include "../arena/host.h"
#include "../arena/text.h"

void scene_text(const struct arena_settings *settings, FILE *out)
{
	fprintf(out, "# %u CPUs, victims %s, fill %u pages, ", settings->cpus,
		arena_role_name(settings->victim), settings->fill_pages);
	if (settings->rate_hz > 0)
		fprintf(out, "%g drains/s, ", settings->rate_hz);
	else
		fputs("drains without a pause, ", out);
	fprintf(out,
		"bound %" PRIu64 " ms, ipi %s, rcu %s %s, ipi_mask_lock %s, "
		"spill_hold %s\n",
		settings->bound_ns / 1000000, pcpmm_ipi_name(settings->ipi),
		pcpmm_rcu_name(settings->rcu),
		pcpmm_grace_name(settings->grace),
		pcpmm_ipi_mask_lock_name(settings->ipi_mask_lock),
		pcpmm_spill_hold_name(settings->spill_hold));
	if (settings->starvation != PCPMM_STARVATION_NONE)
		fprintf(out, "# starvation %s, in real time\n",
			pcpmm_axis_values("starvation")[settings->starvation]);
	if (settings->foreign_nr)
		fprintf(out,
			"# %u foreign work items of %g ms on each victim "
			"before each drain\n",
			settings->foreign_nr, settings->foreign_ms);
	text_crowd(settings, out);
}

json_t *scene_json(const struct arena_settings *settings)
{
	return json_pack(
		"{s:s,s:i,s:i,s:s,s:i,s:f,s:f,s:I,s:s,s:s,s:s,s:s,s:s,s:s,"
		"s:f,s:i}",
		"version", PCPMM_VERSION, "cpus", (int)settings->cpus,
		"host_cpus", (int)arena_host_cpus(), "victim",
		arena_role_name(settings->victim), "fill_pages",
		(int)settings->fill_pages, "rate", settings->rate_hz, "seconds",
		settings->seconds, "bound_ms",
		(json_int_t)(settings->bound_ns / 1000000), "ipi",
		pcpmm_ipi_name(settings->ipi), "rcu",
		pcpmm_rcu_name(settings->rcu), "grace",
		pcpmm_grace_name(settings->grace), "ipi_mask_lock",
		pcpmm_ipi_mask_lock_name(settings->ipi_mask_lock), "spill_hold",
		pcpmm_spill_hold_name(settings->spill_hold), "starvation",
		pcpmm_axis_values("starvation")[settings->starvation],
		"foreign_ms", settings->foreign_ms, "foreign_works",
		(int)settings->foreign_nr);
}
