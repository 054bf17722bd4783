/*
 * The frontier of the PostgreSQL event log, as a Promela model for Spin.
 *
 * Positions come from a sequence, so a later position can commit first. The appenders and the reader below follow the
 * protocol that lets a reader pass a position only when nothing can still appear at or below it. Spin explores every
 * interleaving of their steps. One step is what PostgreSQL does atomically; nothing is assumed between two steps.
 *
 * The appender's steps are hold_frontier() and append() in schema/, the reader's are FrontierBound and what
 * uses it. Left out, because no step depends on it: payloads, NOTIFY, stream locks (the unique index alone suffices).
 * README.md says what is assumed.
 *
 * Settings of a configuration (-DNAME=value):
 *   APPENDERS   sessions that append
 *   START       last_value at the beginning; everything up to it is visible and has been read. 0: never used (null)
 *   EVENTS      an append writes 1 ... EVENTS events, each with a position of its own
 *   APPENDS     appends of session 0, in one transaction or in several
 *   OTHERS      appends of each other session
 *   SAVEPOINTS  how deep session 0 nests savepoints; OPENED limits how many it opens in all
 *   PREPARED    1: transactions may be prepared
 *   CRASHES     how often the server may crash
 *   JUMP        by how many positions a crash may move the sequence forward (PostgreSQL: up to 32)
 *   STREAM      1: all appends go to one stream, and versions are checked
 *   HANDS       how often session 0, which means harm, may take a lock or write its note by hand
 *   MODULUS     how many values the low half of a position has (PostgreSQL: 2^32)
 *
 * -DM_... selects a mutant: the same protocol with one thing wrong. -DV_... is a change that must make no difference.
 */
#ifndef APPENDERS
#define APPENDERS 3
#endif
#ifndef START
#define START 0
#endif
#ifndef EVENTS
#define EVENTS 1
#endif
#ifndef APPENDS
#define APPENDS 1
#endif
#ifndef OTHERS
#define OTHERS 1
#endif
#ifndef SAVEPOINTS
#define SAVEPOINTS 0
#endif
#ifndef OPENED
#define OPENED SAVEPOINTS
#endif
#ifndef PREPARED
#define PREPARED 0
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef JUMP
#define JUMP 2
#endif
#ifndef STREAM
#define STREAM 0
#endif
#ifndef HANDS
#define HANDS 0
#endif
#ifndef MODULUS
#define MODULUS 16
#endif

/* ---------------------------------------------------------------- the server that holds the log */

#define LEVELS   (SAVEPOINTS + 1)   /* level 0 is the transaction itself, each open savepoint adds one */
#define NO_NOTE  255
#define REACH    (MODULUS / 4)      /* how far below the true floor a noted one may be; 2^24 in PostgreSQL */
#define NO_LOCKS 127                /* the lowest floor when nobody holds a lock: above every position */

/* A set of positions is a bit mask. No set contains START or anything below it. */
#define only(p) (1 << ((p) - START))
#define upto(p) ((1 << ((p) - START + 1)) - 1)
#define has(set, index) (((set) >> (index)) & 1)
#define INDEXES 0 .. 15

/* The lock's second key is the low half of the floor: four bytes in PostgreSQL, one of MODULUS values here. */
#define low(p) ((p) % MODULUS)

/* What the server knows of a session's transaction. */
#define IDLE    0
#define OPEN    1   /* a crash loses it */
#define HELD    2   /* PREPARE TRANSACTION is on disk: a crash neither loses nor ends it */
#define FLUSHED 3   /* the commit record is on disk: a crash completes it */

typedef Session {
    byte state;
    int keys[LEVELS];        /* the rows in pg_locks, a bit for each low half; a lock belongs to the level that took it */
#if HANDS
    int by_hand;             /* locks that belong to the session and not to its transaction */
#endif
    short pending[LEVELS];   /* positions of inserted rows that are not visible yet */
#if STREAM
    short inserted;          /* their versions in the unique index */
#endif
#if CRASHES
    bool lost;               /* the crash took the connection while a transaction was open */
#endif
#ifdef M_CACHE
    byte cached;             /* a position that this session took from the sequence in advance; 0: none */
#endif
};

