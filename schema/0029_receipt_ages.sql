-- Receipts of commands may have an age beyond which they are removed, by a node of the event centre that was told so.

-- Finds them. While it is made, some seconds for a million receipts, no command is taken.
create index receipts_ended on receipts (log, ended_at)
where receipt is not null and get_byte(uuid_send(command), 6) >> 4 <> 8;

-- Removes the receipts of commands that ended longer ago than an age, and what was handed in as long ago and never decided, a batch of each.
-- It returns how many there were; none while somebody else does the same. What is locked, or was decided and has not ended, stays, and so do
-- the receipts of tasks, whose ids are of version 8: they say that an event is done.
--
-- As one statement, no client can hang within its transaction.
create function remove_receipts(of_log uuid, age interval, most integer) returns integer
language plpgsql volatile set search_path from current
as $$
declare
    -- A variable, because an index is of no use to what is compared with the clock itself.
    end_of_age timestamptz := clock_timestamp() - age;
    ended integer;
    abandoned integer;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('hindsight.remove_receipts ' || of_log, 0)) then
        return 0;
    end if;
    with aged as (
        select o.command from receipts o
        where o.log = of_log and o.ended_at < end_of_age and o.receipt is not null
            and get_byte(uuid_send(o.command), 6) >> 4 <> 8
        order by o.ended_at limit most for update skip locked)
    delete from receipts r using aged where r.log = of_log and r.command = aged.command;
    get diagnostics ended = row_count;
    with aged as (
        select o.command from receipts o
        where o.log = of_log and o.taken_at < end_of_age and o.receipt is null and o.decision is null
            and get_byte(uuid_send(o.command), 6) >> 4 <> 8
        order by o.taken_at limit most for update skip locked)
    delete from receipts r using aged where r.log = of_log and r.command = aged.command;
    get diagnostics abandoned = row_count;
    return ended + abandoned;
end $$;

-- As before, and what a node needs that removes receipts.
create or replace function grant_centre(node regrole) returns void
language plpgsql volatile set search_path from current
as $$
begin
    execute format('grant usage on schema %I to %s', current_schema(), node);
    execute format('grant select, insert, update, delete on receipts to %s', node);
    execute format('grant execute on function remove_receipts to %s', node);
end $$;

revoke all on function remove_receipts from public;
