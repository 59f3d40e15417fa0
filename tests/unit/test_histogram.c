/* SPDX-License-Identifier: MIT */
/* The histogram: buckets and their bounds, quantiles, extremes. */
#include "support/harness.h"

#define VALUES 20000
#define PRECISION 32 /* a bucket is at most 1/32 of its values wide */

/* Bucket of a value: the one that is not 0. */
static unsigned int bucket_of(uint64_t ns)
{
	static struct pcpmm_histogram histogram;
	unsigned int found = PCPMM_HISTOGRAM_BUCKETS;

	memset(&histogram, 0, sizeof(histogram));
	pcpmm_histogram_add(&histogram, ns);
	for (unsigned int i = 0; i < PCPMM_HISTOGRAM_BUCKETS; i++) {
		if (!histogram.bucket[i])
			continue;
		assert_int_equal(histogram.bucket[i], 1);
		assert_int_equal(found, PCPMM_HISTOGRAM_BUCKETS);
		found = i;
	}
	return found;
}

/* Each bucket begins at the end of the one before, and is narrow. */
static void test_floor_and_bucket_are_inverse(void **state)
{
	uint64_t max = 1ULL << PCPMM_HISTOGRAM_MAX_BITS;

	(void)state;
	assert_int_equal(pcpmm_histogram_floor(0), 0);
	for (unsigned int i = 0; i < PCPMM_HISTOGRAM_BUCKETS; i++) {
		uint64_t first = pcpmm_histogram_floor(i);
		uint64_t next = pcpmm_histogram_floor(i + 1);

		assert_true(first < next);
		assert_int_equal(bucket_of(first), i);
		assert_int_equal(bucket_of(next - 1), i);
		if (i < PRECISION)
			assert_int_equal(next - first, 1);
		else
			assert_true((next - first) * PRECISION <= first);
	}
	assert_int_equal(pcpmm_histogram_floor(PCPMM_HISTOGRAM_BUCKETS), max);
	assert_int_equal(bucket_of(max), PCPMM_HISTOGRAM_BUCKETS - 1);
	assert_int_equal(bucket_of(UINT64_MAX), PCPMM_HISTOGRAM_BUCKETS - 1);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* All magnitudes are equally probable. */
static uint64_t random_value(struct rng *rng)
{
	unsigned int bits = 1 + rng_below(rng, PCPMM_HISTOGRAM_MAX_BITS - 1);

	return rng_next(rng) >> (64 - bits);
}

static void test_quantiles_of_a_sorted_array(void **state)
{
	static const double quantiles[] = {1e-9, 0.001, 0.01, 0.1, 0.25, 0.5,
		0.75, 0.9, 0.99, 0.999, 0.9999};
	static struct pcpmm_histogram histogram;
	static uint64_t value[VALUES];
	struct rng rng = {test_seed()};
	uint64_t sum = 0, counted = 0;

	(void)state;
	memset(&histogram, 0, sizeof(histogram));
	for (unsigned int i = 0; i < VALUES; i++) {
		value[i] = random_value(&rng);
		sum += value[i];
		pcpmm_histogram_add(&histogram, value[i]);
	}
	qsort(value, VALUES, sizeof(value[0]), compare);
	for (size_t i = 0; i < HARNESS_COUNT(quantiles); i++) {
		double below = quantiles[i] * VALUES;
		size_t whole = (size_t)below; /* values that may lie below */
		uint64_t want =
			value[(double)whole < below ? whole : whole - 1];
		uint64_t got =
			pcpmm_histogram_quantile(&histogram, quantiles[i]);

		assert_true(got >= want);
		assert_true(got - want <= want / PRECISION);
	}
	assert_int_equal(pcpmm_histogram_quantile(&histogram, 0), value[0]);
	assert_int_equal(
		pcpmm_histogram_quantile(&histogram, 1), value[VALUES - 1]);
	assert_int_equal(histogram.count, VALUES);
	assert_int_equal(histogram.sum, sum);
	assert_int_equal(histogram.min, value[0]);
	assert_int_equal(histogram.max, value[VALUES - 1]);
	for (unsigned int i = 0; i < PCPMM_HISTOGRAM_BUCKETS; i++)
		counted += histogram.bucket[i];
	assert_int_equal(counted, VALUES);
}

static void test_few_values(void **state)
{
	static const uint64_t values[] = {
		0, 1, 31, 32, 33, 1000000007, (1ULL << 40) - 1};
	static struct pcpmm_histogram histogram;

	(void)state;
	memset(&histogram, 0, sizeof(histogram));
	assert_int_equal(pcpmm_histogram_quantile(&histogram, 0.5), 0);
	assert_int_equal(pcpmm_histogram_quantile(&histogram, 1), 0);
	for (size_t i = 0; i < HARNESS_COUNT(values); i++) {
		memset(&histogram, 0, sizeof(histogram));
		pcpmm_histogram_add(&histogram, values[i]);
		assert_int_equal(histogram.min, values[i]);
		assert_int_equal(histogram.max, values[i]);
		for (int q = 0; q <= 4; q++)
			assert_int_equal(
				pcpmm_histogram_quantile(&histogram, q / 4.0),
				values[i]);
	}
	/* A value beyond the last bucket is in the sums only. */
	memset(&histogram, 0, sizeof(histogram));
	pcpmm_histogram_add(&histogram, 7);
	pcpmm_histogram_add(&histogram, 1ULL << 50);
	assert_int_equal(histogram.max, 1ULL << 50);
	assert_int_equal(histogram.sum, 7 + (1ULL << 50));
	assert_int_equal(pcpmm_histogram_quantile(&histogram, 0.5), 7);
	assert_int_equal(pcpmm_histogram_quantile(&histogram, 1), 1ULL << 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_floor_and_bucket_are_inverse),
		cmocka_unit_test(test_quantiles_of_a_sorted_array),
		cmocka_unit_test(test_few_values),
	};

	return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
