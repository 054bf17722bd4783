-- append_one() and append() look for the ids before they refuse what is larger than a limit: whoever repeats an append from the time of a
-- higher limit learns that it is stored. In 0027 append() did so for the size of an event, but not for that of the whole append, and
-- append_one() did not.

-- As in 0027, with the ids.
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
        or octet_length(correlation) > append_limit('correlation_bytes')
        or octet_length(causation) > append_limit('correlation_bytes')
        or pg_column_size(payload) > append_limit('event_bytes') / 256
            and octet_length(payload::text) > append_limit('event_bytes')
        or pg_column_size(metadata) > append_limit('metadata_bytes') / 256
            and octet_length(metadata::text) > append_limit('metadata_bytes')
    then
        -- Its own question, so that the condition above needs no query.
        if not exists (select from events e where e.id = append_one.id) then
            ignored := refuse_event(
                stream, type, schema_version, occurred, recorded, correlation, causation, payload, metadata)::text;
        end if;
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

-- As in 0027, with the ids.
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
    bytes bigint;
    is_large boolean;           -- whether any event may be larger than one may be
    is_stored boolean := false; -- whether it is known that all events have been stored
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
            constraint = 'append_limits', message = 'the events of an append are numbered from 0 in each stream, in their order';
    end if;
    -- The size of an array is known, and at least that of what is in it, which is never compressed.
    is_large := pg_column_size(payloads) > append_limit('event_bytes')
        or pg_column_size(metadatas) > append_limit('metadata_bytes');
    if stream_count > append_limit('batch_streams') or cardinality(stream_of) > append_limit('batch_events')
        or pg_column_size(payloads)::bigint + coalesce(pg_column_size(metadatas), 0) > append_limit('batch_bytes')
    then
        bytes := (
            select sum(octet_length(g.payload::text)::bigint + coalesce(octet_length(g.metadata::text), 0))
            from unnest(payloads, metadatas) g (payload, metadata));
        if stream_count > append_limit('batch_streams') or cardinality(stream_of) > append_limit('batch_events')
            or bytes > append_limit('batch_bytes')
        then
            -- Each event has an id that is stored, and each stream an event: there is nothing else that the limits are for.
            is_stored := coalesce(
                cardinality(stream_of) > 0 and cardinality(ids) = cardinality(stream_of)
                    and stream_count = (
                        select count(distinct o) from unnest(stream_of) o where o between 1 and stream_count)
                    and not exists (
                        select from unnest(ids) k (id) where not exists (select from events e where e.id = k.id)),
                false);
            if not is_stored then
                ignored := refuse_append(cardinality(stream_of), stream_count, bytes)::text;
            end if;
        end if;
    end if;

    -- One lock for each stream, before anything is read. Assignments, not PERFORM: plpgsql evaluates them without a
    -- query.
    for i in 1 .. stream_count loop
        statuses[i] := 'appended';
        if is_stored then
            -- Whatever others do, nothing is left to be appended; and there may be no room for as many locks.
            continue;
        elsif atomic then
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
            and case
                when octet_length(streams[g.stream_ordinal]) not between 1 and 512
                    or octet_length(g.type) not between 1 and 256 or g.schema_version < 1
                    or g.occurred_at not between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
                    or g.recorded_at not between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
                    or octet_length(g.correlation_id) > append_limit('correlation_bytes')
                    or octet_length(g.causation_id) > append_limit('correlation_bytes')
                    or is_large and (
                        pg_column_size(g.payload) > append_limit('event_bytes')
                            and octet_length(g.payload::text) > append_limit('event_bytes')
                        or pg_column_size(g.metadata) > append_limit('metadata_bytes')
                            and octet_length(g.metadata::text) > append_limit('metadata_bytes'))
                then refuse_event(
                    streams[g.stream_ordinal], g.type, g.schema_version, g.occurred_at, g.recorded_at, g.correlation_id,
                    g.causation_id, g.payload, g.metadata)
                else true end;
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

-- As in 0027, but one that has waited for another does not put back what that has set.
create or replace function set_append_limit(which text, new_limit bigint) returns void
language plpgsql volatile set search_path from current
as $$
declare
    names constant text[] := '{event_bytes,metadata_bytes,correlation_bytes,batch_events,batch_bytes,batch_streams}';
begin
    if array_position(names, which) is null then
        raise exception using errcode = 'invalid_parameter_value', message = format(
            'there is no limit "%s" of an append; the limits are %s', which, array_to_string(names, ', '));
    elsif new_limit is null or new_limit not between 1 and 1000000000 then
        raise exception using errcode = 'invalid_parameter_value', message = format(
            'a limit of an append is 1 to 1,000,000,000, not %s', coalesce(new_limit::text, 'null'));
    end if;
    -- Two who set different limits at a time would each put back what the other has set.
    perform pg_advisory_xact_lock(hashtextextended('append limits', log_class()));
    -- The limits are numbers in plans that this session has made. It hears that others have replaced the function when it locks a
    -- relation that it has not locked in this transaction, which an advisory lock is not.
    perform from pg_language l where l.oid = 0;
    execute 'create or replace function append_limit(which text) returns bigint language sql immutable parallel safe return case which'
        || (select string_agg(format(' when %L then %s', n, case n when which then new_limit else append_limit(n) end), '')
            from unnest(names) n)
        || ' end';
end $$;

-- Raises limits of an append for a program that sends more, if the caller may set them: for all who append. Each is raised to what the
-- program wants, unless it is as high already, or was set below its default: whoever has done that wants less to be stored.
--
-- It waits for nobody, because all programs that start wait for its caller: while somebody else sets a limit, none is raised.
--
-- which: the limits; wanted: what the program sends at most; defaults: where the limits begin. Returns those that are still lower.
create function raise_append_limits(which text[], wanted bigint[], defaults bigint[]) returns table (name text, "limit" bigint)
language plpgsql volatile set search_path from current
as $$
begin
    if exists (
        select from unnest(which, wanted, defaults) w (name, wanted, initial)
        where append_limit(w.name) < w.wanted and append_limit(w.name) >= w.initial)
        and has_schema_privilege(current_schema(), 'create')
        and has_function_privilege('set_append_limit(text, bigint)', 'execute')
        and pg_has_role((select p.proowner from pg_proc p where p.oid = 'append_limit(text)'::regprocedure), 'usage')
        -- Before they are read: what somebody else has set by then is not lowered.
        and pg_try_advisory_xact_lock(hashtextextended('append limits', log_class()))
    then
        perform from pg_language l where l.oid = 0;     -- as in set_append_limit()
        for i in 1 .. cardinality(which) loop
            if append_limit(which[i]) < wanted[i] and append_limit(which[i]) >= defaults[i] then
                perform set_append_limit(which[i], wanted[i]);
            end if;
        end loop;
    end if;
    return query
        select w.name, append_limit(w.name) from unnest(which, wanted) w (name, wanted)
        where append_limit(w.name) < w.wanted;
end $$;
