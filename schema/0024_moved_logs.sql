-- Moving to a copy of the log: what names positions of a log names the same events in the copy from then on, so that no view is filled
-- anew.

-- The position in the copy; what is no position stays.
create function copy_at(place bigint, places bigint[], copies bigint[]) returns bigint language sql immutable parallel safe
    return case when place > 0 then copies[array_position(places, place)] else place end;

-- Moves a shard to another log that holds the same events. places: every position that its row, its parked keys and its handled events
-- name; copies: the positions of the same events in the other log. sum_growth, mix_change: by how much the checksums of the applied events
-- differ there; null: unknown, and then nobody can prove any more which they were.
--
-- Returns moved; held: a process has it, or has it over the other log; changed: it is not as the caller has seen it; begun: events of the
-- other log are applied to the same rows.
--
-- Over the old log, a projection's row is removed, so that a process that was about to take it finds nothing to fill the rows from a
-- second time. That of a subscription stays and says where it went: otherwise its program would handle all events of the old log again.
create function move_to_log(
    s shard, new_log uuid, seen_epoch bigint, seen_position bigint, places bigint[], copies bigint[], sum_growth numeric,
    mix_change bigint)
returns text
language plpgsql volatile set search_path from current
as $$
declare
    target constant shard := row(s.kind, s.name, s.version, s.partition, new_log)::shard;
    source offsets;
    counterpart offsets;
    new_list bigint;
begin
    perform lock_shards(s, target);
    select o.* into counterpart from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = new_log;
    select o.* into source from offsets o
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    if not found or (source.epoch, source.position) is distinct from (seen_epoch, seen_position) then
        return 'changed';
    elsif is_held(source) or is_held(counterpart) then
        return 'held';
    elsif counterpart.position > 0 or exists (select from handled_events h where h.list = counterpart.parked_list) then
        return 'begun';
    end if;
    perform move_shard(s, target);
    update offsets o
    set position = copy_at(source.position, places, copies),
        complete_through = copy_at(source.complete_through, places, copies),
        stopped_at = copy_at(source.stopped_at, places, copies),
        suspect_low = copy_at(source.suspect_low, places, copies), suspect_high = copy_at(source.suspect_high, places, copies),
        crashed_at = copy_at(source.crashed_at, places, copies), crashes_there = source.crashes_there,
        batch_limit = source.batch_limit, filter_kind = source.filter_kind, filter_names = source.filter_names,
        position_sum = source.position_sum + coalesce(sum_growth, 0), position_mix = source.position_mix # coalesce(mix_change, 0),
        summed_through = case
            when source.summed_through = source.position and sum_growth is not null then copy_at(source.position, places, copies)
            else -1 end,
        parked_list = nextval('parked_lists')
    where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = new_log
    returning o.parked_list into new_list;
    -- A list of its own: in the old one, a position may be that of another event still.
    insert into parked_keys (list, key, first_position, error, events, last_position, parked_at)
    select new_list, p.key, f.copy, p.error, p.events, l.copy, p.parked_at
    from parked_keys p
    left join unnest(places, copies) f (place, copy) on f.place = p.first_position
    left join unnest(places, copies) l (place, copy) on l.place = p.last_position
    where p.list = source.parked_list;
    insert into parked_events (list, key, position)
    select new_list, e.key, m.copy
    from parked_events e left join unnest(places, copies) m (place, copy) on m.place = e.position
    where e.list = source.parked_list;
    insert into handled_events (list, last_position, positions, ids)
    select new_list, m.copy, array(
            select n.copy from unnest(h.positions) with ordinality p (place, nth) left join unnest(places, copies) n (place, copy) using (place)
            order by p.nth), h.ids
    from handled_events h left join unnest(places, copies) m (place, copy) on m.place = h.last_position
    where h.list = source.parked_list;
    delete from parked_keys p where p.list = source.parked_list;
    delete from parked_events e where e.list = source.parked_list;
    delete from handled_events h where h.list = source.parked_list;
    if s.kind = 'subscription' then
        update offsets o set stopped_at = 0, error = format('it was moved to the log %s: read it over that one', new_log)
        where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    else
        delete from offsets o
        where o.kind = s.kind and o.name = s.name and o.version = s.version and o.partition = s.partition and o.log = s.log;
    end if;
    return 'moved';
end $$;

-- Moves the pauses of projections to another log.
create function move_pauses(old_log uuid, new_log uuid) returns void
language sql volatile set search_path from current
as $$
    insert into paused_projections (name, log, paused_at, paused_by, reason)
    select p.name, new_log, p.paused_at, p.paused_by, p.reason from paused_projections p where p.log = old_log
    on conflict do nothing;
    delete from paused_projections p where p.log = old_log
$$;

-- Moves the receipts of commands to another log, so that a command that is handed in again has one still. A command that has one over the
-- other log keeps that. places: the positions that they name; copies: those of the same events in the other log. Returns how many there were.
create function move_receipts(old_log uuid, new_log uuid, places bigint[], copies bigint[]) returns bigint
language plpgsql volatile set search_path from current
as $$
declare
    moved bigint;
begin
    update receipts r
    set log = new_log, receipt = case
        when m.copy is null then r.receipt
        -- The text stays as it is otherwise: within a string, the quotes would have backslashes before them.
        else regexp_replace(r.receipt::text, '"position"\s*:\s*\d+', '"position":' || m.copy)::json end
    from (
        select o.command, (o.receipt ->> 'position')::bigint as place from receipts o where o.log = old_log) p
    left join unnest(places, copies) m (place, copy) on m.place = p.place
    where r.log = old_log and r.command = p.command
        and not exists (select from receipts n where n.log = new_log and n.command = r.command);
    get diagnostics moved = row_count;
    return moved;
end $$;

revoke all on function copy_at, move_to_log, move_pauses, move_receipts from public;
