-- Which events a durable subscription wants. Only its program knows that, and the offset stands where it last handled one: without this
-- nobody else can tell a subscription that has everything from one that stands still.

alter table offsets
    -- 'all', 'types' or 'category'; null for a projection, and for a subscription that no program of this release has read yet.
    add column filter_kind text,
    -- The types, or the category.
    add column filter_names text[];

-- Notes what a subscription wants, for the reader that has its lease.
create function describe_subscription(s shard, lease_epoch bigint, wanted_kind text, wanted_names text[]) returns void
language sql volatile set search_path from current
as $$
    update offsets o set filter_kind = wanted_kind, filter_names = wanted_names
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log
        and o.epoch = lease_epoch and (o.filter_kind, o.filter_names) is distinct from (wanted_kind, wanted_names)
$$;

revoke all on function describe_subscription from public;

-- Whoever may take a lease may say what it is for.
do $$
declare
    granted record;
begin
    for granted in
        select case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as grantee
        from pg_proc p cross join aclexplode(p.proacl) a
        where p.oid = 'take_shard'::regproc and a.grantee <> p.proowner
    loop
        execute format('grant execute on function describe_subscription to %s', granted.grantee);
    end loop;
end $$;
