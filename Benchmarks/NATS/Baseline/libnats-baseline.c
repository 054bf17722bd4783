// What the benchmarks of NATS are compared with: the same work, done by libnats.
// usage: libnats-baseline WORK URL COUNT    prints "SECONDS PROCESSOR-SECONDS PEAK-BYTES"
#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { payload_bytes = 128, concurrency = 32, pull_messages = 5000 };

static char payload[payload_bytes];

static void check(natsStatus status, const char *what)
{
    if (status == NATS_OK) return;
    fprintf(stderr, "libnats-baseline: %s: %s\n", what, natsStatus_GetText(status));
    nats_PrintLastErrorStack(stderr);
    exit(1);
}

// A connection that is lost is the end: a measurement with a gap in it is none.
static void lost(natsConnection *connection, void *closure)
{
    (void) connection;
    (void) closure;
    fprintf(stderr, "libnats-baseline: the connection was lost\n");
    exit(1);
}

static void failed(natsConnection *connection, natsSubscription *subscription, natsStatus status, void *closure)
{
    (void) connection;
    (void) subscription;
    (void) closure;
    check(status, "asynchronous error");
}

static natsConnection *connect_to(const char *url, bool sends_at_once)
{
    natsOptions *options = NULL;
    natsConnection *connection = NULL;
    check(natsOptions_Create(&options), "options");
    check(natsOptions_SetURL(options, url), "URL");
    check(natsOptions_SetAllowReconnect(options, false), "no reconnect");
    check(natsOptions_SetDisconnectedCB(options, lost, NULL), "disconnected callback");
    check(natsOptions_SetErrorHandler(options, failed, NULL), "error handler");
    check(natsOptions_SetSendAsap(options, sends_at_once), "immediate sends");
    check(natsConnection_Connect(&connection, options), "connecting");
    natsOptions_Destroy(options);
    return connection;
}

// MARK: - Time

static double seconds_of(struct timeval time) { return (double) time.tv_sec + (double) time.tv_usec / 1e6; }

static double processor_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static long long peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (long long) usage.ru_maxrss * 1024;
}

// MARK: - What is received

// Counts messages on libnats' thread, and wakes the one that waits for the last.
typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t is_complete;
    long long expected, received, bytes;
} counter;

static void count_message(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *closure)
{
    counter *messages = closure;
    (void) connection;
    (void) subscription;
    messages->bytes += natsMsg_GetDataLength(message);
    natsMsg_Destroy(message);
    if (++messages->received == messages->expected) {
        pthread_mutex_lock(&messages->mutex);
        messages->expected = 0;
        pthread_cond_signal(&messages->is_complete);
        pthread_mutex_unlock(&messages->mutex);
    }
}

static void wait_for(counter *messages)
{
    pthread_mutex_lock(&messages->mutex);
    while (messages->expected != 0) pthread_cond_wait(&messages->is_complete, &messages->mutex);
    pthread_mutex_unlock(&messages->mutex);
    if (messages->bytes != messages->received * payload_bytes) {
        fprintf(stderr, "libnats-baseline: %lld bytes in %lld messages\n", messages->bytes, messages->received);
        exit(1);
    }
}

static void core(const char *url, long long count)
{
    natsConnection *connection = connect_to(url, false);
    natsSubscription *subscription = NULL;
    counter messages = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, count, 0, 0};
    check(natsConnection_Subscribe(&subscription, connection, "core.orders", count_message, &messages), "subscribing");
    check(natsSubscription_SetPendingLimits(subscription, -1, -1), "pending limits");
    check(natsConnection_Flush(connection), "flush");
    for (long long i = 0; i < count; i++) {
        check(natsConnection_Publish(connection, "core.orders", payload, payload_bytes), "publishing");
    }
    wait_for(&messages);
}

// What a log keeps beside each event.
static void read_headers(natsMsg *message)
{
    static const char *const names[] = {"Id", "Version", "Type"};
    for (int i = 0; i < 3; i++) {
        const char *value = NULL;
        check(natsMsgHeader_Get(message, names[i], &value), "header");
    }
}

static void count_message_with_headers(
    natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *closure)
{
    read_headers(message);
    count_message(connection, subscription, message, closure);
}

static void replay(const char *url, long long count, bool reads_headers)
{
    natsConnection *connection = connect_to(url, false);
    natsSubscription *subscription = NULL;
    jsCtx *stream = NULL;
    jsSubOptions options;
    jsErrCode code = 0;
    counter messages = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, count, 0, 0};
    check(natsConnection_JetStream(&stream, connection, NULL), "JetStream");
    check(jsSubOptions_Init(&options), "options");
    options.Ordered = true;
    options.Stream = "REPLAY";
    options.Config.DeliverPolicy = js_DeliverAll;
    check(
        js_Subscribe(
            &subscription, stream, ">", reads_headers ? count_message_with_headers : count_message, &messages, NULL,
            &options, &code),
        "subscribing");
    check(natsSubscription_SetPendingLimits(subscription, -1, -1), "pending limits");
    wait_for(&messages);
}

