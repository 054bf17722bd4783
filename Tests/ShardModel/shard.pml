/*
 * Lease, swap and rollback of a projection's shards, as a Promela model for Spin.
 *
 * The events are in the log already, and the model of the frontier says which of them may be read. Here processes fold
 * them into tables: each table has a row in "offsets", and the row says how far the table has come and who may write to
 * it. A rebuild, a version that has caught up or a rollback puts another table behind the name that everybody reads.
 * Spin explores every interleaving of the steps below. One step is what PostgreSQL does atomically under READ COMMITTED;
 * nothing is assumed between two steps, however long a process is suspended there. README.md says what is left out.
 *
 * Settings of a configuration (-DNAME=value):
 *   EVENTS      events in the log
 *   WORKERS     processes that keep tables up to date; TAKES limits how many leases each of them takes
 *   REBUILDERS  processes that fill a second table and swap it in; RETAKES limits how often each begins
 *   KEEP        1: what the swap replaces is kept up to date for a rollback; 0: it is dropped
 *   VERSION     1: the workers fill the second table themselves, as a new version, and show it
 *   ROLLBACKS   how many rollbacks there are; without a rebuild there is a kept table from the beginning
 *   KEPT_FROM   how far the kept table is at the beginning
 *   READERS     readers with one snapshot for the whole transaction. READ COMMITTED readers need no process, see "check"
 *   ORPHANS     how many transactions may outlive their client's connection
 *   PAUSES      1: somebody pauses the projection at some time, and may resume it
 *   LEFT        how often a process may go on without a lease that it could not give back; its session lives on, and
 *               renews all leases of its node
 *   HANDOVERS   how often a process gives a lease back because another node has fewer
 *   QUIET       the processes keep their leases when there is nothing to do, for the property of that name
 *   LIVENESS    one process hangs somewhere, for good; no process dies, and no lease is lost otherwise
 *
 * -DM_... selects a mutant: the same protocol with one thing wrong. -DV_... is a change that must make no difference.
 */
#ifndef EVENTS
#define EVENTS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef TAKES
#define TAKES 1
#endif
#ifndef REBUILDERS
#define REBUILDERS 0
#endif
#ifndef RETAKES
#define RETAKES 1
#endif
#ifndef KEEP
#define KEEP 1
#endif
#ifndef VERSION
#define VERSION 0
#endif
#ifndef ROLLBACKS
#define ROLLBACKS 0
#endif
#ifndef READERS
#define READERS 0
#endif
#ifndef ORPHANS
#define ORPHANS 0
#endif
#ifndef PAUSES
#define PAUSES 0
#endif
#ifndef LEFT
#define LEFT 0
#endif
#ifndef HANDOVERS
#define HANDOVERS 0
#endif
#ifndef KEPT_FROM
#define KEPT_FROM 1
#endif

/* ---------------------------------------------------------------- the views' database */

/* The rows of "offsets", by what their tables are for. Whoever locks several locks them in this order. */
#define CURRENT 0   /* what the workers keep up to date for a version */
#define KEPT    1   /* what a swap replaced, kept up to date as well */
#define FILLED  2   /* the second table: a rebuild's, or the next version's */
#define KINDS   3
#define NONE    255

#define NO_TABLE 0
#define TABLES   3   /* 1, 2, and room for NO_TABLE */

typedef Offset {
    byte position;   /* how many events the table has */
    byte epoch;      /* the fencing token: whoever takes, moves or exchanges raises it */
    byte table;
    byte owner;      /* who has the lease; 0: nobody */
    byte lock;       /* whose transaction holds the row's lock, to its end; 0: nobody's */
};
Offset offset[KINDS];
bool was_shown;          /* the new version, which is not shown again by itself after a rollback */
byte displayed = CURRENT;   /* whose table the stable name shows */
bool paused;             /* the row in paused_projections: a rebuild goes on */
byte strays = LEFT, handovers = HANDOVERS;
byte catalog;            /* whose transaction holds the lock of the catalog: those that change what is shown queue here */

/* A set of events is a bit mask. */
#define only(event) (1 << ((event) - 1))
#define upto(event) ((1 << (event)) - 1)

byte rows[TABLES];       /* the events in a table's committed rows */
#define shown (rows[offset[displayed].table])

