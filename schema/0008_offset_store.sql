-- The offset store: every operation on a lease or an offset, once. Its unit is a shard: a projection's table, or a durable
-- subscription, in one version and one partition, over one log.
--
-- Two rules hold throughout. Rows are locked before they are read, in the order of the key, so that nothing read before
-- a wait is used after it. And fencing a shard raises its epoch, which every later commit of a former owner compares.
--
-- take_lease(), renew_lease(), release_lease() and advance() of 0003 stay for one release: during a deployment,
-- processes of the previous release run beside those of this one.

create type shard as (kind text, name text, version integer, partition integer, log uuid);

alter table offsets
    -- Checksums of the applied events: the sum of their positions, and the exclusive or of their mixed positions. They
    -- are valid for the position in summed_through. If that is not the row's position, a program of the previous
    -- release has moved it since, and the applied events can no longer be proven.
    add column position_sum numeric not null default 0,
    add column position_mix bigint not null default 0,
    add column summed_through bigint not null default 0,
    -- Raised with each renewal: a process that has seen it unchanged for a lease's duration on its own clock knows that
    -- the owner hangs, whatever the server's clock says.
    add column renewals bigint not null default 0,
    -- Records by which transaction the rows became complete, and up to which position. A reader with an older snapshot
    -- would find rows missing, or older than those it has already seen.
    add column complete_by xid8,
    add column complete_through bigint,
    -- How many processes in a row have died while folding, and the positions that the last one had noted beforehand.
    add column crashes integer not null default 0,
    -- True from the note to the commit: a process that dies in between has died over what it had noted.
    add column is_noted boolean not null default false,
    -- How many times in a row this happened at this single event.
    add column crashed_at bigint,
    add column crashes_there integer not null default 0,
    add column suspect_low bigint,
    add column suspect_high bigint;

-- Whether a rebuild was started by an engine to fill a projection that is far behind: what a killed process has left of
-- it is discarded once an engine has caught up without it. A rebuild that was requested waits to be resumed.
alter table rebuilds add column begun_by_engine boolean not null default false;

-- A rebuild of the previous release has kept its sums elsewhere.
update offsets o set position_sum = r.position_sum, position_mix = r.position_mix, summed_through = o.position
from rebuilds r where o.kind = 'rebuild' and r.name = o.name and r.version = o.version and r.log = o.log;

-- True while the process with the lease is connected and has renewed it in time.
create function is_held(o offsets) returns boolean language sql volatile set search_path from current
    return o.owner is not null and o.leased_until >= clock_timestamp() and exists (
        -- A start time that is hidden from this role counts as the owner's.
        select from pg_stat_get_activity(o.owner_pid) a
        where coalesce(a.backend_start, o.owner_started_at) = o.owner_started_at);

-- Creates the shard's row, with a place to start, if it is missing. It checks first, because ON CONFLICT waits for a
-- transaction that has the row locked, whose process may hang.
create function make_shard(s shard, start_position bigint, start_anchor uuid) returns void
language sql volatile set search_path from current
as $$
    insert into offsets (kind, name, version, partition, log, position, anchor, summed_through)
    select s.kind, s.name, s.version, s.partition, s.log, start_position, start_anchor, start_position
    where not exists (
        select from offsets o
        where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log)
    on conflict do nothing
$$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Work in progress
-- ---------------------------------------------------------------------------------------------------------------------------

-- The key of the advisory lock that transactions hold which work on a shard.
create function work_key(s shard) returns bigint language plpgsql stable set search_path from current
as $$
begin
    return hashtextextended(concat_ws(' ', s.kind, s.version, s.partition, s.log, s.name), 'offsets'::regclass::oid::bigint);
end $$;

-- The second statement of each transaction that works on a shard. The server ends the transaction if its process hangs, and a
-- successor finds it and ends it where the server cannot. In PL/pgSQL, which keeps its plans: it runs with each commit.
create function work_on(s shard, idle_limit interval) returns void
language plpgsql volatile set search_path from current
as $$
begin
    perform set_config('idle_in_transaction_session_timeout', ceil(extract(epoch from idle_limit) * 1000)::bigint::text, true),
        pg_advisory_xact_lock_shared(work_key(s));