static void replay_by_pulls(const char *url, long long count)
{
    natsConnection *connection = connect_to(url, false);
    natsSubscription *subscription = NULL;
    jsCtx *stream = NULL;
    jsSubOptions options;
    jsErrCode code = 0;
    long long received = 0;
    check(natsConnection_JetStream(&stream, connection, NULL), "JetStream");
    check(jsSubOptions_Init(&options), "options");
    options.Stream = "REPLAY";
    options.Config.AckPolicy = js_AckNone;
    options.Config.MemoryStorage = true;
    options.Config.Replicas = 1;
    check(js_PullSubscribe(&subscription, stream, ">", NULL, NULL, &options, &code), "subscribing");
    while (received < count) {
        natsMsgList list;
        check(natsSubscription_Fetch(&list, subscription, pull_messages, 5000, &code), "fetching");
        received += list.Count;
        natsMsgList_Destroy(&list);
    }
}

// MARK: - Requests

static void answer(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *closure)
{
    (void) subscription;
    (void) closure;
    check(
        natsConnection_Publish(connection, natsMsg_GetReply(message), payload, payload_bytes), "answering");
    natsMsg_Destroy(message);
}

static void request(const char *url, long long count)
{
    natsConnection *responder = connect_to(url, true);
    natsConnection *connection = connect_to(url, true);
    natsSubscription *subscription = NULL;
    check(natsConnection_Subscribe(&subscription, responder, "request.orders", answer, NULL), "subscribing");
    check(natsConnection_Flush(responder), "flush");
    for (long long i = 0; i < count; i++) {
        natsMsg *message = NULL;
        check(
            natsConnection_Request(&message, connection, "request.orders", payload, payload_bytes, 5000), "request");
        natsMsg_Destroy(message);
    }
}

// MARK: - Acknowledged publishes

typedef struct {
    jsCtx *stream;
    atomic_llong *left;
} publisher;

static void *publish_until_done(void *closure)
{
    publisher *own = closure;
    while (atomic_fetch_sub(own->left, 1) > 0) {
        jsPubAck *ack = NULL;
        jsErrCode code = 0;
        check(js_Publish(&ack, own->stream, "publish.orders", payload, payload_bytes, NULL, &code), "publishing");
        jsPubAck_Destroy(ack);
    }
    return NULL;
}

static void publish_by_threads(const char *url, long long count, bool sends_at_once)
{
    natsConnection *connection = connect_to(url, sends_at_once);
    jsCtx *stream = NULL;
    pthread_t threads[concurrency];
    atomic_llong left = count;
    check(natsConnection_JetStream(&stream, connection, NULL), "JetStream");
    publisher own = {stream, &left};
    for (int i = 0; i < concurrency; i++) {
        if (pthread_create(&threads[i], NULL, publish_until_done, &own) != 0) {
            perror("libnats-baseline: thread");
            exit(1);
        }
    }
    for (int i = 0; i < concurrency; i++) pthread_join(threads[i], NULL);
}

static void not_stored(jsCtx *stream, jsPubAckErr *error, void *closure)
{
    (void) stream;
    (void) closure;
    check(error->Err, "publishing");
}

static void publish_in_window(const char *url, long long count)
{
    natsConnection *connection = connect_to(url, false);
    jsCtx *stream = NULL;
    jsOptions options;
    check(jsOptions_Init(&options), "options");
    options.PublishAsync.MaxPending = concurrency;
    options.PublishAsync.StallWait = 10000;
    options.PublishAsync.ErrHandler = not_stored;
    check(natsConnection_JetStream(&stream, connection, &options), "JetStream");
    for (long long i = 0; i < count; i++) {
        check(js_PublishAsync(stream, "publish.orders", payload, payload_bytes, NULL), "publishing");
    }
    check(js_PublishAsyncComplete(stream, NULL), "waiting for the last acks");
}

// MARK: -

int main(int argument_count, char **arguments)
{
    if (argument_count != 4) {
        fprintf(stderr, "usage: libnats-baseline WORK URL COUNT\n");
        return 2;
    }
    const char *work = arguments[1], *url = arguments[2];
    long long count = atoll(arguments[3]);
    memset(payload, 'x', sizeof payload);
    check(nats_Open(-1), "libnats");

    double wall = wall_seconds(), processor = processor_seconds();
    if (strcmp(work, "core") == 0) core(url, count);
    else if (strcmp(work, "replay") == 0) replay(url, count, false);
    else if (strcmp(work, "replay-headers") == 0) replay(url, count, true);
    else if (strcmp(work, "replay-pull") == 0) replay_by_pulls(url, count);
    else if (strcmp(work, "request") == 0) request(url, count);
    else if (strcmp(work, "publish") == 0) publish_by_threads(url, count, false);
    else if (strcmp(work, "publish-at-once") == 0) publish_by_threads(url, count, true);
    else if (strcmp(work, "publish-window") == 0) publish_in_window(url, count);
    else {
        fprintf(stderr, "libnats-baseline: no work is called %s\n", work);
        return 2;
    }
    printf("%.6f %.6f %lld\n", wall_seconds() - wall, processor_seconds() - processor, peak_bytes());
    // Connections and subscriptions end with the process.
    fflush(stdout);
    _Exit(0);
}