/* A snapshot shows all tables as they were at one moment, whatever is committed later. */
typedef Snapshot {
    bool open;
    byte rows[TABLES];
    byte answer;          /* what the stable name would have answered at that moment */
};
#if READERS
Snapshot snapshot[READERS];
#endif

/*
 * "Complete as of transaction": rows up to a position are in the table, and who reads by an older snapshot may not find
 * them. A snapshot is older if it was taken before the noting transaction got its id, so a set of open snapshots stands
 * for the comparison of backend_xmin with that id. Nothing is said of snapshots taken between the id and the commit.
 */
typedef Note {
    byte position;
    byte older;          /* snapshots, still open, that are older */
};
Note note[KINDS];

#if ROLLBACKS
#define CLIENTS (WORKERS + REBUILDERS + 1)
#else
#define CLIENTS (WORKERS + REBUILDERS)
#endif
byte noting[CLIENTS + 1];   /* the same set, for a note that is not committed */

#define me _pid   /* the first process is 1 */
mtype = { worker, rebuild, rollback, reader };

/* ---------------------------------------------------------------- the properties, by name */

bool once = true;           /* no event gets into a table twice, and no table is ahead of its offset */
bool none_left_out = true;  /* every event up to a table's offset is in the table */
bool never_empty = true;    /* who could have read rows does not find the view empty later */
bool never_back = true;     /* nor without an event that could have been read before */
bool own_lease = true;      /* nobody renews or gives back a lease that somebody else has taken */

byte peak;                  /* what somebody may have read by now */
byte i, n;                  /* scratch for one step, always left at 0 */
#if READERS
#define end_snapshot(r) \
    snapshot[r].open = false; snapshot[r].answer = 0; \
    for (i : 0 .. TABLES - 1) { snapshot[r].rows[i] = 0 } \
    for (i : 0 .. KINDS - 1) { note[i].older = note[i].older & ~(1 << r) } \
    for (i : 0 .. CLIENTS) { noting[i] = noting[i] & ~(1 << r) } \
    i = 0
#endif

#define saw(earlier, later) \
    never_empty = !((earlier) != 0 && (later) == 0); assert(never_empty); \
    never_back = (((earlier) & ~(later)) == 0); assert(never_back)

/* At each commit: rows and offsets agree. And a READ COMMITTED reader might look at any time, so it is as if one did. */
inline check() {
    for (i : 0 .. KINDS - 1) {
        if
        :: offset[i].table != NO_TABLE ->
            once = once && ((rows[offset[i].table] & ~upto(offset[i].position)) == 0);
            assert(once);
            none_left_out = ((upto(offset[i].position) & ~rows[offset[i].table]) == 0);
            assert(none_left_out)
        :: else
        fi
    }
    i = 0;
    saw(peak, shown);
    peak = peak | shown
}

/* Folds the event after a position into a table, where rows and offset commit. */
inline fold(table, event) {
    once = ((rows[table] & only(event)) == 0);
    assert(once);
    rows[table] = rows[table] | only(event)
}

/* The end of a transaction, for its locks */
inline unlock(who) {
    for (i : 0 .. KINDS - 1) { if :: offset[i].lock == who -> offset[i].lock = 0 :: else fi }
    i = 0;
    if :: catalog == who -> catalog = 0 :: else fi;
#ifdef LIVENESS
    for (i : 0 .. TABLES - 1) { if :: table_lock[i] == who -> table_lock[i] = 0 :: else fi }
    i = 0;
    pipelined = pipelined & ~(1 << who)
#endif
}

/* ---------------------------------------------------------------- who hangs, and who frees what it locked */

#ifdef LIVENESS
byte hung;                /* a process that is suspended for good; 0: none */
byte table_lock[TABLES];  /* a row that every batch writes to; only liveness depends on it */
byte pipelined;           /* transactions that are in the middle of a pipeline: the server counts them as busy, not idle */
byte had_lease;           /* processes that have had a lease: their sessions are known by it */
bool put_back;            /* the server's clock was put back: by this clock a lease that has run out has not */

/*
 * The one assumption on time: a process that does not hang renews its lease and ends its transactions in time, one that
 * hangs does not. So "a lease's time has passed without a sign of life" is "it hangs".
 */
#if defined(M_SHARED_CLOCK)
#define has_run_out(kind) (hung != 0 && offset[kind].owner == hung && !put_back)
#else
#define has_run_out(kind) (hung != 0 && offset[kind].owner == hung)
#endif
#define ALL_FIRST true   /* nobody tries the same thing for ever without getting anywhere */

