-- Notes of handled events are progress: they prolong the lease, as advance_shard() does. Where they commit all the while, each has the
-- offset's row locked until its commit, and a renewal that skips what is locked may never find it free while one event is slower than
-- the lease: a standby then took the name, and ended what the owner had under way.

-- As before, and prolongs the lease by its duration from now; null: does not, for programs that do not say how long theirs lasts.
--
-- Only a lease of which less than half is left: whoever renews leases leaves more than that where it gets in. The row is then locked
-- for this transaction alone; all other notes share it, so that their commits share a flush. Whether it is due is looked up before
-- the row is locked, because two that share it already could not both go on to change it. Where it is due, all notes see that, so
-- the one that changes the row waits for no more than those that have it now.
create function note_handled(
    s shard, lease_epoch bigint, old_position bigint, handled bigint[], handled_ids uuid[], duration interval)
returns void
language plpgsql volatile set search_path from current
as $$
declare
    o offsets;
    is_due boolean;
begin
    -- Of another owner's lease it is none of this one's business. Nobody has it: null, and so is what is due.
    select f.epoch = lease_epoch and f.leased_until < clock_timestamp() + duration / 2 into is_due from offsets f
    where f.kind = s.kind and f.name = s.name and f.version = s.version and f.partition = s.partition and f.log = s.log;
    if is_due then
        select f.* into o from offsets f
        where f.kind = s.kind and f.name = s.name and f.version = s.version and f.partition = s.partition and f.log = s.log
        for no key update;
    else
        select f.* into o from offsets f
        where f.kind = s.kind and f.name = s.name and f.version = s.version and f.partition = s.partition and f.log = s.log
        for share;
    end if;
    old_position := coalesce(old_position, o.position);
    if not found or (o.epoch, o.position) is distinct from (lease_epoch, old_position) or o.stopped_at is not null then
        raise exception using
            errcode = 'HS001',
            message = format('%s "%s" version %s was taken over, moved or stopped by another process',
                s.kind, s.name, s.version),
            hint = 'The process that holds the lease goes on; this one commits nothing.';
    end if;
    -- Another note may have done it while this one waited; nor is a lease prolonged that was given back meanwhile.
    if is_due and o.leased_until < clock_timestamp() + duration / 2 then
        update offsets f set leased_until = clock_timestamp() + duration, renewals = f.renewals + 1
        where f.kind = s.kind and f.name = s.name and f.version = s.version and f.partition = s.partition and f.log = s.log;
    end if;
    insert into handled_events (list, last_position, positions, ids)
    values (o.parked_list, handled[array_upper(handled, 1)], handled, handled_ids);
end $$;

-- Programs of the release before call this one. They do not say how long their lease lasts: for them all is as it was.
create or replace function note_handled(s shard, lease_epoch bigint, old_position bigint, handled bigint[], handled_ids uuid[])
returns void
language sql volatile set search_path from current
as $$
    select note_handled(s, lease_epoch, old_position, handled, handled_ids, null)
$$;

revoke all on function note_handled(shard, bigint, bigint, bigint[], uuid[], interval) from public;

-- Whoever may take a lease may note what it has handled.
do $$
declare
    granted record;
begin
    for granted in
        select case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as grantee
        from pg_proc p cross join aclexplode(p.proacl) a
        where p.oid = 'take_shard'::regproc and a.grantee <> p.proowner
    loop
        execute format(
            'grant execute on function note_handled(shard, bigint, bigint, bigint[], uuid[], interval) to %s', granted.grantee);
    end loop;
end $$;
