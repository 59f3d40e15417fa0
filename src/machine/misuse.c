/* SPDX-License-Identifier: MIT */
/*
 * Refused calls: counted, and the last one kept in words. Two at once leave one
 * sentence: nobody waits, since the second may be an interrupt of the first.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine/machine.h"

void machine_refuse(struct pcpmm_machine *machine, uint64_t *counter,
	const char *format, ...)
{
	va_list args;

	if (counter)
		atomic_add_relaxed_u64(counter, 1);
	if (!mutex_trylock(&machine->error_mutex))
		return;
	va_start(args, format);
	vsnprintf(machine->error, sizeof(machine->error), format, args);
	va_end(args);
	mutex_unlock(&machine->error_mutex);
}

const char *pcpmm_last_error(const struct pcpmm_machine *machine)
{
	static _Thread_local char copy[sizeof(machine->error)];
	struct mutex *mutex = (struct mutex *)&machine->error_mutex;

	/* Somebody is writing the next one, perhaps behind this interrupt. */
	if (mutex_trylock(mutex)) {
		memcpy(copy, machine->error, sizeof(copy));
		mutex_unlock(mutex);
	}
	return copy;
}

void pcpmm_misuse_read(
	const struct pcpmm_machine *machine, struct pcpmm_misuse *misuse)
{
	const struct pcpmm_misuse *from = &machine->misuse;

	misuse->double_free = atomic_load_relaxed_u64(&from->double_free);
	misuse->wrong_order = atomic_load_relaxed_u64(&from->wrong_order);
	misuse->foreign_page = atomic_load_relaxed_u64(&from->foreign_page);
	misuse->on_lru = atomic_load_relaxed_u64(&from->on_lru);
	misuse->wrong_thread = atomic_load_relaxed_u64(&from->wrong_thread);
	misuse->bad_argument = atomic_load_relaxed_u64(&from->bad_argument);
}