/* Who waits for a lock ends the session that holds it, if that is known to be of a process whose lease has run out. */
#if defined(M_NOBODY_ENDS_IT) || defined(M_TIMEOUT_ONLY)
#define may_end(holder, kind) false
#elif defined(M_ENDS_RECORDED_OWNER)
#define may_end(holder, kind) (holder == hung && offset[kind].owner == holder)
#else
#define may_end(holder, kind) (holder == hung && ((had_lease >> holder) & 1))
#endif
#define or_end(holder, kind) \
    :: d_step { \
        holder != 0 && may_end(holder, kind) -> \
        printf("%e %d ends the session of %d, which is in its way\n", who, me, holder); \
        unlock(hung) \
    }
#define may_hang {
#define unless_hung } unless { (hung == me) -> end_hung: false }
#else
#define or_end(holder, kind)
#define may_hang
#define unless_hung
#define ALL_FIRST false
#endif

/* Waits for a lock. */
inline lock_row(kind) {
    do
    :: d_step { offset[kind].lock == 0 -> offset[kind].lock = me; printf("%e %d locks row %d\n", who, me, kind) } break
    or_end(offset[kind].lock, kind)
    od
}

inline lock_catalog() {
#ifdef V_NO_CATALOG_LOCK
    skip
#else
    do
    :: d_step { catalog == 0 -> catalog = me } break
    or_end(catalog, CURRENT)
    od
#endif
}

/* ---------------------------------------------------------------- leases and batches */

#define is_fed(kind) (offset[kind].table != NO_TABLE && (kind != FILLED || VERSION))

#ifdef M_TAKE_IGNORES_PAUSE
#define is_paused(kind) false
#else
#define is_paused(kind) (paused && (kind != FILLED || VERSION))
#endif

/* In the safety runs a lease may run out at any time. Nothing but the fencing must be needed. */
#ifdef LIVENESS
#define may_take(kind) ((offset[kind].owner == 0 || has_run_out(kind)) && offset[kind].position < EVENTS && !is_paused(kind))
#else
#define may_take(kind) (takes > 0 && !is_paused(kind))
#endif

/* What a process knows of the lease that it has */
inline forget() {
    kind = NONE; epoch = 0; position = 0; table = NO_TABLE
}

/* First statement of the transaction that takes a lease: the update, which locks the row. */
inline begin_take(which) {
    kind = which;
#ifndef LIVENESS
    takes--;
#endif
    offset[kind].lock = me;
    printf("%e %d locks row %d to take its lease\n", who, me, kind)
}

/* Then offset and table are read, under the lock, and all is committed. */
inline commit_take() {
#ifndef M_TAKE_KEEPS_EPOCH
    offset[kind].epoch++;
#endif
    offset[kind].owner = me;
    epoch = offset[kind].epoch;
#ifndef M_TAKE_READS_FIRST
    position = offset[kind].position;
    table = offset[kind].table;
#endif
#ifdef LIVENESS
    had_lease = had_lease | (1 << me);
#endif
    unlock(me);
    printf("%e %d takes the lease of row %d: epoch %d, position %d, table %d\n", who, me, kind, epoch, position, table)
}

/* advance(): compare-and-set, by an update that has waited for the row's lock and reads the row anew. */
#if defined(M_ADVANCE_WITHOUT_EPOCH)
#define is_mine(kind, epoch, position) (offset[kind].position == position)
#elif defined(M_ADVANCE_WITHOUT_POSITION)
#define is_mine(kind, epoch, position) (offset[kind].epoch == epoch)
#else
#define is_mine(kind, epoch, position) (offset[kind].epoch == epoch && offset[kind].position == position)
#endif

/*
 * A batch of one event: the rows, advance(), commit. Afterwards the process still has its lease, or it has forgotten it.
 * If the transaction fails or its session is ended, the process reads its offset anew, or loses its lease, or dies.
 */