end $$;

-- Ends the transactions of other processes that work on a shard. Call it after fencing the shard, or when its lease has
-- expired. Returns those that this role may not end.
create function end_workers(s shard) returns integer[]
language plpgsql volatile set search_path from current
as $$
declare
    key constant bigint := work_key(s);
    worker integer;
    remaining integer[] := '{}';
begin
    for worker in
        select l.pid from pg_locks l
        where l.locktype = 'advisory' and l.granted and l.pid <> pg_backend_pid() and l.objsubid = 1
            and l.database = (select d.oid from pg_database d where d.datname = current_database())
            and l.classid::bigint = key >> 32 & 4294967295 and l.objid::bigint = key & 4294967295
    loop
        begin
            perform pg_terminate_backend(worker);
        exception when insufficient_privilege then
            remaining := remaining || worker;
        end;
    end loop;
    return remaining;
end $$;

-- Removes the rows of the same projection, version and partition over other logs: its rows are folded from this one.
create function forget_other_logs(s shard) returns void language sql volatile set search_path from current
as $$
    delete from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log <> s.log
$$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Leases
-- ---------------------------------------------------------------------------------------------------------------------------

-- Takes a shard that is free: nobody has it, its lease has expired, or its owner's connection is gone. seen_epoch and
-- seen_renewals: the values that the caller has seen unchanged for a lease's duration on its own clock; null if there
-- are none. It never waits: a transaction that has the row locked although the lease has expired is ended, and the
-- caller tries again.
--
-- status: taken; held by another process; stopped at an event; missing; or blocked, and the caller tries again. Open
-- transactions of a former owner that hangs are ended; blockers: the server processes that this role may not end. died:
-- the previous owner is gone without having released it. crashes: how many owners in a row died like that while they
-- folded the events that they had noted in suspect_low and suspect_high. After three crashes at one event, the shard
-- stops there.
create function take_shard(
    s shard, new_owner text, duration interval, seen_epoch bigint, seen_renewals bigint,
    out status text, out died boolean, out blockers integer[], out state offsets)
language plpgsql volatile set search_path from current
as $$
declare
    is_connected boolean;
    is_left boolean;
begin
    select o.* into state from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    if not found then
        status := 'missing';
        return;
    elsif state.stopped_at is not null then
        status := 'stopped';
        return;
    elsif is_held(state) and (state.epoch, state.renewals) is distinct from (seen_epoch, seen_renewals) then
        status := 'held';
        return;
    end if;
    begin
        select o.* into state from offsets o
        where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        for update nowait;
    exception when lock_not_available then
        blockers := end_workers(s);
        status := 'blocked';
        return;
    end;
    -- Another process may have been quicker.
    if state.stopped_at is not null
        or is_held(state) and (state.epoch, state.renewals) is distinct from (seen_epoch, seen_renewals)
    then
        status := 'held';
        return;
    end if;
    is_connected := exists (
        select from pg_stat_get_activity(state.owner_pid) a
        where coalesce(a.backend_start, state.owner_started_at) = state.owner_started_at);
    -- A process that takes its own shard again has only lost a connection, and one that hangs is not dead.
    is_left := state.owner is not null and state.owner <> new_owner;
    died := is_left and not is_connected;
    if died and state.is_noted and state.suspect_high > state.position then
        state.crashes := state.crashes + 1;
        if state.suspect_low = state.suspect_high then
            state.crashes_there := case when state.crashed_at = state.suspect_low then state.crashes_there + 1 else 1 end;
            state.crashed_at := state.suspect_low;
        end if;
    elsif died and coalesce(state.suspect_high <= state.position, true) then
        state.crashes := 1;
        state.suspect_low := null;
        state.suspect_high := null;
    end if;
    if state.crashes_there >= 3 and state.suspect_low = state.suspect_high and state.crashed_at = state.suspect_low then
        update offsets o
        set stopped_at = state.suspect_low, stopped_event = null, crashes = state.crashes, crashed_at = state.crashed_at,
            crashes_there = state.crashes_there, epoch = o.epoch + 1, owner = null,
            owner_pid = null, owner_started_at = null, leased_until = null, events_per_second = 0,
            updated_at = clock_timestamp(),
            error = format('%s processes in a row have died while they folded this event: a fold traps on it, or needs more '
                'memory than there is. Mend the fold and resume the projection, or raise its version', state.crashes_there)
        where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        returning o.* into state;
        status := 'stopped';
        return;
    end if;
    update offsets o
    set epoch = o.epoch + 1, renewals = o.renewals + 1, owner = new_owner, owner_pid = pg_backend_pid(),
        leased_until = clock_timestamp() + duration, crashes = state.crashes, crashed_at = state.crashed_at,
        crashes_there = state.crashes_there, is_noted = false, suspect_low = state.suspect_low,
        suspect_high = state.suspect_high, owner_started_at = (
            select a.backend_start from pg_stat_get_activity(pg_backend_pid()) a)
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
    returning o.* into state;
    if is_left then
        blockers := end_workers(s);
    end if;
    status := 'taken';
