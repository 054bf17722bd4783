-- Paused projections, the nodes, which are the processes that keep projections up to date and share them, their builds, and what
-- becomes of a batch that does not end.
--
-- A node renews its row and all of its leases with one statement, in one commit. What each of them takes and gives back, they
-- decide for themselves from these tables; that nobody works on a shard beside its owner is ensured by the epochs alone.

-- ---------------------------------------------------------------------------------------------------------------------------
-- Pauses
-- ---------------------------------------------------------------------------------------------------------------------------

-- Projections that nobody keeps up to date until somebody resumes them. By name, so that a pause outlives processes,
-- versions, swaps and resets.
create table paused_projections (
    name text not null check (octet_length(name) between 1 and 256),
    log uuid not null,
    paused_at timestamptz not null default clock_timestamp(),
    -- The role that did it.
    paused_by text not null default session_user,
    reason text,
    primary key (name, log)
);

-- Pauses a projection. Its owner gives it back when it sees that, after the batch in progress. Returns whether it was
-- not paused before.
create function pause_projection(projection text, over_log uuid, why text) returns boolean
language plpgsql volatile set search_path from current
as $$
begin
    insert into paused_projections (name, log, reason) values (projection, over_log, why) on conflict do nothing;
    return found;
end $$;

-- Ends a pause. Returns whether there was one.
create function unpause_projection(projection text, over_log uuid) returns boolean
language plpgsql volatile set search_path from current
as $$
begin
    delete from paused_projections p where p.name = projection and p.log = over_log;
    return found;
end $$;

-- True if nobody may take the shard because its projection is paused. Rebuilds of it go on.
create function is_paused(s shard) returns boolean language plpgsql volatile set search_path from current
as $$
begin
    return s.kind in ('projection', 'kept')
        and exists (select from paused_projections p where p.name = s.name and p.log = s.log);
end $$;

