/* SPDX-License-Identifier: MIT */
/*
 * threads/this_cpu_ops.h - single accesses to a CPU's own data: plain ones, on
 * every instruction set
 */
#ifndef ARCH_THREADS_THIS_CPU_OPS_H
#define ARCH_THREADS_THIS_CPU_OPS_H

static inline int8_t this_cpu_read_s8(const int8_t *p)
{
	return *p;
}

static inline int32_t this_cpu_read_s32(const int32_t *p)
{
	return *p;
}

static inline void this_cpu_write_s8(int8_t *p, int8_t v)
{
	*p = v;
}

static inline void this_cpu_write_s32(int32_t *p, int32_t v)
{
	*p = v;
}

#endif