inline apply() {
#ifdef LIVENESS
    /* Free SQL is interactive, other tables are written in a pipeline. The row of the table that both write is locked. */
    do
    :: d_step {
        table_lock[table] == 0 ->
        table_lock[table] = me;
        pipelined = pipelined | (1 << me);
        printf("%e %d writes to table %d, in a pipeline\n", who, me, table)
    } break
    :: d_step {
        table_lock[table] == 0 ->
        table_lock[table] = me;
        printf("%e %d writes to table %d, statement by statement\n", who, me, table)
    } break
    or_end(table_lock[table], kind)
    od;
#endif
#ifdef M_OFFSET_APART
    d_step { fold(table, position + 1); printf("%e %d commits event %d to table %d\n", who, me, position + 1, table) };
#endif
    do
    :: atomic {
        offset[kind].lock == 0 ->
        if
        :: is_mine(kind, epoch, position) -> offset[kind].lock = me
        :: else ->
            d_step { printf("%e %d has lost row %d at epoch %d, position %d\n", who, me, kind, epoch, position); unlock(me); forget() }
        fi;
        break
    }
    or_end(offset[kind].lock, kind)
    od;
    if
    :: d_step {
        kind != NONE ->
#ifndef M_OFFSET_APART
        fold(table, position + 1);
#endif
        position++;
        offset[kind].position = position;
        unlock(me);
        printf("%e %d commits event %d to table %d and row %d\n", who, me, position, table, kind);
        check()
    }
#ifndef LIVENESS
    :: d_step { kind != NONE -> printf("%e %d fails with event %d\n", who, me, position + 1); unlock(me) } reload()
    :: d_step { kind != NONE -> printf("%e %d dies with event %d\n", who, me, position + 1); unlock(me); forget() }
#endif
    :: kind == NONE
    fi
}

/* Reads the offset anew. A lease that was lost meanwhile is seen here or by advance(). */
inline reload() {
    d_step {
        if
        :: offset[kind].epoch == epoch -> position = offset[kind].position
        :: else -> forget()
        fi
    }
}

/* renew_lease() and release_lease() are statements of their own. */
inline use_lease() {
    if
#ifndef M_RELEASE_WITHOUT_EPOCH
    :: offset[kind].epoch != epoch -> forget()
#endif
    :: else -> own_lease = (offset[kind].owner == me || offset[kind].owner == 0); assert(own_lease)
    fi
}

/* ---------------------------------------------------------------- notes */

#if READERS
inline begin_note() {
    for (i : 0 .. READERS - 1) { if :: snapshot[i].open -> noting[me] = noting[me] | (1 << i) :: else fi }
    i = 0
}
#else
inline begin_note() { skip }
#endif

inline commit_note(which, through) {
    note[which].position = through;
    note[which].older = noting[me];
    noting[me] = 0;
    printf("%e %d notes that row %d's table is complete up to %d\n", who, me, which, through)
}

/* By who has the lease, for what it has committed. The lease is compared: a note that comes late would be too old. */
inline make_note() {
    d_step { skip; begin_note(); printf("%e %d begins a note on row %d\n", who, me, kind) };
    do
    :: d_step {
        offset[kind].lock == 0 ->
        if
#ifndef M_NOTE_WITHOUT_EPOCH
        :: offset[kind].epoch != epoch -> noting[me] = 0; forget()
#endif
#ifdef M_NOTE_READS_LATE
        :: else -> commit_note(kind, offset[kind].position)   /* events that came after the transaction's id */
#else
        :: else -> commit_note(kind, position)
#endif
        fi
    } break
    or_end(offset[kind].lock, kind)
    od
}

inline forget_note(which) {
    note[which].position = 0; note[which].older = 0
}

/* ---------------------------------------------------------------- what changes the view */

/* Locks all rows that it will read or write, and only then reads them. */
inline lock_all() {
    lock_catalog();
#ifdef M_SOURCE_BEFORE_LOCK
    /* mutant: "update offsets ... from (select ... from offsets)". The source is as it was before the wait. */
    atomic { stale_current = offset[CURRENT].position; stale_kept = offset[KEPT].position };
#endif
    lock_row(CURRENT);
#if KEEP || ROLLBACKS
    lock_row(KEPT);
#endif
#if REBUILDERS || VERSION
    lock_row(FILLED)
#endif
}

#ifdef M_SOURCE_BEFORE_LOCK
#define STALE byte stale_current, stale_kept;
#define position_of_current stale_current
#define position_of_kept stale_kept
#else
#define STALE
#define position_of_current offset[CURRENT].position
#define position_of_kept offset[KEPT].position
#endif

