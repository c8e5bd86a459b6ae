/* Workloads W and M as a bare event loop in C: the floor against which engines are measured.
 *
 * A binary heap of (time, canonical key), consignments and queues in flat arrays. It knows this one chain and
 * nothing else: no buffers, no pools, no timeline, no outages; its only records are when each consignment was
 * delivered, and each step's start and end.
 */
#include <stdint.h>
#include <stdlib.h>

typedef int64_t i64;
enum { SERVED, RAN, OFFERED, CLOSURE, HANDLED, ARRIVED, SLOT, SAILS };
enum { READY, COMMITTED, LOADING, SAILING, UNLOADING };
typedef struct { i64 time, key; int32_t kind, subject; } Event;
typedef struct {
    i64 n, flows, steps, end, vessels, trips, capacity, teu, berths, handling, sailing, slot_every, slot_first[2];
    const i64 *arrived, *flow, *first, *offered;
    const double *factors, *base, *load, *sail, *unload;
    const i64 *servers;
    const i64 *starts[2], *ends[2];
    i64 closures[2];
    i64 *started, *ended, *delivered;
} Work;
typedef struct { i64 head, tail; } Queue;
typedef struct { i64 state, end, trip, ready, slot, berth, parts, parts_to; } Vessel;
typedef struct { i64 who, amount; } Part;

static const Work *w;
static Event *heap;
static i64 events, popped, now;
static int32_t *ordinal;
static i64 *next, *left, *ashore, *next_offer;
static Queue queue[32];
static i64 idle[32], waiting, lying[2], closed[2], at_closure[2], next_slot[2];
static Vessel vessel[64];
static Part *parts;
static i64 parts_used;
static i64 asking[2][64], asks[2];

static i64 order(i64 turn, i64 rank, i64 number, i64 step) {
    return turn << 57 | ((rank << 30 | (number + 1)) << 16) | (step & 0xffff);
}
static int before(const Event *a, const Event *b) {
    return a->time < b->time || (a->time == b->time && a->key < b->key);
}
static void push(i64 time, i64 key, int kind, i64 subject) {
    i64 k = events++;
    Event e = { time, key, kind, (int32_t)subject };
    while (k > 0 && before(&e, &heap[(k - 1) / 2])) { heap[k] = heap[(k - 1) / 2]; k = (k - 1) / 2; }
    heap[k] = e;
}
static Event pop(void) {
    Event top = heap[0], e = heap[--events];
    i64 k = 0, c;
    while ((c = 2 * k + 1) < events) {
        if (c + 1 < events && before(&heap[c + 1], &heap[c])) c++;
        if (!before(&heap[c], &e)) break;
        heap[k] = heap[c];
        k = c;
    }
    heap[k] = e;
    popped++;
    return top;
}
static void append(Queue *q, i64 i) {
    next[i] = -1;
    if (q->head < 0) q->head = i; else next[q->tail] = i;
    q->tail = i;
}
static i64 number(i64 i) { return i - w->first[w->flow[i]]; }
static i64 opens(int end, i64 at) {
    i64 low = 0, high = w->closures[end];
    while (low < high) { i64 m = (low + high) / 2; if (w->starts[end][m] <= at) low = m + 1; else high = m; }
    return low > 0 && at < w->ends[end][low - 1] ? w->ends[end][low - 1] : at;
}
static void serve(i64 i, i64 k) {
    double time = w->base[k] * w->factors[k * w->n + i];
    w->started[i * w->steps + k] = now;
    push(now + (i64)(time * (w->teu / 1000.0) + 0.5), order(8, w->flow[i], number(i), k), SERVED, i);
}
static void enter(i64 i, i64 k) {
    ordinal[i] = (int32_t)k;
    if (k == w->steps) { w->delivered[i] = now; return; }
    if (w->servers[k] > 0) {
        if (idle[k] > 0 && queue[k].head < 0) { idle[k]--; serve(i, k); } else append(&queue[k], i);
    } else if (w->servers[k] == 0) {
        w->started[i * w->steps + k] = now;
        i64 time = (i64)(w->base[k] * w->factors[k * w->n + i] + 0.5);
        push(now + time, order(16, w->flow[i], number(i), k + 1), RAN, i);
    } else {
        left[i] = w->teu;
        ashore[i] = 0;
        append(&queue[k], i);
        waiting += w->teu;
    }
}
static void berths(int end);
static i64 ferry(void) { i64 k = 0; while (w->servers[k] >= 0) k++; return k; }
static void plan(i64 v) {
    Vessel *x = &vessel[v];
    i64 at = opens((int)x->end, now > x->slot ? now : x->slot);
    push(at, order(32, 0, v, x->trip), SAILS, v);
}
static void load(i64 v) {
    Vessel *x = &vessel[v];
    Queue *q = &queue[ferry()];
    i64 room = w->capacity, k = ferry();
    x->state = LOADING;
    x->parts = parts_used;
    while (q->head >= 0 && room > 0) {
        i64 i = q->head, amount = left[i] < room ? left[i] : room;
        if (left[i] == w->teu) w->started[i * w->steps + k] = now;
        parts[parts_used++] = (Part){ i, amount };
        room -= amount;
        left[i] -= amount;
        if (left[i] == 0) q->head = next[i];
    }
    x->parts_to = parts_used;
    waiting -= w->capacity - room;
    push(now + (i64)(w->handling * w->load[v * w->trips + x->trip] + 0.5), order(9, 0, v, x->trip), HANDLED, v);
}
static void berths(int end) {
    while (asks[end] > 0 && !closed[end] && lying[end] < w->berths) {
        i64 v = asking[end][0];
        for (i64 k = 1; k < asks[end]; k++) asking[end][k - 1] = asking[end][k];
        asks[end]--;
        lying[end]++;
        vessel[v].berth = 1;
        if (vessel[v].state == COMMITTED) load(v);
        else push(now + (i64)(w->handling * w->unload[v * w->trips + vessel[v].trip] + 0.5),
                  order(9, 0, v, vessel[v].trip), HANDLED, v);
    }
}
static void release(i64 v) {
    vessel[v].berth = 0;
    lying[vessel[v].end]--;
    berths((int)vessel[v].end);
}
static void await_slot(int end) {
    i64 slot = w->slot_first[end] + next_slot[end] * w->slot_every;
    if (slot < w->end) push(slot - w->handling > now ? slot - w->handling : now, order(24, 0, end, next_slot[end]), SLOT, end);
}
static void close_boarding(int end) {
    i64 slot = w->slot_first[end] + next_slot[end] * w->slot_every, best = -1;
    i64 cargo = end == 0 ? waiting : 0;
    for (i64 v = 0; v < w->vessels; v++)
        if (vessel[v].state == READY && vessel[v].end == end && (best < 0 || vessel[v].ready < vessel[best].ready)) best = v;
    if (best >= 0 && !(cargo && !(!closed[end] && asks[end] == 0 && lying[end] < w->berths))) {
        Vessel *x = &vessel[best];
        x->slot = slot;
        x->state = COMMITTED;
        x->trip++;
        if (!cargo) plan(best);
        else { asking[end][asks[end]++] = best; berths(end); }
    }
    next_slot[end]++;
    await_slot(end);
}
static void await_closure(int end) {
    i64 k = at_closure[end];
    if (k < w->closures[end]) push(closed[end] ? w->ends[end][k] : w->starts[end][k], order(1, end, 0, 0), CLOSURE, end);
}