Session session[APPENDERS];
byte last = START;           /* the sequence's last_value; 0 stands for null, the answer before first use */
short visible;               /* positions that a new snapshot sees */
byte working = APPENDERS;    /* appenders that have not finished */
byte begun;                  /* appenders that have begun, see wait_for_turn */

#if STREAM
byte head;                   /* the stream's highest visible version; the first event has version 1 here */
byte version_at[16];         /* the version of the event at position START + index */
short claimed;               /* versions that some open transaction has inserted */
#endif

/* ---------------------------------------------------------------- the reader, and its offset in another server */

byte offset = START;         /* stored with the view: it survives any crash of the log's server */
short seen;                  /* positions that were read and applied */
byte phase;                  /* the reader's next step */
byte S;                      /* step 1: the sequence's last value */
short F;                     /* step 2: the lowest floor among the locks */
short rows;                  /* step 3: what the snapshot sees, then the part of it that may be applied */
byte target = START;         /* the offset to store with it */
bool settled;                /* this pass began when all appenders had finished */
#if STREAM
byte read_version;           /* the version of the last event read */
#endif

/* ---------------------------------------------------------------- the properties, by name */

bool no_loss = true;         /* nothing is visible at or below the offset that was not read */
bool once_in_order = true;   /* each event is read once, at a position above all that were read before */
bool versions_ascend = true; /* within a stream, positions follow versions without a gap */
bool caught_up = true;       /* a pass that begins after the last appender finished leaves nothing unread */

byte i, n, highest;          /* scratch for one step, always left at 0 */
short rebuilt, bound;
int all;

#define check_no_loss(set) no_loss = (((set) & upto(offset)) == 0); assert(no_loss)

/* ---------------------------------------------------------------- steps of an appender */

#define me _pid
#define my session[me]

/* Sessions with the same budget are interchangeable: only one order of their first steps needs a look. */
#if APPENDS == OTHERS && !SAVEPOINTS && !HANDS
#define wait_for_turn (begun >= me)
#else
#define wait_for_turn (me == 0 || begun >= me - 1)
#endif
inline begin() {
    my.state = OPEN;
    if :: begun == me - ((APPENDS == OTHERS && !SAVEPOINTS && !HANDS) -> 0 : 1) -> begun++ :: else fi
}

/* Mutants that take no lock where one seems to be held. In the first the note says no more than that there is one. */
#if defined(M_BELIEVES_ANY_LOCK)
#define believed (note[level] != NO_NOTE && (my.by_hand != 0 || my.keys[0] != 0))
#elif defined(M_BELIEVES_NOTED_LOCK)
#define believed (usable(note[level]) && has(my.by_hand | my.keys[0], low(note[level])))
#elif defined(M_BELIEVES_NOTE)
#define believed (note[level] != NO_NOTE)
#else
#define believed false
#endif

/* A noted floor is of use at or below the true one, and not so far below that readers could take it for another. */
#if defined(M_NOTE_UNCHECKED)
#define usable(floor) (floor != NO_NOTE)
#elif defined(M_NOTE_FROM_AFAR)
#define usable(floor) (floor != NO_NOTE && floor <= last)
#else
#define usable(floor) (floor != NO_NOTE && floor <= last && last - floor <= REACH)
#endif

/* coalesce(pg_sequence_last_value(positions), 0) */
inline read_floor() {
    d_step {
        wait_for_turn -> begin();
        floor = last;
        printf("appender %d reads floor %d\n", me, floor)
    }
}

