/* SPDX-License-Identifier: MIT */
#include "fetch/retry.h"

void retry_init(struct retry *retry, int tries, int first_wait, uint64_t seed)
{
    retry->tries = tries > 0 ? tries : RETRY_TRIES;
    retry->first_wait = first_wait > 0 ? first_wait : RETRY_FIRST_WAIT;
    retry->failures = 0;
    retry->random = seed | 1;
}

void retry_progress(struct retry *retry)
{
    retry->failures = 0;
}

/* Xorshift (Marsaglia 2003): any spread will do. */
static uint64_t random_below(struct retry *retry, uint64_t bound)
{
    retry->random ^= retry->random << 13;
    retry->random ^= retry->random >> 7;
    retry->random ^= retry->random << 17;
    return retry->random % bound;
}

bool retry_next(struct retry *retry, int64_t after, int64_t *ret_wait)
{
    if (++retry->failures >= retry->tries || after > RETRY_MAX_AFTER)
        return false;
    int64_t wait = retry->first_wait;
    for (int i = 1; i < retry->failures && wait < RETRY_MAX_WAIT; i++)
        wait *= 2;
    if (wait > RETRY_MAX_WAIT)
        wait = RETRY_MAX_WAIT;
    /* Between half of it and all. */
    wait -= (int64_t)random_below(retry, (uint64_t)wait / 2 + 1);
    *ret_wait = wait > after ? wait : after;
    return true;
}
