-- Parking: an event that cannot be folded into a row parks the row's key. The row stays as it was before that event; the positions of
-- the event, and of everything later for the key, are noted in the transaction that moves the offset. Events are not copied: the log
-- has them. And the reverse: events beyond the offset that are handled already.

create sequence parked_lists;

-- Each shard has a list of its own. Where a table changes its role, its list goes with it, as its offset does.
alter table offsets add column parked_list bigint not null default nextval('parked_lists');

-- The builds of the program that have stopped at the event after the position, or have had it tried again.
alter table offsets add column stopped_builds text[] not null default '{}';

create table parked_keys (
    list bigint not null,
    -- The texts of the key's columns, as a JSON array.
    key text collate "C" not null,
    -- The event that could not be folded, and why.
    first_position bigint not null,
    error text not null,
    -- How many events are noted for the key, and the last of them. Beyond the first 1,000 they are only counted.
    events bigint not null,
    last_position bigint not null,
    parked_at timestamptz not null default clock_timestamp(),
    primary key (list, key)
);

-- Without a foreign key, whose check of each row took more time than all else: only the functions here write to both tables.
create table parked_events (
    list bigint not null,
    key text collate "C" not null,
    position bigint not null,
    primary key (list, key, position)
);

-- A retry reads them in the order of the log.
create index on parked_events (list, position);

-- Events beyond the offset that have had their effect, where a projection handles several keys at a time: a row for each of its
-- transactions, which commits with that effect. Whoever goes on from the offset leaves them out. They are removed when the offset has
-- passed them, so a row's last position is beyond it.
create table handled_events (
    list bigint not null,
    last_position bigint not null,
    -- In the order of the log. The ids show whether the log still has those very events there.
    positions bigint[] not null,
    ids uuid[] not null,
    primary key (list, last_position)
);

-- The list of a shard. Whoever changes it holds the shard's lease, and compares its epoch in the same transaction.
create function parked_list(s shard) returns bigint language sql stable set search_path from current
as $$
    select o.parked_list from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
$$;

-- Notes events for keys, in the transaction of the offset; a key's positions grow. errors: why the first event of a key could not be
-- folded; null for those that only wait behind it. counts: 1 for an event; for events that are only counted their number as a
-- negative one, and the position is the last of them.
create function park_events(s shard, keys text[], positions bigint[], errors text[], counts bigint[]) returns void
language plpgsql volatile set search_path from current
as $$
declare
    parked constant bigint := parked_list(s);
begin
    insert into parked_keys as p (list, key, first_position, error, events, last_position)
    select parked, n.key, min(n.position), coalesce((array_agg(n.error order by n.position) filter (where n.error is not null))[1], ''),
        sum(abs(n.count)), max(n.position)
    from unnest(keys, positions, errors, counts) n (key, position, error, count)
    group by n.key
    order by n.key
    on conflict (list, key) do update set events = p.events + excluded.events, last_position = excluded.last_position;
    insert into parked_events (list, key, position)
    select parked, n.key, n.position
    from (
        select u.key, u.position, u.count, row_number() over (partition by u.key order by u.position) as place,
            sum(abs(u.count)) over (partition by u.key) as added
        from unnest(keys, positions, counts) u (key, position, count)) n
    join parked_keys p on p.list = parked and p.key = n.key
    where n.count = 1 and p.events - n.added + n.place <= 1000;
end $$;

-- Forgets what is noted for keys, whose rows have all of it by now.
create function unpark_keys(s shard, keys text[]) returns void
language sql volatile set search_path from current
as $$
    delete from parked_keys p where p.list = parked_list(s) and p.key = any (keys);
    delete from parked_events e where e.list = parked_list(s) and e.key = any (keys)
$$;

-- Forgets what is parked of rows that are dropped, and what they are ahead of their offset.
create function clear_parked(s shard) returns void language sql volatile set search_path from current
as $$
    delete from parked_keys p where p.list = parked_list(s);
    delete from parked_events e where e.list = parked_list(s);
    delete from handled_events h where h.list = parked_list(s)
$$;

-- Removes the lists of shards that there are no more.
create function sweep_parked() returns void language sql volatile set search_path from current
as $$
    with swept as (
        delete from parked_keys p where not exists (select from offsets o where o.parked_list = p.list) returning p.list, p.key)
    delete from parked_events e using swept w where e.list = w.list and e.key = w.key;
    delete from handled_events h where not exists (select from offsets o where o.parked_list = h.list)
$$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- Events that are handled beyond the offset
-- ---------------------------------------------------------------------------------------------------------------------------