end $$;

-- Takes a shard from its owner once it stands at a position or beyond, has stopped, or is free, to hold its rows still
-- for a moment. No row: not yet.
create function hold_shard(s shard, new_owner text, duration interval, least_position bigint)
returns setof offsets
language plpgsql volatile set search_path from current
as $$
declare
    o offsets;
begin
    begin
        select f.* into o from offsets f
        where f.kind = s.kind and f.name = s.name and f.version = s.version and f.partition = s.partition and f.log = s.log
        for update nowait;
    exception when lock_not_available then
        select f.* into o from offsets f
        where f.kind = s.kind and f.name = s.name and f.version = s.version and f.partition = s.partition and f.log = s.log;
        if not is_held(o) then
            perform end_workers(s);
        end if;
        return;
    end;
    if o.position >= least_position or o.stopped_at is not null or not is_held(o) then
        return query
            update offsets f
            set epoch = f.epoch + 1, renewals = f.renewals + 1, owner = new_owner, owner_pid = pg_backend_pid(),
                leased_until = clock_timestamp() + duration, owner_started_at = (
                    select a.backend_start from pg_stat_get_activity(pg_backend_pid()) a)
            where f.kind = s.kind and f.name = s.name and f.version = s.version and f.partition = s.partition and f.log = s.log
            returning f.*;
    end if;
end $$;

-- Renews a lease. kept; lost: another process has it by now; busy: a transaction has the row locked, so work is in
-- progress.
create function renew_shard(s shard, lease_epoch bigint, duration interval, rate double precision) returns text
language plpgsql volatile set search_path from current
as $$
declare
    found_epoch bigint;
begin
    select o.epoch into found_epoch from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
    for no key update skip locked;
    if not found then
        -- Also if the row is gone.
        return case when exists (
            select from offsets o
            where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
                and o.epoch = lease_epoch) then 'busy' else 'lost' end;
    elsif found_epoch <> lease_epoch then
        return 'lost';
    end if;
    update offsets o
    set leased_until = clock_timestamp() + duration, renewals = o.renewals + 1,
        events_per_second = coalesce(rate, o.events_per_second)
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    return 'kept';
end $$;

-- Gives a lease back, so that another process need not wait for it to expire.
create function release_shard(s shard, lease_epoch bigint) returns void
language sql volatile set search_path from current
as $$
    update offsets o
    set owner = null, owner_pid = null, owner_started_at = null, leased_until = null, events_per_second = 0
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch
$$;

-- Takes the lease from its owner: nothing commits under it any more. lease_epoch: does nothing unless the lease still
-- has this epoch; null for any epoch. Returns whether it was done.
create function fence_shard(s shard, lease_epoch bigint) returns boolean
language plpgsql volatile set search_path from current
as $$
begin
    update offsets o
    set epoch = o.epoch + 1, owner = null, owner_pid = null, owner_started_at = null, leased_until = null,
        events_per_second = 0
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = coalesce(lease_epoch, o.epoch);
    return found;
end $$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Offsets
-- ---------------------------------------------------------------------------------------------------------------------------

