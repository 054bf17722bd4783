-- How long a transaction that has appended may idle before the server ends it: it holds the frontier back for every reader.
-- Zero sets no limit. A function and not a row, like log_class().
create function frontier_hold_limit() returns interval language sql immutable parallel safe return interval '5 minutes';

create function set_frontier_hold_limit(new_limit interval) returns void
language plpgsql volatile set search_path from current
as $$
begin
    if new_limit is null or new_limit < interval '0' then
        raise exception 'the limit is zero or a time, not %', coalesce(new_limit::text, 'null');
    end if;
    execute format(
        'create or replace function frontier_hold_limit() returns interval language sql immutable parallel safe return %L::interval',
        new_limit);
end $$;

revoke all on function set_frontier_hold_limit from public;

-- The low 32 bits of a position as a signed integer: the second key of its floor lock.
create function low_half("position" bigint) returns integer language sql immutable parallel safe
    return (((position + 2147483648) & 4294967295) - 2147483648)::integer;

-- Holds the frontier below every position that this transaction will draw: reads the floor, then takes the shared floor
-- lock, whose second key is the floor's low half as a signed integer. Positions may be drawn only after it returns.
--
-- Assignments, not PERFORM, and no query where an expression does: plpgsql evaluates an expression without running a query,
-- which halves what an append pays for all this.
create function hold_frontier() returns void
language plpgsql volatile
as $hold$
declare
    ignored text;
begin
    -- A transaction that holds a floor lock keeps it. The setting is undone by the very rollback to a savepoint that
    -- releases the lock. Anybody can set it by hand, so it is not believed where no lock bears it out.
    if current_setting('hindsight.floor_' || log_class()::text, true) = pg_current_xact_id()::text then
        if exists (
            select from pg_locks l
            where l.locktype = 'advisory' and l.pid = pg_backend_pid() and l.classid = log_class()::oid and l.objsubid = 2)
        then
            return;
        end if;
    end if;
    -- Never less durable than a local flush: an offset must not survive its event.
    if current_setting('synchronous_commit') = 'off' then
        ignored := set_config('synchronous_commit', 'local', true);
    end if;
    if frontier_hold_limit() > interval '0' then
        if current_setting('idle_in_transaction_session_timeout') = '0'
            or current_setting('idle_in_transaction_session_timeout')::interval > frontier_hold_limit()
        then
            ignored := set_config(
                'idle_in_transaction_session_timeout', ceil(extract(epoch from frontier_hold_limit()) * 1000)::text, true);
        end if;
    end if;
    ignored := pg_advisory_xact_lock_shared(log_class(), low_half(coalesce(pg_sequence_last_value('positions'), 0)))::text
        || set_config('hindsight.floor_' || log_class()::text, pg_current_xact_id()::text, true);
end $hold$;

-- Appends events to one or more streams. The order of its steps is what makes reading up to the frontier safe: stream
-- locks, checks, floor, floor lock, and only then positions. The article "The frontier and its proof" has the argument.
--
-- Streams are distinct, and sorted when there are several, so that two calls cannot deadlock. Event i belongs to stream
-- stream_of[i] (from 1) and is number nth[i] (from 0) of this call there. expected: null any, -1 no stream, -2 stream
-- exists, else the stream's exact version. recorded: null for now.
-- atomic: all streams or none, waiting for streams that other transactions append to. Otherwise each stream is a request
-- of its own, and one that is busy elsewhere is left out: a group never waits.
--
-- Returns one row a stream in the order given. Nothing is raised, so a transaction that this is part of stays usable.
--   appended, duplicate   version and position of the stream's last event of this call
--   conflict              version is the actual one, -1 if there is no such stream
--   known                 known_ids are stored already, with other content or without the rest of the request
--   busy                  another transaction appends to the stream (not atomic)
--   skipped               another stream of the call failed (atomic)
--
-- enable_seqscan: a session keeps its plans, and on a log that was empty when they were made a scan looked cheapest.
-- plan_cache_mode: for short arrays the planner thinks a plan of their own worth making, at every call.

create function append(
    streams text[], expected bigint[], atomic boolean,
    stream_of integer[], nth integer[], ids uuid[], types text[], schema_versions integer[],
    occurred timestamptz[], recorded timestamptz[], correlations text[], causations text[],
    payloads json[], metadatas json[])
returns table (status text, version bigint, "position" bigint, known_ids uuid[])
language plpgsql volatile security definer
set search_path from current set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $append$
#variable_conflict use_column
declare
    stream_count constant integer := cardinality(streams);
    statuses text[];
    bases bigint[];             -- the version before this call; for a conflict the actual one
    versions bigint[] := array_fill(null::bigint, array[stream_count]);
    positions_of bigint[] := versions;
    drawn bigint[];             -- the position of each event that is appended
    found record;
    failed boolean := false;
    some_appended boolean := false;
    ignored text;
