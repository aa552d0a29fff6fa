/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "folder.h"
#include "test.h"

#define MOST 10000

struct tally {
    atomic_int done[MOST];
    atomic_size_t running, most_running, begun;
    atomic_bool out_of_order;
    pthread_t caller;
    atomic_size_t by_caller;
};

static void count(void *context, size_t i)
{
    struct tally *tally = context;
    size_t running = atomic_fetch_add(&tally->running, 1) + 1;
    size_t most = atomic_load(&tally->most_running);
    while (running > most && !atomic_compare_exchange_weak(&tally->most_running, &most, running)) {
    }
    /* item i begins after all but those that other threads are about to begin */
    if (i > atomic_fetch_add(&tally->begun, 1) + 64)
        atomic_store(&tally->out_of_order, true);
    if (pthread_equal(pthread_self(), tally->caller))
        atomic_fetch_add(&tally->by_caller, 1);
    atomic_fetch_add(&tally->done[i], 1);
    sched_yield();
    atomic_fetch_sub(&tally->running, 1);
}

static void test_each_item_once(void **state)
{
    static const struct {
        size_t threads, count;
    } rows[] = {{0, 5}, {1, 5}, {4, 0}, {4, 1}, {4, 3}, {2, MOST}, {16, MOST}, {64, 100}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tally *tally = mem_zalloc(sizeof *tally);
        tally->caller = pthread_self();
        pool_run(rows[i].threads, rows[i].count, count, tally);
        for (size_t n = 0; n < MOST; n++)
            assert_int_equal(atomic_load(&tally->done[n]), n < rows[i].count ? 1 : 0);
        assert_true(atomic_load(&tally->most_running) <= (rows[i].threads ? rows[i].threads : 1));
        assert_int_equal(atomic_load(&tally->running), 0);
        assert_false(atomic_load(&tally->out_of_order));
        if (rows[i].threads <= 1)
            assert_int_equal(atomic_load(&tally->by_caller), rows[i].count);
        free(tally);
    }
}

static void meet(void *context, size_t i)
{
    (void)i;
    pthread_barrier_wait(context);
}

/* Would never return if the items were done one after the other. */
static void test_items_run_at_the_same_time(void **state)
{
    (void)state;
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 3);
    pool_run(3, 3, meet, &barrier);
    pthread_barrier_destroy(&barrier);
}

static void test_one_pool_after_the_other(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct tally *tally = mem_zalloc(sizeof *tally);
        tally->caller = pthread_self();
        pool_run(8, 8, count, tally);
        assert_int_equal(atomic_load(&tally->begun), 8);
        free(tally);
    }
}

static int without_threads(void *context)
{
    struct tally *tally = context;
    struct rlimit none = {0, 0};
    /* root may start what it likes: become somebody else */
    if (getuid() == 0 && setuid(65534) != 0)
        return 9;
    if (setrlimit(RLIMIT_NPROC, &none) != 0)
        return 8;
    tally->caller = pthread_self();
    pool_run(8, 100, count, tally);
    return atomic_load(&tally->by_caller) == 100 ? 0 : 1;
}

static void test_without_threads_the_caller_does_it_all(void **state)
{
    (void)state;
    struct tally *tally = mem_zalloc(sizeof *tally);
    assert_int_equal(in_child(without_threads, tally).status, 0);
    free(tally);
}

static int on_one_processor(void *context)
{
    (void)context;
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &all))
            CPU_SET(i, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0 ? (int)pool_processors() : 99;
}

static void test_processors(void **state)
{
    (void)state;
    assert_true(pool_processors() >= 1);
    assert_int_equal(in_child(on_one_processor, NULL).status, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_item_once),
        cmocka_unit_test(test_items_run_at_the_same_time),
        cmocka_unit_test(test_one_pool_after_the_other),
        cmocka_unit_test(test_without_threads_the_caller_does_it_all),
        cmocka_unit_test(test_processors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
