/* SPDX-License-Identifier: MIT */
/* Pieces and owned blocks for what looks at lists at rest. */
#ifndef PCPLIST_PIECE_CHECK_H
#define PCPLIST_PIECE_CHECK_H

#include "pcplist/pcp.h"

/*
 * check: the equations of pieces.h and block_owner.h. length: a piece of order 4 to 8,
 * for which the rules have no list, is reported as its parts of order 3.
 */
extern const struct pcp_lists_ops pieces_lists;

#endif