/* Gives a table's offset to another row. Whoever had either lease commits nothing any more. */
inline move(source, target, through) {
    offset[target].position = through;
    offset[target].table = offset[source].table;
#ifndef M_MOVE_KEEPS_EPOCH
    if :: offset[source].epoch > offset[target].epoch -> offset[target].epoch = offset[source].epoch :: else fi;
    offset[target].epoch++;
    offset[source].epoch++;
#endif
    offset[target].owner = 0;
    offset[source].position = 0;
    offset[source].table = NO_TABLE;
    offset[source].owner = 0;
    forget_note(source);
    forget_note(target)
}

/* Two tables change places, with their offsets. */
inline exchange() {
    n = position_of_current;
    offset[CURRENT].position = position_of_kept;
    offset[KEPT].position = n;
    n = offset[CURRENT].table;
    offset[CURRENT].table = offset[KEPT].table;
    offset[KEPT].table = n;
#ifndef M_MOVE_KEEPS_EPOCH
    n = (offset[CURRENT].epoch > offset[KEPT].epoch -> offset[CURRENT].epoch : offset[KEPT].epoch) + 1;
    offset[CURRENT].epoch = n;
    offset[KEPT].epoch = n;
#endif
    n = 0;
    offset[CURRENT].owner = 0;
    offset[KEPT].owner = 0;
    forget_note(CURRENT);
    forget_note(KEPT)
}

/* Is what is shown behind what would be shown, for everybody who reads or may still read? */
#ifdef M_SWAP_MAY_GO_BACK
#define is_behind(through) false
#else
#define is_behind(through) (offset[displayed].position > through)
#endif
#ifdef M_SHOW_COMPARES_PRESENT_POSITION
#define shown_through(kind) offset[kind].position
#else
#define shown_through(kind) note[kind].position
#endif
#ifdef M_SHOW_DOES_NOT_WAIT
#define can_show (!was_shown && !is_behind(shown_through(FILLED)))
#else
#define can_show (!was_shown && !is_behind(shown_through(FILLED)) && note[FILLED].older == 0)
#endif

/* A transaction may fail at any time, or its session be ended. */
#ifdef LIVENESS
#define or_abort
#else
#define or_abort :: d_step { unlock(me) }
#endif

/* ---------------------------------------------------------------- a worker */

#if ORPHANS
/* A transaction whose client is gone. Its session has the whole pipeline, up to the commit, and goes on. */
byte orphan_kind = NONE, orphan_epoch, orphan_position, orphan_table;
byte orphans = ORPHANS;
#endif
inline lose_connection() {
    d_step {
        kind != NONE && position < EVENTS && orphans > 0 && orphan_kind == NONE ->
        orphans--;
        orphan_kind = kind; orphan_epoch = epoch; orphan_position = position; orphan_table = table;
        printf("%e %d loses its connection, with event %d on its way\n", who, me, position + 1)
    }
}