begin
    -- One lock a stream, before anything is read. Assignments, not PERFORM: plpgsql evaluates them without a query.
    for i in 1 .. stream_count loop
        statuses[i] := 'appended';
        if atomic then
            ignored := pg_advisory_xact_lock(hashtextextended(streams[i], log_class()))::text;
        elsif not pg_try_advisory_xact_lock(hashtextextended(streams[i], log_class())) then
            statuses[i] := 'busy';
        end if;
    end loop;

    if exists (select from events e where e.id = any (ids)) then
        for found in
            select g.stream_ordinal, max(e.version) as version, max(e.position) as position, count(e.id) as known_count,
                count(e.id) = count(*) and count(distinct e.version - g.nth) = 1
                    and bool_and(e.stream = streams[g.stream_ordinal] and e.type = g.type
                        and translate(e.data::text, E'\n\r', '  ') = translate(g.payload::text, E'\n\r', '  ')) as same
            from unnest(stream_of, nth, ids, types, payloads) g (stream_ordinal, nth, id, type, payload)
            left join events e on e.id = g.id
            group by g.stream_ordinal
        loop
            if statuses[found.stream_ordinal] = 'busy' then
                continue;
            elsif found.same then
                statuses[found.stream_ordinal] := 'duplicate';
                versions[found.stream_ordinal] := found.version;
                positions_of[found.stream_ordinal] := found.position;
            elsif found.known_count > 0 then
                statuses[found.stream_ordinal] := 'known';
            end if;
        end loop;
        -- A call that must happen as a whole is a duplicate as a whole, or its known ids are an error.
        if atomic and exists (select from unnest(statuses) s where s <> 'duplicate') then
            statuses := array_fill('known'::text, array[stream_count]);
        end if;
    end if;

    bases := array(
        select coalesce((select e.version from events e where e.stream = s order by e.version desc limit 1), -1)
        from unnest(streams) s);
    for i in 1 .. stream_count loop
        if statuses[i] = 'appended' then
            if expected[i] is null or expected[i] = bases[i] or expected[i] = -2 and bases[i] >= 0 then
                some_appended := true;
            else
                statuses[i] := 'conflict';
                versions[i] := bases[i];
                failed := true;
            end if;
        end if;
    end loop;
    if atomic and failed then
        some_appended := false;
        statuses := array(select case s when 'appended' then 'skipped' else s end from unnest(statuses) s);
    end if;

    if some_appended then
        ignored := hold_frontier()::text;
        -- Drawn beforehand, so that the insert need not return them.
        drawn := array(
            select case when statuses[s] = 'appended' then nextval('positions') end from unnest(stream_of) s);
        insert into events (
            position, stream, version, id, type, schema_version, occurred_at, recorded_at,
            correlation_id, causation_id, data, metadata)
        select g.position, streams[g.stream_ordinal], bases[g.stream_ordinal] + 1 + g.nth, g.id, g.type, g.schema_version,
            g.occurred_at, coalesce(g.recorded_at, clock_timestamp()), g.correlation_id, g.causation_id, g.payload,
            g.metadata
        from unnest(drawn, stream_of, nth, ids, types, schema_versions, occurred, recorded, correlations, causations,
            payloads, metadatas) g (position, stream_ordinal, nth, id, type, schema_version, occurred_at, recorded_at,
            correlation_id, causation_id, payload, metadata)
        where g.position is not null;
        for i in 1 .. cardinality(stream_of) loop
            if drawn[i] is not null then
                versions[stream_of[i]] := bases[stream_of[i]] + 1 + nth[i];
                positions_of[stream_of[i]] := drawn[i];
            end if;
        end loop;
    end if;

    return query
        select g.status, g.version, g.position, case g.status when 'known' then array(
            select e.id from unnest(stream_of, ids) k (stream_ordinal, id) join events e on e.id = k.id
            where atomic or k.stream_ordinal = g.ordinal) end
        from unnest(statuses, versions, positions_of) with ordinality g (status, version, position, ordinal);
end $append$;

-- Appends one event: what append() does, for the most common call, in half the time. It inserts first, and leaves it to
-- append() to find out why when it cannot. waits: false answers `busy` where true waits for the stream.
--
-- Where any version will do, the insert reads it by itself. Positions follow versions all the same: its snapshot is older
-- than the position that it draws, and the stream is locked.
create function append_one(
    stream text, expected bigint, waits boolean, id uuid, type text, schema_version integer, occurred timestamptz,
    recorded timestamptz, correlation text, causation text, payload json, metadata json)
returns table (status text, version bigint, "position" bigint, known_ids uuid[])
language plpgsql volatile security definer set search_path from current set enable_seqscan = off
as $append_one$
#variable_conflict use_variable
declare
    is_expected boolean := true;
    ignored text;
begin
    if waits then
        ignored := pg_advisory_xact_lock(hashtextextended(stream, log_class()))::text;
    elsif not pg_try_advisory_xact_lock(hashtextextended(stream, log_class())) then
        status := 'busy';
        return next;
        return;
    end if;
    if expected is not null then
        version := coalesce(
            (select e.version from events e where e.stream = append_one.stream order by e.version desc limit 1), -1);
        is_expected := expected = version or expected = -2 and version >= 0;
    end if;
    if is_expected then
        ignored := hold_frontier()::text;
        insert into events values (
            nextval('positions'),
            case when expected is not null then version else coalesce((
                select e.version from events e where e.stream = append_one.stream order by e.version desc limit 1), -1)
            end + 1,
            occurred, coalesce(recorded, clock_timestamp()), id, schema_version, stream, type, correlation, causation,
            payload, metadata)
        on conflict do nothing
        returning events.version, events.position into version, position;
        if found then
            status := 'appended';
            return next;
            return;
        end if;
    end if;
    return query
        select * from append(
            array[stream], array[expected], true, array[1], array[0], array[id], array[type], array[schema_version],
            array[occurred], array[recorded], array[correlation], array[causation], array[payload], array[metadata]);
end $append_one$;

revoke all on function hold_frontier, append, append_one from public;
