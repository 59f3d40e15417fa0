/* SPDX-License-Identifier: MIT */
/*
 * model/this_cpu_arch.h - local read-modify-writes: a load and a store, between which
 * other CPUs may write and no interrupt of this CPU comes. That is the least that
 * this_cpu.h promises, and what x86-64 does.
 */
#ifndef ARCH_MODEL_THIS_CPU_ARCH_H
#define ARCH_MODEL_THIS_CPU_ARCH_H

#define THIS_CPU_MASKS_IRQS 0

static inline void this_cpu_add_u64(struct cpu *cpu, uint64_t *p, uint64_t v)
{
	uint64_t old;

	(void)cpu;
	model_point(MODEL_LOAD, p, sizeof(*p), false);
	old = *(volatile uint64_t *)p;
	model_point_masked(MODEL_STORE, p, sizeof(*p), true);
	*(volatile uint64_t *)p = old + v;
}

/* clang-format off */

#define MODEL_LOCAL_OPS(T, type)					\
static inline type							\
this_cpu_xchg_##T(struct cpu *cpu, type *p, type new)			\
{									\
	type old;							\
									\
	(void)cpu;							\
	model_point(MODEL_LOAD, p, sizeof(*p), false);			\
	old = *(volatile type *)p;					\
	model_point_masked(MODEL_STORE, p, sizeof(*p), true);		\
	*(volatile type *)p = new;					\
	return old;							\
}									\
									\
static inline type							\
this_cpu_cmpxchg_##T(struct cpu *cpu, type *p, type old, type new)	\
{									\
	type found;							\
									\
	(void)cpu;							\
	model_point(MODEL_LOAD, p, sizeof(*p), false);			\
	found = *(volatile type *)p;					\
	if (found != old)						\
		return found;						\
	model_point_masked(MODEL_STORE, p, sizeof(*p), true);		\
	*(volatile type *)p = new;					\
	return found;							\
}

MODEL_LOCAL_OPS(s8, int8_t)
MODEL_LOCAL_OPS(s32, int32_t)

#undef MODEL_LOCAL_OPS

#define this_cpu_read_s8(p) MODEL_CALL(this_cpu_read_s8, p)
#define this_cpu_read_s32(p) MODEL_CALL(this_cpu_read_s32, p)
#define this_cpu_write_s8(p, v) MODEL_CALL(this_cpu_write_s8, p, v)
#define this_cpu_write_s32(p, v) MODEL_CALL(this_cpu_write_s32, p, v)
#define this_cpu_add_u64(c, p, v) MODEL_CALL(this_cpu_add_u64, c, p, v)
#define this_cpu_xchg_s8(c, p, v) MODEL_CALL(this_cpu_xchg_s8, c, p, v)
#define this_cpu_xchg_s32(c, p, v) MODEL_CALL(this_cpu_xchg_s32, c, p, v)
#define this_cpu_cmpxchg_s8(c, p, o, v) MODEL_CALL(this_cpu_cmpxchg_s8, c, p, o, v)
#define this_cpu_cmpxchg_s32(c, p, o, v) MODEL_CALL(this_cpu_cmpxchg_s32, c, p, o, v)

/* clang-format on */

#endif
