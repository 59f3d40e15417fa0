/* SPDX-License-Identifier: MIT */
/* model/this_cpu_ops.h - single accesses to a CPU's own data: a point each */
#ifndef ARCH_MODEL_THIS_CPU_OPS_H
#define ARCH_MODEL_THIS_CPU_OPS_H

/* clang-format off */

#define MODEL_OWN(T, type)						\
static inline type this_cpu_read_##T(const type *p)			\
{									\
	model_point(MODEL_LOAD, p, sizeof(*p), false);			\
	return *(const volatile type *)p;				\
}									\
									\
static inline void this_cpu_write_##T(type *p, type v)			\
{									\
	model_point(MODEL_STORE, p, sizeof(*p), true);			\
	*(volatile type *)p = v;					\
}

MODEL_OWN(s8, int8_t)
MODEL_OWN(s32, int32_t)

#undef MODEL_OWN

/* clang-format on */

#endif
