/* SPDX-License-Identifier: MIT */
/* How large the trace buffers are where the user does not say. */
#ifndef RECORD_BUFFERS_H
#define RECORD_BUFFERS_H

/* KiB for each of @cpus, from the memory that is available. */
long record_buffer_kb(long cpus);

/* The rule: an eighth of @available_kb, 1 to 128 MiB for a CPU. */
long record_buffer_rule(long available_kb, long cpus);

#endif