-- Moves an offset, in the transaction of the rows that belong to it: a compare-and-set on (position, epoch). It raises when
-- another process has taken over, so that a transaction in flight commits nothing.
create function advance_shard(
    s shard, lease_epoch bigint, old_position bigint, new_position bigint, new_anchor uuid,
    new_applied bigint, new_sum numeric, new_mix bigint, rate double precision, duration interval)
returns void
language plpgsql volatile set search_path from current
as $$
begin
    update offsets o
    set position = new_position, anchor = new_anchor, applied = o.applied + new_applied,
        position_sum = o.position_sum + new_sum, position_mix = o.position_mix # new_mix,
        -- What was unknown before stays unknown.
        summed_through = case when o.summed_through = o.position then new_position else -1 end,
        events_per_second = rate, leased_until = clock_timestamp() + duration, renewals = o.renewals + 1,
        is_noted = false, suspect_low = case when o.suspect_high > new_position then o.suspect_low end,
        suspect_high = case when o.suspect_high > new_position then o.suspect_high end,
        error = null, updated_at = clock_timestamp()
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch and o.position = old_position and o.stopped_at is null;
    if not found then
        raise exception using
            errcode = 'HS001',
            message = format('%s "%s" version %s was taken over, moved or stopped by another process',
                s.kind, s.name, s.version),
            hint = 'The process that holds the lease goes on; this one commits nothing.';
    end if;
end $$;

-- Records from which events a shard's rows are folded, if a program of the previous release has left that unknown: for
-- rows that are equal to freshly folded ones. Changes nothing if the shard's position or its counts are not as they
-- were found. Returns whether it was done.
create function prove_shard(
    s shard, lease_epoch bigint, found_position bigint, found_applied bigint, found_sum numeric, found_mix bigint,
    new_applied bigint, new_sum numeric, new_mix bigint)
returns boolean
language plpgsql volatile set search_path from current
as $$
declare
    found_row offsets;
begin
    select o.* into found_row from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
    for no key update;
    if (found_row.epoch, found_row.position, found_row.applied, found_row.position_sum, found_row.position_mix)
        is distinct from (lease_epoch, found_position, found_applied, found_sum, found_mix)
    then
        return false;
    end if;
    update offsets o
    set applied = new_applied, position_sum = new_sum, position_mix = new_mix, summed_through = o.position
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    return true;
end $$;

-- Notes what is about to be folded, so that a crash can be located. low null: nothing, and recorded crashes are
-- forgotten. It raises as advance_shard() does.
create function suspect_shard(s shard, lease_epoch bigint, low bigint, high bigint) returns void
language plpgsql volatile set search_path from current
as $$
begin
    update offsets o
    set is_noted = low is not null, suspect_low = low, suspect_high = high, crashes = case when low is null then 0 else o.crashes end,
        crashes_there = case when low is null then 0 else o.crashes_there end
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch;
    if not found then
        raise exception using
            errcode = 'HS001',
            message = format('%s "%s" version %s was taken over by another process', s.kind, s.name, s.version);
    end if;
end $$;

-- Notes the event at which a shard stopped, and why, and gives its lease back.
create function stop_shard(
    s shard, lease_epoch bigint, at_position bigint, at_event uuid, reason text) returns void
language sql volatile set search_path from current
as $$
    update offsets o
    set stopped_at = at_position, stopped_event = at_event, error = reason, owner = null, owner_pid = null,
        owner_started_at = null, leased_until = null, events_per_second = 0, updated_at = clock_timestamp()
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch
$$;

-- Notes what currently keeps a shard from continuing; the next advance clears it.
create function trouble_shard(s shard, lease_epoch bigint, reason text) returns void
language sql volatile set search_path from current
as $$
    update offsets o set error = reason
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch and o.stopped_at is null
$$;

-- A description of what the transactions that work on a shard wait for; null if they do not wait.
create function worker_waits(s shard) returns text language sql stable set search_path from current
as $$
    select string_agg(format('waits for process %s (%s, for %s s)', b.pid, coalesce(b.state, 'unknown'),
        extract(epoch from clock_timestamp() - b.xact_start)::bigint), '; ')
    from pg_locks l
    cross join lateral unnest(pg_blocking_pids(l.pid)) blocker
    join pg_stat_activity b on b.pid = blocker
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select d.oid from pg_database d where d.datname = current_database())
        and l.classid::bigint = work_key(s) >> 32 & 4294967295 and l.objid::bigint = work_key(s) & 4294967295