-- The last statement of a transaction that has handled events beyond the offset, in the order of the log: notes them. It raises as
-- advance_shard() does, when another process has taken over or the offset has moved. The offset's row is locked no sooner than here,
-- so that nobody finds it locked for as long as handlers take, and it is read as it is after waiting for it. old_position: null if the
-- offset may have moved; it never passes an event that is not handled.
create function note_handled(s shard, lease_epoch bigint, old_position bigint, handled bigint[], handled_ids uuid[]) returns void
language plpgsql volatile set search_path from current
as $$
declare
    o offsets;
begin
    select f.* into o from offsets f
    where f.kind = s.kind and f.name = s.name and f.version = s.version and f.partition = s.partition and f.log = s.log
    for share;
    old_position := coalesce(old_position, o.position);
    if not found or (o.epoch, o.position) is distinct from (lease_epoch, old_position) or o.stopped_at is not null then
        raise exception using
            errcode = 'HS001',
            message = format('%s "%s" version %s was taken over, moved or stopped by another process',
                s.kind, s.name, s.version),
            hint = 'The process that holds the lease goes on; this one commits nothing.';
    end if;
    insert into handled_events (list, last_position, positions, ids)
    values (o.parked_list, handled[array_upper(handled, 1)], handled, handled_ids);
end $$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- The offset store
-- ---------------------------------------------------------------------------------------------------------------------------

-- As before, and removes the notes of handled events that the offset has passed. knows_parked: the caller leaves the rows of parked
-- keys alone, and events that are noted as handled.
create function advance_shard(
    s shard, lease_epoch bigint, old_position bigint, new_position bigint, new_anchor uuid,
    new_applied bigint, new_sum numeric, new_mix bigint, rate double precision, duration interval, knows_parked boolean)
returns void
language plpgsql volatile set search_path from current
as $$
declare
    noted bigint;
begin
    -- Not a condition of the update: with it, the server would plan that anew for each commit. Keys are only parked under a lease, whose
    -- epoch the update compares.
    if not knows_parked and exists (select from parked_keys p where p.list = parked_list(s)) then
        raise exception using
            errcode = 'HS001',
            message = format('keys of %s "%s" version %s are parked, which this program does not know of', s.kind, s.name, s.version),
            hint = 'A program of the release that parked them goes on; this one commits nothing.';
    elsif not knows_parked and exists (
        select from handled_events h where h.list = parked_list(s) and h.last_position > old_position)
    then
        raise exception using
            errcode = 'HS001',
            message = format('events of %s "%s" version %s beyond its offset are handled, which this program does not know of',
                s.kind, s.name, s.version),
            hint = 'A program of the release that handled them goes on; this one commits nothing.';
    end if;
    update offsets o
    set position = new_position, anchor = new_anchor, applied = o.applied + new_applied,
        position_sum = o.position_sum + new_sum, position_mix = o.position_mix # new_mix,
        summed_through = case when o.summed_through = o.position then new_position else -1 end,
        events_per_second = rate, leased_until = clock_timestamp() + duration, renewals = o.renewals + 1,
        is_noted = false, suspect_low = case when o.suspect_high > new_position then o.suspect_low end,
        suspect_high = case when o.suspect_high > new_position then o.suspect_high end,
        stopped_builds = '{}', error = null, updated_at = clock_timestamp()
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch and o.position = old_position and o.stopped_at is null
    returning o.parked_list into noted;
    if not found then
        raise exception using
            errcode = 'HS001',
            message = format('%s "%s" version %s was taken over, moved or stopped by another process',
                s.kind, s.name, s.version),
            hint = 'The process that holds the lease goes on; this one commits nothing.';
    end if;
    -- The lower bound spares it the rows that were removed before and that no vacuum could take away yet. Asked first, because nearly
    -- always there are none.
    if exists (
        select from handled_events h where h.list = noted and h.last_position > old_position and h.last_position <= new_position)
    then
        delete from handled_events h where h.list = noted and h.last_position > old_position and h.last_position <= new_position;
    end if;
end $$;

-- Programs of the previous release know nothing of parking, and would fold later events of a parked key into a row that lacks the
-- first; and they would handle again what is handled: they commit nothing while a key is parked or a handled event is noted.
create or replace function advance_shard(
    s shard, lease_epoch bigint, old_position bigint, new_position bigint, new_anchor uuid,
    new_applied bigint, new_sum numeric, new_mix bigint, rate double precision, duration interval)
returns void
language sql volatile set search_path from current
as $$
    select advance_shard(
        s, lease_epoch, old_position, new_position, new_anchor, new_applied, new_sum, new_mix, rate, duration, false)