proctype Worker() {
    mtype who = worker;
    byte kind = NONE, epoch, position, table, takes = TAKES;

    may_hang
end:
    do
    /* takes a lease */
    :: atomic {
        if
#ifdef M_TAKE_READS_FIRST
        /* mutant: offset and table as the first look showed them, not as they are under the lease */
        :: kind == NONE && is_fed(CURRENT) && may_take(CURRENT) -> kind = CURRENT
        :: kind == NONE && is_fed(KEPT) && may_take(KEPT) -> kind = KEPT
        fi;
        position = offset[kind].position; table = offset[kind].table
    }
    atomic {
        offset[kind].lock == 0 -> begin_take(kind)
#else
        :: kind == NONE && is_fed(CURRENT) && may_take(CURRENT) && offset[CURRENT].lock == 0 -> begin_take(CURRENT)
        :: kind == NONE && is_fed(KEPT) && may_take(KEPT) && offset[KEPT].lock == 0 -> begin_take(KEPT)
        :: kind == NONE && is_fed(FILLED) && may_take(FILLED) && offset[FILLED].lock == 0 -> begin_take(FILLED)
        fi
#endif
    }
    if
#if PAUSES
    /* Looked at once more under the lock. A pause that commits after this is seen by the holder. */
    :: d_step { is_paused(kind) -> unlock(me); forget() }
    :: !is_paused(kind)
#else
    :: true
#endif
    fi;
    if
    :: kind == NONE
    :: d_step { kind != NONE && offset[kind].table != NO_TABLE -> commit_take() }
    :: d_step { kind != NONE && offset[kind].table == NO_TABLE -> unlock(me); forget() }
#ifndef LIVENESS
    :: d_step { kind != NONE -> unlock(me); forget() }
#endif
    fi
#ifdef LIVENESS
    or_end(offset[CURRENT].lock, CURRENT)
    or_end(offset[KEPT].lock, KEPT)
    or_end(offset[FILLED].lock, FILLED)
#endif

    /* has a lease */
    :: kind != NONE && position < EVENTS -> apply()
#if ORPHANS
    :: lose_connection() -> reload()
#endif
#if PAUSES && !defined(M_HOLDER_IGNORES_PAUSE)
    :: d_step {
        kind != NONE && paused && (kind != FILLED || VERSION) && offset[kind].lock == 0 ->
        printf("%e %d sees the pause and gives row %d back\n", who, me, kind);
        if :: offset[kind].epoch == epoch -> offset[kind].owner = 0 :: else fi;
        forget()
    }
#endif
#if HANDOVERS
    :: d_step {
        kind != NONE && handovers > 0 && offset[kind].lock == 0 ->
        printf("%e %d gives row %d back: another node has fewer\n", who, me, kind);
        handovers--;
        if :: offset[kind].epoch == epoch -> offset[kind].owner = 0 :: else fi;
        forget()
    }
#endif
#if LEFT
    /* The database cannot be reached for a moment when the lease is to be given back. */
    :: d_step { kind != NONE && strays > 0 -> printf("%e %d leaves row %d behind\n", who, me, kind); strays--; forget() }
#ifndef M_LEFT_BEHIND_STAYS
    /* The keeper sees a lease of its session on which nobody works. */
    :: d_step { kind == NONE && offset[CURRENT].owner == me && offset[CURRENT].lock == 0 -> offset[CURRENT].owner = 0 }
    :: d_step { kind == NONE && offset[KEPT].owner == me && offset[KEPT].lock == 0 -> offset[KEPT].owner = 0 }
    :: d_step { kind == NONE && offset[FILLED].owner == me && offset[FILLED].lock == 0 -> offset[FILLED].owner = 0 }
#endif
#endif
#ifndef LIVENESS
    :: d_step { kind != NONE && offset[kind].lock == 0 -> use_lease() }   /* renews it */
    :: d_step {
        kind != NONE && offset[kind].lock == 0 ->   /* gives it back */
        use_lease();
        if :: kind != NONE -> offset[kind].owner = 0; forget() :: else fi
    }
    :: d_step { kind != NONE -> forget() }   /* dies */
#elif !defined(QUIET)
    :: d_step {
        kind != NONE && position == EVENTS && offset[kind].lock == 0 && (kind != FILLED || was_shown) ->
        if :: offset[kind].epoch == epoch -> offset[kind].owner = 0 :: else fi;
        forget()
    }
#endif

#if VERSION
    /* The new version has caught up with the log as it was at some time: it is shown. */
    :: kind == FILLED && position > (ALL_FIRST -> EVENTS - 1 : 0) && !was_shown ->
        make_note();
        if
        :: kind != NONE ->
            lock_all();
            if
            :: d_step { !can_show -> unlock(me) }
            :: d_step {
                can_show ->
                displayed = FILLED;
                was_shown = true;
                unlock(me);
                printf("%e %d shows the new version\n", who, me);
                check()
            }
            or_abort
            fi
        :: kind == NONE
        fi
#endif
    od
    unless_hung
}

/* ---------------------------------------------------------------- a rebuild */

#if REBUILDERS
/* In the swap's transaction, under the locks: is the rebuild still its own, and is nobody in the way? */
#if defined(M_SWAP_WITHOUT_POSITION)
#define can_swap (offset[FILLED].epoch == epoch && !is_behind(position) && note[FILLED].older == 0)
#elif defined(M_SWAP_WITHOUT_EPOCH)
#define can_swap (!is_behind(position) && note[FILLED].older == 0)
#else
#define can_swap \
    (offset[FILLED].epoch == epoch && offset[FILLED].position == position && !is_behind(position) \
        && note[FILLED].older == 0)
#endif

