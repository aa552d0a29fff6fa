/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sched_getaffinity() */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

struct pool {
    atomic_size_t next;
    size_t count;
    void (*work)(void *context, size_t i);
    void *context;
};

static void *worker(void *opaque)
{
    struct pool *pool = opaque;
    for (;;) {
        size_t i = atomic_fetch_add(&pool->next, 1);
        if (i >= pool->count)
            return NULL;
        pool->work(pool->context, i);
    }
}

void pool_run(size_t threads, size_t count, void (*work)(void *context, size_t i), void *context)
{
    struct pool pool = {.count = count, .work = work, .context = context};
    atomic_init(&pool.next, 0);

    size_t wanted = threads < count ? threads : count;
    pthread_t *helpers = mem_alloc_array(wanted, sizeof *helpers);
    size_t started = 0;
    while (started + 1 < wanted && pthread_create(&helpers[started], NULL, worker, &pool) == 0)
        started++;
    worker(&pool);
    for (size_t i = 0; i < started; i++)
        pthread_join(helpers[i], NULL);
    free(helpers);
}

size_t pool_processors(void)
{
#ifdef CPU_COUNT
    /* taskset, batch queues and containers give a process fewer than there are. */
    cpu_set_t ours;
    if (sched_getaffinity(0, sizeof ours, &ours) == 0 && CPU_COUNT(&ours) > 0)
        return (size_t)CPU_COUNT(&ours);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
}
