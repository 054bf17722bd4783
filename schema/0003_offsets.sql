-- How far each projection and each durable subscription has come, and who works on it. These rows live in the database of
-- the views: a view's rows and its offset commit in one transaction.

create table offsets (
    kind text not null check (kind in ('projection', 'subscription', 'rebuild', 'kept')),
    name text not null check (octet_length(name) between 1 and 256),
    -- A projection's version; 1 for a subscription.
    version integer not null check (version >= 1),
    -- From 0; a reader that is not partitioned has partition 0 only.
    partition integer not null default 0 check (partition >= 0),
    -- The identity of the log that is read: one name may be used on several.
    log uuid not null,
    -- Always the position of an event that was read as visible; 0: none yet.
    position bigint not null default 0 check (position >= 0),
    -- The id of the event at the position. A log that was rewound or restored shows another one there.
    anchor uuid check (anchor is not null or position = 0),
    -- How many events were applied or handled, so that "did it see everything" has an answer.
    applied bigint not null default 0 check (applied >= 0),
    events_per_second double precision not null default 0,
    -- The fencing token: each new holder of the lease raises it, and each commit names the one it was given.
    epoch bigint not null default 0,
    owner text,
    owner_pid integer,
    owner_started_at timestamptz,
    leased_until timestamptz,
    -- The event that stopped it, and why. Null while it runs.
    stopped_at bigint,
    stopped_event uuid,
    error text,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (kind, name, version, partition, log)
);

-- Takes the lease of a reader if it is free, has run out, or its holder's connection is gone. Null: somebody else has it.
create function take_lease(
    reader_kind text, reader_name text, reader_version integer, reader_partition integer, reader_log uuid,
    new_owner text, duration interval)
returns bigint
language sql volatile set search_path from current
as $take_lease$
    update offsets o
    set epoch = o.epoch + 1, owner = new_owner, owner_pid = pg_backend_pid(), leased_until = clock_timestamp() + duration,
        owner_started_at = (select a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
    where o.kind = reader_kind and o.name = reader_name and o.version = reader_version
        and o.partition = reader_partition and o.log = reader_log
        and (o.owner is null or o.leased_until < clock_timestamp() or not exists (
            -- A start time that this role may not see counts as the holder's.
            select from pg_stat_activity a
            where a.pid = o.owner_pid and coalesce(a.backend_start, o.owner_started_at) = o.owner_started_at))
    returning o.epoch
$take_lease$;

-- Keeps a lease. False: it is somebody else's by now.
create function renew_lease(
    reader_kind text, reader_name text, reader_version integer, reader_partition integer, reader_log uuid,
    lease_epoch bigint, duration interval)
returns boolean
language sql volatile set search_path from current
as $renew_lease$
    with renewed as (
        update offsets o set leased_until = clock_timestamp() + duration
        where o.kind = reader_kind and o.name = reader_name and o.version = reader_version
            and o.partition = reader_partition and o.log = reader_log and o.epoch = lease_epoch
        returning 1)
    select exists (select from renewed)
$renew_lease$;

-- Gives a lease back, so that another process need not wait for it to run out.
create function release_lease(
    reader_kind text, reader_name text, reader_version integer, reader_partition integer, reader_log uuid,
    lease_epoch bigint)
returns void
language sql volatile set search_path from current
as $release_lease$
    update offsets o
    set owner = null, owner_pid = null, owner_started_at = null, leased_until = null, events_per_second = 0
    where o.kind = reader_kind and o.name = reader_name and o.version = reader_version
        and o.partition = reader_partition and o.log = reader_log and o.epoch = lease_epoch
$release_lease$;

-- Moves an offset, in the transaction of the rows that belong to it: a compare-and-set on (position, epoch). It raises when
-- another process has taken over, so that a transaction in flight commits nothing.
create function advance(
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
        and o.epoch = lease_epoch and o.position = old_position and o.stopped_at is null;
    if not found then
        raise exception using
            errcode = 'HS001',
            message = format('%s "%s" version %s was taken over, moved or stopped by another process',
                reader_kind, reader_name, reader_version),
            hint = 'The process that holds the lease goes on; this one commits nothing.';
    end if;
end $advance$;
