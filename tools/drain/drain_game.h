/* SPDX-License-Identifier: MIT */
/* The game of `pcpmm drain` and `pcpmm noise`: CPU 0 drains all lists. */
#ifndef DRAIN_DRAIN_GAME_H
#define DRAIN_DRAIN_GAME_H

#include "../arena/arena.h"

/* The choice is an enum pcpmm_drain; there is no data. */
extern const struct arena_game drain_game;

#endif