$$;

-- The same for those of the release before that one, which commit with this function of 0003.
create or replace function advance(
    reader_kind text, reader_name text, reader_version integer, reader_partition integer, reader_log uuid,
    lease_epoch bigint, old_position bigint, new_position bigint, new_anchor uuid, newly_applied bigint,
    rate double precision, duration interval)
returns void
language plpgsql volatile set search_path from current
as $advance$
begin
    update offsets o
    set position = new_position, anchor = new_anchor, applied = o.applied + newly_applied, events_per_second = rate,
        leased_until = clock_timestamp() + duration, updated_at = clock_timestamp()
    where o.kind = reader_kind and o.name = reader_name and o.version = reader_version
        and o.partition = reader_partition and o.log = reader_log
        and o.epoch = lease_epoch and o.position = old_position and o.stopped_at is null
        and not exists (select from parked_keys p where p.list = o.parked_list)
        and not exists (select from handled_events h where h.list = o.parked_list and h.last_position > o.position);
    if not found then
        raise exception using
            errcode = 'HS001',
            message = format('%s "%s" version %s was taken over, moved or stopped by another process',
                reader_kind, reader_name, reader_version),
            hint = 'The process that holds the lease goes on; this one commits nothing.';
    end if;
end $advance$;

-- As before, with a new list, and no build that has stopped.
create or replace function clear_shard(s shard) returns void
language sql volatile set search_path from current
as $$
    update offsets o
    set position = 0, anchor = null, applied = 0, position_sum = 0, position_mix = 0, summed_through = 0,
        stopped_at = null, stopped_event = null, error = null, crashes = 0, suspect_low = null, suspect_high = null,
        complete_by = null, complete_through = null, epoch = o.epoch + 1, owner = null, owner_pid = null,
        owner_started_at = null, leased_until = null, events_per_second = 0, updated_at = clock_timestamp(),
        parked_list = nextval('parked_lists'), stopped_builds = '{}'
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    select sweep_parked()
$$;

-- As before, with the list, and the builds that have stopped.
create or replace function put_shard(source offsets, target shard) returns void
language sql volatile set search_path from current
as $$
    update offsets o
    set position = source.position, anchor = source.anchor, applied = source.applied, position_sum = source.position_sum,
        position_mix = source.position_mix, summed_through = source.summed_through, stopped_at = source.stopped_at,
        stopped_event = source.stopped_event, error = source.error, crashes = source.crashes,
        suspect_low = source.suspect_low, suspect_high = source.suspect_high, complete_by = source.complete_by,
        complete_through = source.complete_through, epoch = greatest(source.epoch, o.epoch) + 1, owner = null,
        owner_pid = null, owner_started_at = null, leased_until = null, events_per_second = 0,
        updated_at = clock_timestamp(), parked_list = source.parked_list, stopped_builds = source.stopped_builds
    where o.kind = target.kind and o.name = target.name and o.version = target.version and o.partition = target.partition
        and o.log = target.log
$$;

-- Renews leases, in one statement for all of them: of the shards that are listed by their keys, each with the epoch under which the
-- caller has it, and for how long. A row that a transaction has locked is skipped: work is in progress there. Returns the places in
-- the list, from 1, of those that the caller has no more.
create function renew_shards(shards shard[], epochs bigint[], durations interval[]) returns bigint[]
language plpgsql volatile set search_path from current
as $$
begin
    with renewed as (
        select o.kind, o.name, o.version, o.partition, o.log, w.duration
        from unnest(shards, epochs, durations) w (kind, name, version, partition, log, epoch, duration)
        join offsets o using (kind, name, version, partition, log)
        where o.epoch = w.epoch
        order by o.kind, o.name, o.version, o.partition, o.log
        for no key update of o skip locked)
    update offsets o
    set leased_until = clock_timestamp() + r.duration, renewals = o.renewals + 1
    from renewed r
    where o.kind = r.kind and o.name = r.name and o.version = r.version and o.partition = r.partition and o.log = r.log;
    return array(
        select w.nth
        from unnest(shards, epochs) with ordinality w (kind, name, version, partition, log, epoch, nth)
        where not exists (
            select from offsets o
            where o.kind = w.kind and o.name = w.name and o.version = w.version and o.partition = w.partition and o.log = w.log
                and o.epoch = w.epoch));
end $$;

revoke all on function park_events, unpark_keys, clear_parked, sweep_parked, note_handled, renew_shards from public;
revoke all on function advance_shard(
    shard, bigint, bigint, bigint, uuid, bigint, numeric, bigint, double precision, interval, boolean) from public;