-- As in 0008, and a paused shard is not taken. It is reported as stopped, which processes of the previous release know.
create or replace function take_shard(
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
    elsif state.stopped_at is not null or is_paused(s) then
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
    -- Another process may have been quicker, or somebody has paused it meanwhile.
    if state.stopped_at is not null or is_paused(s)
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

-- As in 0008, for processes of the release before, and a paused projection is not taken.
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
        and not is_paused(row(reader_kind, reader_name, reader_version, reader_partition, reader_log)::shard)
        and (o.owner is null or o.leased_until < clock_timestamp() or not exists (
            select from pg_stat_activity a
            where a.pid = o.owner_pid and coalesce(a.backend_start, o.owner_started_at) = o.owner_started_at))
    returning o.epoch
$take_lease$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Nodes
-- ---------------------------------------------------------------------------------------------------------------------------

-- A process with an engine at work, by the session that holds its leases. Processes of the previous release have no row;
-- what they hold is left to them.
create table nodes (
    id uuid primary key,
    -- The order in which nodes came. One that has lost its session and opens another one has a new row with its number.
    number bigint not null generated by default as identity,
    log uuid not null,
    name text not null,
    build text not null,
    -- The process's id on its own machine.
    process integer not null,
    -- ready: takes shards; troubled: others are asked first, because it could not take one up; draining: takes none; stuck: takes none,
    -- because a fold of it does not return.
    state text not null default 'ready' check (state in ('ready', 'troubled', 'draining', 'stuck')),
    started_at timestamptz not null,
    -- The session that holds its leases.
    session_pid integer not null,
    session_start timestamptz not null,
    renewals bigint not null default 0,
    renewed_at timestamptz not null,
    leased_until timestamptz not null,
    -- What it could keep up to date.
    projection_names text[] not null,
    projection_versions integer[] not null
);

-- True while the node is connected and has renewed its lease in time.
create function is_living(n nodes) returns boolean language sql volatile set search_path from current
    return n.leased_until >= clock_timestamp() and exists (
        -- A start time that is hidden from this role counts as the node's.
        select from pg_stat_get_activity(n.session_pid) a
        where coalesce(a.backend_start, n.session_start) = n.session_start);

-- Registers the node whose leases this session will hold. known_number: the number that it had before; null for a new
-- node. Returns its number.
create function register_node(
    node uuid, over_log uuid, node_name text, node_build text, node_process integer, known_number bigint,
    since timestamptz, names text[], versions integer[], duration interval)
returns bigint
language plpgsql volatile set search_path from current
as $$
declare
    given_number bigint;
begin
    -- Nodes that are gone stay for a while to be seen. Nobody waits for a row: its session may hang.
    delete from nodes n where n.id in (
        select o.id from nodes o
        where o.leased_until < clock_timestamp() - interval '1 hour' or o.number = known_number
        order by o.id for update skip locked);
    insert into nodes (
        id, log, name, build, process, started_at, session_pid, session_start, renewed_at, leased_until, projection_names,
        projection_versions)
    select node, over_log, node_name, node_build, node_process, since, a.pid, a.backend_start, clock_timestamp(),
        clock_timestamp() + duration, names, versions
    from pg_stat_get_activity(pg_backend_pid()) a
    returning number into given_number;
    if known_number is not null then
        update nodes n set number = known_number where n.id = node returning number into given_number;
    end if;
    return given_number;
end $$;

-- Renews a node's lease, and with it every lease that this session holds, in one statement each. Rows that a
-- transaction has locked are skipped: of a shard, work is in progress there. False: the node is not registered.
create function renew_node(node uuid, duration interval, new_state text) returns boolean
language plpgsql volatile set search_path from current
as $$
declare
    is_known boolean;
begin
    update nodes n
    set renewals = n.renewals + 1, renewed_at = clock_timestamp(), leased_until = clock_timestamp() + duration, state = new_state
    where n.id in (
        select o.id from nodes o where o.id = node and o.session_pid = pg_backend_pid() for no key update skip locked);
    is_known := found or exists (select from nodes n where n.id = node and n.session_pid = pg_backend_pid());
    with owned as (
        select o.kind, o.name, o.version, o.partition, o.log from offsets o
        where o.owner_pid = pg_backend_pid() and o.owner_started_at = (
            select a.backend_start from pg_stat_get_activity(pg_backend_pid()) a)
        order by o.kind, o.name, o.version, o.partition, o.log
        for no key update skip locked)
    update offsets o
    set leased_until = clock_timestamp() + duration, renewals = o.renewals + 1
    from owned w
    where o.kind = w.kind and o.name = w.name and o.version = w.version and o.partition = w.partition and o.log = w.log;
    return is_known;
end $$;

-- Removes a node that has ended. Does not wait: a row that stays is soon that of a node that is gone.
create function leave_node(node uuid) returns void
language sql volatile set search_path from current
as $$
    delete from nodes n where n.id in (select o.id from nodes o where o.id = node for update skip locked)
$$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Builds
-- ---------------------------------------------------------------------------------------------------------------------------

-- As in 0008, and the build of the node that stops is noted.
create or replace function stop_shard(
    s shard, lease_epoch bigint, at_position bigint, at_event uuid, reason text) returns void
language sql volatile set search_path from current
as $$
    update offsets o
    set stopped_at = at_position, stopped_event = at_event, error = reason, owner = null, owner_pid = null,
        owner_started_at = null, leased_until = null, events_per_second = 0, updated_at = clock_timestamp(),
        stopped_builds = o.stopped_builds || array(
            select n.build from nodes n
            where n.session_pid = o.owner_pid and n.session_start = o.owner_started_at and not n.build = any (o.stopped_builds))
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch
$$;

-- True if the shard has stopped at an event at which this build has not stopped. Its fold may be a mended one.
create function is_untried(o offsets, build text) returns boolean language sql stable set search_path from current
    return coalesce(o.stopped_at > o.position, false) and o.crashes_there < 3 and not build = any (o.stopped_builds);

-- Tries a shard that has stopped again, for a build: once at an event, and not at each start, so that a crash loop stays visible.
-- is_start: what stopped where it stands, as over a log that was rewound or because of its setUp, is tried again as well. What
-- stopped because processes died is not. It does not wait for a row that somebody has locked. Returns whether it is tried again.
create function retry_shard(s shard, build text, is_start boolean) returns boolean
language plpgsql volatile set search_path from current
as $$
begin
    perform from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.stopped_at is not null and (is_untried(o, build) or is_start and o.stopped_at <= o.position)
    for no key update skip locked;
    if not found or not resume_shard(s, true) then
        return false;
    end if;
    if not is_start then
        -- Also if another node takes it that stops again: two that go on in turn would never come to an end.
        update offsets o set stopped_builds = o.stopped_builds || build
        where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    end if;
    return true;
end $$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Progress
-- ---------------------------------------------------------------------------------------------------------------------------

-- The maximum number of events in the next batch, after one that did not end; null: no limit of its own.
alter table offsets add column batch_limit integer;

-- Gives up a shard whose batch does not end, for the node whose session has its lease: nothing of the batch commits any more, and the
-- next owner makes it smaller, or folds its events one by one. It does not wait.
--
-- low, high, event_count: what the batch holds; null: the shard only waits for the batch of others, and is given back. alone: no other
-- shard is in the transaction. event: of a batch of one event, its id. why: said if the shard stops there. known_busy: what an earlier
-- call has found, null at the first one.
--
-- status: lost, somebody else has it; blocked: the transaction has locked the row and is ended, call again; stopped; given up. busy:
-- the database was at work on the batch, and not the program. blockers: the server processes that this role may not end.
create function give_up_shard(
    s shard, lease_epoch bigint, low bigint, high bigint, event_count integer, alone boolean, event uuid, why text, known_busy boolean,
    out status text, out busy boolean, out blockers integer[])
language plpgsql volatile set search_path from current
as $$
declare
    found_position bigint;
begin
    busy := coalesce(known_busy, exists (
        select from pg_locks l join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory' and l.granted and l.pid <> pg_backend_pid() and l.objsubid = 1 and a.state = 'active'
            and l.database = (select d.oid from pg_database d where d.datname = current_database())
            and l.classid::bigint = work_key(s) >> 32 & 4294967295 and l.objid::bigint = work_key(s) & 4294967295));
    begin
        select o.position into found_position from offsets o
        where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
            and o.epoch = lease_epoch
        for update nowait;
        if not found then
            status := 'lost';
            return;
        end if;
    exception when lock_not_available then
        blockers := end_workers(s);
        status := 'blocked';
        return;
    end;
    status := 'given up';
    if found_position >= low then
        -- The batch is committed, and only its answer is missing: nothing is to blame.
        null;
    elsif event_count = 1 and alone then
        perform stop_shard(s, lease_epoch, low, event, why);
        status := 'stopped';
    elsif event_count is not null then
        -- What the program folds cannot be ended. The next owner makes notes as after a crash, and comes to the event.
        update offsets o
        set error = why,
            batch_limit = case when event_count > 1 then event_count / 2 else o.batch_limit end,
            crashes = case when busy and event_count > 1 then o.crashes else greatest(o.crashes, 1) end,
            suspect_low = case when event_count <= 500 and not (busy and event_count > 1) then low end,
            suspect_high = case when event_count <= 500 and not (busy and event_count > 1) then high end,
            is_noted = false
        where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    end if;
    perform fence_shard(s, lease_epoch);
    blockers := end_workers(s);
end $$;

-- As in 0008, and what the transactions of one shard wait for among themselves does not count; a prepared transaction does.
create or replace function worker_waits(s shard) returns text language sql stable set search_path from current
as $$
    with workers as (
        -- Also those that wait to be one.
        select l.pid from pg_locks l
        where l.locktype = 'advisory' and l.mode = 'ShareLock' and l.objsubid = 1 and l.pid is not null
            and l.database = (select d.oid from pg_database d where d.datname = current_database())
            and l.classid::bigint = work_key(s) >> 32 & 4294967295 and l.objid::bigint = work_key(s) & 4294967295)
    select string_agg(case when blocker = 0 then 'waits for a prepared transaction' else format('waits for process %s (%s, for %s s)',
        blocker, coalesce(b.state, 'unknown'), extract(epoch from clock_timestamp() - b.xact_start)::bigint) end, '; ')
    from workers w
    cross join lateral unnest(pg_blocking_pids(w.pid)) blocker
    left join pg_stat_activity b on b.pid = blocker
    -- One that this role may not end is somebody else's.
    where not (blocker in (select o.pid from workers o) and coalesce(pg_has_role(b.usesysid, 'member'), false))
$$;

-- Notes how many events the next batches may have; null: no limit any more.
create function limit_shard(s shard, lease_epoch bigint, events integer) returns void
language sql volatile set search_path from current
as $$
    update offsets o set batch_limit = events
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch
$$;

revoke all on function give_up_shard, limit_shard from public;
revoke all on function pause_projection, unpause_projection, is_paused, register_node, renew_node, leave_node, retry_shard from public;