/* pg_advisory_xact_lock_shared(class, low half of the floor), then set_config(setting, ..., is_local => true) */
inline take_lock() {
    d_step {
#ifdef M_NULL_FLOOR
        /* without coalesce: a strict function called with null does nothing */
        if :: floor > 0 -> my.keys[level] = my.keys[level] | (1 << low(floor)) :: else fi;
#else
        my.keys[level] = my.keys[level] | (1 << low(floor));
#endif
        note[level] = floor;
        printf("appender %d takes the lock of floor %d at level %d\n", me, floor, level);
        floor = 0
    }
}

/* The same on the noted floor. Reading the true one and taking the lock make one step here: a floor that was at or below the
   sequence's last value stays there. */
inline take_noted_lock() {
    d_step {
        floor = note[level];
        my.keys[level] = my.keys[level] | (1 << low(floor));
        printf("appender %d takes the noted lock of floor %d at level %d\n", me, floor, level);
        floor = 0
    }
}

#if HANDS
/* What a role may do that only appends: take locks of any key, which end with its transaction or, given up before, with its
   session; and write any note. */
inline take_by_hand() {
    if
    :: atomic {
           hands > 0 && wait_for_turn -> begin(); hands--;
           select(any : 0 .. MODULUS - 1);
           if
           :: my.keys[level] = my.keys[level] | (1 << any); printf("appender %d locks %d by hand\n", me, any)
           :: my.by_hand = my.by_hand | (1 << any); printf("appender %d locks %d for its session by hand\n", me, any)
           :: note[level] = START - MODULUS / 2 + any; printf("appender %d notes %d by hand\n", me, note[level])
           fi;
           any = 0
       }
    :: d_step { my.by_hand != 0 -> my.by_hand = 0; printf("appender %d gives up its session's locks\n", me) }
    fi
}
#endif

/* nextval(positions), once for each event */
inline draw() {
    d_step {
        wait_for_turn -> begin();
#ifdef M_CACHE
        /* a sequence with CACHE 2 gives this session the next value as well, for later */
        if
        :: my.cached > 0 -> position = my.cached; my.cached = 0
        :: else -> last = last + 2; position = last - 1; my.cached = last
        fi;
#else
        last++;
        position = last;
#endif
        assert(last - START < 15);   /* the bit masks hold no more */
        left--;
        printf("appender %d draws position %d\n", me, position);
#if !STREAM
        /* The row is inserted in the same step: nobody sees a row before it is committed. */
        my.pending[level] = my.pending[level] | only(position);
        position = 0
#endif
    }
}

#if STREAM
/* select version from events where stream = ... order by version desc limit 1: the committed version */
inline read_version_of_stream() {
    d_step {
        wait_for_turn -> begin();
        version = head;
        checked = true;
        printf("appender %d sees version %d\n", me, version)
    }
}

/* insert into events: the unique index on (stream, version) waits while another open transaction has that key */
inline insert() {
    atomic {
        !has(claimed, version + 1) ->
        version++;
        if
        :: version <= head ->   /* unique_violation: the transaction fails */
            printf("appender %d conflicts at version %d\n", me, version);
            goto rollback
        :: else ->
            d_step {
                my.pending[level] = my.pending[level] | only(position);
                my.inserted = my.inserted | (1 << version);
                claimed = claimed | (1 << version);
                version_at[position - START] = version;
                printf("appender %d inserts version %d at position %d\n", me, version, position);
                position = 0
            }
        fi
    }
}
#endif

