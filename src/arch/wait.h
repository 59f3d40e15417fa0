/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a word that another thread writes.
 *
 *   wait_word        asleep, after a few looks
 *   spin_until_zero  awake: the writer writes soon
 *   spin_pause       one turn of a loop that has other work to do as well
 *
 * A thread that sleeps is quiescent to RCU: going offline is inside the wait,
 * and with it inside everything that sleeps. Only a thread that waits inside a
 * section of another of its CPUs (struct thread.reading) stays a reader.
 */
#ifndef ARCH_WAIT_H
#define ARCH_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* Until *word is not @value. Acquire: what its writer did before. */
void wait_word(uint32_t *word, uint32_t value);
/* The same for at most @ms. true: *word is not @value. */
bool wait_word_ms(uint32_t *word, uint32_t value, uint32_t ms);
/* Make all waiters look again. The caller wrote *word before, by release. */
void wake_word(uint32_t *word);

/*
 * Until *word reads 0, by racy reads that order nothing: the caller needs an
 * operation of its own that acquires, or orders, what it waited for.
 */
void spin_until_zero(const uint32_t *word);
/* A pause of the processor and, now and then, a yield to the host. */
void spin_pause(unsigned int *turns);

#endif
