/* SPDX-License-Identifier: MIT */
/*
 * Refused calls. A refusal never waits: it writes its text into the oldest of a
 * few slots and publishes the slot. Of two refusals at once only one leaves its
 * text: the second may be an interrupt of the first, which can not finish
 * meanwhile.
 */
#include "machine/refuse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXTS 8 /* a text outlives the next seven refusals */
#define TEXT_SIZE 256

struct refusals {
	uint64_t count[NR_MISUSES]; /* relaxed adds */
	struct arch_mutex writer;
	uint32_t newest; /* slot; under writer; published */
	char text[TEXTS][TEXT_SIZE];
};

struct refusals *refusals_create(void)
{
	struct refusals *refusals = calloc(1, sizeof(*refusals));

	if (refusals)
		arch_mutex_init(&refusals->writer);
	return refusals;
}

void refusals_destroy(struct refusals *refusals)
{
	if (!refusals)
		return;
	arch_mutex_fini(&refusals->writer);
	free(refusals);
}

void machine_refuse(struct pcpmm_machine *machine, enum misuse misuse,
	const char *format, ...)
{
	struct refusals *refusals = machine->refusals;
	uint32_t next;
	va_list args;

	if (misuse != MISUSE_NONE)
		atomic_add_relaxed_u64(&refusals->count[misuse], 1);
	if (!arch_mutex_trylock(&refusals->writer))
		return;
	next = (refusals->newest + 1) % TEXTS;
	va_start(args, format);
	vsnprintf(refusals->text[next], TEXT_SIZE, format, args);
	va_end(args);
	/* [refuse.write] release, pairs with [refuse.read]: the text. */
	atomic_store_release_u32(&refusals->newest, next);
	arch_mutex_unlock(&refusals->writer);
}

void *machine_refuse_create(struct pcpmm_machine *machine, const char *what,
	int reason, const char *why)
{
	machine_refuse(machine,
		reason == EINVAL ? MISUSE_BAD_ARGUMENT : MISUSE_NONE,
		"%s can not be created: %s", what, why);
	errno = reason;
	return NULL;
}

int machine_refuse_thread(struct pcpmm_cpu *cpu, const char *what)
{
	if (cpu_is_mine(&cpu->base)) {
		machine_refuse(cpu->machine, MISUSE_WRONG_THREAD,
			"CPU %u %s in an NMI; only the nolock functions may",
			cpu->base.id, what);
		return -EPERM;
	}
	machine_refuse(cpu->machine, MISUSE_WRONG_THREAD,
		"CPU %u %s on a thread that is not on it%s", cpu->base.id, what,
		machine_cpu_online(cpu->machine, cpu->base.id)
			? ""
			: "; it is offline");
	return -EPERM;
}

int machine_check_waits(struct pcpmm_cpu *cpu, const char *what)
{
	int ret = machine_check_owner(cpu, what);

	if (ret || (!sched_is_atomic() && !cpu->base.preempt_off))
		return ret;
	machine_refuse(cpu->machine, MISUSE_BAD_ARGUMENT,
		"CPU %u %s with interrupts off, or inside a list's guard",
		cpu->base.id, what);
	return -EINVAL;
}

/* [refuse.read] acquire, pairs with [refuse.write]. */
const char *pcpmm_last_error(const struct pcpmm_machine *machine)
{
	const struct refusals *refusals = machine->refusals;

	return refusals->text[atomic_load_acquire_u32(&refusals->newest)];
}

static uint64_t count_of(
	const struct pcpmm_machine *machine, enum misuse misuse)
{
	return atomic_load_relaxed_u64(&machine->refusals->count[misuse]);
}

void pcpmm_misuse_read(
	const struct pcpmm_machine *machine, struct pcpmm_misuse *misuse)
{
	*misuse = (struct pcpmm_misuse){
		.double_free = count_of(machine, MISUSE_DOUBLE_FREE),
		.wrong_order = count_of(machine, MISUSE_WRONG_ORDER),
		.foreign_page = count_of(machine, MISUSE_FOREIGN_PAGE),
		.on_lru = count_of(machine, MISUSE_ON_LRU),
		.wrong_thread = count_of(machine, MISUSE_WRONG_THREAD),
		.bad_argument = count_of(machine, MISUSE_BAD_ARGUMENT),
	};
}