/* The append function, for one or more events. The order of these steps is what the proof is about. */
inline append() {
#if STREAM && !defined(M_VERSION_AFTER_DRAW)
    read_version_of_stream();
#endif
#if defined(M_LOCK_AFTER_DRAW) || defined(M_FLOOR_AFTER_DRAW)
    /* mutants: positions exist before the lock does */
#ifdef M_LOCK_AFTER_DRAW
    read_floor();
#endif
    do :: left > 0 -> draw() :: left < EVENTS -> break od;
#ifdef M_FLOOR_AFTER_DRAW
    read_floor();
#endif
    take_lock();
#else
    if
    :: believed -> skip
    :: !believed && usable(note[level]) -> take_noted_lock()
    :: !believed && !usable(note[level]) -> read_floor(); take_lock()
    fi;
    do
    :: left > 0 ->
        draw();
#if STREAM
#ifdef M_VERSION_AFTER_DRAW
        if :: !checked -> read_version_of_stream() :: checked -> skip fi;
#endif
        insert()
#endif
    :: left < EVENTS -> break
    od;
#endif
    left = EVENTS
}

/* SAVEPOINT: a new level, which sees the setting as it stands */
inline open_savepoint() {
    d_step {
        level++;
        savepoints--;
        note[level] = note[level - 1];
        printf("appender %d: savepoint, now at level %d\n", me, level)
    }
}

/* ROLLBACK TO SAVEPOINT: rows, locks and settings of the level go together; the level stays */
inline rollback_to_savepoint() {
    d_step {
        my.pending[level] = 0;
        my.keys[level] = 0;
#ifdef M_CURSOR_LOCK
        /* the lock is a cursor's, which was opened before the savepoint and has failed since */
        my.keys[level - 1] = 0;
#endif
#ifndef M_SETTING_SURVIVES_ROLLBACK
        note[level] = note[level - 1];
#endif
        printf("appender %d: rollback to the savepoint of level %d\n", me, level)
    }
}

/* RELEASE SAVEPOINT: all of it passes to the level outside */
inline release_savepoint() {
    my.pending[level - 1] = my.pending[level - 1] | my.pending[level];
    my.keys[level - 1] = my.keys[level - 1] | my.keys[level];
    note[level - 1] = note[level];
    my.pending[level] = 0;
    my.keys[level] = 0;
    note[level] = NO_NOTE;
    level--
}

/* COMMIT and PREPARE TRANSACTION release every savepoint first */
inline release_all_savepoints() {
    do :: level > 0 -> release_savepoint() :: else -> break od
}

/* Rows appear to new snapshots. The reader must not be past any of them. */
inline make_visible(s) {
    check_no_loss(s.pending[0]);
    visible = visible | s.pending[0];
#ifndef M_ASYNC_COMMIT
    s.pending[0] = 0;   /* the mutant still has to lose them */
#endif
#if STREAM
    do :: has(s.inserted, head + 1) -> head++ :: else -> break od;
    claimed = claimed & ~s.inserted;
    s.inserted = 0;
#endif
}

/* The end of a transaction, for its locks */
inline release_locks(s) {
    for (n : 0 .. LEVELS - 1) {
#ifndef M_SESSION_LOCK
        s.keys[n] = 0;
#endif
        s.pending[n] = 0
    }
    n = 0;
    s.state = IDLE
}

/* Nothing of an aborted transaction remains, except the hole that its positions leave */
inline forget(s) {
#if STREAM
    for (n : INDEXES) { if :: has(s.pending[0], n) -> version_at[n] = 0 :: else fi }
    claimed = claimed & ~s.inserted;
    s.inserted = 0;
#endif
    release_locks(s)
}

/* The connection goes back to its pool, and the next transaction starts with clean variables. */
inline leave() {
#ifndef M_SETTING_SURVIVES_COMMIT
    for (n : 0 .. LEVELS - 1) { note[n] = NO_NOTE }
    n = 0;
#endif
    level = 0; floor = 0; position = 0; left = EVENTS; touched = false;
    savepoints = (me == 0 -> OPENED : 0);
#if HANDS
    if :: appends == 0 -> my.by_hand = 0; hands = 0 :: else fi;   /* the session ends */
#endif
#if STREAM
    version = 0; checked = false;
#endif
    if :: appends == 0 -> working-- :: else fi
}

