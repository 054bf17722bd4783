-- append_one() and append() refuse what no reader can do anything with, whoever calls them: times that are not finite, or outside the years
-- 1 to 9999, which text can write; and numbers of events that would leave holes in a stream, or have its events in another order than
-- the log.

-- As in 0012, with the times.
create function refuse_event(
    stream text, type text, schema_version integer, occurred timestamptz, recorded timestamptz) returns boolean
language plpgsql volatile
as $$
begin
    raise exception using errcode = 'check_violation', message = case
        when octet_length(stream) not between 1 and 512
        then format('the name of a stream has 1 to 512 bytes, not %s', octet_length(stream))
        when octet_length(type) not between 1 and 256
        then format('the name of an event type has 1 to 256 bytes, not %s', octet_length(type))
        when schema_version < 1 then format('schema versions begin at 1, not at %s', schema_version)
        else format('the times of an event are in the years 1 to 9999, not %s and %s', occurred, recorded) end;
end $$;

revoke all on function refuse_event(text, text, integer, timestamptz, timestamptz) from public;

-- As in 0012, with the times.
create or replace function append_one(
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
    if octet_length(stream) not between 1 and 512 or octet_length(type) not between 1 and 256 or schema_version < 1
        or occurred not between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
        or recorded not between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
    then
        ignored := refuse_event(stream, type, schema_version, occurred, recorded)::text;
    end if;
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
        insert into events
        select nextval('positions'),
            case when expected is not null then version else coalesce((
                select e.version from events e where e.stream = append_one.stream order by e.version desc limit 1), -1)
            end + 1,
            occurred, coalesce(recorded, clock_timestamp()), id, schema_version, stream, type, correlation, causation,
            payload, metadata
        where not exists (select from events e where e.id = append_one.id)
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

-- As in 0012, with the times and the numbers.
create or replace function append(
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
    all_known uuid[];
    ignored text;
begin
    -- One event for each stream, which is the most usual, needs no look at their order.
    if nth <> array_fill(0, array[cardinality(nth)]) and exists (
        select from (
            select g.stream_ordinal, g.nth, row_number() over (partition by g.stream_ordinal order by g.place) - 1 as number
            from unnest(stream_of, nth) with ordinality g (stream_ordinal, nth, place)) g
        where g.nth is distinct from g.number)
    then
        raise exception using errcode = 'check_violation',
            message = 'the events of an append are numbered from 0 in each stream, in their order';
    end if;

    -- One lock for each stream, before anything is read. Assignments, not PERFORM: plpgsql evaluates them without a
    -- query.
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
        -- An atomic call is a duplicate as a whole, or its known ids are an error.
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
        -- Drawn beforehand, so that the insert need not return the positions.
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
        where g.position is not null
            and (octet_length(streams[g.stream_ordinal]) between 1 and 512 and octet_length(g.type) between 1 and 256
                    and g.schema_version >= 1
                    and g.occurred_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
                    and (g.recorded_at is null
                        or g.recorded_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
                or refuse_event(streams[g.stream_ordinal], g.type, g.schema_version, g.occurred_at, g.recorded_at));
        for i in 1 .. cardinality(stream_of) loop
            if drawn[i] is not null then
                versions[stream_of[i]] := bases[stream_of[i]] + 1 + nth[i];
                positions_of[stream_of[i]] := drawn[i];
            end if;
        end loop;
    end if;

    if 'known' = any (statuses) then
        all_known := array(select e.id from unnest(ids) k (id) join events e on e.id = k.id);
    end if;
    return query
        select g.status, g.version, g.position, case
            when g.status <> 'known' then null
            when not atomic then array(
                select k.id from unnest(stream_of, ids) k (stream_ordinal, id)
                where k.stream_ordinal = g.ordinal and k.id = any (all_known))
            when g.ordinal = 1 then all_known
            else '{}' end
        from unnest(statuses, versions, positions_of) with ordinality g (status, version, position, ordinal);
end $append$;

-- refuse_event() of 0012 stays: a call that is waiting for its lock may still call it.
