/* SPDX-License-Identifier: MIT */
/* The mutant that is explored; arch/mutant.h names them. */
#ifndef ARCH_MODEL_MUTANT_H
#define ARCH_MODEL_MUTANT_H

extern int model_mutant;

#endif