/* COMMIT, in the order of PostgreSQL's CommitTransaction: WAL flush, ProcArrayEndTransaction, release of the locks */
inline commit() {
#ifdef M_ASYNC_COMMIT
    /* synchronous_commit = off: the rows appear and the locks go while the commit record is still in memory */
    d_step { make_visible(my); printf("appender %d: visible\n", me) }
    d_step { my.keys[0] = 0; printf("appender %d: locks released\n", me) }
    d_step { release_locks(my); leave(); printf("appender %d: commit record flushed\n", me) }
#else
#if CRASHES
    d_step { my.state = FLUSHED; printf("appender %d: commit record flushed\n", me) }
#endif
#ifdef M_RELEASE_BEFORE_VISIBLE
    d_step { my.keys[0] = 0; printf("appender %d: locks released\n", me) }
#endif
    d_step { printf("appender %d: visible\n", me); make_visible(my) }
    d_step { release_locks(my); leave(); printf("appender %d: locks released\n", me) }
#endif
}

active [APPENDERS] proctype Appender() {
    byte appends, savepoints, level, floor, position, left = EVENTS;
    byte note[LEVELS];       /* the transaction-local setting that names a floor, as each level sees it */
#if HANDS
    byte hands, any;
#endif
    bool touched;            /* this transaction has appended */
#if STREAM
    byte version;
    bool checked;
#endif

    d_step {
        for (n : 0 .. LEVELS - 1) { note[n] = NO_NOTE }
        n = 0;
#if HANDS
        if :: me == 0 -> hands = HANDS :: else fi;
#endif
        if :: me == 0 -> appends = APPENDS; savepoints = OPENED :: else -> appends = OTHERS fi
    }

    do
    :: appends > 0 ->
        {
            do
            :: appends > 0 && !(STREAM && touched) -> d_step { appends--; touched = true }; append()
#if HANDS
            :: hands > 0 || my.by_hand != 0 -> take_by_hand()
#endif
#if SAVEPOINTS
            :: savepoints > 0 && appends > 0 && level < SAVEPOINTS -> open_savepoint()
            :: level > 0 && touched && (my.keys[level] != 0 || my.pending[level] != 0) -> rollback_to_savepoint()
            :: level > 0 && touched ->
                d_step { release_savepoint(); printf("appender %d: savepoint released, now at level %d\n", me, level) }
#endif
            :: touched -> break
            od;

            if
            :: goto rollback
            :: level > 0 -> d_step { skip; release_all_savepoints(); skip }
            :: level == 0 -> skip
            fi;
#if PREPARED
            if
            :: skip
            :: d_step { my.state = HELD; printf("appender %d: prepared\n", me) };
               if :: skip :: goto rollback fi   /* COMMIT PREPARED or ROLLBACK PREPARED, by any session, at any time */
            fi;
#endif
            commit();
            goto ended;
rollback:
            skip;
            d_step { forget(my); leave(); printf("appender %d: rolled back\n", me) };
ended:
            skip
        }
#if CRASHES
        unless {
            d_step { my.lost -> my.lost = false; leave() }   /* the server has already ended the transaction */
        }
#endif
    :: appends == 0 -> break
    od
}

/* ---------------------------------------------------------------- steps of the reader */

/* Which step comes when. Each has a snapshot of its own. */
#if defined(M_SCAN_BEFORE_S)
#define SCAN 0
#define READ_S 1
#define SNAPSHOT 2
#elif defined(M_SNAPSHOT_BEFORE_SCAN)
#define READ_S 0
#define SNAPSHOT 1
#define SCAN 2
#elif defined(M_ONE_SNAPSHOT)
/* one statement, or REPEATABLE READ: the rows are fixed before the functions run */
#define SNAPSHOT 0
#define READ_S 1
#define SCAN 2
#else
#define READ_S 0
#define SCAN 1
#define SNAPSHOT 2
#endif
#define APPLY 3

