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

-- Holds the frontier below every position that this transaction will draw: reads the floor, then takes the shared floor
-- lock, whose second key is the floor's low half as a signed integer. Positions may be drawn only after it returns.
create function hold_frontier() returns void
language plpgsql volatile
as $hold$
declare
    setting constant text := 'hindsight.floor_' || log_class();
    transaction_id constant text := pg_current_xact_id()::text;
    held constant text := current_setting(setting, true);
    hold_limit constant interval := frontier_hold_limit();
    idle_limit interval;
    floor bigint;
    ignored text;
begin
    -- A transaction that holds a floor lock keeps it. The setting is undone by the very rollback to a savepoint that
    -- releases the lock. Anybody can set it by hand, so it is not believed where no lock bears it out.
    if held is null or held <> transaction_id or not exists (
        select from pg_locks l
        where l.locktype = 'advisory' and l.pid = pg_backend_pid() and l.classid = log_class()::oid and l.objsubid = 2)
    then
        -- Never less durable than a local flush: an offset must not survive its event.
        if current_setting('synchronous_commit') = 'off' then
            ignored := set_config('synchronous_commit', 'local', true);
        end if;
        if hold_limit > interval '0' then
            idle_limit := current_setting('idle_in_transaction_session_timeout')::interval;
            if idle_limit = interval '0' or idle_limit > hold_limit then
                ignored := set_config(
                    'idle_in_transaction_session_timeout', ceil(extract(epoch from hold_limit) * 1000)::text, true);
            end if;
        end if;
        floor := coalesce(pg_sequence_last_value('positions'), 0);
        -- Assignments, not PERFORM: plpgsql evaluates them without running a query.
        ignored := pg_advisory_xact_lock_shared(
            log_class(), (((floor + 2147483648) & 4294967295) - 2147483648)::integer)::text;
        ignored := set_config(setting, transaction_id, true);
    end if;
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

create function append(
    streams text[], expected bigint[], atomic boolean,
    stream_of integer[], nth integer[], ids uuid[], types text[], schema_versions integer[],
    occurred timestamptz[], recorded timestamptz[], correlations text[], causations text[],
    payloads json[], metadatas json[])
returns table (status text, version bigint, "position" bigint, known_ids uuid[])
language plpgsql volatile security definer set search_path from current set enable_seqscan = off
as $append$
#variable_conflict use_column
declare
    stream_count constant integer := cardinality(streams);
    statuses text[];
    bases bigint[];             -- the version before this call; for a conflict the actual one
    versions bigint[] := array_fill(null::bigint, array[stream_count]);
    positions_of bigint[] := versions;
    found record;
    inserted record;
    base bigint;
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

    for i in 1 .. stream_count loop
        if statuses[i] = 'appended' then
            select e.version into base from events e where e.stream = streams[i] order by e.version desc limit 1;
            bases[i] := coalesce(base, -1);
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
        for inserted in
            with new_events as (
                insert into events (
                    position, stream, version, id, type, schema_version, occurred_at, recorded_at,
                    correlation_id, causation_id, data, metadata)
                select nextval('positions'), streams[g.stream_ordinal], bases[g.stream_ordinal] + 1 + g.nth, g.id, g.type,
                    g.schema_version, g.occurred_at, coalesce(g.recorded_at, clock_timestamp()), g.correlation_id,
                    g.causation_id, g.payload, g.metadata
                from unnest(stream_of, nth, ids, types, schema_versions, occurred, recorded, correlations, causations,
                    payloads, metadatas) g (stream_ordinal, nth, id, type, schema_version, occurred_at, recorded_at,
                    correlation_id, causation_id, payload, metadata)
                where statuses[g.stream_ordinal] = 'appended'
                returning events.position, events.version, events.stream)
            select s.ordinal, max(n.version) as version, max(n.position) as position
            from new_events n join unnest(streams) with ordinality s (stream, ordinal) using (stream)
            group by s.ordinal
        loop
            versions[inserted.ordinal] := inserted.version;
            positions_of[inserted.ordinal] := inserted.position;
        end loop;
    end if;

    return query
        select statuses[i], versions[i], positions_of[i], case statuses[i] when 'known' then array(
            select e.id from unnest(stream_of, ids) g (stream_ordinal, id) join events e on e.id = g.id
            where atomic or g.stream_ordinal = i) end
        from generate_series(1, stream_count) i;
end $append$;

-- Appends one event: what append() does, for the most common call, in a third of the time. It inserts first, and leaves
-- it to append() to find out why when a unique index objects. waits: false answers `busy` where true waits for the stream.
create function append_one(
    stream text, expected bigint, waits boolean, id uuid, type text, schema_version integer, occurred timestamptz,
    recorded timestamptz, correlation text, causation text, payload json, metadata json)
returns table (status text, version bigint, "position" bigint, known_ids uuid[])
language plpgsql volatile security definer set search_path from current set enable_seqscan = off
as $append_one$
#variable_conflict use_variable
declare
    ignored text;
begin
    if waits then
        ignored := pg_advisory_xact_lock(hashtextextended(stream, log_class()))::text;
    elsif not pg_try_advisory_xact_lock(hashtextextended(stream, log_class())) then
        status := 'busy';
        return next;
        return;
    end if;
    version := coalesce(
        (select e.version from events e where e.stream = append_one.stream order by e.version desc limit 1), -1);
    if expected is null or expected = version or expected = -2 and version >= 0 then
        ignored := hold_frontier()::text;
        version := version + 1;
        position := nextval('positions');
        insert into events values (
            position, version, occurred, coalesce(recorded, clock_timestamp()), id, schema_version, stream, type,
            correlation, causation, payload, metadata)
        on conflict do nothing;
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
