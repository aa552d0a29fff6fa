/* SPDX-License-Identifier: MIT */
#include "fetch/lane.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fetch/clock.h"

#define LANE_POLL 20 /* ms */

struct host {
    char *authority;
    int taken;
    struct lane *idle;
    int64_t not_before; /* clock_now() */
    struct host *next;
};

struct lanes {
    pthread_mutex_t mutex;
    struct host *hosts;
    const atomic_bool *stop;
};

struct lanes *lanes_create(const atomic_bool *stop)
{
    struct lanes *lanes = mem_zalloc(sizeof *lanes);
    pthread_mutex_init(&lanes->mutex, NULL);
    lanes->stop = stop;
    return lanes;
}

static void lane_destroy(struct lane *lane)
{
    curl_easy_cleanup(lane->easy);
    curl_multi_cleanup(lane->multi);
    free(lane);
}

static void host_destroy(struct host *host)
{
    for (struct lane *lane = host->idle, *next; lane; lane = next) {
        next = lane->next;
        lane_destroy(lane);
    }
    free(host->authority);
    free(host);
}

void lanes_destroy(struct lanes *lanes)
{
    if (!lanes)
        return;
    for (struct host *host = lanes->hosts, *next; host; host = next) {
        next = host->next;
        host_destroy(host);
    }
    pthread_mutex_destroy(&lanes->mutex);
    free(lanes);
}

/* With the mutex held. */
static struct host *find_host(struct lanes *lanes, const char *authority)
{
    for (struct host *host = lanes->hosts; host; host = host->next)
        if (strcmp(host->authority, authority) == 0)
            return host;
    struct host *host = mem_zalloc(sizeof *host);
    host->authority = mem_strdup(authority);
    host->next = lanes->hosts;
    lanes->hosts = host;
    return host;
}

static struct lane *lane_create(struct host *host)
{
    struct lane *lane = mem_zalloc(sizeof *lane);
    lane->easy = curl_easy_init();
    lane->multi = curl_multi_init();
    if (!lane->easy || !lane->multi)
        abort(); /* as any exhausted memory */
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, 1L);
    lane->host = host;
    return lane;
}

static struct lane *try_acquire(struct lanes *lanes, const char *authority)
{
    struct lane *lane = NULL;
    pthread_mutex_lock(&lanes->mutex);
    struct host *host = find_host(lanes, authority);
    if (host->taken < LANES_PER_HOST && clock_now() >= host->not_before) {
        host->taken++;
        lane = host->idle;
        if (lane)
            host->idle = lane->next;
        else
            lane = lane_create(host);
    }
    pthread_mutex_unlock(&lanes->mutex);
    return lane;
}

struct lane *lane_acquire(struct lanes *lanes, const char *authority, struct error *err)
{
    struct lane *lane;
    while (!(lane = try_acquire(lanes, authority)))
        if (!clock_sleep(LANE_POLL, lanes->stop, err))
            return NULL;
    return lane;
}

void lane_release(struct lanes *lanes, struct lane *lane)
{
    pthread_mutex_lock(&lanes->mutex);
    lane->host->taken--;
    lane->next = lane->host->idle;
    lane->host->idle = lane;
    pthread_mutex_unlock(&lanes->mutex);
}

void lanes_hold_off(struct lanes *lanes, const char *authority, int64_t milliseconds)
{
    pthread_mutex_lock(&lanes->mutex);
    struct host *host = find_host(lanes, authority);
    int64_t until = clock_now() + milliseconds;
    if (until > host->not_before)
        host->not_before = until;
    pthread_mutex_unlock(&lanes->mutex);
}
