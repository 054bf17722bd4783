/*
 * Several keys in flight under one lease, as a Promela model for Spin.
 *
 * The model of the shards has one transaction at a time under a lease, and each moves the offset. Here several are under way: each
 * handles an event of another key, and commits it with a note beyond the hole, or with the offset. README.md says what is left out.
 *
 * A *holding* is the time from one taking of the lease to the next, with what its process knows in memory. It may begin whenever
 * nobody has the row locked, whatever became of the holding before: its process has died, hangs and goes on later, has lost a
 * connection, gives the lease back. So the lanes of a former holding go on as they please; only the comparisons stop them.
 *
 * Settings (-DNAME=value):
 *   EVENTS    events in the log; odd ones are of one key, even ones of the other
 *   LANES     transactions of a holding at a time
 *   HOLDINGS  how often the lease is taken
 *   FAILURES  how many handlers fail: the reader stops at that event, and somebody has it tried again
 *
 * -DM_... selects a mutant: the same protocol with one thing wrong.
 */
#ifndef EVENTS
#define EVENTS 3
#endif
#ifndef LANES
#define LANES 2
#endif
#ifndef HOLDINGS
#define HOLDINGS 2
#endif
#ifndef FAILURES
#define FAILURES 0
#endif

#define only(event) (1 << ((event) - 1))
#define upto(event) ((1 << (event)) - 1)
#define KEY_OF_1 21   /* the events 1, 3, 5 */
#define key_of(event) (((event) & 1) -> KEY_OF_1 : (KEY_OF_1 << 1))
#define before_in_key(event) (upto((event) - 1) & key_of(event))

/* ---------------------------------------------------------------- the database */

byte applied;     /* the events whose effects are committed */
byte noted;       /* those that are noted as handled beyond the offset */
byte position;    /* the offset */
byte epoch;       /* the fencing token */
bool stopped;     /* at an event that failed */
byte sharing;     /* how many transactions share the lock of the offset's row */
bool locked;      /* whether one has it for itself */

bool once = true;        /* no event has its effect twice */
bool in_order = true;    /* nor after a later one of its key */
bool none_lost = true;   /* what the offset has passed, or is noted, has had its effect */

/* ---------------------------------------------------------------- what a holding knows */

typedef Holding {
    bool begun;
    bool ending;       /* no further event is begun */
    bool advancing;    /* one transaction at a time moves the offset */
    byte epoch;
    byte position;
    byte handled;      /* stored for certain, by this holding or before it */
    byte in_flight;
};
Holding holding[HOLDINGS];

byte failures = FAILURES;
byte end, n;    /* scratch for one step, always left at 0 */

#define my holding[h]

/* The end of the row of handled events from the offset on, if those in "set" are handled. */
inline find_end(set) {
    end = my.position;
    for (n : 1 .. EVENTS) { if :: n == end + 1 && ((set) & only(n)) -> end = n :: else fi }
    n = 0
}

/* Whether an event may be begun: the first of its key that is not handled, and none of its key is in flight. */
#ifdef M_ANY_ORDER
#define is_ready(event) (!((my.handled | my.in_flight) & only(event)))
#else
#define is_ready(event) (!((my.handled | my.in_flight) & only(event)) && !(my.in_flight & key_of(event)) \
    && (my.handled & before_in_key(event)) == before_in_key(event))
#endif

inline begin_event(number) {
    d_step { my.begun && !my.ending && number <= EVENTS && is_ready(number) -> event = number;
        my.in_flight = my.in_flight | only(number); printf("lane %d of holding %d begins event %d\n", l, h, number) }
}

#ifdef M_NOTE_WITHOUT_EPOCH
#define may_note (!stopped)
#else
#define may_note (epoch == my.epoch && !stopped)
#endif

/* ---------------------------------------------------------------- processes */