$$;

-- Resumes a shard that stopped. unless_crashed: does not resume one that stopped because processes died. Returns
-- whether it had stopped.
create function resume_shard(s shard, unless_crashed boolean) returns boolean
language plpgsql volatile set search_path from current
as $$
begin
    update offsets o
    set stopped_at = null, stopped_event = null, error = null, crashes = 0, crashes_there = 0, suspect_low = null, suspect_high = null
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.stopped_at is not null and not (unless_crashed and o.crashes_there >= 3);
    return found;
end $$;

-- Sets a shard back to the beginning, and takes the lease from its owner. The row stays, to keep its epoch.
create function clear_shard(s shard) returns void
language sql volatile set search_path from current
as $$
    update offsets o
    set position = 0, anchor = null, applied = 0, position_sum = 0, position_mix = 0, summed_through = 0,
        stopped_at = null, stopped_event = null, error = null, crashes = 0, suspect_low = null, suspect_high = null,
        complete_by = null, complete_through = null, epoch = o.epoch + 1, owner = null, owner_pid = null,
        owner_started_at = null, leased_until = null, events_per_second = 0, updated_at = clock_timestamp()
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
$$;

-- Locks the rows of two shards, in the order of the key, whichever is named first.
create function lock_shards(a shard, b shard) returns void
language plpgsql volatile set search_path from current
as $$
begin
    perform from offsets o
    where (o.kind, o.name, o.version, o.partition, o.log) = (a.kind, a.name, a.version, a.partition, a.log)
        or (o.kind, o.name, o.version, o.partition, o.log) = (b.kind, b.name, b.version, b.partition, b.log)
    order by o.kind, o.name, o.version, o.partition, o.log
    for update;
end $$;

-- Copies the offset of one shard to another, with everything it records about the rows. Former owners of either lease
-- commit nothing any more.
create function put_shard(source offsets, target shard) returns void
language sql volatile set search_path from current
as $$
    update offsets o
    set position = source.position, anchor = source.anchor, applied = source.applied, position_sum = source.position_sum,
        position_mix = source.position_mix, summed_through = source.summed_through, stopped_at = source.stopped_at,
        stopped_event = source.stopped_event, error = source.error, crashes = source.crashes,
        suspect_low = source.suspect_low, suspect_high = source.suspect_high, complete_by = source.complete_by,
        complete_through = source.complete_through, epoch = greatest(source.epoch, o.epoch) + 1, owner = null,
        owner_pid = null, owner_started_at = null, leased_until = null, events_per_second = 0,
        updated_at = clock_timestamp()
    where o.kind = target.kind and o.name = target.name and o.version = target.version and o.partition = target.partition
        and o.log = target.log
$$;

-- Moves one shard's offset to another shard, which is created if missing; the first is set back to the beginning.
create function move_shard(source shard, target shard) returns void
language plpgsql volatile set search_path from current
as $$
declare
    moved offsets;
begin
    perform make_shard(target, 0, null);
    perform lock_shards(source, target);
    select o.* into strict moved from offsets o
    where o.kind = source.kind and o.name = source.name and o.version = source.version and o.partition = source.partition
        and o.log = source.log;
    perform put_shard(moved, target);
    perform clear_shard(source);
end $$;

-- Exchanges the offsets of two shards.
create function exchange_shards(a shard, b shard) returns void
language plpgsql volatile set search_path from current
as $$
declare
    first offsets;
    second offsets;
begin
    perform lock_shards(a, b);
    select o.* into strict first from offsets o
    where o.kind = a.kind and o.name = a.name and o.version = a.version and o.partition = a.partition and o.log = a.log;
    select o.* into strict second from offsets o
    where o.kind = b.kind and o.name = b.name and o.version = b.version and o.partition = b.partition and o.log = b.log;
    perform put_shard(first, b);
    perform put_shard(second, a);
end $$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Showing rows
-- ---------------------------------------------------------------------------------------------------------------------------