/* A floor from its low half: the value next to S that has this low half, S + the signed difference of two int4 */
inline rebuild(half) {
#if defined(M_HIGH_HALF_OF_S)
    rebuilt = (S / MODULUS) * MODULUS + half;
#elif defined(M_UNSIGNED)
    rebuilt = S + (half + MODULUS - low(S)) % MODULUS;
#elif defined(V_UNSIGNED_BELOW)
    rebuilt = S - (low(S) + MODULUS - half) % MODULUS;
#else
    rebuilt = (half + MODULUS - low(S)) % MODULUS;
    if :: rebuilt >= MODULUS / 2 -> rebuilt = rebuilt - MODULUS :: else fi;
    rebuilt = S + rebuilt;
#endif
}

/* The highest position that this pass may read: min(S, F) */
inline read_bound() {
    bound = F;
#ifdef V_READ_F_PLUS_1
    bound = bound + 1;
#endif
#ifdef M_READ_F_PLUS_2
    bound = bound + 2;
#endif
#ifdef M_NO_LOCKS
    bound = S;
#endif
    if
#ifdef M_S_NULL_IS_NO_BOUND
    :: S == 0 -> skip   /* least(null, F) is F */
#endif
    :: bound > S -> bound = S
    :: else
    fi;
#ifdef M_WAIT_FOR_HOLES
    /* gap detection without a way out: stop at the first position that is missing */
    highest = offset;
    do :: has(rows, highest + 1 - START) -> highest++ :: else -> break od;
    if :: bound > highest -> bound = highest :: else fi;
#endif
}

/* The rows to apply, and the offset to store with them */
inline decide() {
    read_bound();
#if defined(M_OFFSET_IS_S)
    target = S;
#elif defined(M_OFFSET_IS_BOUND)
    target = (bound > offset -> bound : offset);
#else
    /* the position of an event that was read as visible, and never one below the stored offset */
    target = offset;
    for (i : INDEXES) {
        if
#ifdef M_OFFSET_MOVES_BACK
        :: START + i <= bound && (has(rows, i) || i == 0) -> target = START + i
#else
        :: START + i <= bound && has(rows, i) && START + i > target -> target = START + i
#endif
        :: else
        fi
    }
    i = 0;
#endif
    if :: bound > offset -> rows = rows & upto(bound) & ~upto(offset) :: else -> rows = 0 fi;
#ifndef LIVENESS
    if :: settled -> caught_up = ((visible & ~seen & ~rows) == 0); assert(caught_up) :: else fi;
#endif
    S = 0; F = 0; bound = 0; highest = 0; settled = false;
    if :: target == offset -> forget_pass() :: else fi   /* nothing to store */
}

/* After the last of the three steps: decide */
inline next_step(step) {
    phase++;
    if :: step == 2 -> decide() :: else fi
}

inline forget_pass() {
    phase = 0; S = 0; F = 0; rows = 0; target = START; settled = false
}

