/* SPDX-License-Identifier: MIT */
/*
 * ops.c - each read-modify-write of atomic.h and this_cpu.h as a function of
 * its own, for check.sh to disassemble
 *
 * Exported functions, named OPERATION_KIND_TYPE after their operation, so that
 * the compiler must emit each once and the script finds it by symbol.
 */
#include "arch/atomic.h"
#include "arch/compiler.h"

/*
 * What threads/this_cpu_masked.h needs of cpu/entry.h, in few words: with these the
 * file needs no header of the C library, and compiles for any architecture.
 */
struct cpu {
	unsigned int irq_off;
	unsigned int calls;
};

void take_calls(struct cpu *cpu);

static force_inline __attribute__((unused)) void irq_save(struct cpu *cpu)
{
	cpu->irq_off++;
	compiler_barrier();
}

static force_inline __attribute__((unused)) void irq_restore(struct cpu *cpu)
{
	compiler_barrier();
	cpu->irq_off--;
	compiler_barrier();
	if (unlikely(cpu->calls))
		take_calls(cpu);
}

#include "arch/this_cpu.h"

void add_local_u64(struct cpu *cpu, uint64_t *p, uint64_t v);
void add_local_u64(struct cpu *cpu, uint64_t *p, uint64_t v)
{
	this_cpu_add_u64(cpu, p, v);
}

bool is_null(void *const *p);
bool is_null(void *const *p)
{
	return atomic_is_null_relaxed(p);
}

bool below_s32(const int32_t *p, int32_t v);
bool below_s32(const int32_t *p, int32_t v)
{
	return atomic_below_relaxed_s32(p, v);
}

bool below_s64(const int64_t *p, int64_t v);
bool below_s64(const int64_t *p, int64_t v)
{
	return atomic_below_relaxed_s64(p, v);
}

/* clang-format off */

#define OPS(T, type)							\
type xchg_local_##T(struct cpu *cpu, type *p, type new);		\
type xchg_local_##T(struct cpu *cpu, type *p, type new)		\
{									\
	return this_cpu_xchg_##T(cpu, p, new);				\
}									\
									\
type cmpxchg_local_##T(struct cpu *cpu, type *p, type o, type n);	\
type cmpxchg_local_##T(struct cpu *cpu, type *p, type o, type n)	\
{									\
	return this_cpu_cmpxchg_##T(cpu, p, o, n);			\
}									\
									\
type xchg_full_##T(type *p, type new);					\
type xchg_full_##T(type *p, type new)					\
{									\
	return atomic_xchg_full_##T(p, new);				\
}									\
									\
type cmpxchg_full_##T(type *p, type o, type n);				\
type cmpxchg_full_##T(type *p, type o, type n)				\
{									\
	return atomic_cmpxchg_full_##T(p, o, n);			\
}

OPS(s8, int8_t)
OPS(s32, int32_t)

/* clang-format on */