-- Notes that the rows are complete up to where the shard stands, and by which transaction: call it in a separate
-- transaction, after the one that committed the rows. Every snapshot younger than that transaction sees all of them.
-- Returns whether the lease is unchanged.
create function complete_shard(s shard, lease_epoch bigint) returns boolean
language plpgsql volatile set search_path from current
as $$
begin
    update offsets o set complete_by = pg_current_xact_id(), complete_through = o.position
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch;
    return found;
end $$;

-- Whether the rows of a shard may replace those of another one, null for none; both are held still from here to the end
-- of the transaction.
--
-- ready; lost: the lease has changed, or a commit of unknown outcome has moved the offset; behind: the shown rows are
-- ahead of where the new ones were when they were noted as complete, so that a reader would go back in time; waiting: a
-- reader still has a snapshot that is older than that note, and would find rows missing.
create function readiness(s shard, lease_epoch bigint, expected_position bigint, shown shard) returns text
language plpgsql volatile set search_path from current
as $$
declare
    candidate offsets;
    shown_position bigint;
begin
    perform lock_shards(s, coalesce(shown, s));
    select o.* into candidate from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    if not found or candidate.epoch <> lease_epoch or candidate.position <> expected_position then
        return 'lost';
    end if;
    if shown is not null then
        select o.position into shown_position from offsets o
        where o.kind = shown.kind and o.name = shown.name and o.version = shown.version and o.partition = shown.partition
            and o.log = shown.log;
        if shown_position > coalesce(candidate.complete_through, -1) then
            return 'behind';
        end if;
    end if;
    -- What this transaction saw of others before it waited for the rows is outdated.
    perform pg_stat_clear_snapshot();
    if exists (
        select from pg_stat_activity a
        where a.datname = current_database() and a.pid <> pg_backend_pid() and a.usesysid is not null
            -- The type is hidden from a role that may not see other roles' activity; their snapshots are not.
            and coalesce(a.backend_type, 'client backend') = 'client backend'
            -- An equal age means that the snapshot was taken before the note was committed.
            and age(a.backend_xmin) >= age(candidate.complete_by::xid))
    then
        return 'waiting';
    end if;
    return 'ready';
end $$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Processes of the previous release
-- ---------------------------------------------------------------------------------------------------------------------------

-- They renew and advance with these functions, and a successor watches the count of renewals.
create or replace function take_lease(
    reader_kind text, reader_name text, reader_version integer, reader_partition integer, reader_log uuid,
    new_owner text, duration interval)
returns bigint
language sql volatile set search_path from current
as $take_lease$
    update offsets o
    set epoch = o.epoch + 1, renewals = o.renewals + 1, owner = new_owner, owner_pid = pg_backend_pid(),
        leased_until = clock_timestamp() + duration,
        owner_started_at = (select a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
    where o.kind = reader_kind and o.name = reader_name and o.version = reader_version
        and o.partition = reader_partition and o.log = reader_log
        and (o.owner is null or o.leased_until < clock_timestamp() or not exists (
            select from pg_stat_activity a
            where a.pid = o.owner_pid and coalesce(a.backend_start, o.owner_started_at) = o.owner_started_at))
    returning o.epoch
$take_lease$;

create or replace function renew_lease(
    reader_kind text, reader_name text, reader_version integer, reader_partition integer, reader_log uuid,
    lease_epoch bigint, duration interval)
returns boolean
language sql volatile set search_path from current
as $renew_lease$
    with renewed as (
        update offsets o set leased_until = clock_timestamp() + duration, renewals = o.renewals + 1
        where o.kind = reader_kind and o.name = reader_name and o.version = reader_version
            and o.partition = reader_partition and o.log = reader_log and o.epoch = lease_epoch
        returning 1)
    select exists (select from renewed)
$renew_lease$;

revoke all on function make_shard, forget_other_logs, work_on, end_workers, take_shard, hold_shard, renew_shard,
    release_shard, fence_shard, advance_shard, prove_shard, suspect_shard, trouble_shard, stop_shard, resume_shard, clear_shard, lock_shards,
    put_shard, move_shard, exchange_shards, complete_shard, readiness from public;