active proctype Reader() {
end:
    do
    /* select coalesce(pg_sequence_last_value(positions), 0) */
    :: d_step {
        phase == READ_S ->
        S = last;
        if :: phase == 0 -> settled = (working == 0) :: else fi;
        printf("reader reads S = %d\n", S);
        next_step(READ_S)
    }
    /* select ... from pg_locks where locktype = 'advisory' and database, classid are ours. One scan is one point in
       time: it holds every partition of the lock table at once. */
    :: d_step {
        phase == SCAN ->
#ifdef M_SCAN_BEFORE_S
        S = last;   /* only to rebuild the floors */
#endif
        F = NO_LOCKS;
        for (i : 0 .. APPENDERS - 1) {
#if HANDS
            all = session[i].by_hand;
#endif
            for (n : 0 .. LEVELS - 1) { all = all | session[i].keys[n] }
            for (n : 0 .. MODULUS - 1) {
                if
                :: has(all, n) ->
                    rebuild(n);
                    if :: rebuilt < F -> F = rebuilt :: else fi
                :: else
                fi
            }
            all = 0
        }
        i = 0; n = 0; rebuilt = 0;
#ifdef M_SCAN_BEFORE_S
        S = 0;
#endif
        if :: F == NO_LOCKS -> printf("reader scans: no locks\n") :: else -> printf("reader scans: F = %d\n", F) fi;
        next_step(SCAN)
    }
    /* select ... from events where position > offset and position <= bound order by position */
    :: d_step {
        phase == SNAPSHOT ->
        rows = visible;
        printf("reader takes its snapshot\n");
        next_step(SNAPSHOT)
    }
    /* The view's rows and the offset commit together, in the view's database. */
    :: d_step {
        phase == APPLY ->
        once_in_order = ((rows & seen) == 0);
        assert(once_in_order);
        for (i : INDEXES) {
            if
            :: has(rows, i) ->
                printf("reader applies position %d\n", START + i);
#if STREAM
                versions_ascend = (version_at[i] == read_version + 1);
                assert(versions_ascend);
                read_version = version_at[i]
#endif
            :: else
            fi
        }
        i = 0;
        seen = seen | rows;
        offset = target;
        printf("reader stores offset %d\n", offset);
        check_no_loss(visible & ~seen);
        forget_pass()
    }
#ifndef LIVENESS
    /* the reader dies, or loses its lease, and begins again from the stored offset */
    :: d_step { phase > 0 -> forget_pass(); printf("reader restarts\n") }
#endif
    od
}

/* ---------------------------------------------------------------- a crash of the log's server */

#if CRASHES
active proctype Server() {
    byte crashes = CRASHES;
    byte lowest, top;
end:
    do
    :: crashes > 0 ->
        atomic {
            crashes--;
            if
            :: goto stopped   /* it need not crash */
            :: skip
            fi;
            d_step {
                printf("the server crashes\n");
                top = last;
                for (i : 0 .. APPENDERS - 1) {
#if HANDS
                    session[i].by_hand = 0;
#endif
                    if
                    :: session[i].state == OPEN ->       /* lost, with its locks */
#ifdef M_ASYNC_COMMIT
                        visible = visible & ~session[i].pending[0];
#endif
                        forget(session[i]);
                        session[i].lost = true
                    :: session[i].state == FLUSHED ->    /* recovery replays its commit record */
                        make_visible(session[i]);
                        release_locks(session[i]);
                        session[i].lost = true
                    :: session[i].state == HELD ->       /* recovery gives it its locks back */
#ifdef M_PREPARED_LOCK_LOST
                        session[i].keys[0] = 0;
#endif
                        skip
                    :: else
                    fi;
#ifdef M_CACHE
                    session[i].cached = 0
#endif
                }
                /* The sequence forgets what no record on disk remembers: it never falls below a committed or a
                   prepared position. It may also skip forward, to the value that it had logged in advance. */
                all = visible;
                for (i : 0 .. APPENDERS - 1) { all = all | session[i].pending[0] }
                lowest = START;
                for (i : INDEXES) { if :: has(all, i) -> lowest = START + i :: else fi }
                i = 0; all = 0;
#ifndef M_S_SURVIVES_CRASH
                /* the reader's connection is gone, and what it knows of S and F with it; a snapshot's rows may stay */
                if :: phase < APPLY -> forget_pass() :: else fi
#endif
            };
            do
            :: lowest < top + JUMP -> lowest++
            :: break
            od;
            last = lowest;
            printf("the sequence continues after %d\n", last);
stopped:
            lowest = 0; top = 0
        }
    :: crashes == 0 -> break
    od
}
#endif

/* Liveness, under weak fairness: in the end every appender has finished and the reader has read all there is. */
#ifdef LIVENESS
ltl ends_caught_up { <> [] (working == 0 && seen == visible) }
#endif