proctype Rebuilder() {
    mtype who = rebuild;
    byte kind = NONE, epoch, position, table, takes = RETAKES;
    bool noted;   /* what is in the table by now */
    STALE

    may_hang
end:
    do
    /* begins, or resumes where the last one stopped */
    :: atomic { kind == NONE && takes > 0 && offset[FILLED].table != NO_TABLE && offset[FILLED].lock == 0 ->
        d_step {
            kind = FILLED;
            takes--;
            offset[kind].lock = me
        }
    }
    if
    :: d_step {
        skip;
        commit_take();
        noted = false;
#ifdef M_NOTE_LOST_ON_RESUME
        /* mutant: only the process that has caught up knows that a new note is due */
        noted = (note[FILLED].position != 0)
#endif
    }
#ifndef LIVENESS
    :: d_step { unlock(me); forget() }
#endif
    fi

    /* loads, and catches up */
    :: kind != NONE && position < EVENTS ->
#ifdef M_NOTE_WITH_ROWS
        /* mutant: the transaction that writes the last rows is the one that is noted */
        d_step { skip; begin_note() };
#endif
        apply();
        d_step {
            skip;
#if defined(M_NOTE_WITH_ROWS)
            if :: kind != NONE -> commit_note(kind, position) :: else -> noting[me] = 0 fi
#elif !defined(M_NOTE_ONCE)
            noted = false
#endif
        }

#if ORPHANS
    :: lose_connection() -> reload(); noted = false
#endif

#ifndef M_NOTE_WITH_ROWS
    :: kind != NONE && position > (ALL_FIRST -> EVENTS - 1 : 0) && !noted -> make_note(); noted = (kind != NONE)
#endif

#ifdef M_NOTE_WITH_ROWS
    :: kind != NONE && position > 0 ->
#else
    :: kind != NONE && noted ->
#endif
        lock_all();
        if
        :: d_step {
            can_swap ->
#if KEEP
            move(CURRENT, KEPT, position_of_current);
#endif
            move(FILLED, CURRENT, position);
            unlock(me);
            forget();
            takes = 0;
            noted = false;
            printf("%e %d swaps\n", who, me);
            check()
        }
        :: d_step { !can_swap -> unlock(me); if :: offset[FILLED].epoch != epoch -> forget() :: else fi }
        or_abort
        fi
#ifndef LIVENESS
    :: d_step { kind != NONE -> forget() }   /* dies */
#endif
    od
    unless_hung
}
#endif

/* ---------------------------------------------------------------- a rollback */

#if ROLLBACKS
/* What was shown before: what a swap of the same version has kept, or the version before, which is a row of its own. */
#if VERSION
#define BEFORE CURRENT
#define has_before (displayed == FILLED)
#else
#define BEFORE KEPT
#define has_before (offset[KEPT].table != NO_TABLE)
#endif
#if defined(M_ROLLBACK_DOES_NOT_WAIT)
#define can_roll_back (has_before && !is_behind(offset[BEFORE].position))
#elif defined(M_ROLLBACK_MAY_GO_BACK)
#define can_roll_back has_before
#else
#define can_roll_back (has_before && !is_behind(note[BEFORE].position) && note[BEFORE].older == 0)
#endif

/* Somebody at a console, who has no lease. */
proctype Operator() {
    mtype who = rollback;
    byte kind = NONE, epoch, position, table, left = ROLLBACKS;
    STALE

    may_hang
end:
    do
    :: left > 0 && has_before ->
        /* The epoch says whether the row is still about the same table when the note is committed. */
        d_step { kind = BEFORE; epoch = offset[BEFORE].epoch; position = offset[BEFORE].position };
        make_note();
        if
        :: kind != NONE ->
            lock_all();
            if
            :: d_step {
                can_roll_back ->
#if VERSION
                displayed = BEFORE;
#else
                exchange();
#endif
                unlock(me);
                left--;
                printf("%e %d shows what was shown before\n", who, me);
                check()
            }
            :: d_step {
                !can_roll_back ->
                unlock(me);
                printf("%e %d cannot go back yet\n", who, me)
#ifdef LIVENESS
                ; left--
#endif
            }
            or_abort
            fi;
            d_step { skip; forget() }
        :: kind == NONE
        fi
    od
    unless_hung
}
#endif

/* ---------------------------------------------------------------- a pause */

#if PAUSES
proctype Pauser() {
    paused = true;
    if
    :: paused = false
    :: skip   /* for good */
    fi
}
#endif

/* ---------------------------------------------------------------- a transaction whose client is gone */

#if ORPHANS
proctype Orphan() {
    mtype who = worker;
    byte kind = NONE, epoch, position, table;
end:
    do
    :: d_step {
        orphan_kind != NONE ->
        kind = orphan_kind; epoch = orphan_epoch; position = orphan_position; table = orphan_table
    }
    apply();
    d_step {
        skip; forget(); orphan_kind = NONE; orphan_epoch = 0; orphan_position = 0; orphan_table = 0
    }
    od
}
#endif

