-- Rights on what came after 0010: for roles that are given them from now on, and for those that have them already.

create or replace function grant_read(reader regrole) returns void
language plpgsql volatile set search_path from current
as $$
declare
    relation text;
begin
    execute format('grant usage on schema %I to %s', current_schema(), reader);
    foreach relation in array array[
        'events', 'positions', 'log_identity', 'projections', 'rebuilds', 'offsets', 'migrations', 'parked_keys', 'parked_events',
        'handled_events', 'counted_events', 'paused_projections', 'nodes']
    loop
        if to_regclass(format('%I.%I', current_schema(), relation)) is not null then
            execute format('grant select on %I to %s', relation, reader);
        end if;
    end loop;
    execute format('grant execute on function wait_for, readers_channel, readers_key, announce_reader to %s', reader);
end $$;

revoke all on function grant_read from public;

-- Whoever has a right on the offsets has it on the tables that were added beside them, and whoever may take a shard may call what a
-- program calls that works on one.
do $$
declare
    granted record;
begin
    for granted in
        select a.privilege_type, case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as grantee
        from pg_class c cross join aclexplode(c.relacl) a
        where c.oid = 'offsets'::regclass and a.grantee <> c.relowner
    loop
        execute format(
            'grant %s on parked_keys, parked_events, handled_events, counted_events, paused_projections, nodes to %s',
            granted.privilege_type, granted.grantee);
        if granted.privilege_type = 'SELECT' then
            execute format('grant execute on function wait_for, readers_channel, readers_key, announce_reader to %s', granted.grantee);
        elsif granted.privilege_type in ('INSERT', 'UPDATE') then
            execute format('grant usage on sequence parked_lists to %s', granted.grantee);
        end if;
    end loop;
    for granted in
        select case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as grantee
        from pg_proc p cross join aclexplode(p.proacl) a
        where p.oid = 'take_shard'::regproc and a.grantee <> p.proowner
    loop
        execute format(
            'grant execute on function park_events, unpark_keys, clear_parked, sweep_parked, note_handled, renew_shards, readers_listen, '
            'tell_readers, pause_projection, unpause_projection, is_paused, register_node, renew_node, leave_node, retry_shard, '
            'give_up_shard, limit_shard to %s', granted.grantee);
        execute format(
            'grant execute on function advance_shard(shard, bigint, bigint, bigint, uuid, bigint, numeric, bigint, double precision, '
            'interval, boolean) to %s', granted.grantee);
    end loop;
end $$;