/* Takes the lease. Nobody has the row locked then, and what is handled is read after that, in the same transaction. */
proctype holder(byte h) {
    byte seen_noted, seen_position;
#ifdef M_TAKE_READS_FIRST
end_first:
    d_step { h == 0 || holding[h - 1].begun -> seen_noted = noted; seen_position = position }
end_take:
    d_step { !locked && sharing == 0 && !stopped ->
#else
end_take:
    d_step { (h == 0 || holding[h - 1].begun) && !locked && sharing == 0 && !stopped ->
        seen_noted = noted; seen_position = position;
#endif
        epoch++;
        my.epoch = epoch;
        my.position = seen_position;
#ifdef M_IGNORES_NOTES
        my.handled = upto(seen_position);
#else
        my.handled = upto(seen_position) | seen_noted;
#endif
        my.begun = true;
        seen_noted = 0; seen_position = 0;
        printf("process takes the lease for holding %d\n", h)
    }
    /* Its end may come at any time, or never. */
end_holding:
    d_step { my.ending = true; printf("process of holding %d ends\n", h) }
}

proctype lane(byte h; byte l) {
    byte event, target;
    bool is_noted;
again:
    event = 0; target = 0; is_noted = false;
end_idle:
    if
    :: begin_event(1)
    :: begin_event(2)
    :: begin_event(3)
    :: begin_event(4)
    /* The offset moves past events that were noted before the one in front of them was. */
    :: d_step { my.begun && !my.ending && !my.advancing && (my.handled & only(my.position + 1)) -> my.advancing = true;
        find_end(my.handled); target = end; end = 0 }
    :: my.ending || my.handled == upto(EVENTS) && my.position == EVENTS -> goto done
    fi;
    if
    /* Its handler fails: nothing further is begun, and the reader stops at it if it has the lease still. */
    :: d_step { event != 0 && failures > 0 -> failures--; my.ending = true };
       d_step { !locked && sharing == 0 -> if :: epoch == my.epoch -> stopped = true :: else fi;
           printf("lane %d of holding %d stops at event %d\n", l, h, event) };
       goto done
    /* The process dies, the server fails, a connection breaks: nothing of it is committed. */
    :: my.ending -> goto done
    :: true
    fi;
    /* Its last statement: with the offset, if it is the hole and nobody else moves that, or with a note. */
    d_step {
        if
        :: event != 0 ->
            find_end(my.handled | only(event));
            if
            :: !my.advancing && end >= event -> my.advancing = true; target = end
#ifdef M_PASSES_HOLE
            :: !my.advancing && end < event -> my.advancing = true; target = event
#else
            :: !my.advancing && end < event -> is_noted = true
#endif
            :: my.advancing -> is_noted = true
            fi;
            end = 0
        :: else
        fi
    };
    if
    :: is_noted ->
#ifdef M_NOTE_APART
        /* The effect commits by itself, and then its note. */
        d_step { once = ((applied & only(event)) == 0); assert(once); applied = applied | only(event) };
        if :: true :: true -> goto cut fi;
#endif
#ifdef M_NOTE_WITHOUT_LOCK
        if :: d_step { !locked && may_note -> skip } :: !locked && !(may_note) -> goto cut fi;
#else
        if
        :: d_step { !locked && may_note -> sharing++ }
        :: !locked && !(may_note) -> goto cut
        fi;
#endif
        printf("lane %d of holding %d notes event %d\n", l, h, event);
        if
        :: d_step {   /* commit */
#ifndef M_NOTE_APART
            once = ((applied & only(event)) == 0); assert(once);
            in_order = ((applied & before_in_key(event)) == before_in_key(event)); assert(in_order);
            applied = applied | only(event);
#endif
            noted = noted | only(event);
#ifndef M_NOTE_WITHOUT_LOCK
            sharing--;
#endif
            none_lost = ((noted & ~applied) == 0); assert(none_lost);
            printf("lane %d of holding %d commits the note of event %d\n", l, h, event) }
        :: d_step {   /* rolled back: its process is gone, or the server has ended it */
#ifndef M_NOTE_WITHOUT_LOCK
            sharing--;
#endif
            skip };
            goto cut
        fi
    :: !is_noted ->
        if
        :: d_step { !locked && sharing == 0 && epoch == my.epoch && position == my.position && !stopped -> locked = true }
        :: !locked && sharing == 0 && !(epoch == my.epoch && position == my.position && !stopped) -> goto cut
        fi;
        if
        :: d_step {   /* commit */
            if
            :: event != 0 ->
                once = ((applied & only(event)) == 0); assert(once);
                in_order = ((applied & before_in_key(event)) == before_in_key(event)); assert(in_order);
                applied = applied | only(event)
            :: else
            fi;
            position = target;
            noted = noted & ~upto(target);
            locked = false;
            none_lost = ((upto(position) & ~applied) == 0); assert(none_lost);
            printf("lane %d of holding %d moves the offset to %d\n", l, h, target) }
        :: d_step { locked = false };
            goto cut
        fi
    fi;
    if
    :: d_step {   /* the answer comes */
        if :: event != 0 -> my.handled = my.handled | only(event); my.in_flight = my.in_flight & ~only(event) :: else fi;
        if :: !is_noted -> my.position = target; my.advancing = false :: else fi };
        goto again
    :: goto cut
    fi;
cut:
    /* Nobody in the process knows what is committed: it takes the lease anew, which begins another holding. */
    my.ending = true;
done:
    skip
}

#if FAILURES
/* Somebody has the event tried again. */
proctype operator() {
end_retry:
    do
    :: d_step { stopped && !locked && sharing == 0 -> stopped = false;
#ifdef M_RETRY_FORGETS_NOTES
        noted = 0;
#endif
        printf("process of the operator has the event tried again\n") }
    od
}
#endif

init {
    byte h, l;
    atomic {
        for (h : 0 .. HOLDINGS - 1) {
            run holder(h);
            for (l : 0 .. LANES - 1) { run lane(h, l) }
        }
#if FAILURES
        run operator()
#endif
    }
}
