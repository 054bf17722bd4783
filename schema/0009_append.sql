-- append() of 0002 looked up known ids again for each stream, and returned all of them with each: quadratic cost for an
-- import of mostly known events. Here they are looked up once, and in an atomic call only the first stream returns
-- them; otherwise nothing changes.

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
        where g.position is not null;
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
