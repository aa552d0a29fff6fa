/* SPDX-License-Identifier: MIT */
#include "model/cut.h"

const char *cut_end_name(enum cut_end end)
{
    static const char *const names[] = {
        [CUT_END_RANGE] = "range", [CUT_END_FIXED] = "fixed", [CUT_END_PAUSE] = "pause",
        [CUT_END_NEXT] = "next",   [CUT_END_EOF] = "eof",     [CUT_END_TRANSCRIPT] = "transcript",
    };
    return names[end];
}