i64 simulate(const Work *work) {
    w = work;
    heap = malloc(sizeof(Event) * (w->n + 4096));
    ordinal = malloc(4 * w->n);
    next = malloc(8 * w->n); left = malloc(8 * w->n); ashore = malloc(8 * w->n);
    parts = malloc(sizeof(Part) * (w->n + 65536));
    next_offer = calloc(w->flows, 8);
    events = popped = parts_used = waiting = 0;
    now = 0;
    for (i64 k = 0; k < w->steps; k++) { queue[k].head = -1; idle[k] = w->servers[k]; }
    for (int end = 0; end < 2; end++) {
        lying[end] = asks[end] = at_closure[end] = next_slot[end] = closed[end] = 0;
        while (at_closure[end] < w->closures[end] && w->ends[end][at_closure[end]] <= 0) at_closure[end]++;
        if (at_closure[end] < w->closures[end] && w->starts[end][at_closure[end]] <= 0) closed[end] = 1;
        await_closure(end);
        if (w->vessels > 0) {
            while (w->slot_first[end] + next_slot[end] * w->slot_every - w->handling < 0) next_slot[end]++;
            await_slot(end);
        }
    }
    for (i64 v = 0; v < w->vessels; v++) vessel[v] = (Vessel){ READY, 0, -1, v, 0, 0, 0, 0 };
    for (i64 v = 0; v < w->vessels; v++) vessel[v].ready = 0;
    for (i64 f = 0; f < w->flows; f++)
        if (w->offered[f] > 0) push(w->arrived[w->first[f]], order(16, f, 0, 0), OFFERED, w->first[f]);
    while (events > 0 && heap[0].time < w->end) {
        Event e = pop();
        i64 i = e.subject;
        now = e.time;
        switch (e.kind) {
        case SERVED: {
            i64 k = ordinal[i];
            w->ended[i * w->steps + k] = now;
            enter(i, k + 1);
            if (queue[k].head >= 0) { i64 j = queue[k].head; queue[k].head = next[j]; serve(j, k); } else idle[k]++;
            break;
        }
        case RAN:
            w->ended[i * w->steps + ordinal[i]] = now;
            enter(i, ordinal[i] + 1);
            break;
        case OFFERED: {
            i64 f = w->flow[i];
            if (number(i) + 1 < w->offered[f]) push(w->arrived[i + 1], order(16, f, number(i) + 1, 0), OFFERED, i + 1);
            enter(i, 0);
            break;
        }
        case CLOSURE:
            closed[i] = !closed[i];
            if (!closed[i]) at_closure[i]++;
            berths((int)i);
            await_closure((int)i);
            break;
        case HANDLED: {
            Vessel *x = &vessel[i];
            if (x->state == LOADING) { plan(i); break; }
            i64 k = ferry();
            for (i64 p = x->parts; p < x->parts_to; p++) {
                i64 who = parts[p].who;
                ashore[who] += parts[p].amount;
                if (ashore[who] == w->teu) { w->ended[who * w->steps + k] = now; enter(who, k + 1); }
            }
            x->parts = x->parts_to;
            x->state = READY;
            x->ready = now;
            release(i);
            break;
        }
        case ARRIVED:
            if (vessel[i].parts < vessel[i].parts_to) {
                vessel[i].state = UNLOADING;
                asking[vessel[i].end][asks[vessel[i].end]++] = i;
                berths((int)vessel[i].end);
            } else { vessel[i].state = READY; vessel[i].ready = now; }
            break;
        case SLOT:
            close_boarding((int)i);
            break;
        case SAILS: {
            Vessel *x = &vessel[i];
            if (x->berth) release(i);
            x->state = SAILING;
            x->end = 1 - x->end;
            push(now + (i64)(w->sailing * w->sail[i * w->trips + x->trip] + 0.5), order(11, 0, i, x->trip), ARRIVED, i);
            break;
        }
        }
    }
    free(heap); free(ordinal); free(next); free(left); free(ashore); free(parts); free(next_offer);
    return popped;
}