/* ---------------------------------------------------------------- readers with one snapshot */

#if READERS
proctype Reader(byte r) {
end:
    do
    /* The first statement of a REPEATABLE READ transaction, whatever it reads; or a statement that calls functions. */
    :: d_step {
        !snapshot[r].open ->
        snapshot[r].open = true;
        for (n : 1 .. TABLES - 1) { snapshot[r].rows[n] = rows[n] }
        n = 0;
        snapshot[r].answer = shown;
        printf("reader %d takes its snapshot\n", r)
    }
    /* It reads by the stable name: the name means what it means now, the rows are those of the snapshot. */
    :: d_step {
        snapshot[r].open ->
        printf("reader %d reads table %d\n", r, offset[displayed].table);
        saw(snapshot[r].answer, snapshot[r].rows[offset[displayed].table]);
        end_snapshot(r)
    }
    /* It ends without that. */
    :: d_step { snapshot[r].open -> printf("reader %d ends\n", r); end_snapshot(r) }
    od
}
#endif

/* ---------------------------------------------------------------- who hangs */

#ifdef LIVENESS
#define is_locked_by(who) \
    (catalog == who || offset[CURRENT].lock == who || offset[KEPT].lock == who || offset[FILLED].lock == who \
        || table_lock[1] == who || table_lock[2] == who)

proctype Fate() {
    byte victim = 1;

    /* Any process, anywhere, or none */
    do
    :: victim < CLIENTS -> victim++
    :: d_step { hung = victim; printf("process %d hangs\n", victim) } break
    :: break
    od;
    victim = 0;
#if !defined(M_NOBODY_ENDS_IT) && !defined(M_NO_TIMEOUT)
    /* idle_in_transaction_session_timeout: the server waits for the client's next statement, and there is none. */
    d_step {
        hung != 0 && is_locked_by(hung) && !((pipelined >> hung) & 1) ->
        printf("the server ends the session of %d, which is idle in a transaction\n", hung);
        unlock(hung)
    }
#endif
}

proctype Clock() {
    do
#ifdef M_SHARED_CLOCK
    :: put_back = !put_back   /* somebody puts the server's clock back, again and again */
#endif
    :: !put_back              /* time goes on, even if all others wait for ever */
    od
}
#endif

/* ---------------------------------------------------------------- the beginning */

init {
    atomic {
        /* What is shown has rows. */
        d_step {
            displayed = CURRENT;
#if ROLLBACKS && !REBUILDERS && !VERSION
            offset[CURRENT].table = 2; offset[CURRENT].position = 1; rows[2] = upto(1);
            offset[KEPT].table = 1; offset[KEPT].position = KEPT_FROM; rows[1] = upto(KEPT_FROM);
#else
            offset[CURRENT].table = 1; offset[CURRENT].position = 1; rows[1] = upto(1);
#endif
#if REBUILDERS || VERSION
            offset[FILLED].table = 2;
#endif
            peak = shown
        }
        for (n : 1 .. WORKERS) { run Worker() }
#if REBUILDERS
        for (n : 1 .. REBUILDERS) { run Rebuilder() }
#endif
#if ROLLBACKS
        run Operator();
#endif
#if ORPHANS
        run Orphan();
#endif
#if PAUSES
        run Pauser();
#endif
#if READERS
        for (n : 1 .. READERS) { run Reader(n - 1) }
#endif
#ifdef LIVENESS
        run Fate();
        run Clock();
#endif
        n = 0
    }
}

/*
 * Liveness, under weak fairness: although somebody hangs, in the end every table that is kept up to date is complete, or
 * paused; and of a paused one nobody has the lease, but for who hangs.
 */
#ifdef LIVENESS
#define is_served(kind) (!is_fed(kind) || offset[kind].position == EVENTS || (paused && (kind != FILLED || VERSION)))
#define is_quiet(kind) (!paused || offset[kind].owner == 0 || offset[kind].owner == hung)
#ifdef QUIET
ltl ends_quiet { <> [] (is_quiet(CURRENT) && is_quiet(KEPT)) }
#else
ltl ends_replaced { <> [] (is_served(CURRENT) && is_served(KEPT) && is_served(FILLED)) }
#endif
#endif
