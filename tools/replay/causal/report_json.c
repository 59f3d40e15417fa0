/* SPDX-License-Identifier: MIT */
/* The prediction for programs; the keys are stable. */
#include "report.h"

/* A ratio and what it is of: null where nothing was scored. */
static void add(json_t *object, const char *key, double value, uint64_t n)
{
	char of[80];

	snprintf(of, sizeof(of), "%s_n", key);
	json_object_set_new(object, key, n ? json_real(value) : json_null());
	json_object_set_new(object, of, json_integer((json_int_t)n));
}

static void add_rate(
	json_t *object, const char *key, const struct causal_rate *rate)
{
	add(object, key, rate->n ? (double)rate->right / (double)rate->n : 0,
		rate->n);
}

/* A size is right as far as pages are: 1 - sum |recorded - simulated| / recorded. */
static void add_calls(
	json_t *object, const char *name, const struct causal_calls *calls)
{
	double n = calls->recorded ? (double)calls->recorded : 1;
	double off = calls->pages
			     ? (double)calls->off_pages / (double)calls->pages
			     : 0;
	char key[64];

	snprintf(key, sizeof(key), "%s_predicted", name);
	add(object, key, (double)calls->predicted / n, calls->recorded);
	snprintf(key, sizeof(key), "%s_false", name);
	add(object, key, (double)calls->falsely / n, calls->recorded);
	snprintf(key, sizeof(key), "%s_size", name);
	add(object, key, off < 1 ? 1 - off : 0, calls->pages);
	snprintf(key, sizeof(key), "%s_false_calls", name);
	json_object_set_new(
		object, key, json_integer((json_int_t)calls->falsely));
}

static json_t *adjusted(const struct causal_adjusted *from)
{
	json_t *object = json_object();

#define X(key, text)                                                           \
	json_object_set_new(object, #key, json_integer((json_int_t)from->key));
	CAUSAL_ADJUSTED(X)
#undef X
	return object;
}

static json_t *unknown(const struct causal_unknown *from)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "lists",
		(json_int_t)from->lists, "slots", (json_int_t)from->slots,
		"states", (json_int_t)from->states, "allocations",
		(json_int_t)from->allocations, "frees", (json_int_t)from->frees,
		"refills", (json_int_t)from->refills, "spills",
		(json_int_t)from->spills);
}

static json_t *run(const struct causal_run *run, const struct causal_rate *list)
{
	json_t *object = json_object();

	add_calls(object, "refill", &run->score.refill);
	add_calls(object, "spill", &run->score.spill);
	add_rate(object, "list_of_free", list);
	add_rate(object, "zone", &run->score.zone);
	add_rate(object, "pfn_alloc", &run->score.pfn_alloc);
	add_rate(object, "pfn_spill", &run->score.pfn_spill);
	add_rate(object, "pfn_refill", &run->score.pfn_refill);
	json_object_set_new(object, "adjusted", adjusted(&run->adjusted));
	json_object_set_new(object, "unknown", unknown(&run->unknown));
	json_object_set_new(object, "refused_frees",
		json_integer((json_int_t)run->refused));
	json_object_set_new(object, "skipped_frees",
		json_integer((json_int_t)run->skipped));
	json_object_set_new(object, "valid", json_boolean(!run->broken[0]));
	json_object_set_new(object, "seconds", json_real(run->seconds));
	return object;
}

json_t *causal_report_json(const struct replay_causal *causal)
{
	json_t *object = json_object();

	json_object_set_new(
		object, "closed", run(&causal->closed, &causal->list_of_free));
	json_object_set_new(
		object, "step", run(&causal->step, &causal->list_of_free));
	json_object_set_new(object, "seconds", json_real(causal->seconds));
	return object;
}
