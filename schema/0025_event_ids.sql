-- Where the events of a log are that cannot find them by their ids itself, such as one on JetStream. The index is filled by reading the log,
-- never by whoever appends: it holds nothing that is only about to be stored, so that no crash leaves anything to be resolved, and it has
-- the events of programs that know nothing of it.

create table indexed_logs (
    log uuid primary key,
    -- The place through which the index holds the log: the position of the last event, and its id.
    position bigint not null default 0 check (position >= 0),
    anchor uuid,
    -- All events that were acknowledged before this time are in the index, by the clock of this database, which may step back: a time that
    -- is still to come says nothing.
    complete_at timestamptz not null default 'epoch' check (isfinite(complete_at)),
    check ((anchor is null) = (position = 0))
);

create table event_ids (
    log uuid not null,
    id uuid not null,
    position bigint not null check (position > 0),
    primary key (log, id)
);

-- Adds the events behind a position, which follow each other without a hole. As one statement, no client can hang within its transaction.
--
-- indexed_log: the log's identity; after: the position through which the caller has found the index filled; ids: those of the events from
-- there on, of which an id that is known already keeps its first place; read_at: all events that were acknowledged before are in the index
-- then, null if that is not known. Returns false if somebody else has gone on filling it.
--
-- It runs with its owner's rights, so that whoever fills the index can add to its end and change nothing that is there. That what is added
-- is in the log only the log can say, and it is asked of each event that is found.
create function index_ids(indexed_log uuid, after bigint, ids uuid[], read_at timestamptz) returns boolean
language plpgsql volatile security definer set search_path from current
as $$
begin
    if after = 0 then
        insert into indexed_logs (log) values (indexed_log) on conflict do nothing;
    end if;
    update indexed_logs l
    set position = after + cardinality(ids), anchor = coalesce(ids[cardinality(ids)], l.anchor),
        -- Not the greater one: if the clock has stepped back, the time that is stored is too late.
        complete_at = case when read_at is null then l.complete_at else least(read_at, clock_timestamp()) end
    where l.log = indexed_log and l.position = after;
    if not found then
        return false;
    end if;
    insert into event_ids (log, id, position)
    select indexed_log, n.id, after + n.nth from unnest(ids) with ordinality n (id, nth)
    on conflict do nothing;
    return true;
end $$;

-- Empties the index of a log, such as one that was put back to an earlier state. The next program that needs it fills it anew.
create function forget_ids(indexed_log uuid) returns void
language sql volatile set search_path from current
as $$
    delete from indexed_logs l where l.log = indexed_log;
    delete from event_ids e where e.log = indexed_log
$$;

-- What a role needs to append to such a log, with this index.
create function grant_ids(appender regrole) returns void
language plpgsql volatile set search_path from current
as $$
begin
    execute format('grant usage on schema %I to %s', current_schema(), appender);
    execute format('grant select on indexed_logs, event_ids to %s', appender);
    execute format('grant execute on function index_ids to %s', appender);
end $$;

revoke all on function index_ids, forget_ids, grant_ids from public;
